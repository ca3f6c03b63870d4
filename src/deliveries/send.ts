import { toDate } from '../core/clock.ts'
import { PurposeRefused, type RefusalReason } from '../consent/service.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { Account, Delivery } from '../db/generated/prisma/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { isRestricted } from '../privacy/service.ts'
import { type DeliveryKind, type MailKind, mailKinds } from './mails.ts'
import { keepText, nextStepAt, scheduleDelivery, tooLateAt } from './service.ts'
import { unsubscribeLink } from './unsubscribe.ts'

/** After so many tries in a row that failed, a message is given up, and an account's mail is paused. */
export const maxFailures = 10
/** Waits between tries; the last one repeats. */
const backoff: readonly Temporal.DurationLike[] = [{ minutes: 1 }, { minutes: 5 }, { minutes: 15 }, { hours: 1 }, { hours: 3 }, { hours: 6 }]
/** The longest that a mail server may take over one message: more than the mailer's own limits together. */
const longestSendMs = 45 * 60_000
/** How long a message of a restricted account waits before it is asked again whether it may go out. */
const askAgain = { hours: 6 }
/** How often a commit is tried after a mail server has taken the message. */
const maxCommits = 5

/** The work that falls due for a message: to try it, or, once it is long done, to forget its text. */
export async function runDelivery(ctx: Ctx, id: string): Promise<void> {
  // What was planned before waits until the account's data may be used again.
  if (await isRestricted(ctx)) return
  if (!(await sendDelivery(ctx, id))) return
  const ownerId = ownerOf(ctx)
  await ctx.db.delivery.updateMany({
    where: { ownerId, id, state: { not: 'PENDING' }, nextAttemptAt: { lte: toDate(ctx.clock.now()) } },
    data: { message: null, nextAttemptAt: null },
  })
  await scheduleDelivery(ctx, id)
}

/** How a try ended: null when the mail server took the message, else why not. */
type Outcome = { failure: string | null }

/**
 * Tries to send a message that is due. While it is tried its row is locked, so that of two workers one sends; false for the other, who leaves the
 * message's next step to the first.
 */
export async function sendDelivery(ctx: Ctx, id: string): Promise<boolean> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  // Known across a repeated transaction, so that what a server has taken is not sent again because of a commit that failed.
  let outcome: Outcome | null = null
  const attempt = async (tx: Ctx): Promise<boolean> => {
    const [delivery] = await rows<Delivery>(tx, sql`SELECT * FROM deliveries WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid FOR UPDATE SKIP LOCKED`)
    if (!delivery) return (await tx.db.delivery.count({ where: { ownerId, id } })) === 0
    const account = await tx.db.account.findUnique({ where: { ownerId } })
    if (!account || delivery.state !== 'PENDING' || !delivery.message) return true
    const now = toDate(tx.clock.now())
    if (outcome === null) {
      if (tooLateAt(delivery) <= now) return expire(tx, delivery)
      const next = nextStepAt({ ...delivery, mailRetryAt: account.mailRetryAt, mailPausedAt: account.mailPausedAt })
      if (next === null || next > now) return true
      const { subject, text } = JSON.parse(vault.open('Delivery.message', id, delivery.message)) as { subject: string; text: string }
      const kind: MailKind = mailKinds[delivery.kind as DeliveryKind]
      const message = { messageId: delivery.messageId, to: account.email, subject, text }
      try {
        outcome = await tx.app.withPurpose(tx, { purpose: kind.purpose, models: ['Account'] }, async () =>
          tx.app.mail
            .send(
              kind.list === undefined
                ? { ...message, category: kind.category }
                : { ...message, category: kind.category, unsubscribe: await unsubscribeLink(tx, kind.list) },
            )
            .then(
              () => ({ failure: null }),
              (error: unknown) => ({ failure: codeOf(error) }),
            ),
        )
      } catch (error) {
        if (!(error instanceof PurposeRefused)) throw error
        return hold(tx, delivery, error.reason)
      }
    }
    await (outcome.failure === null ? noteSuccess(tx, delivery) : noteFailure(tx, delivery, account, outcome.failure))
    return true
  }
  for (let commits = 1; ; commits += 1) {
    try {
      return await inTransaction(ctx, attempt, { timeoutMs: longestSendMs })
    } catch (error) {
      if (outcome === null || commits === maxCommits) throw error
    }
  }
}

