import type { gmail_v1 } from 'googleapis/build/src/apis/gmail/index.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { newCloudProject, type Quota } from '../../dev/google/gmail/quota.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld } from '../../dev/google/world.ts'
import { gmailClient, refusal } from './clients.ts'

const ada = 'ada@example.test'
const grace = 'grace@example.test'
let clock: ReturnType<typeof fixedClock>
let simulator: GoogleSimulator
let users: gmail_v1.Resource$Users
beforeEach(async () => {
  clock = fixedClock('2026-03-01T12:00:00Z')
  const world = createWorld({ seed: 'quota', clock })
  world.addAccount({ email: ada, givenName: 'Ada', familyName: 'Example' })
  world.addAccount({ email: grace, givenName: 'Grace', familyName: 'Example' })
  simulator = await startGoogleSimulator({ clock, world })
  users = gmailClient(simulator, ada).users
})
afterEach(() => simulator.close())

const list = (of = users) => of.messages.list({ userId: 'me' })
const limited = (more: Partial<Quota>) => void (simulator.settings.gmail.quota = { ...newCloudProject, ...more })

test('nothing is limited to begin with', async () => {
  for (let calls = 0; calls < 30; calls++) await list()
  expect(new Set(simulator.ledger.of('gmail.messages.list').map(({ status, units }) => `${status} ${units}`))).toEqual(new Set(['200 5']))
})

test('a new project has 6,000 units a minute, a message costs 20, a conversation 40', () => {
  expect(newCloudProject).toMatchObject({
    unitsPerUserMinute: 6000,
    costs: { 'messages.get': 20, 'threads.get': 40, 'messages.list': 5, 'threads.list': 10, 'history.list': 2, getProfile: 1, watch: 100 },
  })
})

test('the minute slides: units come back one by one, a minute after they were spent', async () => {
  limited({ unitsPerUserMinute: 10 })
  await list()
  clock.advance('PT30S')
  await list()
  const { status, data } = await refusal(list())
  expect(status).toBe(429)
  expect(data.error).toMatchObject({ message: 'User-rate limit exceeded.  Retry after 2026-03-01T12:01:00.000Z', errors: [{ reason: 'rateLimitExceeded' }] })
  clock.advance('PT29.999S')
  expect((await refusal(list())).status).toBe(429)
  clock.advance('PT0.001S')
  await list()
  expect((await refusal(list())).status).toBe(429)
})

test('what is refused costs nothing, and another mailbox has its own minute', async () => {
  limited({ unitsPerUserMinute: 5 })
  await list()
  await refusal(list())
  expect(simulator.ledger.of('gmail.messages.list').map(({ units }) => units)).toEqual([5, 0])
  await list(gmailClient(simulator, grace).users)
})

test('all mailboxes share the minute of the project', async () => {
  limited({ unitsPerProjectMinute: 5 })
  await list()
  expect((await refusal(list(gmailClient(simulator, grace).users))).status).toBe(429)
})

test.each([
  ['userRateLimitExceeded 403', 403, 'userRateLimitExceeded', /Retry after 2026-03-01T12:01:00.000Z/],
  ['rateLimitExceeded 403', 403, 'rateLimitExceeded', /Quota exceeded/],
  ['rateLimitExceeded 429', 429, 'rateLimitExceeded', /Retry after 2026-03-01T12:01:00.000Z/],
] as const)('Gmail says no in several ways: %s', async (kind, httpStatus, reason, message) => {
  limited({ unitsPerUserMinute: 5, refusal: kind })
  await list()
  const { status, data } = await refusal(list())
  expect(status).toBe(httpStatus)
  expect(data.error).toMatchObject({ message: expect.stringMatching(message) as unknown, errors: [{ reason }] })
})

test('calls that are kept back are at work; one too many is refused, and there is room when they end', async () => {
  simulator.settings.gmail.concurrentCalls = 1
  const { promise, resolve } = Promise.withResolvers<void>()
  const arrived = simulator.faults.answered({ path: /\/messages$/ })
  simulator.faults.add({ path: /\/messages$/, holdUntil: promise })
  const first = list()
  await arrived
  const refused = await refusal(list())
  expect([refused.status, JSON.stringify(refused.data)]).toEqual([429, expect.stringContaining('Too many concurrent requests for user')])
  resolve()
  await first
  await list()
})
