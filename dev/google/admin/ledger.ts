import * as z from 'zod'
import type { LedgerEntry } from '../ledger.ts'

/** Which requests of the ledger are asked for. */
export const LedgerFilter = z.strictObject({
  account: z.string().optional(),
  operation: z.string().optional(),
  path: z.string().optional(),
  status: z.coerce.number().int().optional(),
  since: z.iso.datetime().optional(),
  /** The newest so many. */
  limit: z.coerce.number().int().positive().optional(),
})

/** The requests that pass the filter, oldest first, how many there are and what they cost in quota units, by operation. */
export function readLedger(entries: readonly LedgerEntry[], { account, operation, path, status, since, limit }: z.infer<typeof LedgerFilter>): object {
  const matching = entries.filter(
    (entry) =>
      (account === undefined || entry.account === account) &&
      (operation === undefined || entry.operation === operation) &&
      (path === undefined || entry.path === path) &&
      (status === undefined || entry.status === status) &&
      (since === undefined || Temporal.Instant.compare(entry.at, Temporal.Instant.from(since)) >= 0),
  )
  const byOperation: Record<string, { requests: number; units: number }> = {}
  for (const entry of matching) {
    const sum = (byOperation[entry.operation ?? 'unknown'] ??= { requests: 0, units: 0 })
    sum.requests++
    sum.units += entry.units
  }
  return {
    requests: matching.length,
    units: matching.reduce((sum, entry) => sum + entry.units, 0),
    byOperation,
    entries: matching.slice(-(limit ?? matching.length)).map((entry) => ({ ...entry, at: entry.at.toString() })),
  }
}
