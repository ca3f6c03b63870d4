import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { idFrom } from '../core/ids.ts'
import { clean } from '../core/text.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { Account, Delivery } from '../db/generated/prisma/client.ts'
import type { Listing } from '../db/keyset.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'
import type { DeliveryKind } from './mails.ts'

export { type DeliveryKind, mailKinds } from './mails.ts'
export { fileNameOf } from './mailer.ts'

export { unsubscribe } from './unsubscribe.ts'
/** How far a message has come. */
export const deliveryStates = ['PENDING', 'SENT', 'FAILED'] as const

/** A message to plan: one per kind, entity and occurrence. */
export interface Planned {
  /** Says its category too, and with it whether it can be left and what it needs. */
  kind: DeliveryKind
  entityId: string
  occurrenceAt: Date
  subject: string
  text: string
}

/** A message's text is kept for so long after it was sent or given up, so that its owner can see what went out; one that waits longer than that is given up. */
export const keepText = { hours: 30 * 24 }
/** A subject is cut to so many characters: one line of a list of mails. */
const maxSubject = 200

/**
 * Plans a message to the owner in the open transaction; false when that occurrence was planned before. It goes out at least once, and once only
 * unless the process dies between a server's acceptance and the commit.
 */
export async function planDelivery(tx: Ctx, planned: Planned): Promise<boolean> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const id = idFrom('delivery', ownerId, planned.kind, planned.entityId, planned.occurrenceAt.toISOString())
  const now = toDate(tx.clock.now())
  const { count } = await tx.db.delivery.createMany({
    data: {
      ownerId,
      id,
      kind: planned.kind,
      entityId: planned.entityId,
      occurrenceAt: planned.occurrenceAt,
      state: 'PENDING',
      messageId: `<${id}@${new URL(tx.app.config.publicUrl).hostname}>`,
      message: vault.seal('Delivery.message', id, JSON.stringify({ subject: oneLine(planned.subject), text: clean(planned.text, true) })),
      nextAttemptAt: now,
      createdAt: now,
    },
    skipDuplicates: true,
  })
  if (count === 0) return false
  record(tx, { type: 'delivery.planned', entityType: 'Delivery', entityId: id })
  setOff(tx, { kind: 'delivery.schedule', payload: { deliveryId: id } })
  return true
}

// A name or title may come from an import: no line break of it may begin a header of its own.
function oneLine(subject: string): string {
  const line = clean(subject, false).replaceAll(/\s+/g, ' ').trim()
  return line.length > maxSubject ? `${line.slice(0, maxSubject - 1).toWellFormed()}…` : line
}

/** What decides when a message has its next step. */
export type Pace = Pick<Delivery, 'state' | 'nextAttemptAt' | 'createdAt'> & Pick<Account, 'mailRetryAt' | 'mailPausedAt'>

/** When a message has its next step: a try, or, where no try comes, that its text is forgotten. */
export function nextStepAt(pace: Pace): Date | null {
  if (pace.state !== 'PENDING') return pace.nextAttemptAt
  if (pace.mailPausedAt) return tooLateAt(pace)
  return pace.mailRetryAt && pace.nextAttemptAt && pace.mailRetryAt > pace.nextAttemptAt ? pace.mailRetryAt : pace.nextAttemptAt
}

/** When a message that still waits is given up. */
export function tooLateAt({ createdAt }: Pick<Delivery, 'createdAt'>): Date {
  return toDate(toInstant(createdAt).add(keepText))
}

/** Puts a message's next step into the due directory. */
export async function scheduleDelivery(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, 'delivery', ownerId, id, async (tx) => {
    const [pace] = await rows<Pace>(
      tx,
      sql`SELECT d.state, d."nextAttemptAt", d."createdAt", a."mailRetryAt", a."mailPausedAt" FROM deliveries AS d JOIN accounts AS a ON a."ownerId" = d."ownerId"
          WHERE d."ownerId" = ${ownerId}::uuid AND d.id = ${id}::uuid`,
    )
    return pace && nextStepAt(pace)
  })
}

/** Lets messages go out again after they were paused; those that waited follow at once. */
export async function resumeMail(ctx: Ctx): Promise<Account> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const account = await tx.db.account.findUniqueOrThrow({ where: { ownerId } })
    if (!account.mailPausedAt) return account
    record(tx, { type: 'account.mailResumed', entityType: 'Account', entityId: account.id, changed: ['mailPausedAt'] })
    setOff(tx, { kind: 'deliveries.resume', payload: {} })
    return tx.db.account.update({ where: { ownerId }, data: { mailFailures: 0, mailRetryAt: null, mailPausedAt: null } })
  })
}

/** Follows a resumption: everything that waits is scheduled anew. */
export async function scheduleWaiting(ctx: Ctx): Promise<void> {
  const waiting = await ctx.db.delivery.findMany({ where: { ownerId: ownerOf(ctx), state: 'PENDING' }, select: { id: true } })
  for (const { id } of waiting) await scheduleDelivery(ctx, id)
}

/** The owner's messages, latest first. */
export function deliveriesListing(ctx: Ctx): Listing {
  return {
    name: 'deliveries',
    select: sql`d.*`,
    from: sql`deliveries AS d`,
    where: sql`d."ownerId" = ${ownerOf(ctx)}::uuid`,
    keys: [
      { column: sql`d."createdAt"`, type: 'timestamptz', direction: 'desc', nulls: 'none' },
      { column: sql`d.id`, type: 'uuid', direction: 'desc', nulls: 'none' },
    ],
  }
}

/** Forgets the texts of messages that contain one of these words, in the open transaction. One that waits is not sent any more. */
export async function forgetTexts(tx: Ctx, words: readonly string[]): Promise<void> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const looked = words.filter((word) => word !== '').map((word) => word.toLowerCase())
  if (looked.length === 0) return
  const found = await rows<{ id: string; message: Uint8Array }>(
    tx,
    sql`SELECT id, message FROM deliveries WHERE "ownerId" = ${ownerId}::uuid AND message IS NOT NULL`,
  )
  const ids = found.filter(({ id, message }) => contains(vault.open('Delivery.message', id, message).toLowerCase(), looked)).map(({ id }) => id)
  await execute(
    tx,
    sql`UPDATE deliveries SET message = NULL, state = CASE state WHEN 'PENDING' THEN 'FAILED' ELSE state END, "nextAttemptAt" = NULL WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${ids}::uuid[])`,
  )
}

function contains(text: string, words: readonly string[]): boolean {
  return words.some((word) => text.includes(word) || text.includes(JSON.stringify(word).slice(1, -1)))
}
