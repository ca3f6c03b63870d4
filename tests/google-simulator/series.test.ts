import fc from 'fast-check'
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { originalStarts } from '../../dev/google/calendar/occurrences.ts'
import { expectedOccurrences } from '../../dev/google/oracle/calendar.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { calendarClient, listEvents } from './clients.ts'

const email = 'ada@example.test'
const window = { timeMin: '2026-03-01T00:00:00Z', timeMax: '2026-05-01T00:00:00Z' }
let world: World
let simulator: GoogleSimulator
let calendar: calendar_v3.Calendar
beforeEach(async () => {
  const clock = fixedClock('2026-03-02T12:00:00Z')
  world = createWorld({ seed: 'series', clock })
  world.addAccount({ email, givenName: 'Ada', familyName: 'Example', timeZone: 'Europe/Berlin' })
  simulator = await startGoogleSimulator({ clock, world })
  calendar = calendarClient(simulator, email)
})
afterEach(() => simulator.close())

const at = (dateTime: string, timeZone = 'Europe/Berlin') => ({ dateTime, timeZone })
const weekly = (...recurrence: string[]) =>
  world.addEvent(email, {
    summary: 'Weekly',
    start: at('2026-03-10T10:00:00'),
    end: at('2026-03-10T10:30:00'),
    recurrence: recurrence.length > 0 ? recurrence : ['RRULE:FREQ=WEEKLY'],
    attendees: [{ email, responseStatus: 'accepted' }, { email: 'bo@example.com' }],
  }).id ?? ''
const instances = async (eventId: string, options: Partial<calendar_v3.Params$Resource$Events$Instances> = {}) =>
  (await calendar.events.instances({ calendarId: 'primary', eventId, ...window, ...options })).data.items ?? []
const ids = (events: calendar_v3.Schema$Event[]) => events.map((event) => event.id)
const starts = (events: calendar_v3.Schema$Event[]) => events.map((event) => event.start?.dateTime ?? event.start?.date)
const oracle = () => expectedOccurrences(world.account(email), { from: Temporal.Instant.from(window.timeMin), to: Temporal.Instant.from(window.timeMax) })
const shown = (events: calendar_v3.Schema$Event[]) =>
  events
    .map((event) => ({
      id: event.id,
      seriesId: event.recurringEventId ?? null,
      start: Temporal.Instant.from(event.start?.dateTime ?? '').toString(),
      summary: event.summary,
      selfResponse: event.attendees?.find((attendee) => attendee.self)?.responseStatus ?? null,
    }))
    .toSorted((one, other) => (one.start < other.start ? -1 : 1))
const expected = () => oracle().map(({ id, seriesId, start, summary, selfResponse }) => ({ id, seriesId, start, summary, selfResponse }))

