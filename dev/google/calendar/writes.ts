import type { Simulation } from '../simulation.ts'
import type { Account } from '../world.ts'
import type { Calendar } from './calendar.ts'
import type { InvitationMail } from './calendars.ts'
import { requestConference } from './conference.ts'
import { calendarError, eventNotFound, invalidValue } from './errors.ts'
import { instantOf, type CalendarEvent, type EventChanges } from './event.ts'
import { originalStarts } from './occurrences.ts'

/** The request a write came with. */
export interface WriteRequest {
  query: URLSearchParams
  body: CalendarEvent
}

/** Base32hex in lower case, 5 to 1024 of it (reference of events.insert). */
const clientId = /^[a-v0-9]{5,1024}$/
/** What a client may set; the rest is the server's. */
const writable = [
  'summary',
  'description',
  'location',
  'start',
  'end',
  'attendees',
  'recurrence',
  'status',
  'transparency',
  'visibility',
  'colorId',
  'extendedProperties',
  'source',
  'reminders',
  'eventType',
  'guestsCanModify',
  'guestsCanInviteOthers',
  'guestsCanSeeOtherGuests',
  'attendeesOmitted',
  'originalStartTime',
] as const satisfies (keyof CalendarEvent)[]

/** events.insert. @throws ApiError 400, 409 */
export function insertEvent(simulation: Simulation, account: Account, calendar: Calendar, { query, body }: WriteRequest): CalendarEvent {
  const { id } = body
  if (id != null && !clientId.test(id)) throw invalidValue('Invalid resource id value.', 'id')
  // Also an event that was deleted keeps its id.
  if (id != null && calendar.entry(id)) throw calendarError(409, 'duplicate', 'The requested identifier already exists.')
  check(body, calendar)
  const conference = requestConference(simulation, account, body, query.get('conferenceDataVersion') ?? undefined)
  const event = calendar.add({ ...taken(body), ...(id != null && { id }), ...conference, creator: { email: account.email } })
  remember(simulation, calendar, event)
  send(simulation, account, calendar, query, 'invitation', event)
  return event
}

/** events.patch: fields that are there replace, null removes, arrays are replaced whole. @throws ApiError */
export function patchEvent(simulation: Simulation, account: Account, calendar: Calendar, id: string, { query, body }: WriteRequest): CalendarEvent {
  const before = calendar.find(id)
  if (!before || calendar.entry(id)?.deleted) throw eventNotFound()
  const next = { ...before, ...(body as EventChanges) } as CalendarEvent
  check(next, calendar)
  const conference = requestConference(simulation, account, body, query.get('conferenceDataVersion') ?? undefined)
  const event = calendar.edit(id, { ...(taken(body) as EventChanges), ...conference })
  remember(simulation, calendar, event)
  send(simulation, account, calendar, query, 'update', event)
  return event
}

/** events.delete: an event, a series or one occurrence. @throws ApiError 404, 410 */
export function deleteEvent(simulation: Simulation, account: Account, calendar: Calendar, id: string, query: URLSearchParams): void {
  const event = calendar.find(id)
  if (!event) throw eventNotFound()
  if (event.status === 'cancelled') throw calendarError(410, 'deleted', 'Resource has been deleted')
  calendar.cancel(id)
  send(simulation, account, calendar, query, 'cancellation', event)
}

function taken(body: CalendarEvent): CalendarEvent {
  return Object.fromEntries(writable.filter((field) => body[field] !== undefined).map((field) => [field, body[field]]))
}

function check(event: CalendarEvent, calendar: Calendar): void {
  const { start, end } = event
  if (!start || (!start.date && !start.dateTime)) throw calendarError(400, 'required', 'Missing start time.')
  if (!end || (!end.date && !end.dateTime)) throw calendarError(400, 'required', 'Missing end time.')
  try {
    if (Boolean(start.date) !== Boolean(end.date) || Temporal.Instant.compare(instantOf(start, calendar.timeZone), instantOf(end, calendar.timeZone)) > 0)
      throw invalidValue('The specified time range is empty.', undefined, 'timeRangeEmpty')
    if (event.recurrence?.length) {
      if (start.dateTime && !start.timeZone) throw calendarError(400, 'required', 'Missing time zone definition for start time.')
      const from = instantOf(start, calendar.timeZone)
      originalStarts(event, calendar.timeZone, { from, to: from.add({ seconds: 1 }) })
    }
  } catch (error) {
    if (error instanceof RangeError || (error instanceof Error && !('httpStatus' in error))) throw invalidValue('Invalid value.')
    throw error
  }
  for (const { email } of event.attendees ?? []) if (!email || !/^[^@\s]+@[^@\s]+$/.test(email)) throw invalidValue('Invalid attendee email.')
}

function remember({ clock }: Simulation, calendar: Calendar, event: CalendarEvent): void {
  if (event.conferenceData?.createRequest?.status?.statusCode === 'pending') calendar.pending.set(event.id ?? '', { since: clock.now(), gets: 0 })
}

function send(simulation: Simulation, account: Account, calendar: Calendar, query: URLSearchParams, kind: InvitationMail['kind'], event: CalendarEvent): void {
  const choice = query.get('sendUpdates') ?? (query.get('sendNotifications') === 'true' ? 'all' : 'none')
  if (!['all', 'externalOnly', 'none'].includes(choice)) throw invalidValue('Invalid value', 'sendUpdates', 'invalidParameter')
  if (choice === 'none') return
  for (const { email, self, resource } of event.attendees ?? []) {
    if (!email || self || resource || (choice === 'externalOnly' && simulation.world.find(email))) continue
    account.calendars.mails.push({ at: simulation.clock.now(), kind, calendarId: calendar.id, eventId: event.id ?? '', to: email })
  }
}
