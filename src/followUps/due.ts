import { dayAfterPeriod, shortestPeriod } from '../core/period.ts'
import { allDayInstant } from '../core/wallTime.ts'

/** How often one wants to be in touch, and when that was set. */
export interface FollowUpSetting {
  every: Temporal.Duration
  setAt: Temporal.Instant
}

/** A follow-up setting that reaches a contact through one of its tags. */
export interface TagFollowUpSetting extends FollowUpSetting {
  tag: string
}

/** The setting that holds for a contact: its own (fromTag null), else the shortest of its tags', equals by the tag's name; null when there is none. */
export function effective(own: FollowUpSetting | null, tags: readonly TagFollowUpSetting[]): (FollowUpSetting & { fromTag: string | null }) | null {
  if (own !== null) return { every: own.every, setAt: own.setAt, fromTag: null }
  const shortest = shortestPeriod(tags.toSorted((a, b) => (a.tag < b.tag ? -1 : 1)))
  return shortest && { every: shortest.every, setAt: shortest.setAt, fromTag: shortest.tag }
}

/**
 * When the clock of a follow-up runs down: the later of the last counted interaction and the moment it was set, plus the period,
 * counted in local days of the zone. The instant is the first of that day, so a contact is due for the whole of it.
 * Pass the newest of all counted interactions: an older one then never moves the clock back, and deleting one recomputes.
 */
export function dueAt(clock: FollowUpSetting & { lastCountedAt: Temporal.Instant | null; zone: string }): Temporal.Instant {
  const from = clock.lastCountedAt === null ? clock.setAt : later(clock.setAt, clock.lastCountedAt)
  return dayAfterPeriod(from, clock.every, clock.zone).toZonedDateTime(clock.zone).toInstant()
}

/**
 * When the next alert goes out: at the account's send time on the due day, and, while it stays overdue, on the day a period after the
 * last alert; dueAt itself does not move. An alert from before dueAt belongs to an earlier run of the clock and does not count.
 * A day already gone by becomes today, so the answer may lie earlier today, which means at once; that no account
 * gets two mails a day is the sender's rule.
 */
export function alertDue(follow: {
  dueAt: Temporal.Instant
  lastAlertAt: Temporal.Instant | null
  every: Temporal.Duration
  now: Temporal.Instant
  zone: string
  sendTime: Temporal.PlainTime
}): Temporal.Instant {
  const { zone, lastAlertAt } = follow
  const again = lastAlertAt !== null && Temporal.Instant.compare(lastAlertAt, follow.dueAt) >= 0
  const day = again ? dayAfterPeriod(lastAlertAt, follow.every, zone) : follow.dueAt.toZonedDateTimeISO(zone).toPlainDate()
  const today = follow.now.toZonedDateTimeISO(zone).toPlainDate()
  return allDayInstant(Temporal.PlainDate.compare(day, today) < 0 ? today : day, follow.sendTime, zone)
}

/** The later of two instants. */
export function later(a: Temporal.Instant, b: Temporal.Instant): Temporal.Instant {
  return Temporal.Instant.compare(a, b) >= 0 ? a : b
}
