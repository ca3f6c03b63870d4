import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { calendarClient, listEvents, refusal } from './clients.ts'

const email = 'ada@example.test'
const path = '/calendar/v3/calendars/primary/events'
let clock: ReturnType<typeof fixedClock>
let world: World
let simulator: GoogleSimulator
let calendar: calendar_v3.Calendar
beforeEach(async () => {
  clock = fixedClock('2026-03-02T12:00:00Z')
  world = createWorld({ seed: 'calendar', clock })
  world.addAccount({ email, givenName: 'Ada', familyName: 'Example', timeZone: 'Europe/Berlin' })
  world.addAccount({ email: 'grace@example.test', givenName: 'Grace', familyName: 'Example' })
  simulator = await startGoogleSimulator({ clock, world })
  calendar = calendarClient(simulator, email)
})
afterEach(() => simulator.close())

const at = (dateTime: string, timeZone = 'Europe/Berlin') => ({ dateTime, timeZone })
const meeting = (summary: string, day = '2026-03-03') => ({ summary, start: at(`${day}T10:00:00`), end: at(`${day}T11:00:00`) })
const ids = (events: calendar_v3.Schema$Event[]) => events.map((event) => event.id)
const addMeetings = (count: number) =>
  world.addEvents(
    email,
    Array.from({ length: count }, (_, index) => meeting(`Meeting ${index + 1}`)),
  )

describe('events.list', () => {
  test('pages hold every event once, completed as Google does, and the sync token comes with the last', async () => {
    addMeetings(25)
    const { all, pages, syncToken } = await listEvents(calendar, { maxResults: 10 })
    expect([pages, new Set(ids(all)).size]).toEqual([3, 25])
    expect(syncToken).not.toBe('')
    expect(all[0]).toMatchObject({
      kind: 'calendar#event',
      status: 'confirmed',
      summary: 'Meeting 1',
      start: { dateTime: '2026-03-03T10:00:00+01:00', timeZone: 'Europe/Berlin' },
      organizer: { email, self: true },
      creator: { email, self: true },
      eventType: 'default',
      sequence: 0,
      updated: '2026-03-02T12:00:00Z',
      iCalUID: `${all[0]?.id}@google.com`,
    })
    expect(all[0]?.id).toMatch(/^[a-v0-9]{5,1024}$/)
  })

  test('marks oneself, the organizer and rooms among the attendees, and leaves others out where they are too many', async () => {
    const attendees = [{ email }, { email: 'bo@example.com', responseStatus: 'declined' }, { email: 'room@resource.example', resource: true }]
    world.addEvent(email, { ...meeting('Invited'), organizer: { email: 'bo@example.com' }, attendees })
    const [event] = (await listEvents(calendar)).all
    expect(event?.attendees).toEqual([
      { email, self: true, responseStatus: 'needsAction' },
      { email: 'bo@example.com', organizer: true, responseStatus: 'declined' },
      { email: 'room@resource.example', resource: true, responseStatus: 'needsAction' },
    ])
    expect(event?.organizer).toEqual({ email: 'bo@example.com' })
    const [narrow] = (await listEvents(calendar, { maxAttendees: 2 })).all
    expect([narrow?.attendeesOmitted, narrow?.attendees?.map((attendee) => attendee.email)]).toEqual([true, [email]])
  })

  test('a window holds what ends after its begin and begins before its end', async () => {
    world.addEvents(email, [meeting('Early', '2026-03-01'), meeting('Within', '2026-03-03'), meeting('Late', '2026-03-05')])
    world.addEvent(email, { summary: 'Days', start: { date: '2026-02-20' }, end: { date: '2026-03-03' } })
    const { all } = await listEvents(calendar, { timeMin: '2026-03-02T22:59:59Z', timeMax: '2026-03-05T09:00:00Z' })
    expect(all.map((event) => event.summary).sort()).toEqual(['Days', 'Within'])
  })

  test('an event that is touched while pages are read is not lost, and a deleted one comes with the next sync', async () => {
    const events = addMeetings(25)
    const first = (await calendar.events.list({ calendarId: 'primary', maxResults: 10 })).data
    world.editEvent(email, events[0]?.id ?? '', { summary: 'Touched' })
    world.cancelEvent(email, events[1]?.id ?? '')
    world.cancelEvent(email, events[24]?.id ?? '')
    const rest = await listEvents(calendar, { maxResults: 10, pageToken: first.nextPageToken ?? '' })
    expect(new Set([...ids(first.items ?? []), ...ids(rest.all)]).size).toBe(24)
    const changed = (await listEvents(calendar, { maxResults: 10, syncToken: rest.syncToken })).all
    expect(changed.map((event) => [event.id, event.status])).toEqual([
      [events[0]?.id, 'confirmed'],
      [events[1]?.id, 'cancelled'],
      [events[24]?.id, 'cancelled'],
    ])
  })

  test('a middle page can be empty', async () => {
    addMeetings(5)
    simulator.faults.add({ path, nth: 2, emptyPage: true })
    const { all, pages } = await listEvents(calendar, { maxResults: 2 })
    expect([new Set(ids(all)).size, pages]).toEqual([5, 4])
  })
})

