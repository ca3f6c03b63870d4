import type { CalendarEvent } from '../calendar/event.ts'
import { hashedName, type Random } from '../random.ts'
import type { Acquaintance } from './circle.ts'
import { invited } from './series.ts'

/** Where and with whom a week of single meetings takes place. */
export interface WeekPlan {
  email: string
  seed: string
  zone: string
  circle: readonly Acquaintance[]
  /** How much goes on, 0 to 1. */
  share: number
}

const places = ['Café Example', 'The Blue Teapot', 'Noodle House', 'Garden canteen', 'Bakery on the corner']
const calls = ['Catch-up', 'Project review', 'Interview', 'Planning the trip', 'Contract questions', 'Portfolio']
const rooms = ['Room Amber', 'Room Basalt', 'Room Cobalt']
const zones = ['Europe/London', 'Europe/Berlin', 'Asia/Tokyo', 'America/Los_Angeles', 'Australia/Sydney']

/** The single meetings of the week that begins on a Monday; the same for the same week whenever it is made. */
export function meetingsOfWeek({ email, seed, zone, circle, share }: WeekPlan, monday: Temporal.PlainDate, random: Random): CalendarEvent[] {
  const meetings: CalendarEvent[] = []
  const often = (probability: number) => random.chance(probability * share)
  const someone = () => random.pick(circle)
  const add = (event: CalendarEvent, weekday: number, time: string, minutes: number, where = zone) => {
    const start = monday.add({ days: weekday - 1 }).toPlainDateTime(time)
    const end = start.add({ minutes })
    meetings.push({
      ...event,
      id: eventId(seed, email, monday, meetings.length),
      start: { dateTime: start.toString(), timeZone: where },
      end: { dateTime: end.toString(), timeZone: where },
    })
  }
  const day = () => random.between(1, 5)

  for (let lunches = random.between(1, 2); lunches > 0; lunches--)
    if (often(0.8)) {
      const who = someone()
      add({ summary: `Lunch with ${who.name}`, location: random.pick(places), ...invited(email, { with: [who] }) }, day(), '12:30', 60)
    }
  if (often(0.7)) {
    const who = someone()
    add({ summary: `${random.pick(calls)} / ${who.name}`, ...invited(email, { with: [who], organizer: who }) }, day(), '16:00', 45, random.pick(zones))
  }
  if (often(0.5)) {
    const others = random.sample(circle, random.between(2, 6))
    add({ summary: random.pick(calls), ...invited(email, { with: others, room: random.pick(rooms) }, { theirs: () => answer(random) }) }, day(), '11:00', 60)
  }
  if (often(0.35)) {
    const who = someone()
    add({ summary: 'Sales pitch', ...invited(email, { with: [who], organizer: who }, { mine: 'declined' }) }, day(), '15:00', 30)
  }
  if (often(0.3)) {
    const who = someone()
    add(
      { summary: `Maybe: drinks with ${who.name}`, ...invited(email, { with: [who], organizer: who }, { mine: random.pick(['tentative', 'needsAction']) }) },
      5,
      '18:30',
      120,
    )
  }
  if (often(0.2)) {
    const who = someone()
    add({ summary: 'No answer yet', ...invited(email, { with: [who] }, { theirs: () => 'declined' }) }, day(), '14:00', 30)
  }
  if (often(0.5)) add({ summary: 'Focus', eventType: 'focusTime' }, day(), '09:00', 120)
  if (often(0.3)) add({ summary: 'Dentist' }, day(), '08:00', 45)
  if (often(0.2)) {
    const [from, length] = [random.between(1, 3), random.between(1, 3)]
    meetings.push({
      id: eventId(seed, email, monday, meetings.length),
      summary: 'Workshop days',
      ...invited(email, { with: random.sample(circle, 3) }),
      start: { date: monday.add({ days: from - 1 }).toString() },
      end: { date: monday.add({ days: from - 1 + length }).toString() },
    })
  }
  return meetings
}

function answer(random: Random): string {
  return random.pick(['accepted', 'accepted', 'accepted', 'tentative', 'declined', 'needsAction'])
}

function eventId(seed: string, email: string, monday: Temporal.PlainDate, index: number): string {
  const letters = hashedName(40, seed, 'meeting', email, monday.toString(), index)
    .toLowerCase()
    .replaceAll(/[^a-v0-9]/g, '')
  return letters.slice(0, 20).padEnd(20, '0')
}
