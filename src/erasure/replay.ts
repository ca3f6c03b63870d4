import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { eraseAccount, eraseAgain } from './eraseAccount.ts'
import { erasePerson, erasePersonAgain } from './erasePerson.ts'
import { controllerId } from '../privacy/service.ts'
import * as ledger from './ledger.ts'
import { certificateId } from './verifyCertificate.ts'

const pageSize = 100

/** Entries of the ledger that this database does not know to have been carried out: it was restored from a dump that is older than they are. Those under way are not among them. */
export async function pendingReplays(app: App): Promise<ledger.LedgerEntry[]> {
  const [{ entries } = { entries: 0 }] = (await app.keys.pool.query<{ entries: number }>('SELECT count(*)::int AS entries FROM erasures')).rows
  const [{ applied: known } = { applied: 0 }] = (await app.database.pool.query<{ applied: number }>('SELECT count(*)::int AS applied FROM applied_erasures'))
    .rows
  // The usual case, asked for by every look at /ready: nobody has restored anything.
  if (entries === known) return []
  const pending: ledger.LedgerEntry[] = []
  for (let after = 0n, more = true; more;) {
    const page = await ledger.entriesAfter(app, after, pageSize)
    const { rows } = await app.database.pool.query<{ seq: string }>('SELECT seq FROM applied_erasures WHERE seq = ANY ($1)', [page.map(({ seq }) => seq)])
    const applied = new Set(rows.map(({ seq }) => BigInt(seq)))
    for (const entry of page) if (!applied.has(entry.seq) && !(await isUnderWay(app, entry))) pending.push(entry)
    after = page.at(-1)?.seq ?? after
    more = page.length === pageSize
  }
  return pending
}

/** Applies the ledger again to a database that does not know it: whatever a restored dump has brought back goes. Answers how many entries were applied. @throws Error when something is left */
export async function replayErasures(app: App, seen: (entry: ledger.LedgerEntry) => void = () => {}): Promise<number> {
  const pending = await pendingReplays(app)
  for (const entry of pending) {
    seen(entry)
    await ledger.alone(app, entry.requestId, async () => {
      if (entry.scope === 'ACCOUNT') await eraseAgain(app, entry)
      else await erasePersonAgain(app, entry)
      if (entry.certificate !== null) await restoreCertificate(app, entry, entry.certificate)
      // Its request went with the restore, so that nobody else brings it to its end.
      else await (entry.scope === 'ACCOUNT' ? eraseAccount(app, entry) : erasePerson(app, entry))
    })
    await app.database.pool.query('INSERT INTO applied_erasures (seq, "appliedAt") VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      entry.seq,
      toDate(app.clock.now()),
    ])
  }
  return pending.length
}

/** Whether somebody carries an entry out in the ordinary way: its request is here, and not closed. */
async function isUnderWay(app: App, { requestId, completedAt }: ledger.LedgerEntry): Promise<boolean> {
  if (completedAt !== null) return false
  const { rows } = await app.database.pool.query(
    `SELECT 1 FROM privacy_requests WHERE "ownerId" = $1 AND id = $2 AND state IN ('EXECUTING', 'EXECUTION_FAILED')`,
    [controllerId, requestId],
  )
  return rows.length > 0
}

/** The certificate stands in the ledger too, and is put back from there. */
async function restoreCertificate(app: App, entry: ledger.LedgerEntry, jws: string): Promise<void> {
  const data = {
    ownerId: controllerId,
    id: certificateId(jws),
    requestId: entry.requestId,
    ledgerSeq: entry.seq,
    jws,
    createdAt: entry.completedAt ?? entry.at,
  }
  await app.database.prisma.erasureCertificate.createMany({ data: [data], skipDuplicates: true })
}
