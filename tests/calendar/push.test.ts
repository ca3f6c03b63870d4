import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { purgeCalendar } from '../../src/calendar/purge.ts'
import { isReachable, stopChannels } from '../../src/calendar/channels.ts'
import { rebuildDirectories } from '../../src/directory/rebuild.ts'
import { inTransaction } from '../../src/events/service.ts'
import { testApp } from '../support/app.ts'
import { unowned } from '../support/ownership.ts'
import { type CalendarApp, calendarApp, listPath, meeting, type Someone, someone, stateOf, subjectsOf, syncCalendar } from './support.ts'

let kith: CalendarApp
let who: Someone

const seen = new Set<string>()

beforeAll(async () => {
  kith = await calendarApp({ onQuery: (text) => seen.add(text.replaceAll(/\s+/g, ' ').trim()) })
})
afterAll(async () => {
  await kith.close()
  // Whatever was asked for above said whose it is.
  const crossing = [...seen].filter((text) => unowned(text).length > 0)
  expect(crossing.filter((text) => !text.includes(' FROM outbox '))).toEqual([])
})
beforeEach(async () => {
  kith.clock.set('2026-03-02T12:00:00Z')
  kith.google.faults.clear()
  kith.google.channels.clear()
  kith.google.settings.notifications = { drop: false, duplicate: false, reorder: false, wrongToken: false }
  who = await someone(kith)
  await syncCalendar(who)
  await kith.runJobs()
  kith.google.ledger.clear()
})

const mine = () => kith.google.channels.open().filter(({ account }) => account.email === who.email)
const stored = () => who.ctx.db.calendarChannel.findMany({ where: { ownerId: who.ownerId }, orderBy: { createdAt: 'asc' } })
const dirty = async () => (await stateOf(who)).dirty
const tidy = () => who.ctx.db.googleSyncState.updateMany({ where: { ownerId: who.ownerId }, data: { dirty: false } })
const lists = () => kith.google.ledger.of('calendar.events.list').length
const addMeeting = (summary: string) => kith.google.world.addEvent(who.email, meeting(summary, '2026-02-20T10:00'))

/** A message as Google sends one. */
async function send(changes: Record<string, string> = {}): Promise<number> {
  const [channel] = mine()
  const headers = {
    'x-goog-channel-id': channel?.id ?? '',
    'x-goog-channel-token': channel?.token ?? '',
    'x-goog-resource-id': channel?.resourceId ?? '',
    'x-goog-resource-state': 'exists',
    'x-goog-message-number': '10',
    ...changes,
  }
  return (await fetch(`${kith.origin}/google/calendar/push`, { method: 'POST', headers })).status
}

