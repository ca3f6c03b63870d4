import type { Clock } from '../../../src/core/clock.ts'
import { hashedName } from '../random.ts'
import { createCalendar, type Calendar, type CalendarInput } from './calendar.ts'

/** A mail that Google would have sent about an event. */
export interface InvitationMail {
  at: Temporal.Instant
  kind: 'invitation' | 'update' | 'cancellation'
  calendarId: string
  eventId: string
  to: string
}

/** The calendars of one account. */
export interface Calendars {
  /** The primary one first. */
  all(): Calendar[]
  /** By id or `primary`. */
  find(id: string): Calendar | undefined
  /** By id or `primary`. @throws RangeError when there is none */
  get(id?: string): Calendar
  add(input: CalendarInput): Calendar
  remove(id: string): void
  /** What was sent to attendees, oldest first. */
  readonly mails: InvitationMail[]
}

/** An account's primary calendar and no other. */
export function createCalendars({ seed, clock, owner, timeZone }: { seed: string; clock: Clock; owner: string; timeZone: string }): Calendars {
  const calendars = new Map<string, Calendar>()
  let numbers = 0
  const add = ({ id, summary, timeZone: zone = timeZone, accessRole = 'owner', primary = false, selected = true }: CalendarInput) => {
    const name = id ?? `c_${hashedName(20, seed, 'calendar', numbers++).toLowerCase().replaceAll(/[-_]/g, '0')}@group.calendar.example`
    if (calendars.has(name)) throw new RangeError(`${owner} already has a calendar ${name}`)
    const calendar = createCalendar({ id: name, summary, timeZone: zone, accessRole, primary, selected }, { seed, clock, owner })
    calendars.set(name, calendar)
    return calendar
  }
  const find = (id: string) => calendars.get(id === 'primary' ? owner : id)
  add({ id: owner, summary: owner, primary: true })
  return {
    all: () => [...calendars.values()],
    find,
    get: (id = 'primary') => {
      const calendar = find(id)
      if (!calendar) throw new RangeError(`${owner} has no calendar ${id}`)
      return calendar
    },
    add,
    remove: (id) => {
      if (find(id)?.primary || !calendars.delete(id)) throw new RangeError(`${owner} has no calendar ${id} that could be removed`)
    },
    mails: [],
  }
}
