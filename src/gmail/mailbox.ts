import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import { setOff } from '../events/service.ts'

/** How long batches stay small, once Gmail has found one too large. */
const gentle = { minutes: 10 }

/** What is known of the owner's mailbox as a whole. */
export interface Mailbox {
  email: string
  watchedUntil: Date | null
  watchNext: Date | null
  gentleUntil: Date | null
}

/** The owner's mailbox; null before it was ever looked at. */
export async function readMailbox(ctx: Ctx): Promise<Mailbox | null> {
  const [mailbox] = await rows<Mailbox>(
    ctx,
    sql`SELECT email, "watchedUntil", "watchNext", "gentleUntil" FROM gmail_mailboxes WHERE "ownerId" = ${ownerOf(ctx)}::uuid`,
  )
  return mailbox ?? null
}

/** Takes the mailbox down under its address, by which notices of Google's find it. */
export async function putMailbox(tx: Ctx, email: string): Promise<void> {
  await execute(
    tx,
    sql`INSERT INTO gmail_mailboxes AS m ("ownerId", id, email, subjects) SELECT a."ownerId", ${newId(tx.clock)}::uuid, ${email}, a."storeSubjects" FROM accounts AS a WHERE a."ownerId" = ${ownerOf(tx)}::uuid
        ON CONFLICT ("ownerId") DO UPDATE SET email = excluded.email WHERE m.email <> excluded.email`,
  )
  setOff(tx, { kind: 'gmail.directory', payload: {} })
}

/** Whether batches are to be small for now. */
export async function isGentle(ctx: Ctx): Promise<boolean> {
  const mailbox = await readMailbox(ctx)
  return mailbox?.gentleUntil !== null && mailbox !== null && mailbox.gentleUntil > toDate(ctx.clock.now())
}

/** From now on, and for a while, batches are small. */
export async function beGentle(tx: Ctx): Promise<void> {
  await execute(tx, sql`UPDATE gmail_mailboxes SET "gentleUntil" = ${toDate(tx.clock.now().add(gentle))}::timestamptz WHERE "ownerId" = ${ownerOf(tx)}::uuid`)
}

/** Takes down until when Google sends notices, and when it is asked again. */
export async function putWatch(
  ctx: Ctx,
  { watchedUntil, watchNext }: { watchedUntil: Temporal.Instant | null; watchNext: Temporal.Instant | null },
): Promise<void> {
  await execute(
    ctx,
    sql`UPDATE gmail_mailboxes SET "watchedUntil" = ${watchedUntil && toDate(watchedUntil)}::timestamptz, "watchNext" = ${watchNext && toDate(watchNext)}::timestamptz WHERE "ownerId" = ${ownerOf(ctx)}::uuid`,
  )
}