describe('incremental sync', () => {
  test('gives what was added, edited and deleted since, deleted ones with their id alone', async () => {
    const [kept, gone] = addMeetings(3)
    const { syncToken } = await listEvents(calendar)
    expect((await listEvents(calendar, { syncToken })).all).toEqual([])
    clock.advance({ minutes: 5 })
    world.moveEvent(email, kept?.id ?? '', at('2026-03-04T09:00:00'))
    world.cancelEvent(email, gone?.id ?? '')
    world.addEvent(email, meeting('New'))
    const { all, syncToken: next } = await listEvents(calendar, { syncToken })
    expect(all).toMatchObject([
      {
        id: kept?.id,
        sequence: 1,
        start: { dateTime: '2026-03-04T09:00:00+01:00' },
        end: { dateTime: '2026-03-04T10:00:00+01:00' },
        updated: '2026-03-02T12:05:00Z',
      },
      { id: gone?.id, status: 'cancelled' },
      { summary: 'New' },
    ])
    expect(Object.keys(all[1] ?? {}).sort()).toEqual(['etag', 'id', 'kind', 'status'])
    expect((await listEvents(calendar, { syncToken: next })).all).toEqual([])
    expect((await listEvents(calendar)).all).toHaveLength(3)
    expect((await listEvents(calendar, { showDeleted: true })).all.find((event) => event.id === gone?.id)).toMatchObject({
      status: 'cancelled',
      summary: 'Meeting 2',
    })
  })

  test('the times a full list was limited to hold on: what lies elsewhere does not come, what is deleted does', async () => {
    const far = world.addEvent(email, meeting('Far', '2027-03-03'))
    const { syncToken, all } = await listEvents(calendar, { timeMax: '2026-12-31T00:00:00Z' })
    world.editEvent(email, far.id ?? '', { summary: 'Still far' })
    world.addEvent(email, meeting('Near'))
    expect([all.length, (await listEvents(calendar, { syncToken })).all.map((event) => event.summary)]).toEqual([0, ['Near']])
    world.cancelEvent(email, far.id ?? '')
    expect((await listEvents(calendar, { syncToken })).all.map((event) => event.status)).toEqual(['confirmed', 'cancelled'])
  })

  test.each([
    ['another singleEvents', { singleEvents: true }],
    ['timeMin', { timeMin: '2026-01-01T00:00:00Z' }],
    ['updatedMin', { updatedMin: '2026-03-01T00:00:00Z' }],
    ['a search', { q: 'Meeting' }],
    ['showDeleted=false', { showDeleted: false }],
  ])('is refused with %s: 400', async (_, options) => {
    const { syncToken } = await listEvents(calendar)
    expect(await refusal(listEvents(calendar, { syncToken, ...options }))).toMatchObject({ status: 400, data: { error: { code: 400 } } })
  })

  test('tokens expire by time, by decree and by a restart: 410 fullSyncRequired', async () => {
    addMeetings(2)
    const gone = {
      status: 410,
      data: {
        error: {
          code: 410,
          message: 'Sync token is no longer valid, a full sync is required.',
          errors: [{ domain: 'calendar', reason: 'fullSyncRequired', locationType: 'parameter', location: 'syncToken' }],
        },
      },
    }
    const { syncToken } = await listEvents(calendar)
    world.expireCalendarTokens(email)
    expect(await refusal(listEvents(calendar, { syncToken }))).toMatchObject(gone)
    const { syncToken: next } = await listEvents(calendar)
    expect((await listEvents(calendar, { syncToken: next })).all).toEqual([])
    clock.advance({ days: 30 })
    calendar = calendarClient(simulator, email)
    expect(await refusal(listEvents(calendar, { syncToken: next }))).toMatchObject(gone)
    const restarted = createWorld({ seed: 'calendar', clock })
    restarted.addAccount({ email, givenName: 'Ada', familyName: 'Example' })
    const { syncToken: last } = await listEvents(calendar)
    const other = await startGoogleSimulator({ clock, world: restarted, seed: 'kith' })
    expect(await refusal(listEvents(calendarClient(other, email), { syncToken: last }))).toMatchObject(gone)
    await other.close()
  })

  test('updatedMin reaches four weeks back: 410 updatedMinTooLongAgo', async () => {
    addMeetings(1)
    expect((await listEvents(calendar, { updatedMin: '2026-03-02T12:00:00Z' })).all).toHaveLength(1)
    expect(await refusal(listEvents(calendar, { updatedMin: '2026-01-01T00:00:00Z' }))).toMatchObject({
      status: 410,
      data: { error: { errors: [{ domain: 'calendar', reason: 'updatedMinTooLongAgo' }] } },
    })
  })

  test("one account's tokens are nothing to another", async () => {
    const { syncToken } = await listEvents(calendar)
    expect(await refusal(listEvents(calendarClient(simulator, 'grace@example.test'), { syncToken }))).toMatchObject({ status: 400 })
    expect(await refusal(listEvents(calendar, { pageToken: 'invented' }))).toMatchObject({ status: 400 })
  })
})

