import type { App } from '../app.ts'

/** How long backups may be kept, days: what was erased can lie in one for so long. Restoring one applies the ledger of erasures again. */
export const backupDays = 35

/** Where deleted bytes may still lie for a while outside of any table. */
export interface WalHorizon {
  /** Everything that was erased was written to the log before this place. */
  before: string
  /** Whether the log is copied elsewhere; then it is kept as long as those copies are. */
  archived: boolean
  note: string
}

/** How far PostgreSQL's write-ahead log had come. Its files are used again after later checkpoints, and only then written over. */
export async function walHorizon({ database }: App): Promise<WalHorizon> {
  const { rows } = await database.pool.query<{ lsn: string; mode: string }>(`SELECT pg_current_wal_lsn()::text AS lsn, current_setting('archive_mode') AS mode`)
  const archived = rows[0]?.mode !== 'off'
  return {
    before: rows[0]?.lsn ?? 'unknown',
    archived,
    note: archived
      ? 'The write-ahead log before this place is in the archive of the log for as long as backups are kept.'
      : 'Files of the write-ahead log before this place are used again after the next checkpoints, and are written over then.',
  }
}
