import { toDate, toInstant } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { inTransaction } from '../events/service.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { forgetCodes, maxTries, triesOf } from './codes.ts'
import { controllerId } from './controller.ts'
import { notProven, refuseAll } from './decision.ts'
import type { Execution } from './execution.ts'
import { certificateLink } from './follow.ts'
import { canFallBack, requiredLevel } from './identity.ts'
import { decisionOf, detailsOf } from './inside.ts'
import { happen, isClosed, lockRequest } from './journal.ts'
import { warnOfficers } from './officers.ts'
import { goOn, writeTo } from './progress.ts'
import { downloadTime, nextStepOf, proofTime, scheduleRequest } from './schedule.ts'
import { subjectOf } from './subject.ts'
import type { Regime, Requester, RequestState, RequestType } from './vocabulary.ts'

const system = { kind: 'SYSTEM' } as const

/** Does what is due of a request: its proof has run out, it is to be carried out, a download is over, its officers are to be told, its words to be forgotten. */
export async function runRequest(ctx: Ctx, id: string): Promise<void> {
  const begun = await inTransaction(ctx, async (tx) => {
    const request = await lockRequest(tx, id)
    return request ? stepOf(tx, request) : null
  })
  if (begun?.state === 'EXECUTING') await carryOut(ctx, begun)
  await scheduleRequest(ctx, id)
}

async function stepOf(tx: Ctx, request: PrivacyRequest): Promise<PrivacyRequest | null> {
  const now = tx.clock.now()
  const passed = (since: Date | null, time: Temporal.DurationLike): boolean => since !== null && Temporal.Instant.compare(toInstant(since).add(time), now) <= 0
  if (isClosed(request)) return (await takeUpDeferred(tx, request)) ?? forgetWords(tx, request)
  const told = await warnOfficers(tx, request)
  const state = request.state as RequestState
  if (state === 'AWAITING_IDENTITY') {
    const { tries } = await triesOf(tx, request.id)
    if (tries >= maxTries || passed(request.waitingSince, proofTime)) return unproven(tx, request)
  }
  if ((state === 'APPROVED' || state === 'PARTIALLY_APPROVED') && passed(request.executeAt ?? request.updatedAt, { seconds: 0 }))
    return begin(tx, request, 'execute')
  if (state === 'EXECUTION_FAILED' && request.nextStepAt && request.nextStepAt <= toDate(now)) return begin(tx, request, 'retry')
  // Whoever carried it out is gone: it is taken up again.
  if (state === 'EXECUTING') return request
  if (state === 'AWAITING_DOWNLOAD' && passed(request.updatedAt, downloadTime)) return happen(tx, request, { event: 'expireDownload', actor: system })
  return told ?? reschedule(tx, request)
}

const begin = (tx: Ctx, request: PrivacyRequest, event: 'execute' | 'retry'): Promise<PrivacyRequest> =>
  happen(tx, request, { event, actor: system, changes: { attempts: request.attempts + 1 } })

/** Who could not prove who they are is refused, except that access under California's law becomes one for categories. */
async function unproven(tx: Ctx, request: PrivacyRequest): Promise<PrivacyRequest> {
  const fallen = requiredLevel({ type: 'ACCESS_CATEGORIES', subject: 'CONTACT_PERSON', requester: 'SELF', regime: request.regime as Regime })
  const standing = {
    type: request.type as RequestType,
    regime: request.regime as Regime,
    requester: request.requester as Requester,
    provenLevel: request.provenLevel,
  }
  if (canFallBack(standing) && request.provenLevel >= fallen) {
    const changes = { type: 'ACCESS_CATEGORIES', requiredLevel: fallen }
    return goOn(tx, await happen(tx, request, { event: 'fallBack', actor: system, reasonCode: 'INSUFFICIENT_VERIFICATION', changes }))
  }
  const decision = refuseAll('INSUFFICIENT_VERIFICATION', notProven)
  const denied = await happen(tx, request, { event: 'failIdentity', actor: system, reasonCode: 'INSUFFICIENT_VERIFICATION', decision })
  await forgetCodes(tx, request.id)
  await writeTo(tx, denied, 'DECISION', String(denied.eventSeq), ({ letters }) => letters.decision(denied, decision))
  return denied
}

