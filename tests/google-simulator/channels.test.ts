import { randomUUID } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { calendarClient, refusal } from './clients.ts'

const email = 'ada@example.test'
let clock: ReturnType<typeof fixedClock>
let world: World
let simulator: GoogleSimulator
let calendar: calendar_v3.Calendar
let receiver: Server
let received: { headers: IncomingHttpHeaders; method: string | undefined }[]
let answer: number
beforeEach(async () => {
  clock = fixedClock('2026-03-02T12:00:00Z')
  world = createWorld({ seed: 'channels', clock })
  world.addAccount({ email, givenName: 'Ada', familyName: 'Example' })
  world.addAccount({ email: 'grace@example.test', givenName: 'Grace', familyName: 'Example' })
  simulator = await startGoogleSimulator({ clock, world })
  calendar = calendarClient(simulator, email)
  received = []
  answer = 204
  receiver = createServer(({ headers, method }, response) => {
    received.push({ headers, method })
    response.writeHead(answer).end()
  })
  receiver.listen(0, '127.0.0.1')
  await once(receiver, 'listening')
})
afterEach(async () => {
  await simulator.close()
  receiver.closeAllConnections()
  receiver.close()
})

const address = () => `http://127.0.0.1:${(receiver.address() as AddressInfo).port}/push`
const watch = async (requestBody: calendar_v3.Schema$Channel = {}) =>
  (
    await calendar.events.watch({
      calendarId: 'primary',
      requestBody: { id: randomUUID(), type: 'web_hook', address: address(), token: 'secret', ...requestBody },
    })
  ).data
const add = () => world.addEvent(email, { summary: 'x', start: { date: '2026-03-03' }, end: { date: '2026-03-04' } })
const states = () => received.map(({ headers }) => headers['x-goog-resource-state'])
const numbers = () => received.map(({ headers }) => Number(headers['x-goog-message-number']))

test('a channel begins with sync, then tells once of all that changed, with growing message numbers', async () => {
  add()
  const channel = await watch()
  expect(channel).toMatchObject({ kind: 'api#channel', token: 'secret', expiration: String(Date.parse('2026-03-09T12:00:00Z')) })
  await simulator.deliverNotifications()
  expect(received).toMatchObject([
    {
      method: 'POST',
      headers: {
        'x-goog-channel-id': channel.id,
        'x-goog-channel-token': 'secret',
        'x-goog-channel-expiration': 'Mon, 09 Mar 2026 12:00:00 GMT',
        'x-goog-resource-id': channel.resourceId,
        'x-goog-resource-uri': `${simulator.origin}/calendar/v3/calendars/primary/events?alt=json`,
        'x-goog-resource-state': 'sync',
        'x-goog-message-number': '1',
        'content-length': '0',
      },
    },
  ])
  await simulator.deliverNotifications()
  add()
  add()
  await simulator.deliverNotifications()
  add()
  expect(await simulator.deliverNotifications()).toMatchObject([{ channelId: channel.id, state: 'exists', status: 204 }])
  expect(states()).toEqual(['sync', 'exists', 'exists'])
  expect(numbers()).toEqual(numbers().toSorted((one, other) => one - other))
  expect(new Set(numbers()).size).toBe(3)
})

test('stopped and expired channels are told nothing; stopping needs both ids and the account', async () => {
  const [stopped, expiring] = [await watch(), await watch({ params: { ttl: '3600' } })]
  const { id = '', resourceId = '' } = stopped
  expect(await refusal(calendar.channels.stop({ requestBody: { id: id ?? '', resourceId: 'other' } }))).toMatchObject({ status: 404 })
  const other = calendarClient(simulator, 'grace@example.test')
  expect(await refusal(other.channels.stop({ requestBody: { id: id ?? '', resourceId: resourceId ?? '' } }))).toMatchObject({ status: 404 })
  expect((await calendar.channels.stop({ requestBody: { id: id ?? '', resourceId: resourceId ?? '' } })).status).toBe(204)
  expect(simulator.channels.open().map((channel) => channel.id)).toEqual([expiring.id])
  clock.advance({ hours: 1 })
  add()
  expect(await simulator.deliverNotifications()).toEqual([])
  expect([received, simulator.channels.open()]).toEqual([[], []])
})

test.each([
  ['an address without HTTPS', { address: 'http://kith.example/push' }],
  ['an id that is none', { id: 'with space' }],
  ['another type', { type: 'mail' }],
  ['a long token', { token: 'x'.repeat(257) }],
])('refuses %s: 400', async (_, body) => {
  expect(await refusal(watch(body))).toMatchObject({ status: 400 })
})

test('refuses an id that was used before: 400 channelIdNotUnique', async () => {
  const { id } = await watch()
  expect(await refusal(watch({ id: id ?? '' }))).toMatchObject({ status: 400, data: { error: { errors: [{ reason: 'channelIdNotUnique' }] } } })
})

test('what the receiver fails at comes again, what it refuses does not', async () => {
  await watch()
  answer = 503
  await simulator.deliverNotifications()
  await simulator.deliverNotifications()
  answer = 401
  await simulator.deliverNotifications()
  await simulator.deliverNotifications()
  expect(numbers()).toEqual([1, 1, 1])
})

test('notifications can be lost, doubled, out of order and with a wrong token', async () => {
  const { notifications } = simulator.settings
  await watch()
  add()
  Object.assign(notifications, { duplicate: true, reorder: true, wrongToken: true })
  await simulator.deliverNotifications()
  expect(states()).toEqual(['exists', 'exists', 'sync', 'sync'])
  expect(received.every(({ headers }) => headers['x-goog-channel-token'] !== 'secret')).toBe(true)
  Object.assign(notifications, { drop: true })
  add()
  expect(await simulator.deliverNotifications()).toMatchObject([{ status: null }, { status: null }])
  Object.assign(notifications, { drop: false })
  expect([await simulator.deliverNotifications(), received.length]).toEqual([[], 4])
})
