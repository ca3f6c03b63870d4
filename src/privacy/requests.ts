import { z } from 'zod'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ConflictError, NotFoundError } from '../core/errors.ts'
import { isId, newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { execute, sql } from '../db/client.ts'
import type { PrivacyRequest, PrivacyRequestEvent } from '../db/generated/prisma/client.ts'
import type { Listing } from '../db/keyset.ts'
import { inTransaction, record } from '../events/service.ts'
import { sameBytes } from '../vault/master.ts'
import { asController, controllerId, controllerVault } from './controller.ts'
import { Details } from './details.ts'
import { requestOfToken } from './follow.ts'
import { holderOf, isFresh } from './holder.ts'
import { requiredLevel } from './identity.ts'
import { happen, lockRequest } from './journal.ts'
import { goOn } from './progress.ts'
import { goOnAgain } from './stopFirst.ts'
import { readEmail } from './addresses.ts'
import { type Channel, type LetterLanguage, letterLanguageOf, type Level, regimes, requesters, requestTypes } from './vocabulary.ts'

/** What the holder of an account asks for. */
export const Submission = Details.omit({ place: true, language: true }).extend({
  type: z.enum(requestTypes),
  regime: z
    .enum(regimes)
    .nullish()
    .transform((value) => value ?? 'VOLUNTARY'),
})
export type Submission = z.input<typeof Submission>

/** What somebody without an account asks for: `address` is where answers go, and what is proven by a code. */
export const OpenSubmission = Submission.extend({
  requester: z.enum(requesters).default('SELF'),
  address: z.string().transform((value, context) => {
    const address = readEmail(value)
    if (address) return address
    context.addIssue({ code: 'custom', message: 'Write an e-mail address.' })
    return z.NEVER
  }),
  /** The submission's own name, up to the caller: sent again under it, it is the same request. */
  submissionKey: z.string().min(16, 'A key has at least 16 characters.').max(255).nullish(),
})
export type OpenSubmission = z.input<typeof OpenSubmission>

/** Submits a request of the signed-in holder; acknowledged at once. Who signed in within the last ten minutes has proven who they are. Letters are written in `language`, else in that of their account. @throws InvalidInputError */
export async function submit(ctx: Ctx, input: Submission, language?: LetterLanguage): Promise<PrivacyRequest> {
  const submission = parse(Submission, input)
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const [holder, fresh] = [await holderOf(tx), await isFresh(tx)]
    const request = await file(tx, {
      ...submission,
      language: language ?? letterLanguageOf(holder.locale),
      requester: 'SELF',
      subject: { kind: 'USER', ownerId },
      replyTo: holder.email,
      provenLevel: fresh ? 1 : 0,
      provenBy: fresh ? 'SIGN_IN' : null,
    })
    // In the holder's own log as well, so that it tells what was asked in their name.
    record(tx, { type: 'privacyRequest.submitted', entityType: 'PrivacyRequest', entityId: request.id })
    return request
  })
}

/**
 * Submits a request of somebody without an account. Nothing is looked up: whether the address stands anywhere makes no difference to what is done,
 * answered or sent. The same submission under the same key is the same request. @throws InvalidInputError, ConflictError for another one under that key
 */
export async function submitOpenly(ctx: Ctx, input: OpenSubmission, language: LetterLanguage = 'en'): Promise<PrivacyRequest> {
  const submission = parse(OpenSubmission, input)
  const { submissionKey, address, ...rest } = submission
  const vault = await controllerVault(ctx.app)
  const submissionHash = submissionKey ? vault.hash('privacy submission', `${address.canonical}\n${submissionKey}`) : null
  const payloadHash = vault.hash('privacy submission payload', JSON.stringify(submission))
  return asController(ctx, 'submission', async (tx) => {
    if (submissionHash) {
      await execute(tx, sql`SELECT pg_advisory_xact_lock(${Buffer.from(submissionHash).readBigInt64BE()}::bigint)`)
      const known = await tx.db.privacyRequest.findUnique({ where: { ownerId_submissionHash: { ownerId: controllerId, submissionHash } } })
      if (known && !sameBytes(known.payloadHash ?? new Uint8Array(), payloadHash)) throw new ConflictError('Another request was submitted under this key.')
      if (known) return known
    }
    return file(tx, {
      ...rest,
      language,
      subject: { kind: 'CONTACT_PERSON', addressHash: vault.hash('person email', address.canonical) },
      replyTo: address.address,
      provenLevel: 0,
      provenBy: null,
      submissionHash,
      payloadHash,
    })
  })
}

/** A request as it is filed, by whichever way it came. */
export interface Filing extends Omit<z.output<typeof Submission>, 'place'> {
  place?: Details['place']
  language?: LetterLanguage
  requester: (typeof requesters)[number]
  subject: { kind: 'USER'; ownerId: string } | { kind: 'CONTACT_PERSON'; addressHash: Uint8Array<ArrayBuffer> | null }
  replyTo: string | null
  provenLevel: Level
  provenBy: string | null
  channel?: Channel
  receivedAt?: Temporal.Instant
  submissionHash?: Uint8Array<ArrayBuffer> | null
  payloadHash?: Uint8Array<ArrayBuffer> | null
}

