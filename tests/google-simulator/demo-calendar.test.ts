import { expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { demoWorld } from '../../dev/google/demo/world.ts'
import { expectedOccurrences, type ExpectedOccurrence } from '../../dev/google/oracle/calendar.ts'
import { startGoogleSimulator } from '../../dev/google/simulator.ts'
import { calendarClient, listEvents } from './clients.ts'

const now = '2026-03-18T12:00:00Z'
const world = demoWorld({ seed: 'kith', clock: fixedClock(now) })
const occurrences = (email: string, from: string, to: string, of = world) =>
  expectedOccurrences(of.account(email), { from: Temporal.Instant.from(from), to: Temporal.Instant.from(to) })
const ada = occurrences('ada@example.test', '2026-01-05T05:00:00Z', '2026-04-13T04:00:00Z')
const past = ada.filter(({ start }) => start < now)
const guestsOf = ({ attendees }: ExpectedOccurrence) => attendees.filter((attendee) => !attendee.self && !attendee.resource)

test('every account has meetings of ten weeks past and three to come', () => {
  for (const { email } of world.accounts) {
    const all = occurrences(email, '2025-12-01T00:00:00Z', '2026-06-01T00:00:00Z').filter((each) => guestsOf(each).length > 0)
    expect(all.length, email).toBeGreaterThan(5)
  }
  expect(past.filter((each) => guestsOf(each).length > 0).length).toBeGreaterThan(60)
  expect(ada.filter(({ start }) => start > now).length).toBeGreaterThan(15)
})

test('there is one of everything a synchronization must tell apart', () => {
  const kinds: Record<string, (each: ExpectedOccurrence) => boolean> = {
    'a series': ({ seriesId }) => seriesId !== null,
    'one to one': (each) => guestsOf(each).length === 1,
    'a room': ({ attendees }) => attendees.some((attendee) => attendee.resource),
    declined: ({ selfResponse }) => selfResponse === 'declined',
    tentative: ({ selfResponse }) => selfResponse === 'tentative' || selfResponse === 'needsAction',
    'declined by the other': (each) => guestsOf(each).length === 1 && guestsOf(each)[0]?.responseStatus === 'declined',
    'too many': (each) => guestsOf(each).length > 20,
    'attendees left out': ({ attendeesOmitted }) => attendeesOmitted,
    'whole days with others': (each) => each.allDay !== null && guestsOf(each).length > 0,
    'a birthday': ({ eventType }) => eventType === 'birthday',
    focus: ({ eventType }) => eventType === 'focusTime',
    alone: (each) => each.attendees.length === 0 && each.eventType === 'default',
    'called by somebody else': ({ attendees }) => attendees.some((attendee) => attendee.organizer && !attendee.self),
  }
  for (const [kind, is] of Object.entries(kinds)) expect(ada.some(is), kind).toBe(true)
  const entries = world.account('ada@example.test').calendars.get().entries()
  const exceptions = entries.filter(({ event }) => event.recurringEventId)
  expect(exceptions.some(({ event }) => event.status === 'cancelled')).toBe(true)
  expect(exceptions.some(({ event }) => event.status !== 'cancelled')).toBe(true)
  expect(entries.some(({ deleted }) => deleted)).toBe(true)
  expect(new Set(entries.flatMap(({ event }) => event.start?.timeZone ?? [])).size).toBeGreaterThan(3)
})

test('series keep their wall time over the week in which clocks change', () => {
  const instants = ada.filter(({ seriesId, summary }) => seriesId !== null && summary === 'Choir rehearsal').map(({ start }) => start.slice(11, 16))
  expect(new Set(instants)).toEqual(new Set(['00:00', '23:00']))
})

test('all attendees are on domains reserved for examples, and many are contacts', () => {
  const addresses = new Set(ada.flatMap(guestsOf).map(({ email }) => email))
  for (const address of addresses) expect(address.split('@')[1]).toMatch(/(^|\.)(example|test|example\.(com|org|net))$/)
  const known = new Set(
    world
      .account('ada@example.test')
      .addressBook.people()
      .flatMap(({ person }) => person.emailAddresses?.map((email) => email.value) ?? []),
  )
  for (const address of addresses) expect(known.has(address), address).toBe(true)
})

test('the same seed and clock make the same calendars, and a week later the weeks that both hold are the same', () => {
  const shown = (list: ExpectedOccurrence[]) => list.filter(({ eventType }) => eventType !== 'birthday')
  const [from, to] = ['2026-01-19T05:00:00Z', '2026-04-06T04:00:00Z']
  const at = (time: string, seed = 'kith') => shown(occurrences('ada@example.test', from, to, demoWorld({ seed, clock: fixedClock(time) })))
  const here = shown(occurrences('ada@example.test', from, to))
  expect(at(now)).toEqual(here)
  expect(at('2026-03-25T12:00:00Z')).toEqual(here)
  expect(at(now, 'other')).not.toEqual(here)
})

test('the API shows what the oracle says', async () => {
  const clock = fixedClock(now)
  const simulator = await startGoogleSimulator({ clock, world: demoWorld({ seed: 'kith', clock }) })
  const window = { timeMin: '2026-01-05T05:00:00Z', timeMax: '2026-04-13T04:00:00Z', singleEvents: true }
  for (const { email } of world.accounts) {
    const { all } = await listEvents(calendarClient(simulator, email), window)
    const begun = all.filter((event) => event.start?.date || Temporal.Instant.from(event.start?.dateTime ?? '').toString() >= window.timeMin)
    const expected = occurrences(email, window.timeMin, window.timeMax).filter(({ calendarId }) => calendarId === email)
    const ids = (list: (string | null | undefined)[]) => [...new Set(list)].sort()
    expect(ids(begun.flatMap((event) => (event.start?.date ? [] : [event.id])))).toEqual(ids(expected.flatMap((each) => (each.allDay ? [] : [each.id]))))
  }
  await simulator.close()
})
