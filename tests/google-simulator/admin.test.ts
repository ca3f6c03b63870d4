import { once } from 'node:events'
import { request } from 'node:http'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock, systemClock } from '../../src/core/clock.ts'
import { isMovable, movableClock } from '../../dev/google/admin/clock.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld } from '../../dev/google/world.ts'
import { calendarClient, peopleClient } from './clients.ts'

const email = 'ada@example.test'
let clock: ReturnType<typeof fixedClock>
let simulator: GoogleSimulator
beforeEach(async () => {
  clock = fixedClock('2026-03-02T12:00:00Z')
  const world = () => {
    const made = createWorld({ seed: 'admin', clock })
    made.addAccount({ email, givenName: 'Ada', familyName: 'Example' })
    for (const givenName of ['One', 'Two', 'Three']) made.addPerson(email, { names: [{ givenName }] })
    made.addEvent(email, { id: 'standup', summary: 'Stand-up', start: { date: '2026-03-02' }, end: { date: '2026-03-03' }, recurrence: ['RRULE:FREQ=DAILY'] })
    return made
  }
  simulator = await startGoogleSimulator({ clock, world })
})
afterEach(() => simulator.close())

async function call(method: string, path: string, body?: unknown) {
  const response = await fetch(`${simulator.origin}/admin/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
  })
  const text = await response.text()
  return { status: response.status, body: (text === '' ? null : JSON.parse(text)) as Record<string, never> & { [field: string]: unknown } }
}
const operate = (operation: string, ...given: unknown[]) => call('POST', 'operations', { operation, arguments: given })
const addPerson = (givenName: string) => ({ operation: 'addPerson', arguments: [email, { names: [{ givenName }] }] })
const list = async () =>
  (
    await peopleClient(simulator, email).people.connections.list({
      resourceName: 'people/me',
      personFields: 'names',
      pageSize: 1,
      sortOrder: 'LAST_MODIFIED_DESCENDING',
    })
  ).data

describe('operations', () => {
  test('change the world and give what they return', async () => {
    const added = await operate('addEvent', email, { summary: 'Tea', start: { date: '2026-03-03' }, end: { date: '2026-03-04' } })
    const [event] = added.body.results as unknown as { id: string }[]
    expect(added.status).toBe(200)
    expect((await operate('editEvent', email, event?.id, { summary: 'Coffee' })).status).toBe(200)
    expect(
      simulator.world
        .account(email)
        .calendars.get()
        .find(event?.id ?? ''),
    ).toMatchObject({ summary: 'Coffee' })
    const { body } = await call('POST', 'operations', [
      addPerson('Bo'),
      { operation: 'addPerson', arguments: [email, { names: [{ givenName: 'Cy' }] }, '2026-01-01T00:00:00Z'] },
    ])
    expect(body.results).toMatchObject([{ names: [{ givenName: 'Bo' }] }, { metadata: { sources: [{ updateTime: '2026-01-01T00:00:00Z' }] } }])
  })

  test('reach what accounts have granted', async () => {
    const { accessToken } = simulator.issueTokens({ account: email })
    await operate('tokens.expireAccessTokens', email)
    expect(simulator.tokens.access(accessToken)).toBeUndefined()
  })

  test.each([
    ['an operation that is not there', { operation: 'constructor' }, /There is no operation constructor. There are: .*addEvent.*tokens.revokeAccount/],
    ['an account that is not there', { operation: 'addGroup', arguments: ['nobody@example.test', 'x'] }, /addGroup: .*no account nobody@example.test/],
    ['a field that is not known', { operation: 'addGroup', given: [] }, /given/],
    ['an event that is not there', { operation: 'cancelEvent', arguments: [email, 'absent'] }, /cancelEvent: .*no event absent/],
  ])('refuse %s with 400 and say why', async (_, body, message) => {
    expect(await call('POST', 'operations', body)).toMatchObject({ status: 400, body: { error: { message: expect.stringMatching(message) } } })
  })
})

describe('faults', () => {
  test('are set, counted and removed', async () => {
    const { status, body } = await call('POST', 'faults', { path: '/v1/people/me/connections', status: 503, times: 'always' })
    expect([status, body]).toMatchObject([201, { id: 'f1', hits: 0 }])
    await expect(list()).rejects.toMatchObject({ status: 503 })
    await expect(list()).rejects.toMatchObject({ status: 503 })
    expect((await call('GET', 'faults')).body).toMatchObject({ faults: [{ id: 'f1', hits: 2, rule: { status: 503, times: 'always' } }] })
    expect((await call('DELETE', 'faults/f1')).status).toBe(204)
    await list()
    expect((await call('DELETE', 'faults/f1')).status).toBe(404)
    await call('POST', 'faults', { pathPattern: '^/v1/', status: 500 })
    expect((await call('DELETE', 'faults')).status).toBe(204)
    await list()
  })

  test('let operations happen before or after the nth request is answered', async () => {
    const { totalItems } = await list()
    await call('POST', 'faults', {
      pathPattern: 'connections$',
      nth: 2,
      before: addPerson('Before'),
      afterwards: [addPerson('After'), addPerson('Too')],
    })
    expect([(await list()).totalItems, (await list()).totalItems, (await list()).totalItems]).toEqual([
      totalItems,
      (totalItems ?? 0) + 1,
      (totalItems ?? 0) + 3,
    ])
  })

  test.each([{ status: 99 }, { path: '/a', pathPattern: 'a' }, { pathPattern: '(' }, { nht: 2 }, { nth: 0 }])('refuse the rule %j', async (rule) => {
    expect((await call('POST', 'faults', rule)).status).toBe(400)
  })
})

test('settings change by name, the others stay', async () => {
  expect((await call('POST', 'settings', { conference: { afterGets: 2 }, firstPagesPerMinute: 3 })).body).toMatchObject({
    conference: { afterGets: 2, afterSeconds: 0, outcome: 'success' },
    firstPagesPerMinute: 3,
    calendarTokenDays: 30,
  })
  expect((await call('POST', 'settings', { conference: { afterGet: 2 } })).status).toBe(400)
})

test('the clock moves if it can', async () => {
  expect((await call('POST', 'clock', { advance: 'P1DT1H' })).body).toEqual({ now: '2026-03-03T13:00:00Z', movable: true })
  expect((await call('POST', 'clock', { set: '2026-06-01T00:00:00Z' })).body).toMatchObject({ now: '2026-06-01T00:00:00Z' })
  expect((await call('POST', 'clock', { advance: 'soon' })).status).toBe(400)
  const other = await startGoogleSimulator({ clock: systemClock, world: createWorld({ seed: 'unmoved', clock: systemClock }) })
  const response = await fetch(`${other.origin}/admin/clock`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: '{"advance":"PT1H"}' })
  await other.close()
  expect(response.status).toBe(409)
})

test('a movable clock goes on from where it is put', () => {
  const moved = movableClock('2030-01-01T00:00:00Z')
  expect([isMovable(moved), isMovable(systemClock)]).toEqual([true, false])
  moved.advance({ hours: 2 })
  expect(Temporal.Instant.from('2030-01-01T02:00:00Z').until(moved.now()).total('minutes')).toBeLessThan(1)
})

test('the ledger is read by account, operation, status and time, with what it cost, and does not hold its readers', async () => {
  await list()
  clock.advance({ minutes: 5 })
  const calendar = calendarClient(simulator, email)
  await calendar.events.patch({ calendarId: 'primary', eventId: 'standup', requestBody: { summary: 'x' } })
  const { body } = await call('GET', `ledger?account=${email}&since=2026-03-02T12:05:00Z`)
  expect(body).toMatchObject({ byOperation: { 'calendar.events.patch': { requests: 1, units: 3 } } })
  expect(body.byOperation).not.toHaveProperty('people.connections.list')
  expect((await call('GET', 'ledger?operation=people.connections.list')).body).toMatchObject({
    requests: 1,
    units: 0,
    entries: [{ at: '2026-03-02T12:00:00Z', status: 200 }],
  })
  expect((await call('GET', 'ledger?status=503')).body).toMatchObject({ requests: 0, entries: [] })
  expect((await call('GET', 'ledger?limit=none')).status).toBe(400)
  await call('DELETE', 'ledger')
  expect((await call('GET', 'ledger')).body).toMatchObject({ requests: 0 })
})

test('the oracle says what an account must have', async () => {
  const { body } = await call('GET', `oracle/${email}?from=2026-03-01T00:00:00Z&to=2026-03-08T00:00:00Z`)
  expect(body).toMatchObject({ account: email, people: [{}, {}, {}], otherContacts: [], groups: [] })
  expect((body.occurrences as unknown as { start: string }[]).map(({ start }) => start.slice(0, 10))).toEqual(
    ['02', '03', '04', '05', '06', '07'].map((day) => `2026-03-${day}`),
  )
  expect((await call('GET', 'oracle/nobody@example.test')).status).toBe(404)
})

test('a reset makes the world again, for tokens given before as well', async () => {
  const people = peopleClient(simulator, email)
  const before = (await list()).totalItems
  const all = { resourceName: 'people/me', personFields: 'names', requestSyncToken: true }
  const [contacts, groups] = [
    (await people.people.connections.list(all)).data.nextSyncToken ?? '',
    (await people.contactGroups.list({ pageSize: 100 })).data.nextSyncToken ?? '',
  ]
  await call('POST', 'operations', [
    addPerson('Bo'),
    { operation: 'addAccount', arguments: [{ email: 'new@example.test', givenName: 'New', familyName: 'Example' }] },
  ])
  await call('POST', 'faults', { status: 500, times: 'always' })
  const { conference } = simulator.settings
  await call('POST', 'settings', { calendarTokenDays: 1, conference: { afterGets: 3 } })
  expect((await call('POST', 'reset')).status).toBe(204)
  expect((await people.people.connections.list({ resourceName: 'people/me', personFields: 'names' })).data.totalItems).toBe(before)
  expect(simulator.world.find('new@example.test')).toBeUndefined()
  await expect(people.people.connections.list({ ...all, syncToken: contacts })).rejects.toMatchObject({ status: 400 })
  await expect(people.contactGroups.list({ pageSize: 100, syncToken: groups })).rejects.toMatchObject({ status: 400 })
  expect(simulator.world.account(email).calendars.get().find('standup')).toBeDefined()
  expect(conference).toEqual({ afterGets: 0, afterSeconds: 0, outcome: 'success' })
  expect([(await call('GET', 'faults')).body, (await call('GET', 'settings')).body.calendarTokenDays]).toEqual([{ faults: [] }, 30])
})

test('a world that was given as it is cannot be reset', async () => {
  const other = await startGoogleSimulator({ clock, world: createWorld({ seed: 'given', clock }) })
  const response = await fetch(`${other.origin}/admin/reset`, { method: 'POST' })
  await other.close()
  expect(response.status).toBe(409)
})

describe('access', () => {
  const status = async (headers: Record<string, string>) => {
    const { port } = new URL(simulator.origin)
    const sent = request({ host: '127.0.0.1', port, path: '/admin/operations', headers })
    sent.end()
    const [response] = (await once(sent, 'response')) as [{ statusCode: number; resume(): void }]
    response.resume()
    return response.statusCode
  }

  test('is for who calls it by a name of the loopback interface, and for no page of another origin', async () => {
    expect([await status({}), await status({ host: 'localhost:4400' }), await status({ host: '[::1]:4400', origin: 'http://127.0.0.1:4000' })]).toEqual([
      200, 200, 200,
    ])
    for (const headers of [{ host: 'evil.example' }, { host: '127.0.0.1.evil.example' }, { host: '10.0.0.1' }, { origin: 'https://evil.example' }]) {
      expect(await status(headers as Record<string, string>)).toBe(403)
    }
  })

  test('needs JSON that says it is JSON', async () => {
    const post = async (headers: Record<string, string>, body: string) =>
      (await fetch(`${simulator.origin}/admin/operations`, { method: 'POST', headers, body })).status
    expect(await post({ 'content-type': 'text/plain' }, JSON.stringify(addPerson('Bo')))).toBe(400)
    expect(await post({ 'content-type': 'application/json' }, 'no JSON')).toBe(400)
  })
})
