import type { Simulation } from '../simulation.ts'
import { ApiError, quotaExceeded } from '../errors.ts'
import type { Account } from '../world.ts'

/** The extra quota on the first page of a full sync, an account's and fixed (reference of people.connections.list). */
export interface FirstPageQuota {
  /** Counts one first page. @throws ApiError 429 when there have been too many within the last minute */
  take(account: Account): void
}

/** Counts nothing while `settings.firstPagesPerMinute` is null. */
export function createFirstPageQuota({ clock, settings }: Simulation): FirstPageQuota {
  const taken = new Map<string, number[]>()
  return {
    take: ({ sub }) => {
      if (settings.firstPagesPerMinute === null) return
      const now = clock.now().epochMilliseconds
      const recent = (taken.get(sub) ?? []).filter((at) => at > now - 60_000)
      taken.set(sub, recent)
      if (recent.length >= settings.firstPagesPerMinute) throw Object.assign(new ApiError(429, 'RESOURCE_EXHAUSTED', 'Quota exceeded.'), quotaExceeded())
      recent.push(now)
    },
  }
}
