import { cancelledOccurrence, type Calendar, type EventEntry } from './calendar.ts'
import { instantOf, type CalendarEvent } from './event.ts'
import type { ListRequest } from './list-request.ts'
import { instanceOf, originalStarts } from './occurrences.ts'

/** Google writes out series without an end until the 2030s; so far from now. */
const endlessYears = 10
/** How far from now the occurrences of what is no more are written out as cancelled. */
const cancelledMonths = 6

/** What a list shows of an entry: itself, an id where it was deleted, or the occurrences of a series. */
export function written(calendar: Calendar, entry: EventEntry, request: ListRequest, now: Temporal.Instant): CalendarEvent[] {
  const { event, deleted } = entry
  if (request.single && event.recurrence) return occurrencesOf(calendar, entry, request, now)
  if (event.recurrence && !deleted && !hasOccurrenceWithin(calendar, event, request)) return []
  // The reference promises no more than the id of what was deleted, unless it is asked for.
  return [deleted && !request.showDeleted ? deletedForm(event) : event]
}

function deletedForm(event: CalendarEvent): CalendarEvent {
  if (event.recurringEventId) return cancelledOccurrence(event)
  const { kind, etag, id } = event as { kind: string; etag: string; id: string }
  return { kind, etag, id, status: 'cancelled' }
}

function hasOccurrenceWithin(calendar: Calendar, master: CalendarEvent, { from, to }: ListRequest): boolean {
  const begins = instantOf(master.start ?? {}, calendar.timeZone)
  if (to && Temporal.Instant.compare(begins, to) >= 0) return false
  if (!from) return true
  const length = begins.until(instantOf(master.end ?? master.start ?? {}, calendar.timeZone))
  // What ends just as the window begins is not within.
  const first = from.subtract(length).add({ nanoseconds: 1 })
  return originalStarts(master, calendar.timeZone, { from: first, to: to ?? yearsAfter(from) }).length > 0
}

/** Those nobody has changed, and as cancelled those that were and are no more. */
function occurrencesOf(calendar: Calendar, { event, deleted, former }: EventEntry, request: ListRequest, now: Temporal.Instant): CalendarEvent[] {
  const zone = calendar.timeZone
  const begins = instantOf(event.start ?? {}, zone)
  const length = begins.until(instantOf(event.end ?? event.start ?? {}, zone))
  const window = { from: request.from?.subtract(length) ?? Temporal.Instant.fromEpochMilliseconds(0), to: request.to ?? yearsAfter(now) }
  const here = deleted ? [] : originalStarts(event, zone, window).map((start) => instanceOf(event, start, zone))
  if (request.syncing || request.showDeleted || request.updatedMin) {
    const known = new Set(here.map((instance) => instance.id))
    const shapes = former.filter((shape) => shape.until > request.start.since).map((shape) => shape.event)
    const utc = now.toZonedDateTimeISO('UTC')
    const near = { from: utc.subtract({ months: cancelledMonths }).toInstant(), to: utc.add({ months: cancelledMonths }).toInstant() }
    for (const shape of deleted ? [...shapes, event] : shapes)
      for (const start of originalStarts(shape, zone, near)) {
        const instance = cancelledOccurrence(instanceOf(shape, start, zone))
        if (!known.has(instance.id)) here.push(instance)
        known.add(instance.id)
      }
  }
  return here.filter((instance) => !calendar.entry(instance.id ?? ''))
}

function yearsAfter(instant: Temporal.Instant): Temporal.Instant {
  return instant.toZonedDateTimeISO('UTC').add({ years: endlessYears }).toInstant()
}
