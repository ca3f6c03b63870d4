import { z } from 'zod'
import { toDate, toInstant } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { parse } from '../core/parse.ts'
import { text } from '../core/text.ts'
import { rows, sql } from '../db/client.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import type { Listing } from '../db/keyset.ts'
import { record } from '../events/service.ts'
import { asController, controllerId } from './controller.ts'
import { Decision, readingOf } from './decision.ts'
import { happen, type Happening, lockRequest, type RequestActor } from './journal.ts'
import { planLetter } from './letters.ts'
import { goOn, writeTo } from './progress.ts'
import { prove } from './prove.ts'
import { file, OpenSubmission } from './requests.ts'
import { officerOf } from './roles.ts'
import { dueNow, isOverdue, nextStepOf } from './schedule.ts'
import { goOnAgain, letBeUsed, stopFirst } from './stopFirst.ts'
import { channels, letterLanguageOf, type Level } from './vocabulary.ts'
import { wordings } from './wording.ts'

const Reason = text({ max: 5000, multiline: true }).refine((value) => value.trim().length >= 3, 'Give a reason.')
/** So long between the notice that a restriction is to be lifted and the day it is. */
const liftAfter = { hours: 7 * 24 }

/** Requests that an officer may see: those that are open, the first due first, or all. For anybody else there are none. */
export async function queueListing(ctx: Ctx, { includeClosed = false, overdueOnly = false } = {}): Promise<Listing> {
  const officer = await officerOf(ctx)
  const open = includeClosed ? sql`` : sql`AND r."closedAt" IS NULL`
  const late = overdueOnly ? sql`AND r."closedAt" IS NULL AND r."dueAt" <= ${toDate(ctx.clock.now())}::timestamptz` : sql``
  return {
    name: 'privacyRequestQueue',
    select: sql`r.*`,
    from: sql`privacy_requests AS r`,
    where: sql`r."ownerId" = ${controllerId}::uuid AND ${officer !== null} ${open} ${late}`,
    keys: [
      { column: sql`r."dueAt"`, type: 'timestamptz', direction: 'asc', nulls: 'none' },
      { column: sql`r.id`, type: 'uuid', direction: 'asc', nulls: 'none' },
    ],
  }
}

/** Files a request that came in by letter, telephone or mail; its clock runs from when it came, however late it is filed. @throws NotFoundError for anybody who is no officer, InvalidInputError */
export async function recordIntake(ctx: Ctx, input: z.input<typeof OpenSubmission> & { channel: string; receivedAt: Date }): Promise<PrivacyRequest> {
  const officer = await requireOfficer(ctx)
  const submission = parse(OpenSubmission, input)
  const { channel, receivedAt } = parse(z.object({ channel: z.enum(channels), receivedAt: z.date() }), input)
  if (receivedAt > toDate(ctx.clock.now())) throw new InvalidInputError({ path: ['receivedAt'], message: 'It cannot have come in the future.' })
  const { submissionKey: _key, address, ...rest } = submission
  return asController(ctx, `officer ${officer.accountId}`, async (tx) => {
    const vault = await tx.app.vault.of(controllerId)
    const addressHash = vault.hash('person email', address.canonical)
    return file(tx, {
      ...rest,
      channel,
      receivedAt: toInstant(receivedAt),
      subject: { kind: 'CONTACT_PERSON', addressHash },
      replyTo: address.address,
      provenLevel: 0,
      provenBy: null,
    })
  })
}

/** Notes how an officer found out who asks: by data points that match (3), with a signed declaration (4), or an agent's permission confirmed by the person (5). @throws NotFoundError, InvalidInputError, ConflictError */
export function proveByOfficer(ctx: Ctx, id: string, input: { level: number; method: string }): Promise<PrivacyRequest> {
  const { level, method } = parse(
    z.object({
      level: z.int().min(2, 'A level from 2 to 5.').max(5, 'A level from 2 to 5.'),
      method: z.string().regex(/^[A-Z][A-Z_]{2,39}$/, 'Name the method in capitals, such as SIGNED_DECLARATION.'),
    }),
    input,
  )
  return act(ctx, id, (tx, request, actor) => prove(tx, request, level as Level, method, actor))
}

/** Decides on a request, a part at a time: granted, refused, or some of each. @throws NotFoundError, InvalidInputError for a refusal that does not say why, where to complain and what remedy there is, ConflictError */
export function decide(ctx: Ctx, id: string, input: z.input<typeof Decision>): Promise<PrivacyRequest> {
  const decision = parse(Decision, input)
  const event = ({ ALL: 'approve', PART: 'approvePart', NOTHING: 'deny', NONE: 'deny' } as const)[readingOf(decision)]
  return act(ctx, id, async (tx, request, actor) => {
    const reasonCode = decision.flatMap((part) => (part.outcome === 'REFUSED' ? [part.reason] : []))[0]
    const changes = event === 'deny' ? {} : { executeAt: toDate(tx.clock.now()) }
    const decided = await happen(tx, request, { event, actor, decision, changes, ...(reasonCode ? { reasonCode } : {}) })
    // Of what was only stored for an objection or a dispute, its person is told first that it will be used again (Article 18(3)): announceLift, then lift.
    if (event === 'deny' && request.type === 'ERASURE') await goOnAgain(tx, decided)
    await writeTo(tx, decided, 'DECISION', String(decided.eventSeq), ({ letters }) => letters.decision(decided, decision))
    return decided
  })
}