describe('a channel', () => {
  test('is opened once the calendar is connected, with a secret that is stored as a hash only', async () => {
    const [channel] = mine()
    expect(channel).toMatchObject({ address: `${kith.origin}/google/calendar/push`, token: expect.stringMatching(/^[\w-]{43}$/) })
    expect(await stored()).toMatchObject([{ id: channel?.id, state: 'OPEN', resourceId: channel?.resourceId }])
    const { rows } = await kith.app.database.pool.query('SELECT c::text FROM calendar_channels AS c WHERE c."ownerId" = $1', [who.ownerId])
    expect(JSON.stringify(rows)).not.toContain(channel?.token)
    await syncCalendar(who)
    await kith.runJobs()
    expect(mine()).toHaveLength(1)
  })

  test('brings what is new at once', async () => {
    addMeeting('New')
    expect((await kith.google.deliverNotifications()).map(({ state, status }) => [state, status])).toEqual([
      ['sync', 204],
      ['exists', 204],
    ])
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['New'])
    expect(lists()).toBe(1)
  })

  test('row 33: is renewed a day before it ends, the new one first, and the old one is closed', async () => {
    const [old] = mine()
    kith.clock.advance({ days: 5, hours: 23 })
    await kith.runJobs()
    expect(mine().map(({ id }) => id)).toEqual([old?.id])
    kith.clock.advance({ hours: 1 })
    kith.google.ledger.clear()
    await kith.runJobs()
    expect(mine()).toHaveLength(1)
    expect(mine()[0]?.id).not.toBe(old?.id)
    const calls = kith.google.ledger.entries.filter(({ account, path }) => account === who.email && /watch|stop/.test(path))
    expect(calls.map(({ operation }) => operation)).toEqual(['calendar.events.watch', 'calendar.channels.stop'])
    expect(await stored()).toMatchObject([{ id: mine()[0]?.id, state: 'OPEN' }])
  })

  test('row 33: that Google does not open is tried again, and the calendar is looked at all the same', async () => {
    kith.clock.advance({ days: 6 })
    kith.google.faults.add({
      path: `${listPath}/watch`,
      status: 401,
      times: 2,
      body: { error: { code: 401, errors: [{ reason: 'push.webhookUrlUnauthorized' }] } },
    })
    addMeeting('New')
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['New'])
    const before = mine().map(({ id }) => id)
    expect(await stored()).toHaveLength(1)
    kith.clock.advance({ minutes: 61 })
    await kith.runJobs()
    expect(mine().map(({ id }) => id)).not.toEqual(before)
    expect(await stored()).toHaveLength(1)
  })

  test('row 33: whose opening broke off is forgotten and opened anew', async () => {
    kith.clock.advance({ days: 6 })
    kith.google.faults.add({ path: `${listPath}/watch`, status: 503, after: true })
    await kith.runJobs()
    kith.clock.advance({ minutes: 61 })
    await kith.runJobs()
    expect(await stored()).toMatchObject([{ state: 'OPEN' }])
    // What nobody here knows of any more is refused, and ends by itself.
    expect((await kith.google.deliverNotifications()).map(({ status }) => status).toSorted()).toEqual([204, 404])
  })

  test('row 33: that a server began to open and did not live to see open holds up no other', async () => {
    const [old] = mine()
    kith.clock.advance({ days: 6 })
    await kith.app.database.pool.query(`INSERT INTO calendar_channels ("ownerId", id, state, "tokenHash", "createdAt") VALUES ($1, $2, 'OPENING', '', $3)`, [
      who.ownerId,
      crypto.randomUUID(),
      new Date(kith.clock.now().epochMilliseconds),
    ])
    await kith.runJobs()
    expect(mine().map(({ id }) => id)).toEqual([old?.id])
    kith.clock.advance({ minutes: 61 })
    await kith.runJobs()
    expect(mine().map(({ id }) => id)).not.toEqual([old?.id])
    expect(await stored()).toMatchObject([{ state: 'OPEN' }])
  })

  test('row 32: whose messages are all lost is missed by nobody for long: the calendar is looked at every ten minutes, a quarter more or less', async () => {
    kith.google.settings.notifications.drop = true
    addMeeting('New')
    await kith.google.deliverNotifications()
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual([])
    const { nextRunAt, lastSuccessAt } = await stateOf(who)
    const minutes = ((nextRunAt?.getTime() ?? 0) - (lastSuccessAt?.getTime() ?? 0)) / 60_000
    expect(minutes).toBeGreaterThanOrEqual(7.5)
    expect(minutes).toBeLessThanOrEqual(12.5)
    kith.clock.advance({ minutes: 13 })
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['New'])
  })

  test('is closed when the calendar is disconnected, also when Google cannot be reached, and its messages mean nothing then', async () => {
    const [channel] = mine()
    const secrets = { 'x-goog-channel-id': channel?.id ?? '', 'x-goog-channel-token': channel?.token ?? '' }
    await stopChannels(who.ctx)
    expect(mine()).toEqual([])
    expect(await stored()).toEqual([])
    expect(await send(secrets)).toBe(404)

    const other = await someone(kith)
    await syncCalendar(other)
    await kith.runJobs()
    who = other
    expect(mine()).toHaveLength(1)
    kith.google.faults.add({ path: '/calendar/v3/channels/stop', status: 503 })
    await stopChannels(other.ctx)
    expect(await stored()).toEqual([])
    expect(await send()).toBe(404)
  })

  test('is not asked for where Google cannot reach this server', async () => {
    const plain = await testApp({
      databases: kith.databases,
      clock: kith.clock,
      config: { publicUrl: 'http://kith.example.org', google: { clientId: 'x', origin: null } },
    })
    expect([isReachable(plain.app), isReachable(kith.app)]).toEqual([false, true])
    await plain.close()
  })

  test('is found again when the directory is made anew', async () => {
    await kith.app.database.pool.query('DELETE FROM directory_channels')
    expect(await send()).toBe(404)
    await rebuildDirectories(kith.app)
    expect(await send()).toBe(204)
  })
})

