import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { empty, execute, rows, sql } from '../db/client.ts'
import { inTransaction } from '../events/service.ts'
import { markDirty } from '../google/schedule.ts'
import { dropSubjects } from '../interactions/service.ts'
import { last } from './queue.ts'

/** Whether the owner wants the subjects of their mail stored. `locked`: and does not change their mind before the open transaction ends. */
export async function wantsSubjects(ctx: Ctx, { locked = false }: { locked?: boolean } = {}): Promise<boolean> {
  const [account] = await rows<{ storeSubjects: boolean }>(
    ctx,
    sql`SELECT "storeSubjects" FROM accounts WHERE "ownerId" = ${ownerOf(ctx)}::uuid ${locked ? sql`FOR SHARE` : empty}`,
  )
  return account?.storeSubjects ?? false
}

/** Follows the owner's setting: without it, what is stored of subjects goes at once; with it, the messages that were had without theirs are fetched again. */
export async function followSubjects(ctx: Ctx): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    const ownerId = ownerOf(tx)
    const wanted = await wantsSubjects(tx, { locked: true })
    const turned = await execute(tx, sql`UPDATE gmail_mailboxes SET subjects = ${wanted} WHERE "ownerId" = ${ownerId}::uuid AND subjects <> ${wanted}`)
    if (!wanted) {
      const forgotten = await execute(tx, sql`UPDATE gmail_messages SET subject = NULL WHERE "ownerId" = ${ownerId}::uuid AND subject IS NOT NULL`)
      if (forgotten > 0) await dropSubjects(tx, 'GMAIL')
      return
    }
    if (turned === 0) return
    await execute(
      tx,
      sql`INSERT INTO gmail_fetches ("ownerId", id, "threadId", place, "runId", "notBefore")
          SELECT "ownerId", id, "threadId", ${last}::int, "seenRun", ${toDate(tx.clock.now())}::timestamptz FROM gmail_messages WHERE "ownerId" = ${ownerId}::uuid AND state = 'KNOWN' AND subject IS NULL ORDER BY id
          ON CONFLICT DO NOTHING`,
    )
    await markDirty(tx, 'gmail')
  })
}
