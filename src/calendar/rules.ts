import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js'
import { normalizeEmail } from '../contacts/normalize.ts'
import { clean } from '../core/text.ts'
import { type Span, spanOf } from './times.ts'

/** An event as the Calendar API writes it. */
export type GoogleEvent = calendar_v3.Schema$Event

/** Somebody with whom the owner meets. */
export interface Attendee {
  role: 'ORGANIZER' | 'ATTENDEE'
  /** As Google has it. */
  address: string
  canonical: string
  name: string | null
}

/** An event that is a meeting with others. */
export interface Meeting extends Span {
  eventId: string
  /** The event id of the series it is an occurrence of. */
  seriesId: string | null
  summary: string | null
  location: string | null
  attendees: readonly Attendee[]
}

/** Why an event is no meeting with others. */
export type NoMeeting = 'cancelled' | 'type' | 'declined' | 'crowd' | 'alone' | 'unreadable'

/** Where more people are invited than this, oneself included, it is an event that one attends and no meeting with each of them. */
export const mostAttendees = 20
/** The longest titles and places that are kept, characters. */
const longestText = 1000

/**
 * Whether an event is a meeting with others, and if so which. The rules:
 * - It is not cancelled, and a plain event: working locations, focus time, absences, birthdays and what Gmail found in a ticket are none.
 * - The owner has not declined it. One who was invited and has not answered, or answered "maybe", is taken to have been there, as is one who stands on no list because the calendar is theirs.
 * - At most 20 people are invited, oneself included, rooms not, and Google shows all of them.
 * - Somebody else remains once the owner (by Google's mark), rooms, and those who declined are left out. Who declined is no participant; who has not answered is one.
 * - Who remains may prove to be the owner by another address of theirs, now or later: that is judged where meetings become interactions, and again whenever such an address is found or lost.
 * - Events that last whole days count like any other, from the moment their first day begins in the calendar's zone: a day out together is contact.
 * Whether it counts as contact yet is another matter: it does once it has begun, by our clock.
 */
export function meetingOf(event: GoogleEvent, calendarZone: string, own: ReadonlySet<string>): Meeting | NoMeeting {
  const { id, status, eventType, attendees = [], attendeesOmitted } = event
  if (status === 'cancelled' || !id) return 'cancelled'
  if (eventType != null && eventType !== 'default') return 'type'
  const people = attendees.filter(({ resource }) => !resource)
  const read = people.map((attendee) => ({ attendee, address: normalizeEmail(clean(attendee.email ?? '', false)) }))
  const isSelf = ({ attendee, address }: (typeof read)[number]): boolean => attendee.self === true || (address !== null && own.has(address.canonical))
  if (read.some((each) => isSelf(each) && each.attendee.responseStatus === 'declined')) return 'declined'
  if (attendeesOmitted || people.length > mostAttendees) return 'crowd'
  const others = new Map<string, Attendee>()
  for (const each of read) {
    const { attendee, address } = each
    if (attendee.self || attendee.responseStatus === 'declined' || address === null || others.has(address.canonical)) continue
    const name = textOf(attendee.displayName, 200)
    others.set(address.canonical, { role: attendee.organizer ? 'ORGANIZER' : 'ATTENDEE', address: address.address, canonical: address.canonical, name })
  }
  if (others.size === 0) return 'alone'
  const span = spanOf(event, calendarZone)
  if (!span) return 'unreadable'
  return {
    eventId: id,
    seriesId: event.recurringEventId ?? null,
    summary: textOf(event.summary, longestText),
    location: textOf(event.location, longestText),
    attendees: [...others.values()],
    ...span,
  }
}

function textOf(text: string | null | undefined, longest: number): string | null {
  return (
    clean(text ?? '', false)
      .trim()
      .slice(0, longest)
      .toWellFormed() || null
  )
}