describe('row 31: a message', () => {
  beforeEach(tidy)

  test('with another secret, or on a channel that nobody knows, is refused, and the two look alike', async () => {
    expect(await send({ 'x-goog-channel-token': 'wrong' })).toBe(404)
    expect(await send({ 'x-goog-channel-token': '' })).toBe(404)
    expect(await send({ 'x-goog-channel-id': crypto.randomUUID() })).toBe(404)
    expect(await send({ 'x-goog-channel-id': "x' OR true --" })).toBe(404)
    const other = await someone(kith)
    await syncCalendar(other)
    await kith.runJobs()
    const theirs = kith.google.channels.open().find(({ account }) => account.email === other.email)
    expect(await send({ 'x-goog-channel-token': theirs?.token ?? '' })).toBe(404)
    expect(await dirty()).toBe(false)
  })

  test('a hundred times over is one run', async () => {
    const answers = await Promise.all(Array.from({ length: 100 }, () => send()))
    expect(new Set(answers)).toEqual(new Set([204]))
    kith.google.ledger.clear()
    await kith.runJobs()
    expect(lists()).toBe(1)
    await send()
    await kith.runJobs()
    expect(lists()).toBe(1)
  })

  test('out of order changes nothing that the later one did not', async () => {
    await send({ 'x-goog-message-number': '20' })
    await tidy()
    expect(await send({ 'x-goog-message-number': '15' })).toBe(204)
    expect(await dirty()).toBe(false)
    expect(await send({ 'x-goog-message-number': '21' })).toBe(204)
    expect(await dirty()).toBe(true)
  })

  test('that only says that a channel is open is taken note of, and makes no work', async () => {
    expect(await send({ 'x-goog-resource-state': 'sync', 'x-goog-message-number': '1' })).toBe(204)
    expect(await dirty()).toBe(false)
  })

  test('while a run is under way is followed by another one', async () => {
    kith.google.faults.add({ path: listPath, afterwards: async () => void (addMeeting('In between'), await send()) })
    await syncCalendar(who)
    expect(await subjectsOf(who)).toEqual([])
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['In between'])
  })

  test('while a pause is on marks work without breaking the pause', async () => {
    kith.google.faults.add({ path: listPath, status: 429, headers: { 'retry-after': '300' } })
    await syncCalendar(who)
    kith.google.ledger.clear()
    expect(await send()).toBe(204)
    await kith.runJobs()
    expect(kith.google.ledger.entries).toEqual([])
    kith.clock.advance({ minutes: 6 })
    await kith.runJobs()
    expect(lists()).toBeGreaterThan(0)
  })

  test('while the database is away is sent again', async () => {
    const { database } = kith.app
    Object.assign(kith.app, { database: { ...database, pool: { query: () => Promise.reject(new Error('away')) } } })
    try {
      expect(await send()).toBe(503)
    } finally {
      Object.assign(kith.app, { database })
    }
    expect(await send()).toBe(204)
  })
})

test('[F-10] purging removes all that came from the calendar, of this owner alone, and nothing else', async () => {
  const other = await someone(kith)
  kith.google.world.addEvent(other.email, meeting('Theirs', '2026-02-20T10:00'))
  await syncCalendar(other)
  addMeeting('Mine')
  await syncCalendar(who)
  const { data } = await who.graphql('{ contacts { nodes { id } } }')
  await who.graphql(
    `mutation { interactionLog(input: { kind: CALL, occurredAt: "2026-01-01T10:00:00Z", contactIds: ["${data.contacts.nodes[0].id}"] }) { __typename } }`,
  )
  await inTransaction(who.ctx, purgeCalendar)
  const tables = ['calendar_entries', 'calendar_meetings', 'calendar_attendees', 'calendar_channels', 'calendar_schedulings', 'directory_channels']
  const count = async (ownerId: string) =>
    Object.fromEntries(
      await Promise.all(
        tables.map(async (table) => [
          table,
          Number((await kith.app.database.pool.query(`SELECT count(*) FROM ${table} WHERE "ownerId" = $1`, [ownerId])).rows[0].count),
        ]),
      ),
    )
  expect(await count(who.ownerId)).toEqual(Object.fromEntries(tables.map((table) => [table, 0])))
  expect(await count(other.ownerId)).toMatchObject({ calendar_entries: 1, calendar_meetings: 1, calendar_attendees: 1 })
  expect((await who.graphql('{ interactions { nodes { kind } } contacts { nodes { lastInteractionAt } } }')).data).toMatchObject({
    interactions: { nodes: [{ kind: 'CALL' }] },
    contacts: { nodes: expect.arrayContaining([{ lastInteractionAt: '2026-01-01T10:00:00.000Z' }]) },
  })
  expect(await subjectsOf(other)).toEqual(['Theirs'])
})
