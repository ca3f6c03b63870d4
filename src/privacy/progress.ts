import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { isOptOut } from './clocks.ts'
import { makeCode, triesOf } from './codes.ts'
import { controllerId } from './controller.ts'
import { grantAll, noBasis, refuseAll } from './decision.ts'
import type { Details } from './details.ts'
import { followLink } from './follow.ts'
import { detailsOf, replyAddressOf } from './inside.ts'
import { happen } from './journal.ts'
import { planLetter } from './letters.ts'
import { canObjectTo } from './rights.ts'
import { codeLife } from './schedule.ts'
import { stopFirst } from './stopFirst.ts'
import type { RequestState, RequestType } from './vocabulary.ts'
import { wordings } from './wording.ts'
import type { Letters } from './wording.en.ts'
import type { Wording } from './wordingParts.ts'

const system = { kind: 'SYSTEM' } as const

/** The most codes that go to one address in a day; who is sent more than that is being pestered. */
const codesADay = 5

/** Takes a request on for as long as it goes by itself: acknowledged at once, a duplicate told, proof asked for, and what needs nobody's judgement approved. In the controller's open transaction. */
export async function goOn(tx: Ctx, given: PrivacyRequest): Promise<PrivacyRequest> {
  let request = given
  for (;;) {
    const next = await nextOf(tx, request)
    if (next === null) return request
    request = next
  }
}

async function nextOf(tx: Ctx, request: PrivacyRequest): Promise<PrivacyRequest | null> {
  const state = request.state as RequestState
  const known = request.provenLevel >= request.requiredLevel
  if (state === 'RECEIVED') {
    const acknowledged = await happen(tx, request, { event: 'acknowledge', actor: system, changes: { acknowledgedAt: toDate(tx.clock.now()) } })
    const link = hasOwnPages(acknowledged) ? null : followLink(tx.app, request.id)
    await writeTo(tx, acknowledged, 'ACKNOWLEDGEMENT', 'received', ({ letters, zone }) => letters.acknowledgement(acknowledged, link, zone))
    return acknowledged
  }
  if (state === 'ACKNOWLEDGED' || state === 'AWAITING_IDENTITY') {
    // Of an account it is known whose it is. Of anybody else it is said only to who has proven to be the one that asked before.
    const original = request.subject === 'USER' || known ? await originalOf(tx, request) : null
    if (original) return happen(tx, request, { event: 'duplicate', actor: system, changes: { duplicateOfId: original } })
    if (known) {
      const proven = await happen(tx, request, { event: 'verify', actor: system, ...(request.provenBy ? { reasonCode: request.provenBy } : {}) })
      await stopFirst(tx, proven)
      return proven
    }
    if (state === 'AWAITING_IDENTITY') return null
    const asked = await happen(tx, request, { event: 'askIdentity', actor: system })
    if (asked.requiredLevel > 1) await sendCode(tx, asked)
    return asked
  }
  const { purpose } = await detailsOf(tx, request)
  if (state === 'IN_ASSESSMENT' && request.type === 'OBJECTION' && purpose !== null && !canObjectTo(tx.app.policies, purpose)) return denyForBasis(tx, request)
  if (state !== 'IN_ASSESSMENT' || !goesBySelf(tx, request, await detailsOf(tx, request))) return null
  const { delayHours } = await detailsOf(tx, request)
  const approved = await happen(tx, request, {
    event: 'approve',
    actor: system,
    decision: grantAll,
    changes: { executeAt: toDate(tx.clock.now().add({ hours: delayHours })) },
  })
  await writeTo(tx, approved, 'DECISION', String(approved.eventSeq), ({ letters }) => letters.decision(approved, grantAll))
  return approved
}

/** Refuses an objection to a use that rests on no legitimate interest: there the law gives other rights. */
async function denyForBasis(tx: Ctx, request: PrivacyRequest): Promise<PrivacyRequest> {
  const decision = refuseAll('NOT_APPLICABLE_TO_BASIS', noBasis)
  const denied = await happen(tx, request, { event: 'deny', actor: system, reasonCode: 'NOT_APPLICABLE_TO_BASIS', decision })
  await writeTo(tx, denied, 'DECISION', String(denied.eventSeq), ({ letters }) => letters.decision(denied, decision))
  return denied
}

