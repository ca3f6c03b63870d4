import type { Calendar } from '../calendar/calendar.ts'
import type { CalendarEvent, EventTime } from '../calendar/event.ts'
import type { Account } from '../world.ts'
import { wallTimes } from './recurrence.ts'

/** An occurrence that a correct synchronization must have. */
export interface ExpectedOccurrence {
  calendarId: string
  /** The event's id, or the instance's. */
  id: string
  /** The series it belongs to. */
  seriesId: string | null
  /** Instants; days begin and end at midnight in the calendar's zone. */
  start: string
  end: string
  /** The dates, end exclusive, when it lasts whole days. */
  allDay: { start: string; end: string } | null
  summary: string | null
  status: string
  eventType: string
  attendees: { email: string; responseStatus: string; self: boolean; resource: boolean; organizer: boolean }[]
  /** What the account itself answered, null where it is not among the attendees. */
  selfResponse: string | null
  attendeesOmitted: boolean
}

/** Which times are asked for: occurrences that begin from `from` on and before `to`. */
export interface OccurrenceWindow {
  from: Temporal.Instant
  to: Temporal.Instant
}

/** What an account's calendars hold within a window, by start, worked out from the events alone and without the code that answers the API. */
export function expectedOccurrences(account: Account, window: OccurrenceWindow, calendarId?: string): ExpectedOccurrence[] {
  const calendars = calendarId === undefined ? account.calendars.all() : [account.calendars.get(calendarId)]
  return calendars
    .flatMap((calendar) => occurrencesOf(calendar, window))
    .toSorted((one, other) => (one.start === other.start ? compareText(one.id, other.id) : compareText(one.start, other.start)))
}

function occurrencesOf(calendar: Calendar, window: OccurrenceWindow): ExpectedOccurrence[] {
  const living = calendar.entries().flatMap(({ deleted, event }) => (deleted ? [] : [event]))
  const replaced = new Set(living.flatMap((event) => (event.recurringEventId ? [`${event.recurringEventId} ${atOf(event.originalStartTime, calendar)}`] : [])))
  const all = living.flatMap((event) => {
    if (event.status === 'cancelled') return []
    if (!event.recurrence) return [describe(event, calendar, event)]
    return startsOf(event, calendar, window.to)
      .filter((start) => !replaced.has(`${event.id} ${atOf(start, calendar)}`))
      .map((start) =>
        describe(event, calendar, { id: idOf(event, start, calendar), recurringEventId: event.id ?? '', start, end: endOf(event, start, calendar) }),
      )
  })
  const [from, to] = [window.from.epochMilliseconds, window.to.epochMilliseconds]
  return all.filter(({ start }) => {
    const at = Temporal.Instant.from(start).epochMilliseconds
    return at >= from && at < to
  })
}

function describe(event: CalendarEvent, calendar: Calendar, { id, recurringEventId, start, end }: CalendarEvent): ExpectedOccurrence {
  const attendees = (event.attendees ?? []).map((attendee) => ({
    email: attendee.email ?? '',
    responseStatus: attendee.responseStatus ?? 'needsAction',
    self: attendee.email?.toLowerCase() === calendar.id.toLowerCase(),
    resource: attendee.resource ?? false,
    organizer: attendee.email === event.organizer?.email,
  }))
  return {
    calendarId: calendar.id,
    id: id ?? '',
    seriesId: recurringEventId ?? null,
    start: Temporal.Instant.fromEpochMilliseconds(atOf(start, calendar)).toString(),
    end: Temporal.Instant.fromEpochMilliseconds(atOf(end, calendar)).toString(),
    allDay: start?.date ? { start: start.date, end: end?.date ?? start.date } : null,
    summary: event.summary ?? null,
    status: event.status ?? 'confirmed',
    eventType: event.eventType ?? 'default',
    attendees,
    selfResponse: attendees.find((attendee) => attendee.self)?.responseStatus ?? null,
    attendeesOmitted: event.attendeesOmitted ?? false,
  }
}

function startsOf(master: CalendarEvent, calendar: Calendar, to: Temporal.Instant): EventTime[] {
  const zone = master.start?.timeZone ?? calendar.timeZone
  const start = Temporal.Instant.fromEpochMilliseconds(atOf(master.start, calendar)).toZonedDateTimeISO(zone).toPlainDateTime()
  const end = to.toZonedDateTimeISO(zone).toPlainDateTime().add({ days: 1 })
  const walls = new Map<string, Temporal.PlainDateTime>()
  const lines = (master.recurrence ?? []).map((line) => ({ name: line.split(/[;:]/)[0] ?? '', value: line.slice(line.indexOf(':') + 1), line }))
  const datesOf = (name: string) =>
    lines
      .filter((line) => line.name === name)
      .flatMap(({ value, line }) => value.split(',').map((date) => wallOf(date, /TZID=([^;:]+)/.exec(line)?.[1] ?? zone, zone)))
  if (!lines.some((line) => line.name === 'RRULE')) walls.set(start.toString(), start)
  for (const { name, value } of lines) if (name === 'RRULE') for (const wall of wallTimes(value, start, zone, end)) walls.set(wall.toString(), wall)
  for (const wall of datesOf('RDATE')) walls.set(wall.toString(), wall)
  for (const wall of datesOf('EXDATE')) walls.delete(wall.toString())
  return [...walls.values()].map((wall) =>
    master.start?.date ? { date: wall.toPlainDate().toString() } : { dateTime: wall.toZonedDateTime(zone).toInstant().toString(), timeZone: zone },
  )
}

function endOf(master: CalendarEvent, start: EventTime, calendar: Calendar): EventTime {
  if (start.date) {
    const days = Temporal.PlainDate.from(master.start?.date ?? '').until(master.end?.date ?? '').days
    return { date: Temporal.PlainDate.from(start.date).add({ days }).toString() }
  }
  const milliseconds = atOf(start, calendar) + atOf(master.end, calendar) - atOf(master.start, calendar)
  return { dateTime: Temporal.Instant.fromEpochMilliseconds(milliseconds).toString() }
}

function idOf(master: CalendarEvent, start: EventTime, calendar: Calendar): string {
  const text = start.date ?? new Temporal.Instant(BigInt(atOf(start, calendar)) * 1_000_000n).toString()
  return `${master.id}_${text.replaceAll(/[-:]/g, '')}`
}

/** Stored times always have an offset. */
function atOf(time: EventTime | undefined, calendar: Calendar): number {
  if (time?.date) return Temporal.PlainDate.from(time.date).toZonedDateTime(calendar.timeZone).epochMilliseconds
  return Temporal.Instant.from(time?.dateTime ?? '').epochMilliseconds
}

function wallOf(text: string, zone: string, into: string): Temporal.PlainDateTime {
  if (!text.includes('T')) return Temporal.PlainDate.from(text).toPlainDateTime()
  if (text.endsWith('Z')) return Temporal.Instant.from(text).toZonedDateTimeISO(into).toPlainDateTime()
  return Temporal.PlainDateTime.from(text).toZonedDateTime(zone).withTimeZone(into).toPlainDateTime()
}

function compareText(one: string, other: string): number {
  return one < other ? -1 : Number(one > other)
}
