import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/v3.js'
import { hashedName } from '../random.ts'

/** An event as the Calendar API writes it. */
export type CalendarEvent = calendar_v3.Schema$Event

/** When an event starts or ends: `dateTime` with `timeZone`, or a `date` if it lasts whole days. */
export type EventTime = calendar_v3.Schema$EventDateTime

/** Fields to replace; null removes one. */
export type EventChanges = { [Field in keyof CalendarEvent]?: CalendarEvent[Field] | null }

/** What the server adds to what a person or a client wrote. */
export interface EventStamp {
  id: string
  /** The calendar in which this copy stands: it is `self`. */
  calendarId: string
  /** E-mail address of the calendar's owner. */
  account: string
  /** The calendar's time zone, for times that name none. */
  timeZone: string
  created: Temporal.Instant
  updated: Temporal.Instant
  /** The number of the change that made it what it is; etags come of it. */
  change: number
}

/** Completes an event with ids, marks of whose copy it is, an organizer, times with offsets, and an etag. */
export function completeEvent(input: CalendarEvent, { id, calendarId, account, timeZone, created, updated, change }: EventStamp): CalendarEvent {
  const organizer = input.organizer?.email ?? calendarId
  const isSelf = (email: string | null | undefined) => email?.toLowerCase() === calendarId.toLowerCase()
  const attendees = input.attendees?.map(({ self: _self, organizer: _organizer, ...attendee }) => ({
    ...attendee,
    ...(attendee.email === organizer && { organizer: true }),
    ...(isSelf(attendee.email) && { self: true }),
    responseStatus: attendee.responseStatus ?? (attendee.email === organizer ? 'accepted' : 'needsAction'),
  }))
  const creator = input.creator?.email ?? (input.organizer ? organizer : account)
  return {
    kind: 'calendar#event',
    status: 'confirmed',
    htmlLink: `https://www.google.com/calendar/event?eid=${Buffer.from(`${id} ${calendarId}`).toString('base64url')}`,
    iCalUID: `${id}@google.com`,
    sequence: 0,
    reminders: { useDefault: true },
    eventType: 'default',
    ...input,
    etag: `"${hashedName(16, 'event', id, calendarId, change)}"`,
    id,
    created: created.toString(),
    updated: updated.toString(),
    creator: { ...input.creator, email: creator, ...(isSelf(creator) && { self: true }) },
    organizer: { ...input.organizer, email: organizer, ...(isSelf(organizer) && { self: true }) },
    ...(input.start && { start: completeTime(input.start, timeZone) }),
    ...(input.end && { end: completeTime(input.end, timeZone) }),
    ...(attendees && { attendees }),
  }
}

/** A time with the offset that holds then and the zone it is in. */
export function completeTime(time: EventTime, calendarZone: string): EventTime {
  if (time.date) return { date: time.date }
  const zone = time.timeZone ?? calendarZone
  return { dateTime: writeInstant(instantOf(time, calendarZone), zone), timeZone: zone }
}

/** The instant of a time; days begin at midnight in the given zone. @throws RangeError */
export function instantOf(time: EventTime, zone: string): Temporal.Instant {
  if (time.date) return Temporal.PlainDate.from(time.date).toZonedDateTime(zone).toInstant()
  const text = time.dateTime ?? ''
  return /(Z|[+-]\d\d:?\d\d)$/i.test(text)
    ? Temporal.Instant.from(text)
    : Temporal.PlainDateTime.from(text)
        .toZonedDateTime(time.timeZone ?? zone)
        .toInstant()
}

/** An instant as RFC 3339 with the zone's offset, to the second. */
export function writeInstant(instant: Temporal.Instant, zone: string): string {
  return zone === 'UTC' ? instant.toString({ smallestUnit: 'second' }) : instant.toString({ smallestUnit: 'second', timeZone: zone })
}

/** The same span, begun at another time. */
export function movedTo(start: EventTime, event: CalendarEvent): { start: EventTime; end: EventTime } {
  const [from = {}, to = {}] = [event.start, event.end]
  if (from.date && start.date) {
    const days = Temporal.PlainDate.from(from.date).until(to.date ?? from.date).days
    return { start, end: { date: Temporal.PlainDate.from(start.date).add({ days }).toString() } }
  }
  const zone = start.timeZone ?? from.timeZone ?? 'UTC'
  const length = instantOf(from, zone).until(instantOf(to, zone))
  return { start, end: { dateTime: writeInstant(instantOf(start, zone).add(length), zone), timeZone: to.timeZone ?? zone } }
}
