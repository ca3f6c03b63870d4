import { instantOf, type CalendarEvent } from './event.ts'

/** How a request wants events shown. */
export interface EventView {
  /** Show oneself alone where there are more attendees. */
  maxAttendees: number
}

/** An event as it leaves the simulator. */
export function showEvent(event: CalendarEvent, { maxAttendees }: EventView): CalendarEvent {
  const { attendees } = event
  if (!attendees || attendees.length <= maxAttendees) return event
  return { ...event, attendees: attendees.filter((attendee) => attendee.self), attendeesOmitted: true }
}

/** Whether an event ends after `from` and begins before `to`. A cancelled occurrence has only its original start. */
export function isWithin(event: CalendarEvent, zone: string, from: Temporal.Instant | null, to: Temporal.Instant | null): boolean {
  const start = event.start ?? event.originalStartTime
  if (!start) return true
  const end = event.end ?? start
  if (to && Temporal.Instant.compare(instantOf(start, zone), to) >= 0) return false
  return !from || Temporal.Instant.compare(instantOf(end, zone), from) > 0
}
