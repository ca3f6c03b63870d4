import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { idFrom } from '../core/ids.ts'
import { rows, sql } from '../db/client.ts'
import type { Delivery } from '../db/generated/prisma/client.ts'
import type { Listing } from '../db/keyset.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'

/** What a message is about. */
export const deliveryKinds = ['REMINDER', 'FOLLOW_UP_ALERT', 'DIGEST'] as const
/** How far a message has come. */
export const deliveryStates = ['PENDING', 'SENT', 'FAILED'] as const

/** A message to plan: one per kind, entity and occurrence. */
export interface Planned {
  kind: (typeof deliveryKinds)[number]
  entityId: string
  occurrenceAt: Date
  subject: string
  text: string
}

/** After so many tries in a row that failed, a message is given up. */
export const maxAttempts = 10
/** Waits between tries; the last one repeats. */
const backoff: readonly Temporal.DurationLike[] = [{ minutes: 1 }, { minutes: 5 }, { minutes: 15 }, { hours: 1 }, { hours: 3 }, { hours: 6 }]
/** A sent message's text is kept for so long, so that its owner can see what went out. */
const keepText = { hours: 30 * 24 }

/** Plans a message to the owner in the open transaction; false when that occurrence was planned before. It goes out at least once, and once only unless the process dies between a server's acceptance and the commit. */
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
      message: vault.seal('Delivery.message', id, JSON.stringify({ subject: planned.subject, text: planned.text })),
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

/** Tries to send a message. While it is tried its row is locked, so that of two workers one sends and the other finds it sent. */
export async function sendDelivery(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  await inTransaction(ctx, async (tx) => {
    const [delivery] = await rows<Delivery>(tx, sql`SELECT * FROM deliveries WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid AND state = 'PENDING' FOR UPDATE SKIP LOCKED`)
    const account = await tx.db.account.findUnique({ where: { ownerId }, select: { email: true } })
    const now = tx.clock.now()
    if (!delivery?.message || !account || (delivery.nextAttemptAt && delivery.nextAttemptAt > toDate(now))) return
    const { subject, text } = JSON.parse(vault.open('Delivery.message', id, delivery.message)) as { subject: string; text: string }
    const attempts = delivery.attempts + 1
    const where = { ownerId_id: { ownerId, id } }
    try {
      await tx.app.mail.send({ messageId: delivery.messageId, to: account.email, subject, text })
      await tx.db.delivery.update({ where, data: { state: 'SENT', attempts, sentAt: toDate(now), nextAttemptAt: toDate(now.add(keepText)), lastError: null } })
      record(tx, { type: 'delivery.sent', entityType: 'Delivery', entityId: id })
    } catch (error) {
      const givenUp = attempts >= maxAttempts
      const wait = backoff[Math.min(attempts, backoff.length) - 1] ?? { hours: 6 }
      tx.app.log.warn({ deliveryId: id, attempts, code: codeOf(error) }, givenUp ? 'A message was given up.' : 'A message was not accepted and is tried again.')
      await tx.db.delivery.update({ where, data: { state: givenUp ? 'FAILED' : 'PENDING', attempts, lastError: codeOf(error), nextAttemptAt: toDate(now.add(givenUp ? keepText : wait)) } })
      record(tx, { type: givenUp ? 'delivery.failed' : 'delivery.attemptFailed', entityType: 'Delivery', entityId: id })
    }
  })
}

/** The work that falls due for a message: to try it, or, once it is long done, to forget its text. */
export async function runDelivery(ctx: Ctx, id: string): Promise<void> {
  await sendDelivery(ctx, id)
  const ownerId = ownerOf(ctx)
  await ctx.db.delivery.updateMany({ where: { ownerId, id, state: { not: 'PENDING' }, nextAttemptAt: { lte: toDate(ctx.clock.now()) } }, data: { message: null, nextAttemptAt: null } })
  await scheduleDelivery(ctx, id)
}

/** Puts a message's next step into the due directory. */
export async function scheduleDelivery(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, 'delivery', ownerId, id, async (tx) => (await tx.db.delivery.findUnique({ where: { ownerId_id: { ownerId, id } }, select: { nextAttemptAt: true } }))?.nextAttemptAt)
}

/** The owner's messages, latest first. */
export function deliveriesListing(ctx: Ctx): Listing {
  return {
    name: 'deliveries',
    select: sql`d.*`,
    from: sql`deliveries AS d`,
    where: sql`d."ownerId" = ${ownerOf(ctx)}::uuid`,
    keys: [
      { column: sql`d."createdAt"`, type: 'timestamptz', direction: 'desc', nulls: 'last' },
      { column: sql`d.id`, type: 'uuid', direction: 'desc', nulls: 'last' },
    ],
  }
}

/** What a mail server said, as a code: its words may hold addresses. */
function codeOf(error: unknown): string {
  const { responseCode, code } = error as { responseCode?: number; code?: string }
  return responseCode ? `SMTP ${responseCode}` : (code ?? 'UNKNOWN')
}