/** Has each domain do its part, outside of any transaction, and writes down how it ended. */
async function carryOut(ctx: Ctx, request: PrivacyRequest): Promise<void> {
  const executors = ctx.app.executorsOf(request.type as RequestType)
  const execution: Execution = {
    requestId: request.id,
    type: request.type as RequestType,
    regime: request.regime as Regime,
    subject: await subjectOf(ctx, request),
    details: await detailsOf(ctx, request),
    decision: await decisionOf(ctx, request),
  }
  let outcome: 'DONE' | 'DOWNLOAD' | { failure: string } = { failure: 'Nothing here can carry it out yet.' }
  try {
    for (const execute of executors) {
      const done = await execute(ctx, execution)
      if (done && outcome !== 'DOWNLOAD') outcome = done
    }
  } catch (error) {
    ctx.app.log.error({ err: error, requestId: request.id, attempts: request.attempts }, 'A privacy request could not be carried out and will be tried again.')
    outcome = { failure: 'A step failed; it is tried again.' }
  }
  await inTransaction(ctx, async (tx) => {
    const locked = await lockRequest(tx, request.id)
    // Another worker was sooner.
    if (locked?.state !== 'EXECUTING' || locked.eventSeq !== request.eventSeq) return
    if (typeof outcome === 'object') await happen(tx, locked, { event: 'failStep', actor: system, reason: outcome.failure })
    else if (outcome === 'DOWNLOAD') await happen(tx, locked, { event: 'offerDownload', actor: system })
    else {
      const erased = locked.type === 'ERASURE' || locked.type === 'MINOR_ERASURE'
      // Whose account it was is told by nothing any more but the ledger of erasures.
      const changes = { executeAt: await deferredUntil(tx, locked), ...(erased && { subjectOwnerId: null }) }
      const completed = await happen(tx, locked, { event: 'complete', actor: system, changes })
      await writeTo(tx, completed, 'DONE', String(completed.eventSeq), ({ letters }) =>
        letters.done(completed, erased ? certificateLink(tx.app, completed.id) : null),
      )
    }
  })
}

/** When the first of the parts that were put off is to be taken up; null when none was. */
async function deferredUntil(tx: Ctx, request: PrivacyRequest): Promise<Date | null> {
  const dates = (await decisionOf(tx, request)).flatMap((part) => (part.outcome === 'REFUSED' && part.deferredUntil ? [new Date(part.deferredUntil)] : []))
  return dates.toSorted((one, other) => Number(one) - Number(other))[0] ?? null
}

/** Opens a completed request again when a part of it that was put off is due; until then its words are kept. */
async function takeUpDeferred(tx: Ctx, request: PrivacyRequest): Promise<PrivacyRequest | null> {
  const { state, closedAt, executeAt } = request
  if (state !== 'COMPLETED' || !closedAt || !executeAt || executeAt <= closedAt) return null
  if (executeAt > toDate(tx.clock.now())) return reschedule(tx, request)
  return happen(tx, request, {
    event: 'reopen',
    actor: system,
    reason: 'The day until which a part of it was put off has come.',
    hasNews: true,
    changes: { executeAt: null },
  })
}

/** Forgets what a closed request holds in words; that it was asked and answered, and when, stays. */
async function forgetWords(tx: Ctx, request: PrivacyRequest): Promise<PrivacyRequest | null> {
  if (!request.nextStepAt || request.nextStepAt > toDate(tx.clock.now())) return null
  await forgetCodes(tx, request.id)
  return tx.db.privacyRequest.update({
    where: { ownerId_id: { ownerId: controllerId, id: request.id } },
    data: { replyTo: null, details: null, nextStepAt: null },
  })
}

async function reschedule(tx: Ctx, request: PrivacyRequest): Promise<PrivacyRequest> {
  return tx.db.privacyRequest.update({
    where: { ownerId_id: { ownerId: controllerId, id: request.id } },
    data: { nextStepAt: nextStepOf(request, tx.clock.now()) },
  })
}
