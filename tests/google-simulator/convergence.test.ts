import fc from 'fast-check'
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { expectedOccurrences } from '../../dev/google/oracle/calendar.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { calendarClient, listEvents } from './clients.ts'

const email = 'ada@example.test'
const zone = 'America/New_York'
const period = { from: Temporal.Instant.from('2026-02-15T00:00:00Z'), to: Temporal.Instant.from('2026-04-20T00:00:00Z') }
const clock = fixedClock('2026-03-02T12:00:00Z')
let world: World
let simulator: GoogleSimulator
let calendar: calendar_v3.Calendar
beforeAll(async () => {
  world = createWorld({ seed: 'convergence', clock })
  world.addAccount({ email, givenName: 'Ada', familyName: 'Example', timeZone: zone })
  simulator = await startGoogleSimulator({ clock, world })
  calendar = calendarClient(simulator, email)
})
afterAll(() => simulator.close())

type Events = Map<string, calendar_v3.Schema$Event>

/** A client as the reference describes it: keeps what is listed, lets go of what is cancelled, and of a deleted series all exceptions. */
function apply(events: Events, listed: calendar_v3.Schema$Event[]): void {
  for (const event of listed) {
    const id = event.id ?? ''
    if (event.status !== 'cancelled' || event.recurringEventId) events.set(id, event)
    else {
      events.delete(id)
      for (const [each, { recurringEventId }] of events) if (recurringEventId === id) events.delete(each)
    }
  }
}

async function occurrencesOf(events: Events, calendarId: string): Promise<string[]> {
  const within = (event: calendar_v3.Schema$Event) => {
    const at = Temporal.Instant.from(event.start?.dateTime ?? '')
    return Temporal.Instant.compare(at, period.from) >= 0 && Temporal.Instant.compare(at, period.to) < 0
  }
  const singles = [...events.values()].filter((event) => !event.recurrence && !event.recurringEventId)
  const masters = [...events.values()].filter((event) => event.recurrence)
  const window = { timeMin: period.from.toString(), timeMax: period.to.toString(), maxResults: 2500 }
  const written = await Promise.all(
    masters.map(async ({ id }) => (await calendar.events.instances({ calendarId, eventId: id ?? '', ...window })).data.items ?? []),
  )
  return [...singles, ...written.flat()]
    .filter(within)
    .map(({ id, start, summary }) => `${id} ${Temporal.Instant.from(start?.dateTime ?? '').toString()} ${summary}`)
    .sort()
}

const operation = fc.record({
  kind: fc.constantFrom('add', 'series', 'edit', 'move', 'cancel', 'edit one', 'move one', 'cancel one', 'restore one', 'split', 'end', 'move series', 'sync'),
  which: fc.nat(1000),
  day: fc.integer({ min: -14, max: 40 }),
  hour: fc.integer({ min: 0, max: 23 }),
  rule: fc.constantFrom('FREQ=DAILY;COUNT=9', 'FREQ=WEEKLY', 'FREQ=WEEKLY;BYDAY=MO,WE', 'FREQ=WEEKLY;INTERVAL=2;COUNT=5', 'FREQ=MONTHLY'),
})
type Operation = typeof operation extends fc.Arbitrary<infer Value> ? Value : never

/** Runs one operation on whatever of its kind there is; what cannot be done is left. */
function run(calendarId: string, { kind, which, day, hour, rule }: Operation): void {
  const book = world.account(email).calendars.get(calendarId)
  const pick = <Item>(list: Item[]) => (list.length === 0 ? undefined : list[which % list.length])
  const living = book.entries().flatMap(({ event, deleted }) => (deleted || event.status === 'cancelled' ? [] : [event]))
  const start = { dateTime: new Temporal.PlainDateTime(2026, 3, 2).add({ days: day }).add({ hours: hour }).toString(), timeZone: zone }
  const end = { dateTime: Temporal.PlainDateTime.from(start.dateTime).add({ minutes: 30 }).toString(), timeZone: zone }
  const whole = pick(living.filter((event) => !event.recurringEventId))?.id
  const master = pick(living.filter((event) => event.recurrence))?.id
  const one = pick(expectedOccurrences(world.account(email), period, calendarId).filter(({ seriesId }) => seriesId !== null))?.id
  const cancelled = pick(book.entries().filter(({ event, deleted }) => !deleted && event.status === 'cancelled'))?.event.id
  if (kind === 'add') world.addEvent(email, { summary: `Event ${which}`, start, end }, calendarId)
  if (kind === 'series') world.addEvent(email, { summary: `Series ${which}`, start, end, recurrence: [`RRULE:${rule}`] }, calendarId)
  if (kind === 'edit' && whole) world.editEvent(email, whole, { summary: `Edited ${which}` }, calendarId)
  if (kind === 'move' && whole) world.moveEvent(email, whole, start, null, calendarId)
  if (kind === 'move series' && master) world.moveEvent(email, master, start, null, calendarId)
  if (kind === 'cancel' && whole) world.cancelEvent(email, whole, calendarId)
  if (kind === 'edit one' && one) world.editEvent(email, one, { summary: `One ${which}` }, calendarId)
  if (kind === 'move one' && one) world.moveEvent(email, one, start, null, calendarId)
  if (kind === 'cancel one' && one) world.cancelEvent(email, one, calendarId)
  if (kind === 'restore one' && cancelled) world.editEvent(email, cancelled, { status: 'confirmed' }, calendarId)
  if (kind === 'split' && one) world.splitSeries(email, one, { summary: `Split ${which}` }, calendarId)
  if (kind === 'end' && one) world.endSeries(email, one, calendarId)
}

test('whatever happens, a client that follows changes has what a full list, a list of single events and the oracle have', async () => {
  let seen = 0
  await fc.assert(
    fc.asyncProperty(fc.array(operation, { minLength: 15, maxLength: 45, size: 'max' }), async (operations) => {
      const calendarId = world.addCalendar(email, { summary: 'Any', timeZone: zone })
      const followed: Events = new Map()
      let { syncToken } = await listEvents(calendar, { calendarId })
      const follow = async () => {
        const changed = await listEvents(calendar, { calendarId, syncToken, maxResults: 3 })
        apply(followed, changed.all)
        syncToken = changed.syncToken
      }
      for (const each of operations) {
        if (each.kind === 'sync') await follow()
        else run(calendarId, each)
      }
      await follow()
      const full: Events = new Map()
      apply(full, (await listEvents(calendar, { calendarId, maxResults: 4 })).all)
      const oracle = expectedOccurrences(world.account(email), period, calendarId)
        .map(({ id, start, summary }) => `${id} ${start} ${summary}`)
        .sort()
      seen += oracle.length
      expect([...followed.keys()].sort()).toEqual(expect.arrayContaining([...full.keys()].sort()))
      expect(await occurrencesOf(followed, calendarId)).toEqual(oracle)
      expect(await occurrencesOf(full, calendarId)).toEqual(oracle)
      const single = await listEvents(calendar, { calendarId, singleEvents: true, timeMin: period.from.toString(), timeMax: period.to.toString() })
      const begun = single.all.filter((event) => Temporal.Instant.compare(event.start?.dateTime ?? '', period.from) >= 0)
      expect(begun.map(({ id, start, summary }) => `${id} ${Temporal.Instant.from(start?.dateTime ?? '').toString()} ${summary}`).sort()).toEqual(oracle)
      world.removeCalendar(email, calendarId)
    }),
    { numRuns: 20, seed: 20260302 },
  )
  expect(seen).toBeGreaterThan(150)
}, 120_000)