describe('writing', () => {
  test("keeps the client's id, private properties and source, and refuses the id a second time: 409 duplicate", async () => {
    const requestBody = {
      id: 'kith0123456789abcdefv',
      ...meeting('Planned'),
      extendedProperties: { private: { kith: 'x' } },
      source: { title: 'Mail', url: 'https://mail.example/1' },
    }
    requestBody.id = requestBody.id.replace('k', 'a')
    const { data } = await calendar.events.insert({ calendarId: 'primary', requestBody })
    expect(data).toMatchObject({ id: requestBody.id, summary: 'Planned', extendedProperties: { private: { kith: 'x' } }, source: { title: 'Mail' } })
    expect((await calendar.events.get({ calendarId: 'primary', eventId: requestBody.id })).data).toEqual(data)
    const duplicate = {
      status: 409,
      data: { error: { code: 409, message: 'The requested identifier already exists.', errors: [{ domain: 'global', reason: 'duplicate' }] } },
    }
    expect(await refusal(calendar.events.insert({ calendarId: 'primary', requestBody }))).toMatchObject(duplicate)
    await calendar.events.delete({ calendarId: 'primary', eventId: requestBody.id })
    expect(await refusal(calendar.events.insert({ calendarId: 'primary', requestBody }))).toMatchObject(duplicate)
    expect((await listEvents(calendar)).all).toEqual([])
  })

  test.each(['abcd', 'kithwxyz', 'ABCDE', 'abc-de', 'a'.repeat(1025)])('refuses the id %s: 400', async (id) => {
    expect(await refusal(calendar.events.insert({ calendarId: 'primary', requestBody: { id, ...meeting('x') } }))).toMatchObject({ status: 400 })
  })

  test.each([
    ['no start', { end: at('2026-03-03T10:00:00') }],
    ['an end before its start', { start: at('2026-03-03T10:00:00'), end: at('2026-03-03T09:00:00') }],
    ['a rule that is none', { ...meeting('x'), recurrence: ['RRULE:FREQ=SOMETIMES'] }],
    ['an attendee without address', { ...meeting('x'), attendees: [{ displayName: 'Bo' }] }],
  ])('refuses %s: 400', async (_, requestBody) => {
    expect(await refusal(calendar.events.insert({ calendarId: 'primary', requestBody }))).toMatchObject({ status: 400 })
  })

  test('patches fields, deletes once, and finds what was deleted as cancelled', async () => {
    const eventId = addMeetings(1)[0]?.id ?? ''
    const { data } = await calendar.events.patch({ calendarId: 'primary', eventId, requestBody: { summary: 'Patched', location: 'Here' } })
    expect(data).toMatchObject({ id: eventId, summary: 'Patched', location: 'Here', start: { dateTime: '2026-03-03T10:00:00+01:00' } })
    await calendar.events.delete({ calendarId: 'primary', eventId })
    expect(await refusal(calendar.events.delete({ calendarId: 'primary', eventId }))).toMatchObject({
      status: 410,
      data: { error: { errors: [{ reason: 'deleted' }] } },
    })
    expect((await calendar.events.get({ calendarId: 'primary', eventId })).data).toMatchObject({ status: 'cancelled' })
    expect(await refusal(calendar.events.get({ calendarId: 'primary', eventId: 'absent' }))).toMatchObject({
      status: 404,
      data: { error: { message: 'Not Found' } },
    })
  })

  test('an insertion can be committed and its answer lost', async () => {
    simulator.faults.add({ method: 'POST', path, status: 503, after: true })
    const requestBody = { id: 'abcdef0123', ...meeting('Once') }
    expect(await refusal(calendar.events.insert({ calendarId: 'primary', requestBody }))).toMatchObject({ status: 503 })
    expect((await calendar.events.get({ calendarId: 'primary', eventId: 'abcdef0123' })).data).toMatchObject({ summary: 'Once' })
    expect(await refusal(calendar.events.insert({ calendarId: 'primary', requestBody }))).toMatchObject({ status: 409 })
  })

  test('invitations go out as sendUpdates says, to none by default', async () => {
    const { mails } = world.account(email).calendars
    const attendees = [{ email }, { email: 'bo@example.com' }, { email: 'grace@example.test' }, { email: 'room@resource.example', resource: true }]
    await calendar.events.insert({ calendarId: 'primary', requestBody: { ...meeting('Silent'), attendees } })
    expect(mails).toEqual([])
    const { data } = await calendar.events.insert({ calendarId: 'primary', sendUpdates: 'all', requestBody: { ...meeting('Loud'), attendees } })
    await calendar.events.delete({ calendarId: 'primary', eventId: data.id ?? '', sendUpdates: 'externalOnly' })
    expect(mails.map(({ kind, eventId, to }) => [kind, eventId, to])).toEqual([
      ['invitation', data.id, 'bo@example.com'],
      ['invitation', data.id, 'grace@example.test'],
      ['cancellation', data.id, 'bo@example.com'],
    ])
  })
})

