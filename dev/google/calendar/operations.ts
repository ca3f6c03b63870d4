import type { CalendarInput } from './calendar.ts'
import type { Calendars } from './calendars.ts'
import type { CalendarEvent, EventChanges, EventTime } from './event.ts'

/** What an attendee says to an invitation. */
export type EventResponse = 'accepted' | 'declined' | 'tentative' | 'needsAction'

/** What happens to calendars, by e-mail address of the account. All throw RangeError for an account, a calendar or an event that is not there. */
export interface CalendarOperations {
  /** Adds a calendar beside the primary one and returns its id. */
  addCalendar(email: string, calendar: CalendarInput): string
  removeCalendar(email: string, calendarId: string): void
  /** Adds an event; with a `recurrence`, a series. Calendars are the primary one unless named. */
  addEvent(email: string, event: CalendarEvent, calendarId?: string): CalendarEvent
  addEvents(email: string, events: readonly CalendarEvent[], calendarId?: string): CalendarEvent[]
  /** Replaces whole fields of an event, a series, or one occurrence (by its instance id); null removes one. */
  editEvent(email: string, eventId: string, changes: EventChanges, calendarId?: string): CalendarEvent
  /** Moves an event, a series or one occurrence; without an end it lasts as long as before. */
  moveEvent(email: string, eventId: string, start: EventTime, end?: EventTime | null, calendarId?: string): CalendarEvent
  /** Answers an invitation, for the account itself or for another attendee. */
  respondToEvent(email: string, eventId: string, response: EventResponse, attendee?: string | null, calendarId?: string): CalendarEvent
  /** Deletes an event, a series, or one occurrence. */
  cancelEvent(email: string, eventId: string, calendarId?: string): void
  /** "This and following events": ends the series before the occurrence and returns the new one, with the changes. */
  splitSeries(email: string, instanceId: string, changes?: EventChanges, calendarId?: string): CalendarEvent
  /** Deletes the occurrence and all that follow. */
  endSeries(email: string, instanceId: string, calendarId?: string): void
  /** Lets every sync token of a calendar given out so far end: 410. */
  expireCalendarTokens(email: string, calendarId?: string): void
}

/** The operations on the calendars of these accounts. */
export function calendarOperations(calendars: (email: string) => Calendars): CalendarOperations {
  const calendar = (email: string, calendarId?: string) => calendars(email).get(calendarId)
  return {
    addCalendar: (email, calendar) => calendars(email).add(calendar).id,
    removeCalendar: (email, calendarId) => calendars(email).remove(calendarId),
    addEvent: (email, event, calendarId) => calendar(email, calendarId).add(event),
    addEvents: (email, events, calendarId) => events.map((event) => calendar(email, calendarId).add(event)),
    editEvent: (email, eventId, changes, calendarId) => calendar(email, calendarId).edit(eventId, changes),
    moveEvent: (email, eventId, start, end, calendarId) => calendar(email, calendarId).move(eventId, start, end ?? undefined),
    respondToEvent: (email, eventId, responseStatus, attendee, calendarId) => {
      const { id, find, edit } = calendar(email, calendarId)
      const who = (attendee ?? id).toLowerCase()
      const attendees = find(eventId)?.attendees ?? []
      if (!attendees.some((each) => each.email?.toLowerCase() === who)) throw new RangeError(`${who} is not invited to ${eventId}`)
      return edit(eventId, { attendees: attendees.map((each) => (each.email?.toLowerCase() === who ? { ...each, responseStatus } : each)) })
    },
    cancelEvent: (email, eventId, calendarId) => calendar(email, calendarId).cancel(eventId),
    splitSeries: (email, instanceId, changes, calendarId) => calendar(email, calendarId).split(instanceId, changes),
    endSeries: (email, instanceId, calendarId) => calendar(email, calendarId).end(instanceId),
    expireCalendarTokens: (email, calendarId) => calendar(email, calendarId).expireTokens(),
  }
}
