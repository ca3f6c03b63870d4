import { type ConsentPurpose, noticeAt } from './purposes.ts'

/** How consent to a purpose stands; the names are those of the Data Privacy Vocabulary. */
export const consentStates = ['UNKNOWN', 'REQUESTED', 'REFUSED', 'GIVEN', 'RENEWED', 'EXPIRED', 'WITHDRAWN', 'INVALIDATED'] as const
/** How consent to a purpose stands. */
export type ConsentState = (typeof consentStates)[number]
/** Who or what decided. */
export const consentSources = ['UI', 'API', 'GPC', 'DNT', 'SUPPORT', 'SYSTEM'] as const
/** Who or what decided. */
export type ConsentSource = (typeof consentSources)[number]

/** One entry of the ledger, as far as the state depends on it. */
export interface Decision {
  state: Exclude<ConsentState, 'UNKNOWN'>
  source: ConsentSource
  noticeVersion: string | null
  validUntil: Temporal.Instant | null
  at: Temporal.Instant
}

/** How a purpose stands, by whose word and since when. */
export interface Standing {
  state: ConsentState
  source: ConsentSource | null
  since: Temporal.Instant | null
}

/** Whether a state lets data be used. */
export function permits(state: ConsentState): boolean {
  return state === 'GIVEN' || state === 'RENEWED'
}

/**
 * How a purpose stands after all that was decided about it, the first first. Consent ends by itself when its time is over, when its notice was
 * followed by one that asks for something else, and when a policy that changes the purpose comes into force (`changes`).
 */
export function fold(
  purpose: Pick<ConsentPurpose, 'notices'>,
  decisions: readonly Decision[],
  changes: readonly Temporal.Instant[],
  now: Temporal.Instant,
): Standing {
  let standing: Standing = { state: 'UNKNOWN', source: null, since: null }
  let endsAt: Temporal.Instant | null = null
  for (const decision of decisions) {
    if (endsAt !== null && isReached(endsAt, decision.at)) standing = expired(endsAt)
    const next = stateAfter(standing.state, decision.state)
    if (next === null) continue
    standing = { state: next, source: decision.source, since: decision.at }
    endsAt = permits(next) ? endOf(purpose, decision, changes) : null
  }
  return endsAt !== null && isReached(endsAt, now) ? expired(endsAt) : standing
}

/** What an entry makes of a state; null where it means nothing: a question to someone who has said yes, the renewal or the end of what is not there. */
function stateAfter(before: ConsentState, entry: Decision['state']): ConsentState | null {
  if (entry === 'REQUESTED') return permits(before) ? null : 'REQUESTED'
  if (entry === 'RENEWED') return permits(before) || before === 'EXPIRED' ? 'RENEWED' : null
  if (entry === 'EXPIRED') return permits(before) ? 'EXPIRED' : null
  return entry
}

/** When a consent ends by itself; null: not as far as is known. */
function endOf(
  { notices }: Pick<ConsentPurpose, 'notices'>,
  { at, noticeVersion, validUntil }: Decision,
  changes: readonly Temporal.Instant[],
): Temporal.Instant | null {
  const shown = noticeVersion === null ? noticeAt({ notices }, at) : notices.find(({ version }) => version === noticeVersion)
  // What was said yes to is not known here: that is a yes to nothing.
  if (!shown) return at
  const successors = notices.slice(notices.indexOf(shown) + 1).filter(({ material }) => material)
  const ends = [...changes.filter((change) => Temporal.Instant.compare(change, at) > 0), ...successors.map(({ since }) => Temporal.Instant.from(since))]
  return [...ends, ...(validUntil ? [validUntil] : [])].toSorted(Temporal.Instant.compare)[0] ?? null
}

function expired(at: Temporal.Instant): Standing {
  return { state: 'EXPIRED', source: 'SYSTEM', since: at }
}

function isReached(end: Temporal.Instant, now: Temporal.Instant): boolean {
  return Temporal.Instant.compare(end, now) <= 0
}
