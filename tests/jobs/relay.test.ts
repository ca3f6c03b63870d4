import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock, toInstant } from '../../src/core/clock.ts'
import { inTransaction, setOff } from '../../src/events/service.ts'
import { createRelay, type Relay } from '../../src/jobs/relay.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2027-03-01T12:00:00Z')
let kith: TestApp
let ada: Person
let grace: Person

beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  ada = await kith.signUp()
  grace = await kith.signUp()
  await kith.app.database.pool.query('DELETE FROM outbox')
})

const waiting = async () => (await kith.app.database.pool.query('SELECT kind, attempts FROM outbox ORDER BY id')).rows as { kind: string; attempts: number }[]
const set = (person: Person, kind: string, count: number) =>
  inTransaction(person.ctx, async (tx) => setOff(tx, ...Array.from({ length: count }, (_, index) => ({ kind, payload: { at: String(index) } }))))
const relayOf = (handlers: Relay['handlers']) => createRelay(kith.app, handlers)

test('effects that keep failing hold up nobody, however many they are', async () => {
  await set(ada, 'fails', 120)
  await set(grace, 'works', 3)
  let worked = 0
  let failed = 0
  const relay = relayOf({
    fails: async () => {
      failed += 1
      throw new Error('It cannot be done.')
    },
    works: async () => void (worked += 1),
  })
  expect(await relay.drain()).toBe(3)
  expect({ worked, failed }).toEqual({ worked: 3, failed: 120 })
  expect(await relay.drain(), 'nothing may be tried again yet').toBe(0)
  expect(failed).toBe(120)
})

test('an effect that fails is tried again after 1 s, then ever later, 10 min at most, until it works', async () => {
  await set(ada, 'mends', 1)
  let tries = 0
  let broken = true
  const relay = relayOf({
    mends: async () => {
      tries += 1
      if (broken) throw new Error('Not yet.')
    },
  })
  const pauses: number[] = []
  await relay.drain()
  while (tries < 13) {
    const before = { tries, at: clock.now() }
    const [row] = (await kith.app.database.pool.query<{ notBefore: Date }>('SELECT "notBefore" FROM outbox')).rows
    const due = toInstant(row?.notBefore ?? new Date(0))
    clock.set(due.subtract({ milliseconds: 1 }))
    await relay.drain(ada.ownerId)
    expect(tries, 'not before its time').toBe(before.tries)
    clock.set(due)
    await relay.drain(ada.ownerId)
    expect(tries).toBe(before.tries + 1)
    pauses.push(before.at.until(due).total('seconds'))
  }
  expect(pauses).toEqual([1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 600, 600])
  expect(await waiting()).toEqual([{ kind: 'mends', attempts: 13 }])
  broken = false
  clock.set(clock.now().add({ seconds: 600 }))
  expect(await relay.drain()).toBe(1)
  expect(await waiting()).toEqual([])
})

test('a relay that is stopped finishes the effect it is at, waits for it, and leaves the rest for another', async () => {
  await set(ada, 'slow', 10)
  const begun = Promise.withResolvers<void>()
  const gate = Promise.withResolvers<void>()
  let done = 0
  const relay = relayOf({
    slow: async () => {
      begun.resolve()
      await gate.promise
      done += 1
    },
  })
  const draining = relay.drain()
  await begun.promise
  let ended = false
  const stopping = relay.stop().then(() => (ended = true))
  await kith.app.database.pool.query('SELECT 1')
  expect(ended).toBe(false)
  gate.resolve()
  await stopping
  expect(done).toBe(1)
  expect(await draining).toBe(1)
  expect(await waiting()).toEqual(Array.from({ length: 9 }, () => ({ kind: 'slow', attempts: 0 })))
  expect(await relay.drain()).toBe(0)
  expect(await relayOf({ slow: async () => void (done += 1) }).drain()).toBe(9)
})
