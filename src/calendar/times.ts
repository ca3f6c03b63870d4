import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js'
import { toDate } from '../core/clock.ts'
import { isTimeZone } from '../core/wallTime.ts'

/** When a meeting is: instants, and for one that lasts whole days their dates too. */
export interface Span {
  startsAt: Date
  /** Null where Google gives no end after the start. */
  endsAt: Date | null
  /** The first day, and the day after the last; null unless it lasts whole days. */
  startDate: string | null
  endDate: string | null
  /** IANA: the zone it was planned in. */
  timeZone: string
}

/** The years that a calendar is taken seriously in: PostgreSQL and `Date` hold more, people do not. */
const years = { first: 1900, last: 2999 }

/**
 * Reads when an event is. A time with an offset is that instant, whatever zone stands beside it; one without is a wall time in its zone, where a time
 * that daylight saving skips moves forward by the gap and one that comes twice is the first. Whole days begin at the start of the day in the calendar's
 * zone, which need not be midnight. Null where it cannot be read.
 */
export function spanOf({ start, end }: Pick<calendar_v3.Schema$Event, 'start' | 'end'>, calendarZone: string): Span | null {
  try {
    const zone = [start?.timeZone, calendarZone].find((each) => each != null && isTimeZone(each)) ?? 'UTC'
    const startsAt = instantOf(start, zone, calendarZone)
    const endsAt = end ? instantOf(end, zone, calendarZone) : null
    if (!startsAt || !inRange(startsAt) || (endsAt && !inRange(endsAt))) return null
    const days = start?.date != null
    return {
      startsAt: toDate(startsAt),
      endsAt: endsAt && Temporal.Instant.compare(endsAt, startsAt) > 0 ? toDate(endsAt) : null,
      startDate: days ? Temporal.PlainDate.from(start.date ?? '').toString() : null,
      endDate: days && end?.date ? Temporal.PlainDate.from(end.date).toString() : null,
      timeZone: days && isTimeZone(calendarZone) ? calendarZone : zone,
    }
  } catch {
    return null
  }
}

function instantOf(time: calendar_v3.Schema$EventDateTime | null | undefined, zone: string, calendarZone: string): Temporal.Instant | null {
  if (time?.date)
    return Temporal.PlainDate.from(time.date)
      .toZonedDateTime(isTimeZone(calendarZone) ? calendarZone : 'UTC')
      .toInstant()
  if (!time?.dateTime) return null
  if (/(Z|[+-]\d\d:?\d\d)$/i.test(time.dateTime)) return wholeMilliseconds(Temporal.Instant.from(time.dateTime))
  const own = time.timeZone != null && isTimeZone(time.timeZone) ? time.timeZone : zone
  return wholeMilliseconds(Temporal.PlainDateTime.from(time.dateTime).toZonedDateTime(own, { disambiguation: 'compatible' }).toInstant())
}

function wholeMilliseconds(instant: Temporal.Instant): Temporal.Instant {
  return instant.round({ smallestUnit: 'millisecond', roundingMode: 'floor' })
}

function inRange(instant: Temporal.Instant): boolean {
  const { year } = instant.toZonedDateTimeISO('UTC')
  return year >= years.first && year <= years.last
}
