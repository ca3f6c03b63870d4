import type { Clock } from '../../../src/core/clock.ts'
import { seededRandom } from '../random.ts'
import type { Account, World } from '../world.ts'
import { circleOf, type Acquaintance } from './circle.ts'
import { addSeries, invited, quarterStart, type SeriesPlan } from './series.ts'
import { meetingsOfWeek } from './week.ts'

/** How far the demo's meetings reach from this week. */
const [weeksBack, weeksAhead] = [10, 3]

/** What to put into an account's calendars. */
export interface CalendarFilling {
  seed: string
  clock: Clock
  /** How many of its contacts an account meets. */
  people: number
  /** How much goes on, 0 to 1. */
  share: number
}

/**
 * Fills an account's calendars with some weeks of meetings around now. Each week follows from the seed alone and each series begins with a
 * quarter, so a world made on another day has the same events, under the same ids, where both reach.
 */
export function fillCalendars(world: World, email: string, { seed, clock, people, share }: CalendarFilling): void {
  const account = world.account(email)
  const circle = circleOf(account, seed, people)
  if (circle.length === 0) return
  const today = clock.now().toZonedDateTimeISO(account.timeZone).toPlainDate()
  const monday = today.subtract({ days: today.dayOfWeek - 1 })
  const weeks = { first: monday.subtract({ weeks: weeksBack }), last: monday.add({ weeks: weeksAhead + 1 }) }
  for (const plan of seriesOf(account, circle)) addSeries(world, email, seed, plan, weeks)
  addBirthdays(world, account, weeks.first)
  for (let week = weeks.first; Temporal.PlainDate.compare(week, weeks.last) < 0; week = week.add({ weeks: 1 })) {
    const random = seededRandom(`${seed}\nmeetings of ${email}\n${week.toString()}`)
    const meetings = world.addEvents(email, meetingsOfWeek({ email, seed, zone: account.timeZone, circle, share }, week, random))
    // Some things fall through.
    for (const meeting of meetings) if (random.chance(0.05)) world.cancelEvent(email, meeting.id ?? '')
  }
  if (share === 1) addAllHands(world, account, circle, weeks.first)
  addHolidays(world, email, today)
}

function seriesOf(account: Account, circle: readonly Acquaintance[]): SeriesPlan[] {
  const zone = account.timeZone
  const [first, second, third, fourth, ...rest] = circle
  const key = `demo${Buffer.from(account.sub).toString('hex').slice(0, 12)}`
  const team = [first, second, ...rest.slice(0, 4)].flatMap((who) => who ?? [])
  const plans: SeriesPlan[] = []
  const oneToOne = (who: Acquaintance, plan: Omit<SeriesPlan, 'id' | 'summary' | 'with' | 'minutes'>) =>
    plans.push({ id: `${key}one${plans.length}`, summary: `${account.givenName} / ${who.name}`, with: [who], minutes: 30, ...plan })
  if (first) oneToOne(first, { weekday: 2, time: '10:00', zone, rule: 'FREQ=WEEKLY;BYDAY=TU' })
  if (second) oneToOne(second, { weekday: 4, time: '15:00', zone: 'Europe/London', rule: 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TH', organizer: second })
  if (third) oneToOne(third, { weekday: 3, time: '17:00', zone: 'America/Los_Angeles', rule: 'FREQ=MONTHLY;BYDAY=1WE', organizer: third })
  if (fourth) oneToOne(fourth, { weekday: 5, time: '08:30', zone: 'Asia/Tokyo', rule: 'FREQ=WEEKLY;INTERVAL=3;BYDAY=FR' })
  if (rest.length >= 4)
    plans.push({
      id: `${key}team`,
      summary: 'Team meeting',
      weekday: 1,
      time: '09:30',
      minutes: 45,
      zone,
      rule: 'FREQ=WEEKLY;BYDAY=MO',
      with: team,
      room: 'Room Granite',
    })
  if (circle.length >= 40)
    plans.push({
      id: `${key}choir`,
      summary: 'Choir rehearsal',
      weekday: 4,
      time: '19:00',
      minutes: 120,
      zone,
      rule: 'FREQ=WEEKLY;BYDAY=TH',
      with: rest.slice(4, 28),
      location: 'Parish hall',
    })
  return plans
}

function addBirthdays(world: World, { email, addressBook }: Account, from: Temporal.PlainDate): void {
  const born = addressBook.people().flatMap(({ person }) => {
    const { month, day } = person.birthdays?.[0]?.date ?? {}
    return month && day ? [{ name: person.names?.[0]?.displayName ?? 'Somebody', number: person.resourceName?.replaceAll(/\D/g, '') ?? '', month, day }] : []
  })
  for (const { name, number, month, day } of born.slice(0, 40)) {
    const date = Temporal.PlainDate.from({ year: from.year - 1, month, day })
    world.addEvent(email, {
      id: `born${number}`,
      summary: `${name}’s birthday`,
      eventType: 'birthday',
      transparency: 'transparent',
      visibility: 'private',
      start: { date: date.toString() },
      end: { date: date.add({ days: 1 }).toString() },
      recurrence: ['RRULE:FREQ=YEARLY'],
    })
  }
}

/** Too many to have met anybody: one with its attendees, one without. */
function addAllHands(world: World, { email, timeZone }: Account, circle: readonly Acquaintance[], from: Temporal.PlainDate): void {
  const [organizer] = circle
  for (const [index, attendeesOmitted] of [false, true].entries()) {
    const start = quarterStart(from)
      .add({ weeks: 11 + index, days: 2 })
      .toPlainDateTime('16:00')
    world.addEvent(email, {
      id: `allhands${start.toPlainDate().toString().replaceAll('-', '')}`,
      summary: 'All hands',
      start: { dateTime: start.toString(), timeZone },
      end: { dateTime: start.add({ hours: 1 }).toString(), timeZone },
      ...invited(email, { with: attendeesOmitted ? [] : circle.slice(0, 40), ...(organizer && { organizer }) }),
      ...(attendeesOmitted && { attendeesOmitted }),
    })
  }
}

function addHolidays(world: World, email: string, today: Temporal.PlainDate): void {
  const holidays = world.addCalendar(email, { id: 'holidays@group.calendar.example', summary: 'Holidays', accessRole: 'reader' })
  for (const [name, month, day] of [
    ['New Year', 1, 1],
    ['Midsummer fair', 6, 21],
    ['Harvest day', 10, 4],
    ['Winter holiday', 12, 26],
  ] as const) {
    const date = Temporal.PlainDate.from({ year: today.year, month, day })
    const times = { start: { date: date.toString() }, end: { date: date.add({ days: 1 }).toString() } }
    world.addEvent(email, { id: `feast${month}`, summary: name, transparency: 'transparent', ...times, recurrence: ['RRULE:FREQ=YEARLY'] }, holidays)
  }
}
