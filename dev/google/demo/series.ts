import type { CalendarEvent } from '../calendar/event.ts'
import { seededRandom, type Random } from '../random.ts'
import type { World } from '../world.ts'
import type { Acquaintance } from './circle.ts'

/** A meeting that comes again. */
export interface SeriesPlan {
  id: string
  summary: string
  /** ISO weekday of the first one. */
  weekday: number
  time: string
  minutes: number
  zone: string
  rule: string
  with: readonly Acquaintance[]
  /** Who called it; nobody for the account itself. */
  organizer?: Acquaintance
  location?: string
  room?: string
}

/** How often an occurrence is not as its series says. */
const [cancelledShare, movedShare, declinedShare] = [0.08, 0.1, 0.06]

/** The first Monday of the quarter: series begin there, so that a world made tomorrow has them too. */
export function quarterStart(day: Temporal.PlainDate): Temporal.PlainDate {
  const first = day.with({ day: 1, month: day.month - ((day.month - 1) % 3) })
  return first.add({ days: (8 - first.dayOfWeek) % 7 })
}

/** Adds a series to an account's calendar, and lets some of its occurrences between two Mondays be moved, cancelled or declined. */
export function addSeries(world: World, email: string, seed: string, plan: SeriesPlan, weeks: { first: Temporal.PlainDate; last: Temporal.PlainDate }): void {
  const begin = quarterStart(weeks.first).add({ days: plan.weekday - 1 })
  const start = begin.toPlainDateTime(plan.time)
  world.addEvent(email, {
    id: plan.id,
    summary: plan.summary,
    start: { dateTime: start.toString(), timeZone: plan.zone },
    end: { dateTime: start.add({ minutes: plan.minutes }).toString(), timeZone: plan.zone },
    recurrence: [`RRULE:${plan.rule}`],
    ...invited(email, plan),
    ...(plan.location && { location: plan.location }),
  })
  const everyWeeks = Number(/INTERVAL=(\d+)/.exec(plan.rule)?.[1] ?? 1)
  if (!plan.rule.startsWith('FREQ=WEEKLY')) return
  for (let day = begin; Temporal.PlainDate.compare(day, weeks.last) < 0; day = day.add({ weeks: everyWeeks })) {
    if (Temporal.PlainDate.compare(day, weeks.first) < 0) continue
    const at = day.toPlainDateTime(plan.time)
    const instance = `${plan.id}_${at.toZonedDateTime(plan.zone).toInstant().toString().replaceAll(/[-:]/g, '')}`
    change(world, email, instance, at, plan.zone, seededRandom(`${seed}\noccurrence\n${email}\n${instance}`))
  }
}

function change(world: World, email: string, instance: string, at: Temporal.PlainDateTime, zone: string, random: Random): void {
  if (random.chance(cancelledShare)) return world.cancelEvent(email, instance)
  if (random.chance(movedShare)) {
    const later = at.add({ days: random.pick([0, 1]), minutes: random.pick([30, 60, 90]) })
    world.moveEvent(email, instance, { dateTime: later.toString(), timeZone: zone })
  }
  if (random.chance(declinedShare)) world.respondToEvent(email, instance, 'declined')
}

/** Attendees as a person's calendar has them: oneself, the others, a room, and whoever called it. */
export function invited(
  email: string,
  { with: others, organizer, room }: Pick<SeriesPlan, 'with' | 'organizer' | 'room'>,
  answers: { mine?: string; theirs?: (who: Acquaintance) => string } = {},
): CalendarEvent {
  const theirs = answers.theirs ?? (() => 'accepted')
  return {
    ...(organizer && { organizer: { email: organizer.address, displayName: organizer.name } }),
    attendees: [
      { email, responseStatus: answers.mine ?? 'accepted' },
      ...others.map((who) => ({ email: who.address, displayName: who.name, responseStatus: who === organizer ? 'accepted' : theirs(who) })),
      ...(room
        ? [{ email: `${room.toLowerCase().replaceAll(' ', '-')}@resource.example`, displayName: room, resource: true, responseStatus: 'accepted' }]
        : []),
    ],
  }
}