/** Takes more time, once, before the answer is due, and tells the person why. @throws NotFoundError, InvalidInputError, ConflictError */
export function extend(ctx: Ctx, id: string, reason: string): Promise<PrivacyRequest> {
  return act(ctx, id, async (tx, request, actor) => {
    const said = parse(Reason, reason)
    const extended = await happen(tx, request, { event: 'extend', actor, reason: said })
    await writeTo(tx, extended, 'EXTENSION', String(extended.eventSeq), ({ letters, zone }) => letters.extension(extended, said, zone))
    return extended
  })
}

/** Writes something down about a request. @throws NotFoundError, InvalidInputError */
export function note(ctx: Ctx, id: string, reason: string): Promise<PrivacyRequest> {
  return act(ctx, id, (tx, request, actor) => happen(tx, request, { event: 'note', actor, reason: parse(Reason, reason) }))
}

/** Opens a request again that was answered, for new facts or because a complaint was upheld. @throws NotFoundError, InvalidInputError, ConflictError */
export function reopen(ctx: Ctx, id: string, reason: string): Promise<PrivacyRequest> {
  return act(ctx, id, async (tx, request, actor) => {
    const reopened = await happen(tx, request, { event: 'reopen', actor, reason: parse(Reason, reason), hasNews: true })
    // Its refusal gave back what had been stopped.
    if (request.state === 'DENIED' && request.type === 'ERASURE' && request.provenLevel >= request.requiredLevel) await stopFirst(tx, reopened)
    return reopened
  })
}

/** Tells a person that their data will be used again in a week, and why (Article 18(3)). @throws NotFoundError, InvalidInputError */
export function announceLift(ctx: Ctx, id: string, reason: string): Promise<PrivacyRequest> {
  return act(ctx, id, async (tx, request, actor) => {
    const said = parse(Reason, reason)
    const day = tx.clock.now().add(liftAfter).toZonedDateTimeISO(tx.app.config.timeZone).toPlainDate()
    const noted = await happen(tx, request, { event: 'note', actor, reason: said, reasonCode: liftAnnounced })
    await writeTo(tx, noted, 'LIFT_NOTICE', String(noted.eventSeq), ({ letters }) => letters.liftNotice(noted, day, said))
    return noted
  })
}

/** Lets data be used again that was only stored, a week after its person was told. @throws NotFoundError, InvalidInputError before that */
export function lift(ctx: Ctx, id: string): Promise<PrivacyRequest> {
  return act(ctx, id, async (tx, request, actor) => {
    const [notice] = await tx.db.privacyRequestEvent.findMany({
      where: { ownerId: controllerId, requestId: id, reasonCode: liftAnnounced },
      orderBy: { seq: 'desc' },
      take: 1,
    })
    if (!notice || Temporal.Instant.compare(toInstant(notice.at).add(liftAfter), tx.clock.now()) > 0)
      throw new InvalidInputError({ path: ['id'], message: 'Its person must have been told a week before: announce it first.' })
    await letBeUsed(tx, request)
    return happen(tx, request, { event: 'note', actor, reason: 'The restriction was lifted.', reasonCode: 'LIFTED' })
  })
}

const liftAnnounced = 'LIFT_ANNOUNCED'

/** Tells every officer that an answer is due within a week, or late; each stage once. Answers the request with its next date when it did. */
export async function warnOfficers(tx: Ctx, request: PrivacyRequest): Promise<PrivacyRequest | null> {
  const now = tx.clock.now()
  const dueAt = dueNow(request, now)
  const late = isOverdue(request, now)
  if (!late && Temporal.Instant.compare(dueAt.subtract({ hours: 7 * 24 }), now) > 0) return null
  const stage = late ? `late ${Math.floor(dueAt.until(now).total('hours') / 24)}` : 'soon'
  const officers = await rows<{ ownerId: string }>(tx, sql`SELECT "ownerId" FROM directory_roles WHERE role = 'privacy-officer'`)
  for (const { ownerId } of officers) {
    const [account] = await rows<{ id: string; email: string; locale: string }>(
      tx,
      sql`SELECT id, email, locale FROM accounts WHERE "ownerId" = ${ownerId}::uuid`,
    )
    if (!account) continue
    const { warning } = wordings[letterLanguageOf(account.locale)]
    const said = warning({ ...request, dueAt: toDate(dueAt) }, late, `${tx.app.config.publicUrl}/privacy/officer`, tx.app.config.timeZone)
    await planLetter(tx, { requestId: request.id, kind: 'WARNING', to: account.email, once: `${stage} ${account.id}`, ...said })
  }
  return tx.db.privacyRequest.update({
    where: { ownerId_id: { ownerId: controllerId, id: request.id } },
    data: { nextStepAt: nextStepOf(request, now) },
  })
}

/** The officer who acts. For anybody else there is nothing here. @throws NotFoundError */
export async function requireOfficer(ctx: Ctx): Promise<Extract<RequestActor, { kind: 'OFFICER' }>> {
  const accountId = await officerOf(ctx)
  if (accountId === null) throw new NotFoundError()
  return { kind: 'OFFICER', accountId }
}

/** What an officer does to a request: in the controller's chain it stands who it was, and in the officer's own log that they did. */
async function act(
  ctx: Ctx,
  id: string,
  work: (tx: Ctx, request: PrivacyRequest, actor: Happening['actor']) => Promise<PrivacyRequest>,
): Promise<PrivacyRequest> {
  const actor = await requireOfficer(ctx)
  return asController(ctx, `officer ${actor.accountId}`, async (tx) => {
    const request = await lockRequest(tx, id)
    if (!request) throw new NotFoundError()
    const done = await work(tx, request, actor)
    record(tx, { type: 'privacyRequest.actedOn', entityType: 'PrivacyRequest', entityId: id })
    return goOn(tx, done)
  })
}
