import type { Clock } from '../../../src/core/clock.ts'
import type { ApiError } from '../errors.ts'
import { gmailError } from './errors.ts'

/** What a call of Gmail's API may be. */
export type GmailMethod =
  | 'getProfile'
  | 'messages.list'
  | 'messages.get'
  | 'threads.list'
  | 'threads.get'
  | 'history.list'
  | 'labels.list'
  | 'labels.get'
  | 'watch'
  | 'stop'

/** What calls cost and how much may be spent in a sliding minute. */
export interface Quota {
  /** Units a call. */
  costs: Readonly<Record<GmailMethod, number>>
  unitsPerUserMinute: number
  unitsPerProjectMinute: number
  /** How Gmail says no: all three occur. The first two name the time from which a call would be let through. */
  refusal: 'userRateLimitExceeded 403' | 'rateLimitExceeded 429' | 'rateLimitExceeded 403'
}

/** What a call costs since May 2026 (reference/google-sync.md, section 0). The ledger shows it even when nothing is limited. */
export const currentCosts: Quota['costs'] = {
  getProfile: 1,
  'messages.list': 5,
  'messages.get': 20,
  'threads.list': 10,
  'threads.get': 40,
  'history.list': 2,
  'labels.list': 1,
  'labels.get': 1,
  watch: 100,
  stop: 50,
}

/** The limits of a Google Cloud project made after May 2026. */
export const newCloudProject: Quota = {
  costs: currentCosts,
  unitsPerUserMinute: 6000,
  unitsPerProjectMinute: 1_200_000,
  refusal: 'rateLimitExceeded 429',
}

const minuteMs = 60_000

/** Counts units and calls at work. */
export interface Meter {
  /** Spends a call's units. @throws ApiError 403 or 429 when the minute has too few left; nothing is spent then */
  spend(email: string, units: number, quota: Quota): void
  /** Begins a call of this mailbox. @throws ApiError 429 when `limit` calls are at work */
  enter(email: string, limit: number): void
  leave(email: string): void
}

/** A meter on which nothing has been spent. */
export function createMeter({ clock }: { clock: Clock }): Meter {
  const windows = new Map<string, { at: number; units: number }[]>()
  const working = new Map<string, number>()
  const windowOf = (key: string, now: number) => {
    const window = (windows.get(key) ?? []).filter((spent) => spent.at > now - minuteMs)
    windows.set(key, window)
    return window
  }
  return {
    spend: (email, units, quota) => {
      const now = clock.now().epochMilliseconds
      const user = windowOf(email, now)
      const project = windowOf('', now)
      const free = Math.max(freeFrom(user, units, quota.unitsPerUserMinute, now), freeFrom(project, units, quota.unitsPerProjectMinute, now))
      if (free > now) throw overQuota(quota.refusal, Temporal.Instant.fromEpochMilliseconds(Math.min(free, now + minuteMs)))
      for (const window of [user, project]) {
        const last = window.at(-1)
        if (last?.at === now) last.units += units
        else window.push({ at: now, units })
      }
    },
    enter: (email, limit) => {
      const calls = working.get(email) ?? 0
      if (calls >= limit) throw tooManyAtOnce()
      working.set(email, calls + 1)
    },
    leave: (email) => void working.set(email, (working.get(email) ?? 1) - 1),
  }
}

/** When this many units will be free; now, if they are. */
function freeFrom(window: readonly { at: number; units: number }[], units: number, limit: number, now: number): number {
  let spent = window.reduce((sum, entry) => sum + entry.units, 0)
  if (spent + units <= limit) return now
  for (const entry of window) {
    spent -= entry.units
    if (spent + units <= limit) return entry.at + minuteMs
  }
  return Infinity
}

/** A refusal of the quota, as Gmail writes it. */
export function overQuota(refusal: Quota['refusal'], free: Temporal.Instant): ApiError {
  const until = free.toString({ fractionalSecondDigits: 3 })
  if (refusal === 'userRateLimitExceeded 403')
    return gmailError(403, 'PERMISSION_DENIED', 'userRateLimitExceeded', `User Rate Limit Exceeded.  Retry after ${until}`, { domain: 'usageLimits' })
  if (refusal === 'rateLimitExceeded 429') return gmailError(429, 'RESOURCE_EXHAUSTED', 'rateLimitExceeded', `User-rate limit exceeded.  Retry after ${until}`)
  return gmailError(
    403,
    'PERMISSION_DENIED',
    'rateLimitExceeded',
    "Quota exceeded for quota metric 'Queries' and limit 'Queries per minute per user' of service 'gmail.googleapis.com' for consumer 'project_number:100000000000'.",
    { domain: 'usageLimits' },
  )
}

/** 429, as Gmail says it when too many calls of one mailbox are at work. */
export function tooManyAtOnce(): ApiError {
  return gmailError(429, 'RESOURCE_EXHAUSTED', 'rateLimitExceeded', 'Too many concurrent requests for user')
}
