import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { idFrom } from '../core/ids.ts'
import { clean } from '../core/text.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { PrivacyLetter } from '../db/generated/prisma/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { controllerId, controllerVault } from './controller.ts'

/** What a letter is for. */
export type LetterKind = 'ACKNOWLEDGEMENT' | 'CODE' | 'DECISION' | 'EXTENSION' | 'LIFT_NOTICE' | 'DONE' | 'WARNING'

/** A letter to plan. */
export interface PlannedLetter {
  requestId: string
  kind: LetterKind
  to: string
  subject: string
  text: string
  /** What tells it from other letters of its kind about the request. No address and no code, since its id follows from it. */
  once: string
  notBefore?: Temporal.Instant
}

/** The kind under which the due directory keeps when a letter is tried. */
export const letterDue = 'privacy.letter'

/** After so many tries a letter is given up. */
const maxTries = 10
/** Waits between tries; the last one repeats. */
const backoff: readonly Temporal.DurationLike[] = [{ minutes: 1 }, { minutes: 5 }, { minutes: 15 }, { hours: 1 }, { hours: 3 }, { hours: 6 }]
/** A letter's text is kept for so long, so that it can be sent again. */
const keepText = { hours: 30 * 24 }
/** The longest that a mail server may take over one letter, milliseconds: more than the mailer's own limits together. */
const longestSendMs = 45 * 60_000

/** Plans a letter in the controller's open transaction; false when the same one was planned before. */
export async function planLetter(tx: Ctx, { requestId, kind, to, subject, text, once, notBefore = tx.clock.now() }: PlannedLetter): Promise<boolean> {
  const vault = await controllerVault(tx.app)
  const id = idFrom('privacy letter', requestId, kind, once)
  const message = JSON.stringify({ to, subject: clean(subject, false), text: clean(text, true) })
  const { count } = await tx.db.privacyLetter.createMany({
    data: {
      ownerId: controllerId,
      id,
      requestId,
      kind,
      state: 'PENDING',
      messageId: `<${id}@${new URL(tx.app.config.publicUrl).hostname}>`,
      message: vault.seal('PrivacyLetter.message', id, message),
      nextAttemptAt: toDate(notBefore),
      createdAt: toDate(tx.clock.now()),
    },
    skipDuplicates: true,
  })
  if (count === 0) return false
  record(tx, { type: 'privacyLetter.planned', entityType: 'PrivacyLetter', entityId: id })
  setOff(tx, { kind: 'privacy.letter', payload: { letterId: id } })
  return true
}

/** The work that falls due for a letter: to try it, or, once it is long done, to forget its text. While it is tried its row is locked, so that of two workers one sends. */
export async function runLetter(ctx: Ctx, id: string): Promise<void> {
  let held = false
  let outcome: { failure: string | null } | null = null
  await inTransaction(
    ctx,
    async (tx) => {
      const [letter] = await rows<PrivacyLetter>(
        tx,
        sql`SELECT * FROM privacy_letters WHERE "ownerId" = ${controllerId}::uuid AND id = ${id}::uuid FOR UPDATE SKIP LOCKED`,
      )
      const now = tx.clock.now()
      held = letter === undefined
      if (!letter?.nextAttemptAt || letter.nextAttemptAt > toDate(now)) return
      if (letter.state !== 'PENDING' || !letter.message) {
        await execute(tx, sql`UPDATE privacy_letters SET message = NULL, "nextAttemptAt" = NULL WHERE "ownerId" = ${controllerId}::uuid AND id = ${id}::uuid`)
        return
      }
      const { to, subject, text } = JSON.parse((await controllerVault(tx.app)).open('PrivacyLetter.message', id, letter.message)) as {
        to: string
        subject: string
        text: string
      }
      // Known across a repeated transaction, so that what a server has taken is not sent again because of a commit that failed.
      outcome ??= await tx.app.mail.send({ category: 'LEGAL', messageId: letter.messageId, to, subject, text }).then(
        () => ({ failure: null }),
        (error: unknown) => ({ failure: codeOf(error) }),
      )
      await note(tx, letter, outcome.failure)
    },
    { timeoutMs: longestSendMs },
  )
  if (!held) await scheduleLetter(ctx, id)
}

/** Puts a letter's next step into the due directory. */
export async function scheduleLetter(ctx: Ctx, id: string): Promise<void> {
  await refreshDue(ctx, letterDue, controllerId, id, async (tx) => {
    const [letter] = await rows<{ nextAttemptAt: Date | null }>(
      tx,
      sql`SELECT "nextAttemptAt" FROM privacy_letters WHERE "ownerId" = ${controllerId}::uuid AND id = ${id}::uuid`,
    )
    return letter?.nextAttemptAt
  })
}

async function note(tx: Ctx, { id, ...letter }: PrivacyLetter, failure: string | null): Promise<void> {
  const now = tx.clock.now()
  const attempts = letter.attempts + 1
  const givenUp = failure !== null && attempts >= maxTries
  const state = failure === null ? 'SENT' : givenUp ? 'FAILED' : 'PENDING'
  if (failure !== null)
    tx.app.log.warn({ letterId: id, attempts, code: failure }, givenUp ? 'A letter was given up.' : 'A letter was not accepted and is tried again.')
  await tx.db.privacyLetter.update({
    where: { ownerId_id: { ownerId: controllerId, id } },
    data: {
      state,
      attempts,
      lastError: failure,
      sentAt: failure === null ? toDate(now) : null,
      nextAttemptAt: toDate(now.add(state === 'PENDING' ? (backoff[Math.min(attempts, backoff.length) - 1] ?? { hours: 6 }) : keepText)),
    },
  })
  record(tx, {
    type: failure === null ? 'privacyLetter.sent' : givenUp ? 'privacyLetter.failed' : 'privacyLetter.attemptFailed',
    entityType: 'PrivacyLetter',
    entityId: id,
  })
}

/** A refusal as a code; what servers say may hold addresses. */
function codeOf(error: unknown): string {
  const { responseCode, code } = error as { responseCode?: unknown; code?: unknown }
  const said = [responseCode, code].find((each) => typeof each === 'number' || typeof each === 'string')
  return said === undefined ? 'UNKNOWN' : String(said).slice(0, 40)
}
