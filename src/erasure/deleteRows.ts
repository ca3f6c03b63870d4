import type { Ctx } from '../core/ctx.ts'
import { execute, join, raw, sql } from '../db/client.ts'
import { inTransaction } from '../events/service.ts'
import { type Outcome, quoted } from './outcome.ts'

/** So many rows go in one transaction: some hundred milliseconds, after which whoever waits for a lock has their turn. */
const chunk = 10_000

/** Deletes an account's rows of a model, or empties what evidence does not need; answers how many. `afterChunk` is called between two transactions. */
export async function deleteRows(ctx: Ctx, outcome: Outcome, ownerId: string, requestId: string | null, afterChunk: () => Promise<void>): Promise<number> {
  const { what, rowsOf, emptied, table } = outcome
  if (what === 'UNTOUCHED' || !rowsOf) return 0
  const from = raw(table.table)
  const whose = rowsOf(ownerId, requestId)
  if (what === 'EVIDENCE') {
    if (emptied.length === 0) return 0
    const assignments = join(emptied.map((column) => sql`${quoted(column)} = NULL`))
    const filled = join(
      emptied.map((column) => sql`${quoted(column)} IS NOT NULL`),
      ' OR ',
    )
    return inTransaction(ctx, (tx) => execute(tx, sql`UPDATE ${from} SET ${assignments} WHERE ${whose} AND (${filled})`), { timeoutMs: transactionMs })
  }
  const key = join(table.key.map(quoted))
  let total = 0
  for (let count = chunk; count === chunk;) {
    count = await inTransaction(
      ctx,
      (tx) => execute(tx, sql`DELETE FROM ${from} WHERE ${whose} AND (${key}) IN (SELECT ${key} FROM ${from} WHERE ${whose} LIMIT ${chunk})`),
      {
        timeoutMs: transactionMs,
      },
    )
    total += count
    await afterChunk()
  }
  return total
}

/** A transaction may wait for one that is open, milliseconds. */
const transactionMs = 5 * 60_000