describe('video meetings', () => {
  const requestBody = (requestId: string) => ({
    ...meeting('Call'),
    conferenceData: { createRequest: { requestId, conferenceSolutionKey: { type: 'hangoutsMeet' } } },
  })
  const insert = async (requestId: string, conferenceDataVersion = 1) =>
    (await calendar.events.insert({ calendarId: 'primary', conferenceDataVersion, requestBody: requestBody(requestId) })).data
  const get = async (eventId: string) => (await calendar.events.get({ calendarId: 'primary', eventId })).data

  test('come at once, not at all without conferenceDataVersion, and the same for the same request', async () => {
    const one = await insert('r1')
    expect(one.conferenceData).toMatchObject({
      createRequest: { requestId: 'r1', status: { statusCode: 'success' } },
      entryPoints: [{ entryPointType: 'video' }],
    })
    expect(one.hangoutLink).toMatch(/^https:\/\/meet\.google\.com\/[a-z]{3}-[a-z]{4}-[a-z]{3}$/)
    expect((await insert('r1')).hangoutLink).toBe(one.hangoutLink)
    expect((await insert('r2')).hangoutLink).not.toBe(one.hangoutLink)
    const without = await insert('r3', 0)
    expect([without.conferenceData, without.hangoutLink]).toEqual([undefined, undefined])
  })

  test('can take some readings to come, and then come with the next sync', async () => {
    simulator.settings.conference = { afterGets: 2, afterSeconds: 0, outcome: 'success' }
    const { id = '', conferenceData } = await insert('slow')
    const { syncToken } = await listEvents(calendar)
    expect([conferenceData?.createRequest?.status?.statusCode, conferenceData?.entryPoints]).toEqual(['pending', undefined])
    const seen = [await get(id ?? ''), await get(id ?? ''), await get(id ?? '')].map((event) => event.conferenceData?.createRequest?.status?.statusCode)
    expect(seen).toEqual(['pending', 'pending', 'success'])
    expect((await listEvents(calendar, { syncToken })).all).toMatchObject([{ id, hangoutLink: expect.stringContaining('meet') }])
  })

  test('can take some time, and can fail', async () => {
    simulator.settings.conference = { afterGets: 0, afterSeconds: 30, outcome: 'failure' }
    const { id } = await insert('late')
    clock.advance({ seconds: 29 })
    expect((await get(id ?? '')).conferenceData?.createRequest?.status?.statusCode).toBe('pending')
    clock.advance({ seconds: 1 })
    expect((await get(id ?? '')).conferenceData?.createRequest?.status?.statusCode).toBe('failure')
  })
})

