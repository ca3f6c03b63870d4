import type { App } from '../app.ts'
import { rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'
import type { ConsentRecord } from '../db/generated/prisma/client.ts'
import { entryId } from './ledger.ts'

/** An entry of a ledger that is not as it was written. */
export interface LedgerFault {
  ownerId: string
  seq: number
  fault: 'changed' | 'missing' | 'added'
  message: string
}

interface Written {
  entityId: string
  type: string
}

/**
 * Checks ledgers of consents, of one owner or of all, against the chain of events: entry by entry, the id that the chain holds must be the hash of what the
 * ledger says. The chain itself is checked by `verifyChains`; whoever cannot forge that cannot change, remove, reorder, cut off or add an entry unseen.
 */
export async function verifyLedgers(app: App, ownerId?: string): Promise<{ entries: number; faults: LedgerFault[] }> {
  const faults: LedgerFault[] = []
  let entries = 0
  for (const owner of ownerId === undefined ? await owners(app) : [ownerId]) {
    const checked = await verifyLedger(app, owner)
    entries += checked.entries
    faults.push(...checked.faults)
  }
  return { entries, faults }
}

/** One snapshot of both, so that a decision in the middle of the check does not look like a fault. */
function verifyLedger(app: App, ownerId: string): Promise<{ entries: number; faults: LedgerFault[] }> {
  return transaction(
    app.database,
    async (db) => {
      const ctx = { app, db }
      const ledger = await rows<ConsentRecord>(ctx, sql`SELECT * FROM consent_records WHERE "ownerId" = ${ownerId}::uuid ORDER BY seq, id`)
      const written = await rows<Written>(
        ctx,
        sql`SELECT "entityId", type FROM events WHERE "ownerId" = ${ownerId}::uuid AND "entityType" = 'ConsentRecord' ORDER BY seq`,
      )
      return { entries: ledger.length, faults: compare(ownerId, ledger, written) }
    },
    { isolation: 'REPEATABLE READ' },
  )
}

function compare(ownerId: string, ledger: readonly ConsentRecord[], written: readonly Written[]): LedgerFault[] {
  const faults: LedgerFault[] = []
  const bySeq = Map.groupBy(ledger, ({ seq }) => seq)
  for (const [index, { entityId, type }] of written.entries()) {
    const seq = index + 1
    const entry = bySeq.get(seq)?.[0]
    if (!entry) faults.push({ ownerId, seq, fault: 'missing', message: 'The entry is missing: removed, or moved to another place.' })
    else if (entry.id !== entityId || entryId(entry) !== entityId || type !== `consent.${entry.state.toLowerCase()}`)
      faults.push({ ownerId, seq, fault: 'changed', message: 'The entry is not what was written.' })
  }
  for (const { seq } of ledger)
    if (seq < 1 || seq > written.length) faults.push({ ownerId, seq, fault: 'added', message: 'The entry was added without an event.' })
  return faults.toSorted((one, other) => one.seq - other.seq)
}

/** Owners who have an entry, or an event that tells of one. */
async function owners(app: App): Promise<string[]> {
  const found = await rows<{ ownerId: string }>({ app, db: app.database.prisma }, sql`SELECT "ownerId" FROM event_heads ORDER BY "ownerId"`)
  const stray = await rows<{ ownerId: string }>(
    { app, db: app.database.prisma },
    sql`SELECT DISTINCT c."ownerId" FROM consent_records AS c LEFT JOIN event_heads AS h ON h."ownerId" = c."ownerId" WHERE h."ownerId" IS NULL`,
  )
  return [...found, ...stray].map((row) => row.ownerId)
}
