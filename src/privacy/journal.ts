import { createHash } from 'node:crypto'
import { toDate, toInstant } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { ConflictError } from '../core/errors.ts'
import { rows, sql } from '../db/client.ts'
import type { PrivacyRequest, PrivacyRequestEvent } from '../db/generated/prisma/client.ts'
import { record, setOff } from '../events/service.ts'
import { dueAtOf } from './clocks.ts'
import { controllerId, controllerVault } from './controller.ts'
import { type PartDecision, readingOf } from './decision.ts'
import { canFallBack } from './identity.ts'
import { closedStates, type Facts, type RequestEvent, step } from './requestStates.ts'
import { nextStepOf } from './schedule.ts'
import type { Regime, RequestState, RequestType, Requester } from './vocabulary.ts'

/** Who made something happen to a request: the person themselves, an officer of the controller, or Kith by its rules. */
export type RequestActor = { kind: 'REQUESTER' } | { kind: 'OFFICER'; accountId: string } | { kind: 'SYSTEM' }

/** Something that happens to a request. */
export interface Happening {
  event: RequestEvent
  actor: RequestActor
  /** A word: of the refusals, or how it was proven who asks. */
  reasonCode?: string
  /** In words, kept sealed. */
  reason?: string
  decision?: readonly PartDecision[]
  hasNews?: boolean
  /** Columns that change with it. */
  changes?: Partial<
    Pick<
      PrivacyRequest,
      'type' | 'provenLevel' | 'provenBy' | 'requiredLevel' | 'duplicateOfId' | 'executeAt' | 'attempts' | 'acknowledgedAt' | 'subject' | 'subjectOwnerId'
    >
  >
}

/** Reads a request and holds it, in the controller's open transaction; null when there is none. */
export async function lockRequest(tx: Ctx, id: string): Promise<PrivacyRequest | null> {
  const [request] = await rows<PrivacyRequest>(tx, sql`SELECT * FROM privacy_requests WHERE "ownerId" = ${controllerId}::uuid AND id = ${id}::uuid FOR UPDATE`)
  return request ?? null
}

/**
 * Takes a request one step further, in the controller's open transaction: its row, its link in the chain, the event of the controller's own chain and
 * its next date commit together. `request` is locked, or new. @throws ConflictError when the table of states does not allow it
 */
export async function happen(tx: Ctx, request: PrivacyRequest, happening: Happening): Promise<PrivacyRequest> {
  const { event, actor, reasonCode = null, reason = null, changes = {} } = happening
  const now = tx.clock.now()
  const at = toDate(now)
  const from = request.eventSeq === 0 ? 'NEW' : (request.state as RequestState)
  const after: PrivacyRequest = { ...request, ...changes, updatedAt: at }
  const transition = step(from, event, factsOf(tx, request, after, happening))
  if ('refusal' in transition) throw new ConflictError(transition.refusal)
  const vault = await controllerVault(tx.app)
  after.state = transition.to
  if (event === 'extend') after.extendedAt = at
  for (const effect of transition.effects) {
    if (effect === 'pauseClock') after.waitingSince = at
    if (effect === 'resumeClock' && request.waitingSince) {
      after.waitedSeconds = request.waitedSeconds + Math.floor(toInstant(request.waitingSince).until(now).total('seconds'))
      after.waitingSince = null
    }
    if (effect === 'close') after.closedAt = at
    if (effect === 'unclose') after.closedAt = null
  }
  if (happening.decision) after.decision = vault.seal('PrivacyRequest.decision', after.id, JSON.stringify(happening.decision))
  after.dueAt = toDate(dueAtOf(timingOf(after), tx.app.config.timeZone))
  after.nextStepAt = nextStepOf(after, now)
  const seq = request.eventSeq + 1
  const entry: ChainedEvent = {
    ownerId: controllerId,
    requestId: after.id,
    seq,
    at,
    event,
    from: from === 'NEW' ? null : from,
    to: after.state,
    actor: actor.kind,
    actorId: actor.kind === 'OFFICER' ? actor.accountId : null,
    reasonCode,
    dueAt: after.dueAt,
    payloadHash: vault.hash('privacy request payload', JSON.stringify([reason, happening.decision ?? null])),
    prevHash: request.eventHash,
  }
  const hash = new Uint8Array(requestEventHash(entry))
  Object.assign(after, { eventSeq: seq, eventHash: hash, eventMac: vault.hash('privacy request head', headText(after.id, seq, hash)) })
  await tx.db.privacyRequest.upsert({ where: { ownerId_id: { ownerId: controllerId, id: after.id } }, create: after, update: after })
  await tx.db.privacyRequestEvent.create({
    data: { ...entry, hash, reason: reason === null ? null : vault.seal('PrivacyRequestEvent.reason', `${after.id}/${seq}`, reason) },
  })
  record(tx, { type: `privacyRequest.${event}`, entityType: 'PrivacyRequest', entityId: after.id, changed: ['state', ...Object.keys(changes)] })
  setOff(tx, { kind: 'privacy.schedule', payload: { requestId: after.id } })
  return after
}

/** Whether a state is one that only a reopening leaves. */
export function isClosed(request: Pick<PrivacyRequest, 'state'>): boolean {
  return closedStates.includes(request.state as RequestState)
}

/** What the dates of a request follow from. */
export function timingOf(request: Pick<PrivacyRequest, 'type' | 'regime' | 'receivedAt' | 'extendedAt' | 'waitedSeconds'>) {
  return {
    type: request.type as RequestType,
    regime: request.regime as Regime,
    receivedAt: toInstant(request.receivedAt),
    extended: request.extendedAt !== null,
    waited: Temporal.Duration.from({ hours: 0, seconds: request.waitedSeconds }),
  }
}

function factsOf(tx: Ctx, before: PrivacyRequest, request: PrivacyRequest, { reason, decision, hasNews = false }: Happening): Facts {
  const timing = { ...timingOf(request), extended: false }
  return {
    type: request.type as RequestType,
    requiredLevel: request.requiredLevel,
    provenLevel: request.provenLevel,
    late: Temporal.Instant.compare(dueAtOf(timing, tx.app.config.timeZone), tx.clock.now()) <= 0,
    extended: request.extendedAt !== null,
    hasReason: (reason?.trim() ?? '') !== '',
    decision: readingOf(decision ?? []),
    canFallBack: canFallBack({
      type: before.type as RequestType,
      regime: request.regime as Regime,
      requester: request.requester as Requester,
      provenLevel: request.provenLevel,
    }),
    hasNews,
  }
}

/** A link of a request's chain, as it is hashed. */
export type ChainedEvent = Omit<PrivacyRequestEvent, 'hash' | 'reason'>

/** SHA-256 over the canonical JSON of a link, its predecessor's hash included. */
export function requestEventHash(entry: ChainedEvent): Buffer {
  const { ownerId, requestId, seq, at, event, from, to, actor, actorId, reasonCode, dueAt, payloadHash, prevHash } = entry
  const bytes = (value: Uint8Array): string => Buffer.from(value).toString('hex')
  return createHash('sha256')
    .update(
      JSON.stringify([
        ownerId,
        requestId,
        seq,
        at.getTime(),
        event,
        from,
        to,
        actor,
        actorId,
        reasonCode,
        dueAt.getTime(),
        bytes(payloadHash),
        bytes(prevHash),
      ]),
    )
    .digest()
}

/** What the end of a request's chain is authenticated by. */
export function headText(requestId: string, seq: number, hash: Uint8Array): string {
  return `${requestId}|${seq}|${Buffer.from(hash).toString('hex')}`
}