describe('access', () => {
  test("one's own calendars need no more than calendar.events.owned; those of others and the list of calendars do", async () => {
    const mine = world.addCalendar(email, { summary: 'Mine' })
    const shared = world.addCalendar(email, { summary: 'Shared', accessRole: 'reader' })
    expect((await listEvents(calendar, { calendarId: mine })).all).toEqual([])
    expect(await refusal(listEvents(calendar, { calendarId: shared }))).toMatchObject({ status: 403 })
    expect(await refusal(calendar.calendarList.list())).toMatchObject({ status: 403 })
    const wide = calendarClient(simulator, email, [
      'https://www.googleapis.com/auth/calendar.events',
      'https://www.googleapis.com/auth/calendar.calendarlist.readonly',
    ])
    expect((await listEvents(wide, { calendarId: shared })).all).toEqual([])
    expect(await refusal(wide.events.insert({ calendarId: shared, requestBody: meeting('x') }))).toMatchObject({
      status: 403,
      data: { error: { errors: [{ reason: 'requiredAccessLevel' }] } },
    })
    expect((await wide.calendarList.list()).data.items).toMatchObject([
      { id: email, primary: true, accessRole: 'owner', timeZone: 'Europe/Berlin' },
      { id: mine, summary: 'Mine' },
      { id: shared, accessRole: 'reader' },
    ])
  })

  test('a token without the scope: 403 ACCESS_TOKEN_SCOPE_INSUFFICIENT; none: 401', async () => {
    const contactsOnly = calendarClient(simulator, email, ['https://www.googleapis.com/auth/contacts.readonly'])
    for (const call of [
      listEvents(contactsOnly),
      contactsOnly.events.get({ calendarId: 'primary', eventId: 'x' }),
      contactsOnly.events.insert({ calendarId: 'primary', requestBody: meeting('x') }),
      contactsOnly.events.instances({ calendarId: 'primary', eventId: 'x' }),
      contactsOnly.events.patch({ calendarId: 'primary', eventId: 'x', requestBody: {} }),
      contactsOnly.events.delete({ calendarId: 'primary', eventId: 'x' }),
    ])
      expect(await refusal(call)).toMatchObject({
        status: 403,
        data: {
          error: {
            status: 'PERMISSION_DENIED',
            errors: [{ reason: 'insufficientPermissions' }],
            details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', metadata: { service: 'calendar-json.googleapis.com' } }],
          },
        },
      })
    clock.advance({ hours: 2 })
    expect(await refusal(listEvents(calendar))).toMatchObject({ status: 401, data: { error: { errors: [{ reason: 'authError' }] } } })
  })
})

test('five thousand events are added at once and read in two pages', async () => {
  addMeetings(5000)
  const { all, pages } = await listEvents(calendar, { maxResults: 2500 })
  expect([all.length, pages]).toEqual([5000, 2])
})
