import { toInstant } from '../core/clock.ts'
import type { Actor, Ctx } from '../core/ctx.ts'
import { ConflictError, InvalidInputError } from '../core/errors.ts'
import { announce, inTransaction } from '../events/service.ts'
import { mayAskFrom, validUntil } from './dates.ts'
import { append, decisionOf, type Entry, holdLedger, readChanges, readEntries } from './ledger.ts'
import { type ConsentPurpose, noticeAt, noticeHash, type PurposeKey, purposeOf } from './purposes.ts'
import { noSignals, refusedBy, signalNames } from './signals.ts'
import { type ConsentSource, fold, permits, type Standing } from './states.ts'

/** How a decision came about; what is not said follows from who acts. */
export interface Circumstances {
  source?: ConsentSource
  /** Where it was decided, such as a page or a link in a mail. */
  method?: string
  /** The language in which the notice was read, a BCP 47 tag. */
  language?: string
  /** Whether who consents was told that their browser says no to it, and says yes all the same. */
  despiteSignal?: boolean
}

/** Two steps of one yes lie so close together. */
const secondStepWithin = { hours: 24 }
/** A yes that is said again so soon adds nothing. */
const renewedAfter = { hours: 24 }

/** Gives consent to a purpose, or renews it. What takes two steps is only asked for by the first. @throws InvalidInputError */
export async function giveConsent(ctx: Ctx, key: string, circumstances: Circumstances = {}): Promise<Standing> {
  const purpose = consentedPurpose(key)
  refuseAgainstSignal(ctx, purpose.key, circumstances.despiteSignal ?? false)
  return decide(ctx, purpose, (tx, standing, last) => {
    const now = tx.clock.now()
    const entry = entryOf(tx, purpose, circumstances)
    if (permits(standing.state)) {
      const isFresh = last !== undefined && Temporal.Instant.compare(toInstant(last.at).add(renewedAfter), now) > 0
      const isSame = last?.noticeVersion === entry.noticeVersion
      return isSame && (isFresh || purpose.validFor === null) ? null : { ...entry, state: 'RENEWED' }
    }
    if (purpose.twoSteps) {
      const asked = standing.state === 'REQUESTED' && standing.since !== null && standing.source === entry.source
      if (!asked || Temporal.Instant.compare((standing.since ?? now).add(secondStepWithin), now) <= 0) return { ...entry, state: 'REQUESTED', validUntil: null }
    }
    return { ...entry, state: standing.state === 'EXPIRED' ? 'RENEWED' : 'GIVEN' }
  })
}

/** Takes consent back, or refuses it before it was given: one call, which holds with the next use. Saying no twice is saying it once. @throws InvalidInputError */
export async function withdrawConsent(ctx: Ctx, key: string, circumstances: Circumstances = {}): Promise<Standing> {
  const purpose = consentedPurpose(key)
  return decide(ctx, purpose, (tx, { state }) => {
    if (state === 'REFUSED' || state === 'WITHDRAWN') return null
    return { ...entryOf(tx, purpose, circumstances), state: permits(state) ? 'WITHDRAWN' : 'REFUSED', validUntil: null }
  })
}

/** Notes that the owner is asked. @throws ConflictError when they have said no and it is too early to ask again, InvalidInputError */
export async function requestConsent(ctx: Ctx, key: string, circumstances: Circumstances = {}): Promise<Standing> {
  const purpose = consentedPurpose(key)
  return decide(ctx, purpose, (tx, standing) => {
    const from = mayAskFrom(purpose, standing)
    if (from !== null && Temporal.Instant.compare(tx.clock.now(), from) < 0)
      throw new ConflictError(`You have said no to this; nobody asks again before ${from.toZonedDateTimeISO('UTC').toPlainDate().toString()}.`)
    if (permits(standing.state) || standing.state === 'REQUESTED') return null
    return { ...entryOf(tx, purpose, circumstances), state: 'REQUESTED', validUntil: null }
  })
}

/** Declares void what was consented to, because the consent was not asked for as it must be. @throws InvalidInputError */
export async function invalidateConsent(ctx: Ctx, key: string, circumstances: Circumstances = {}): Promise<Standing> {
  const purpose = consentedPurpose(key)
  return decide(ctx, purpose, (tx, { state }) => (permits(state) ? { ...entryOf(tx, purpose, circumstances), state: 'INVALIDATED', validUntil: null } : null))
}

/** Writes what `decision` makes of how a purpose stands, while nobody else writes; null writes nothing. Answers how it stands then. */
export async function decide(
  ctx: Ctx,
  purpose: ConsentPurpose & { key: PurposeKey },
  decision: (tx: Ctx, standing: Standing, last: Awaited<ReturnType<typeof readEntries>>[number] | undefined) => Entry | null,
): Promise<Standing> {
  return inTransaction(ctx, async (tx) => {
    await holdLedger(tx)
    const entries = await readEntries(tx, purpose.key)
    const changes = (await readChanges(tx)).get(purpose.key) ?? []
    const now = tx.clock.now()
    const standing = fold(purpose, entries.map(decisionOf), changes, now)
    const entry = decision(tx, standing, entries.at(-1))
    if (entry === null) return standing
    const made = await append(tx, entry)
    announce(tx, made.ownerId)
    return fold(purpose, [...entries, made].map(decisionOf), changes, now)
  })
}

/** A purpose that people consent to. @throws InvalidInputError for any other */
function consentedPurpose(key: string): ConsentPurpose & { key: PurposeKey } {
  const purpose = purposeOf(key)
  if (!purpose) throw new InvalidInputError({ path: ['purpose'], message: 'There is no purpose of that name; `purposes` lists them.' })
  if (purpose.legalBasis !== 'CONSENT')
    throw new InvalidInputError({
      path: ['purpose'],
      message: `“${purpose.title}” does not rest on consent, so it can be neither given nor withdrawn; an objection or the end of the account is the way.`,
    })
  return purpose
}

function refuseAgainstSignal(ctx: Ctx, key: PurposeKey, despiteSignal: boolean): void {
  const signals = ctx.signals ?? noSignals
  const path = ['purpose']
  if (refusedBy({ ...signals, gpc: false }).includes(key))
    throw new InvalidInputError({ path, message: 'Your browser says “Do Not Track”, which goes before a yes. Switch that off for this site first.' })
  if (!despiteSignal && refusedBy(signals).includes(key))
    throw new InvalidInputError({
      path,
      message: 'Your browser says no to this for you (Global Privacy Control). If you mean to say yes all the same, say so with despiteSignal: true.',
    })
}

function entryOf(tx: Ctx, purpose: ConsentPurpose & { key: PurposeKey }, { source, method, language }: Circumstances): Omit<Entry, 'state'> {
  const now = tx.clock.now()
  const notice = noticeAt(purpose, now)
  return {
    purpose: purpose.key,
    source: source ?? sourceOf(tx.actor),
    noticeVersion: notice.version,
    noticeHash: noticeHash(notice),
    language: language ?? null,
    method: method ?? null,
    signals: signalNames(tx.signals ?? noSignals),
    validUntil: validUntil(purpose, now),
  }
}

function sourceOf(actor: Actor): ConsentSource {
  if (actor.kind === 'user') return 'UI'
  return actor.kind === 'token' ? 'API' : 'SYSTEM'
}