/** Whether whoever asks sees the request in their account. An account that is to be erased lets nobody in: its holder follows it, or calls it back, by a link. */
function hasOwnPages({ subject, type }: PrivacyRequest): boolean {
  return subject === 'USER' && type !== 'ERASURE'
}

/** What needs nobody's judgement once it is known who asks: rights over one's own account, and saying no to a use that may always be refused. */
function goesBySelf({ app }: Ctx, request: PrivacyRequest, { purpose, corrections }: Details): boolean {
  const type = request.type as RequestType
  // Who has proven to be a child's guardian, and what an officer or an address book's owner has reported, waits for nothing.
  if (type === 'MINOR_ERASURE' || isOptOut(type) || (type === 'OBJECTION' && purpose === 'MARKETING')) return true
  // A restriction harms nobody; what erases or tells is weighed against the rights of those whose address book it is.
  if (request.subject !== 'USER') return request.requester === 'SELF' && type === 'RESTRICTION'
  if (type === 'RECTIFICATION')
    return corrections.length > 0 && corrections.every(({ model, field }) => field.includes(':') || Boolean(app.policies[model]?.columns[field]))
  return ['ACCESS', 'ACCESS_CATEGORIES', 'PORTABILITY', 'ERASURE', 'RESTRICTION'].includes(type)
}

/** The open request of the same person for the same, if there is one before this. */
async function originalOf(tx: Ctx, request: PrivacyRequest): Promise<string | null> {
  if (!request.subjectOwnerId && !request.addressHash) return null
  const [original] = await rows<{ id: string }>(
    tx,
    sql`SELECT id FROM privacy_requests WHERE "ownerId" = ${controllerId}::uuid AND id <> ${request.id}::uuid AND type = ${request.type} AND "closedAt" IS NULL AND "scopeHash" = ${request.scopeHash}::bytea
        AND "createdAt" <= ${request.createdAt}::timestamptz AND "provenLevel" >= ${request.subject === 'USER' ? 0 : 2}::int
        AND ("subjectOwnerId" = ${request.subjectOwnerId}::uuid OR "addressHash" = ${request.addressHash}::bytea) ORDER BY "createdAt", id LIMIT 1`,
  )
  return original?.id ?? null
}

/** Sends a code to where answers go. Beyond a few a day for one address none is sent: whoever is asked has to ask again the next day. */
export async function sendCode(tx: Ctx, request: PrivacyRequest): Promise<void> {
  const since = toDate(tx.clock.now().subtract({ hours: 24 }))
  const [{ sent } = { sent: 0 }] = await rows<{ sent: number }>(
    tx,
    sql`SELECT count(*)::int AS sent FROM privacy_codes AS c JOIN privacy_requests AS r ON r."ownerId" = ${controllerId}::uuid AND r.id = c."requestId"
        WHERE c."ownerId" = ${controllerId}::uuid AND r."addressHash" = ${request.addressHash}::bytea AND c."createdAt" > ${since}::timestamptz`,
  )
  const code = await makeCode(tx, request.id)
  const { codes } = await triesOf(tx, request.id)
  if (sent < codesADay) await writeTo(tx, request, 'CODE', String(codes), ({ letters }) => letters.code(code, codeLife.minutes))
}

/** Plans a letter to where answers to a request go, in the language that it was made in. Equal `once` is one letter. */
export async function writeTo(
  tx: Ctx,
  request: PrivacyRequest,
  kind: 'ACKNOWLEDGEMENT' | 'CODE' | 'DECISION' | 'EXTENSION' | 'LIFT_NOTICE' | 'DONE',
  once: string,
  wording: (means: { letters: Letters; zone: string }) => Wording,
): Promise<void> {
  const to = await replyAddressOf(tx, request)
  if (to === null) return
  const { language } = await detailsOf(tx, request)
  await planLetter(tx, { requestId: request.id, kind, to, once, ...wording({ letters: wordings[language], zone: tx.app.config.timeZone }) })
}