/** Files a request and takes it as far as it can go by itself, all in one transaction: received, acknowledged, and, where proof is there, on to what comes next. */
export function file(ctx: Ctx, filing: Filing): Promise<PrivacyRequest> {
  return asController(ctx, 'filing', async (tx) => {
    const vault = await controllerVault(tx.app)
    const now = tx.clock.now()
    const id = newId(tx.clock)
    const { type, regime, requester, subject, replyTo, channel = 'WEB', receivedAt = now, ...rest } = filing
    const details = Details.parse({ ...rest, delayHours: type === 'ERASURE' ? rest.delayHours : 0 })
    const level = requiredLevel({ type, subject: subject.kind, requester, regime })
    const blank: PrivacyRequest = {
      ownerId: controllerId,
      id,
      type,
      state: 'RECEIVED',
      regime,
      requester,
      subject: subject.kind,
      channel,
      subjectOwnerId: subject.kind === 'USER' ? subject.ownerId : null,
      addressHash: subject.kind === 'USER' ? null : subject.addressHash,
      scopeHash: vault.hash('privacy scope', JSON.stringify([requester, details.text, details.corrections, details.purpose, details.identifiers])),
      submissionHash: filing.submissionHash ?? null,
      payloadHash: filing.payloadHash ?? null,
      duplicateOfId: null,
      requiredLevel: level,
      provenLevel: Math.min(filing.provenLevel, 5),
      provenBy: filing.provenBy,
      replyTo: replyTo === null ? null : vault.seal('PrivacyRequest.replyTo', id, replyTo),
      details: vault.seal('PrivacyRequest.details', id, JSON.stringify(details)),
      decision: null,
      receivedAt: toDate(receivedAt),
      acknowledgedAt: null,
      dueAt: toDate(receivedAt),
      extendedAt: null,
      waitingSince: null,
      waitedSeconds: 0,
      nextStepAt: null,
      executeAt: null,
      attempts: 0,
      closedAt: null,
      eventSeq: 0,
      eventHash: new Uint8Array(32),
      eventMac: new Uint8Array(32),
      createdAt: toDate(now),
      updatedAt: toDate(now),
    }
    return goOn(tx, await happen(tx, blank, { event: 'submit', actor: { kind: 'REQUESTER' } }))
  })
}

/** Withdraws a request of the signed-in holder, as long as it is not being carried out. @throws NotFoundError, ConflictError */
export async function withdraw(ctx: Ctx, id: string): Promise<PrivacyRequest> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const request = await withdrawn(tx, id, (each) => each.subjectOwnerId === ownerId)
    record(tx, { type: 'privacyRequest.withdrawn', entityType: 'PrivacyRequest', entityId: id })
    return request
  })
}

/** Withdraws a request by the token that its submission answered. @throws NotFoundError, ConflictError */
export function withdrawOpenly(ctx: Ctx, token: string): Promise<PrivacyRequest> {
  const id = requestOfToken(ctx.app, token)
  return withdrawn(ctx, id ?? controllerId, () => id !== null)
}

function withdrawn(ctx: Ctx, id: string, isTheirs: (request: PrivacyRequest) => boolean): Promise<PrivacyRequest> {
  return asController(ctx, 'withdrawal', async (tx) => {
    const request = await lockRequest(tx, id)
    if (!request || !isTheirs(request)) throw new NotFoundError()
    if (request.state === 'WITHDRAWN') return request
    const stopped = await happen(tx, request, { event: 'withdraw', actor: { kind: 'REQUESTER' } })
    await goOnAgain(tx, request)
    return stopped
  })
}

/** The request that a token is for. @throws NotFoundError */
export async function follow(ctx: Ctx, token: string): Promise<PrivacyRequest> {
  const id = requestOfToken(ctx.app, token)
  const request = await ctx.db.privacyRequest.findUnique({ where: { ownerId_id: { ownerId: controllerId, id: id ?? controllerId } } })
  if (!request) throw new NotFoundError()
  return request
}

/** Requests of the signed-in holder with these ids, in any order. */
export function findOwn(ctx: Ctx, ids: readonly string[]): Promise<PrivacyRequest[]> {
  return ctx.db.privacyRequest.findMany({ where: { ownerId: controllerId, subjectOwnerId: ownerOf(ctx), id: { in: ids.filter(isId) } } })
}

/** The signed-in holder's requests, the latest first. */
export function ownListing(ctx: Ctx): Listing {
  return {
    name: 'privacyRequests',
    select: sql`r.*`,
    from: sql`privacy_requests AS r`,
    where: sql`r."ownerId" = ${controllerId}::uuid AND r."subjectOwnerId" = ${ownerOf(ctx)}::uuid`,
    keys: [
      { column: sql`r."receivedAt"`, type: 'timestamptz', direction: 'desc', nulls: 'none' },
      { column: sql`r.id`, type: 'uuid', direction: 'desc', nulls: 'none' },
    ],
  }
}

/** What happened to requests, by request, in order; the words of officers opened. */
export async function eventsOf(
  ctx: Ctx,
  requestIds: readonly string[],
): Promise<Map<string, (Omit<PrivacyRequestEvent, 'reason'> & { reason: string | null })[]>> {
  const vault = await controllerVault(ctx.app)
  const found = await ctx.db.privacyRequestEvent.findMany({ where: { ownerId: controllerId, requestId: { in: [...requestIds] } }, orderBy: { seq: 'asc' } })
  const opened = found.map((event) => ({ ...event, reason: vault.openMaybe('PrivacyRequestEvent.reason', `${event.requestId}/${event.seq}`, event.reason) }))
  return Map.groupBy(opened, ({ requestId }) => requestId)
}