async function noteSuccess(tx: Ctx, { ownerId, id, attempts }: Delivery): Promise<void> {
  const now = tx.clock.now()
  await tx.db.delivery.update({
    where: { ownerId_id: { ownerId, id } },
    data: { state: 'SENT', attempts: attempts + 1, sentAt: toDate(now), nextAttemptAt: toDate(now.add(keepText)), lastError: null },
  })
  await tx.db.account.updateMany({ where: { ownerId, mailFailures: { gt: 0 } }, data: { mailFailures: 0, mailRetryAt: null } })
  record(tx, { type: 'delivery.sent', entityType: 'Delivery', entityId: id })
}

// The wait holds for the whole account: ten messages that meet the same outage are one failure, not ten.
async function noteFailure(tx: Ctx, { ownerId, id, ...delivery }: Delivery, account: Account, code: string): Promise<void> {
  const now = tx.clock.now()
  const attempts = delivery.attempts + 1
  const givenUp = attempts >= maxFailures
  tx.app.log.warn({ deliveryId: id, attempts, code }, givenUp ? 'A message was given up.' : 'A message was not accepted and is tried again.')
  await tx.db.delivery.update({
    where: { ownerId_id: { ownerId, id } },
    data: { state: givenUp ? 'FAILED' : 'PENDING', attempts, lastError: code, nextAttemptAt: toDate(now.add(givenUp ? keepText : waitAfter(attempts))) },
  })
  record(tx, { type: givenUp ? 'delivery.failed' : 'delivery.attemptFailed', entityType: 'Delivery', entityId: id })
  const { mailFailures } = await tx.db.account.update({ where: { ownerId }, data: { mailFailures: { increment: 1 } }, select: { mailFailures: true } })
  const paused = mailFailures >= maxFailures
  await tx.db.account.update({
    where: { ownerId },
    data: paused ? { mailPausedAt: account.mailPausedAt ?? toDate(now), mailRetryAt: null } : { mailRetryAt: toDate(now.add(waitAfter(mailFailures))) },
  })
  if (paused) record(tx, { type: 'account.mailPaused', entityType: 'Account', entityId: account.id, changed: ['mailPausedAt'] })
}

/** A message that may not go out: one of a restricted account waits, any other is given up. */
async function hold(tx: Ctx, { ownerId, id }: Delivery, reason: RefusalReason): Promise<true> {
  const waits = reason === 'RESTRICTED'
  await tx.db.delivery.update({
    where: { ownerId_id: { ownerId, id } },
    data: { lastError: reason, nextAttemptAt: toDate(tx.clock.now().add(waits ? askAgain : keepText)), ...(waits ? {} : { state: 'FAILED' }) },
  })
  record(tx, { type: waits ? 'delivery.held' : 'delivery.failed', entityType: 'Delivery', entityId: id })
  return true
}

async function expire(tx: Ctx, { ownerId, id }: Delivery): Promise<true> {
  await tx.db.delivery.update({ where: { ownerId_id: { ownerId, id } }, data: { state: 'FAILED', lastError: 'EXPIRED', message: null, nextAttemptAt: null } })
  record(tx, { type: 'delivery.failed', entityType: 'Delivery', entityId: id })
  return true
}

function waitAfter(failures: number): Temporal.DurationLike {
  return backoff[Math.min(failures, backoff.length) - 1] ?? { hours: 6 }
}

/** What a mail server said, as a code: its words may hold addresses. */
function codeOf(error: unknown): string {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown }
  if (typeof responseCode === 'number') return `SMTP ${responseCode}`
  return typeof code === 'string' && /^[A-Z][A-Z0-9_]{1,30}$/.test(code) ? code : 'UNKNOWN'
}
