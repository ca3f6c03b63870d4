import { toDate, toInstant } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { refreshDue } from '../jobs/due.ts'
import { pauses } from './clocks.ts'
import { controllerId } from './controller.ts'
import type { Regime, RequestState } from './vocabulary.ts'

/** The kind under which the due directory keeps when a request is looked at next. */
export const requestDue = 'privacy.request'

/** How long a code that was sent is good, and the whole time there is to prove who one is. */
export const codeLife = { minutes: 15 }
export const proofTime = { hours: 10 * 24 }
/** So long before an answer is due officers are told, and so often once it is late. */
const warnBefore = { hours: 7 * 24 }
const warnAgain = { hours: 24 }
/** How long something can be downloaded. */
export const downloadTime = { hours: 7 * 24 }
/** After so long an execution that nobody has ended is taken up again. */
const executionTime = { minutes: 15 }
/** How long a failed execution waits, doubled with each failure, a day at most; seconds. */
const firstRetrySeconds = 60
const longestRetrySeconds = 24 * 3600
/** So long after it is closed the words of a request are forgotten. */
const forgetAfter = { hours: 30 * 24 }

/** When a request is looked at next: what its state waits for, or that its officers are to be told. */
export function nextStepOf(request: PrivacyRequest, now: Temporal.Instant): Date | null {
  const { state, waitingSince, executeAt, updatedAt, closedAt, attempts } = request
  if (closedAt) {
    if (executeAt && executeAt > closedAt) return executeAt
    return request.replyTo || request.details ? toDate(toInstant(closedAt).add(forgetAfter)) : null
  }
  const steps: Temporal.Instant[] = []
  const s = state as RequestState
  if (s === 'AWAITING_IDENTITY' && waitingSince) steps.push(...[codeLife, proofTime].map((life) => toInstant(waitingSince).add(life)))
  if (s === 'APPROVED' || s === 'PARTIALLY_APPROVED') steps.push(executeAt ? toInstant(executeAt) : now)
  if (s === 'EXECUTING') steps.push(toInstant(updatedAt).add(executionTime))
  if (s === 'EXECUTION_FAILED')
    steps.push(toInstant(updatedAt).add({ seconds: Math.min(longestRetrySeconds, firstRetrySeconds * 2 ** Math.max(0, attempts - 1)) }))
  if (s === 'AWAITING_DOWNLOAD') steps.push(toInstant(updatedAt).add(downloadTime))
  const dueAt = dueNow(request, now)
  steps.push(dueAt.subtract(warnBefore), dueAt)
  if (Temporal.Instant.compare(dueAt, now) <= 0) steps.push(now.add(warnAgain))
  const isStep = (at: Temporal.Instant): boolean =>
    Temporal.Instant.compare(at, now) > 0 || ((s === 'APPROVED' || s === 'PARTIALLY_APPROVED') && at === steps[0])
  return (
    steps
      .filter(isStep)
      .map(toDate)
      .toSorted((one, other) => Number(one) - Number(other))[0] ?? null
  )
}

/** When an answer is due as things stand: later by the time it waits for proof, where that stops the clock. */
export function dueNow(request: Pick<PrivacyRequest, 'dueAt' | 'regime' | 'waitingSince'>, now: Temporal.Instant): Temporal.Instant {
  const dueAt = toInstant(request.dueAt)
  if (!request.waitingSince || !pauses(request.regime as Regime)) return dueAt
  const days = Math.floor(toInstant(request.waitingSince).until(now).total('hours') / 24)
  return dueAt.add({ hours: 24 * Math.max(0, days) })
}

/** Whether an answer is late. Nothing is late once it is closed. */
export function isOverdue(request: PrivacyRequest, now: Temporal.Instant): boolean {
  return request.closedAt === null && Temporal.Instant.compare(dueNow(request, now), now) <= 0
}

/** Enters in the due directory when a request is looked at next. */
export async function scheduleRequest(ctx: Ctx, id: string): Promise<void> {
  await refreshDue(ctx, requestDue, controllerId, id, async (tx) => {
    const [request] = await rows<{ nextStepAt: Date | null }>(
      tx,
      sql`SELECT "nextStepAt" FROM privacy_requests WHERE "ownerId" = ${controllerId}::uuid AND id = ${id}::uuid`,
    )
    return request?.nextStepAt
  })
}