describe('a series', () => {
  test('is one event in the list; its instances keep the wall time when clocks change', async () => {
    const id = weekly('RRULE:FREQ=WEEKLY;COUNT=4')
    expect((await listEvents(calendar)).all).toMatchObject([{ id, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=4'] }])
    const all = await instances(id)
    expect(all.map((event) => [event.id, event.start?.dateTime])).toEqual([
      [`${id}_20260310T090000Z`, '2026-03-10T10:00:00+01:00'],
      [`${id}_20260317T090000Z`, '2026-03-17T10:00:00+01:00'],
      [`${id}_20260324T090000Z`, '2026-03-24T10:00:00+01:00'],
      [`${id}_20260331T080000Z`, '2026-03-31T10:00:00+02:00'],
    ])
    expect(all[0]).toMatchObject({
      recurringEventId: id,
      originalStartTime: { dateTime: '2026-03-10T10:00:00+01:00' },
      end: { dateTime: '2026-03-10T10:30:00+01:00' },
    })
    expect(all[0]?.recurrence).toBeUndefined()
    expect(shown(all)).toEqual(expected())
  })

  test('is written out with singleEvents, in order of start if asked', async () => {
    const id = weekly('RRULE:FREQ=WEEKLY;COUNT=3')
    world.addEvent(email, { summary: 'Once', start: at('2026-03-12T10:00:00'), end: at('2026-03-12T11:00:00') })
    world.moveEvent(email, `${id}_20260310T090000Z`, at('2026-03-20T10:00:00'))
    const { all, pages, syncToken } = await listEvents(calendar, { ...window, singleEvents: true, orderBy: 'startTime', maxResults: 2 })
    expect([pages, starts(all)]).toEqual([
      2,
      ['2026-03-12T10:00:00+01:00', '2026-03-17T10:00:00+01:00', '2026-03-20T10:00:00+01:00', '2026-03-24T10:00:00+01:00'],
    ])
    expect(syncToken).toBe('')
    const unordered = await listEvents(calendar, { ...window, singleEvents: true, maxResults: 1 })
    expect(shown(unordered.all)).toEqual(expected())
  })

  test('is in a list whose window one of its occurrences lies in, however long ago it began', async () => {
    const id = weekly('RRULE:FREQ=WEEKLY;COUNT=3')
    const listed = async (timeMin: string, timeMax: string) => ids((await listEvents(calendar, { timeMin, timeMax })).all)
    expect(await listed('2026-03-24T09:15:00Z', '2026-03-25T00:00:00Z')).toEqual([id])
    expect(await listed('2026-03-18T00:00:00Z', '2026-03-19T00:00:00Z')).toEqual([])
    expect(await listed('2026-03-24T09:30:00Z', '2027-03-25T00:00:00Z')).toEqual([])
  })

  test('lasting whole days has ids with dates', async () => {
    const { id = '' } = world.addEvent(email, {
      summary: 'Market',
      start: { date: '2026-03-07' },
      end: { date: '2026-03-09' },
      recurrence: ['RRULE:FREQ=MONTHLY;BYDAY=1SA'],
    })
    expect((await instances(id ?? '')).map((event) => [event.id, event.start?.date, event.end?.date])).toEqual([
      [`${id}_20260307`, '2026-03-07', '2026-03-09'],
      [`${id}_20260404`, '2026-04-04', '2026-04-06'],
    ])
    expect(oracle().map(({ id: each, allDay, start }) => [each, allDay?.end, start])).toEqual([
      [`${id}_20260307`, '2026-03-09', '2026-03-06T23:00:00Z'],
      [`${id}_20260404`, '2026-04-06', '2026-04-03T22:00:00Z'],
    ])
  })

  test('takes dates in and out', async () => {
    const id = weekly('RRULE:FREQ=WEEKLY;COUNT=3', 'EXDATE;TZID=Europe/Berlin:20260317T100000', 'RDATE:20260319T130000Z')
    expect(starts(await instances(id))).toEqual(['2026-03-10T10:00:00+01:00', '2026-03-19T14:00:00+01:00', '2026-03-24T10:00:00+01:00'])
    expect(shown(await instances(id))).toEqual(expected())
  })
})

describe('changes to a series', () => {
  test('one edited occurrence is an exception of its own, in the list, by id and among the instances', async () => {
    const id = weekly('RRULE:FREQ=WEEKLY;COUNT=3')
    const { syncToken } = await listEvents(calendar)
    const eventId = `${id}_20260317T090000Z`
    world.moveEvent(email, eventId, at('2026-03-18T15:00:00'))
    world.respondToEvent(email, eventId, 'declined')
    const exception = {
      id: eventId,
      recurringEventId: id,
      originalStartTime: { dateTime: '2026-03-17T10:00:00+01:00' },
      start: { dateTime: '2026-03-18T15:00:00+01:00' },
      end: { dateTime: '2026-03-18T15:30:00+01:00' },
      attendees: [{ email, self: true, responseStatus: 'declined' }, { email: 'bo@example.com' }],
    }
    expect((await listEvents(calendar, { syncToken })).all).toMatchObject([exception])
    expect((await calendar.events.get({ calendarId: 'primary', eventId })).data).toMatchObject(exception)
    expect(await instances(id)).toMatchObject([{}, exception, {}])
    expect(shown(await instances(id))).toEqual(expected())
    expect(await instances(id, { timeMin: '2026-03-18T00:00:00Z', timeMax: '2026-03-19T00:00:00Z' })).toMatchObject([exception])
  })

  test('a cancelled occurrence comes in the minimal form, in full lists too, and can be taken up again', async () => {
    const id = weekly('RRULE:FREQ=WEEKLY;COUNT=3')
    const { syncToken } = await listEvents(calendar)
    const eventId = `${id}_20260317T090000Z`
    await calendar.events.delete({ calendarId: 'primary', eventId })
    const minimal = {
      id: eventId,
      status: 'cancelled',
      recurringEventId: id,
      originalStartTime: { dateTime: '2026-03-17T10:00:00+01:00', timeZone: 'Europe/Berlin' },
    }
    for (const options of [{ syncToken }, {}]) {
      const found = (await listEvents(calendar, options)).all.find((event) => event.id === eventId)
      expect({ ...found, kind: undefined, etag: undefined }).toEqual({ ...minimal, kind: undefined, etag: undefined })
    }
    expect((await instances(id)).map((event) => event.id)).not.toContain(eventId)
    expect(await instances(id, { showDeleted: true })).toMatchObject([{}, minimal, {}])
    expect(shown(await instances(id))).toEqual(expected())
    world.editEvent(email, eventId, { status: 'confirmed' })
    expect(await instances(id)).toHaveLength(3)
    expect(shown(await instances(id))).toEqual(expected())
  })

  test('"this and following" ends the series on the day before and begins a new one, which counts on', async () => {
    const id = weekly('RRULE:FREQ=WEEKLY;COUNT=5')
    const { syncToken } = await listEvents(calendar)
    world.moveEvent(email, `${id}_20260407T080000Z`, at('2026-04-08T10:00:00'))
    const following = world.splitSeries(email, `${id}_20260331T080000Z`, { summary: 'Later' })
    expect(following).toMatchObject({ id: `${id}_R20260331T080000`, recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'], summary: 'Later' })
    const changed = (await listEvents(calendar, { syncToken })).all
    expect(changed).toMatchObject([
      { id, recurrence: ['RRULE:FREQ=WEEKLY;UNTIL=20260330T215959Z'] },
      { id: `${id}_20260407T080000Z`, status: 'cancelled' },
      { id: following.id },
    ])
    expect(starts(await instances(id))).toEqual(['2026-03-10T10:00:00+01:00', '2026-03-17T10:00:00+01:00', '2026-03-24T10:00:00+01:00'])
    expect(starts(await instances(following.id ?? ''))).toEqual(['2026-03-31T10:00:00+02:00', '2026-04-07T10:00:00+02:00'])
    expect(shown([...(await instances(id)), ...(await instances(following.id ?? ''))])).toEqual(expected())
    world.endSeries(email, `${following.id}_20260407T080000Z`)
    expect(starts(await instances(following.id ?? ''))).toEqual(['2026-03-31T10:00:00+02:00'])
  })

  test('cut twice at the same time, the second new series is another one than the first', async () => {
    const id = weekly()
    const first = world.splitSeries(email, `${id}_20260331T080000Z`)
    world.cancelEvent(email, `${first.id}_20260407T080000Z`)
    world.editEvent(email, id, { recurrence: ['RRULE:FREQ=WEEKLY'] })
    const second = world.splitSeries(email, `${id}_20260331T080000Z`)
    expect(second.id).not.toBe(first.id)
    expect([await instances(first.id ?? ''), await instances(second.id ?? '')].map((list) => list.length)).toEqual([4, 5])
  })

  test('a deleted series is one cancelled event to those who sync, six months of cancelled ones with singleEvents, and nothing to others', async () => {
    const id = weekly()
    world.moveEvent(email, `${id}_20260317T090000Z`, at('2026-03-18T15:00:00'))
    const { syncToken } = await listEvents(calendar)
    const { syncToken: single } = await listEvents(calendar, { singleEvents: true })
    world.cancelEvent(email, id)
    expect((await listEvents(calendar, { syncToken })).all).toMatchObject([{ id, status: 'cancelled' }])
    const written = (await listEvents(calendar, { syncToken: single, singleEvents: true })).all
    expect([new Set(written.map((event) => event.status)), written.length]).toEqual([new Set(['cancelled']), 26])
    expect((await listEvents(calendar)).all).toEqual([])
    expect([await instances(id), expected()]).toEqual([[], []])
    expect((await calendar.events.get({ calendarId: 'primary', eventId: `${id}_20260317T090000Z` })).data).toMatchObject({ status: 'cancelled' })
  })

  test('when the whole series moves, exceptions that no longer fit go', async () => {
    const id = weekly('RRULE:FREQ=WEEKLY;COUNT=3')
    world.editEvent(email, `${id}_20260317T090000Z`, { summary: 'Special' })
    const { syncToken } = await listEvents(calendar)
    world.moveEvent(email, id, at('2026-03-11T10:00:00'))
    expect((await listEvents(calendar, { syncToken })).all).toMatchObject([{ id }, { id: `${id}_20260317T090000Z`, status: 'cancelled' }])
    expect(starts(await instances(id))).toEqual(['2026-03-11T10:00:00+01:00', '2026-03-18T10:00:00+01:00', '2026-03-25T10:00:00+01:00'])
    expect(shown(await instances(id))).toEqual(expected())
    world.moveEvent(email, id, at('2026-03-10T10:00:00'))
    expect((await instances(id)).map((event) => event.summary)).toEqual(['Weekly', 'Weekly', 'Weekly'])
  })
})

test('the API and the oracle find the same occurrences of any rule', () => {
  const days = fc
    .uniqueArray(fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'), { minLength: 1, maxLength: 3 })
    .map((list) => `;BYDAY=${list.join(',')}`)
  const nth = fc.tuple(fc.constantFrom(1, 2, 3, 4, -1), fc.constantFrom('MO', 'WE', 'SU')).map(([number, day]) => `;BYDAY=${number}${day}`)
  const monthDay = fc.constantFrom(1, 15, 29, 31, -1).map((day) => `;BYMONTHDAY=${day}`)
  const none = fc.constant('')
  const pattern = fc.oneof(
    fc.tuple(fc.constant('FREQ=DAILY'), none),
    fc.tuple(fc.constant('FREQ=WEEKLY'), fc.oneof(none, days)),
    fc.tuple(fc.constant('FREQ=MONTHLY'), fc.oneof(none, nth, monthDay)),
    fc.tuple(
      fc.constant('FREQ=YEARLY'),
      fc.oneof(
        none,
        fc.tuple(fc.constantFrom(2, 3, 10), fc.oneof(nth, monthDay)).map(([month, rest]) => `;BYMONTH=${month}${rest}`),
      ),
    ),
  )
  const end = fc.oneof(
    none,
    fc.integer({ min: 1, max: 40 }).map((count) => `;COUNT=${count}`),
    fc.constantFrom(';UNTIL=20260329T005959Z', ';UNTIL=20270101T000000Z'),
  )
  const start = fc
    .tuple(fc.integer({ min: 0, max: 700 }), fc.integer({ min: 0, max: 95 }))
    .map(([day, quarter]) => new Temporal.PlainDateTime(2025, 1, 1).add({ days: day, minutes: 15 * quarter }))
  const zones = fc.constantFrom('Europe/Berlin', 'America/New_York', 'Pacific/Chatham', 'UTC', 'Africa/Casablanca')
  const period = { from: Temporal.Instant.from('2026-01-01T00:00:00Z'), to: Temporal.Instant.from('2027-07-01T00:00:00Z') }
  let compared = 0
  fc.assert(
    fc.property(pattern, fc.integer({ min: 1, max: 4 }), end, start, zones, fc.boolean(), ([freq, by], interval, ending, begin, zone, allDay) => {
      const own = createWorld({ seed: 'rules', clock: fixedClock('2026-03-02T12:00:00Z') })
      own.addAccount({ email, givenName: 'Ada', familyName: 'Example', timeZone: zone })
      const times = allDay
        ? { start: { date: begin.toPlainDate().toString() }, end: { date: begin.toPlainDate().add({ days: 1 }).toString() } }
        : { start: at(begin.toString(), zone), end: at(begin.add({ minutes: 50 }).toString(), zone) }
      const master = own.addEvent(email, { summary: 'Any', ...times, recurrence: [`RRULE:${freq};INTERVAL=${interval}${by}${ending}`] })
      const found = originalStarts(master, zone, period).map((each) => each.date ?? Temporal.Instant.from(each.dateTime ?? '').toString())
      const wanted = expectedOccurrences(own.account(email), period).map((each) => each.allDay?.start ?? each.start)
      compared += wanted.length
      expect(found).toEqual(wanted)
    }),
    { numRuns: 400, seed: 20260302 },
  )
  expect(compared).toBeGreaterThan(5000)
})
