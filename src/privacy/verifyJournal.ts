import type { App } from '../app.ts'
import { rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'
import type { PrivacyRequestEvent } from '../db/generated/prisma/client.ts'
import { sameBytes } from '../vault/master.ts'
import { controllerId, controllerVault } from './controller.ts'
import { headText, requestEventHash } from './journal.ts'

/** A link of a request's chain that is not as it was written. */
export interface JournalFault {
  requestId: string
  /** The link; for missing ones the first of them. */
  seq: number
  message: string
}

const pageSize = 200
/** Chains of many years are read whole, milliseconds. */
const timeoutMs = 30 * 60_000

/**
 * Checks the chains of all requests: each link against its hash and its predecessor's, `seq` for gaps, and the end against what a key authenticates
 * that the database does not hold. That a request is gone as a whole shows in the controller's own chain of events, where each of its steps stands too.
 */
export async function verifyJournals(app: App): Promise<{ requests: number; entries: number; faults: JournalFault[] }> {
  const vault = await controllerVault(app)
  return transaction(
    app.database,
    async (db) => {
      const ctx = { app, db }
      const report = { requests: 0, entries: 0, faults: [] as JournalFault[] }
      let last = '00000000-0000-0000-0000-000000000000'
      for (let more = true; more;) {
        const page = await rows<{ id: string; eventSeq: number; eventHash: Uint8Array; eventMac: Uint8Array }>(
          ctx,
          sql`SELECT id, "eventSeq", "eventHash", "eventMac" FROM privacy_requests WHERE "ownerId" = ${controllerId}::uuid AND id > ${last}::uuid ORDER BY id LIMIT ${pageSize}`,
        )
        const events = await rows<PrivacyRequestEvent>(
          ctx,
          sql`SELECT * FROM privacy_request_events WHERE "ownerId" = ${controllerId}::uuid AND "requestId" = ANY(${page.map(({ id }) => id)}::uuid[]) ORDER BY "requestId", seq`,
        )
        const byRequest = Map.groupBy(events, ({ requestId }) => requestId)
        for (const { id, eventSeq, eventHash, eventMac } of page) {
          const chain = byRequest.get(id) ?? []
          const end = chain.at(-1)
          const fault =
            faultIn(chain) ??
            (end?.seq === eventSeq &&
            sameBytes(end.hash, eventHash) &&
            sameBytes(vault.hash('privacy request head', headText(id, eventSeq, eventHash)), eventMac)
              ? null
              : { seq: (end?.seq ?? 0) + 1, message: 'The chain of this request was cut off, or written anew up to here.' })
          if (fault) report.faults.push({ requestId: id, ...fault })
          report.entries += chain.length
        }
        report.requests += page.length
        last = page.at(-1)?.id ?? last
        more = page.length === pageSize
      }
      return report
    },
    { isolation: 'REPEATABLE READ', timeoutMs },
  )
}

function faultIn(chain: readonly PrivacyRequestEvent[]): { seq: number; message: string } | null {
  let seq = 0
  let hash: Uint8Array = Buffer.alloc(32)
  for (const entry of chain) {
    if (entry.seq !== seq + 1) return { seq: seq + 1, message: 'This step and what follows up to the next are missing.' }
    if (!sameBytes(entry.prevHash, hash) || !sameBytes(requestEventHash(entry), entry.hash))
      return { seq: entry.seq, message: 'This step was changed after it was written.' }
    seq = entry.seq
    hash = entry.hash
  }
  return null
}
