import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { backendError, brokenJson, gmailPaths, htmlPage, tooFast, tooFastRetryAfter, truncatedGzip } from '../../dev/google/gmail/faults.ts'
import type { FaultRule } from '../../dev/google/faults.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { knownIds, type MailOwner, mailOwner, stateOf } from './support.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  kith.google.faults.clear()
  kith.google.ledger.clear()
})

/** How long until the next run, seconds. */
const waitOf = async (owner: MailOwner): Promise<number> => ((await stateOf(owner)).nextRunAt!.getTime() - clock.now().epochMilliseconds) / 1000

test.each<[string, (now: Temporal.Instant) => FaultRule]>([
  ['403 userRateLimitExceeded with a time in its message', (now) => tooFast('userRateLimitExceeded 403', now.add({ seconds: 90 }))],
  ['429 rateLimitExceeded with a time in its message', (now) => tooFast('rateLimitExceeded 429', now.add({ seconds: 90 }))],
  ['Retry-After in seconds', () => tooFastRetryAfter(90)],
  ['Retry-After as a date', (now) => tooFastRetryAfter(now.add({ seconds: 91 }))],
])('row 11: %s is waited for, and the run goes on', async (_what, fault) => {
  const owner = await mailOwner(kith)
  owner.deliver({ from: 'a@example.test' })
  for (const path of [gmailPaths.profile, gmailPaths.list, gmailPaths.batch]) {
    kith.google.faults.add({ ...fault(clock.now()), path })
    await owner.sync()
    expect(await stateOf(owner)).toMatchObject({ status: 'PENDING', errorCode: 'RATE_LIMITED', leaseOwner: null })
    const wait = await waitOf(owner)
    expect(wait).toBeGreaterThanOrEqual(85)
    // What is not due yet is not tried.
    kith.google.ledger.clear()
    clock.advance({ seconds: 60 })
    await owner.sync()
    expect(kith.google.ledger.entries.filter(({ account }) => account === owner.email)).toEqual([])
    clock.advance({ seconds: Math.ceil(wait) })
  }
  await owner.sync()
  expect(await stateOf(owner)).toMatchObject({ status: 'IDLE', errorCode: null })
  expect(await knownIds(owner.ctx)).toHaveLength(1)
})

test('row 11: 403 rateLimitExceeded without a hint is waited for by chance, longer each time', async () => {
  const owner = await mailOwner(kith)
  const waits: number[] = []
  for (let round = 0; round < 4; round += 1) {
    kith.google.faults.add({ ...tooFast('rateLimitExceeded 403', clock.now()), path: gmailPaths.profile })
    await owner.sync()
    waits.push(await waitOf(owner))
    clock.advance({ minutes: 2 })
  }
  for (const [round, wait] of waits.entries()) {
    expect(wait).toBeGreaterThan(0)
    expect(wait).toBeLessThanOrEqual(2 ** round + 1)
  }
  expect(new Set(waits).size).toBeGreaterThan(1)
})

const mishaps: [string, FaultRule][] = [
  ['500', backendError(500)],
  ['502 with a page', htmlPage()],
  ['200 with a page', htmlPage(200)],
  ['503', backendError(503)],
  ['504', backendError(504)],
  ['a connection that breaks', { reset: true }],
  ['an answer that is cut off', { truncateBytes: 30 }],
  ['compression that is cut off', truncatedGzip()],
  ['JSON that stops in the middle', brokenJson()],
]

test.each(mishaps)('row 13: %s is tried again later, and nothing is lost', async (_what, fault) => {
  const owner = await mailOwner(kith)
  await owner.sync()
  const { cursor } = await stateOf(owner)
  for (const path of [gmailPaths.history, gmailPaths.batch]) {
    owner.deliver({ from: 'a@example.test' })
    owner.deliver({ from: 'b@example.test' })
    kith.google.faults.add({ ...fault, path })
    clock.advance({ minutes: 15 })
    await owner.sync()
    const paused = await stateOf(owner)
    expect(paused).toMatchObject({ status: 'PENDING', errorCode: 'UNAVAILABLE', failures: 1, leaseOwner: null })
    if (path === gmailPaths.history) expect(paused.cursor).toBe(cursor)
    clock.advance({ seconds: 10 })
    await owner.sync()
    expect(await stateOf(owner)).toMatchObject({ status: 'IDLE', failures: 0 })
  }
  expect(await knownIds(owner.ctx)).toEqual(kith.google.world.mailToKnow(owner.email).map(({ id }) => id))
})

test('row 13: where Gmail goes on failing, the waits grow to an hour and it is said', async () => {
  const owner = await mailOwner(kith)
  kith.google.faults.add({ ...backendError(), path: gmailPaths.any, times: Infinity })
  for (let round = 0; round < 16; round += 1) {
    await owner.sync()
    clock.advance({ hours: 1, minutes: 1 })
  }
  const failed = await stateOf(owner)
  expect(failed).toMatchObject({ status: 'FAILED', failures: 16 })
  expect((failed.nextRunAt!.getTime() - clock.now().epochMilliseconds) / 1000).toBeLessThanOrEqual(3600)
  kith.google.faults.clear()
  await owner.sync()
  expect(await stateOf(owner)).toMatchObject({ status: 'IDLE', failures: 0 })
})

test('row 13: one message that Gmail cannot show holds up no other', async () => {
  const owner = await mailOwner(kith)
  const broken = owner.deliver({ from: 'broken@example.test' })
  const whole = owner.deliver({ from: 'whole@example.test' })
  kith.google.faults.add({ ...backendError(500), path: new RegExp(`/messages/${broken.id}$`), times: 3 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual([whole.id])
  expect(await stateOf(owner)).toMatchObject({ status: 'IDLE' })
  for (let round = 0; round < 3; round += 1) {
    clock.advance({ minutes: 15 })
    await owner.sync()
  }
  expect(await knownIds(owner.ctx)).toEqual([broken.id, whole.id].toSorted())
})
