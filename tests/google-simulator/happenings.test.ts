import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { missing } from '../../dev/google/faults.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { peopleClient } from './clients.ts'

const email = 'ada@example.test'
const path = '/v1/people/me/connections'
let world: World
let simulator: GoogleSimulator
beforeEach(async () => {
  const clock = fixedClock('2026-03-01T12:00:00Z')
  world = createWorld({ seed: 'happenings', clock })
  world.addAccount({ email, givenName: 'Ada', familyName: 'Example' })
  for (let number = 1; number <= 5; number++) world.addPerson(email, { names: [{ givenName: `Person${number}` }] })
  simulator = await startGoogleSimulator({ clock, world })
})
afterEach(() => simulator.close())

const list = async (pageToken?: string) => {
  const request = { resourceName: 'people/me', personFields: 'names', pageSize: 2, requestSyncToken: true, ...(pageToken && { pageToken }) }
  return (await peopleClient(simulator, email).people.connections.list(request)).data
}
const add = (givenName: string) => () => void world.addPerson(email, { names: [{ givenName }] })

test('the world changes before or after the nth request is looked at, and the answer is the real one', async () => {
  simulator.faults.add({ path, nth: 2, before: add('Before') })
  const after = simulator.faults.add({ path, nth: 3, afterwards: add('After') })
  expect((await list()).totalItems).toBe(5)
  expect((await list()).totalItems).toBe(6)
  expect((await list()).totalItems).toBe(6)
  expect((await list()).totalItems).toBe(7)
  expect(after.hits).toBe(1)
  expect(simulator.ledger.entries.map((entry) => entry.faulty)).toEqual([false, false, false, false])
})

test('several happenings and one fault strike the same request, and a fault alone still does', async () => {
  simulator.faults.add({ path, before: add('One') })
  simulator.faults.add({ path, status: 503, after: true, afterwards: add('Two') })
  simulator.faults.add({ path, before: add('Three') })
  simulator.faults.add({ path, status: 500 })
  await expect(list()).rejects.toMatchObject({ status: 503 })
  await expect(list()).rejects.toMatchObject({ status: 500 })
  expect((await list()).totalItems).toBe(8)
})

test('a page can be empty and lead to the page it should have been', async () => {
  simulator.faults.add({ path, nth: 2, emptyPage: true })
  const first = await list()
  const empty = await list(first.nextPageToken ?? '')
  expect([empty.connections, empty.nextSyncToken]).toEqual([undefined, undefined])
  const second = await list(empty.nextPageToken ?? '')
  const last = await list(second.nextPageToken ?? '')
  const names = [first, second, last].flatMap((page) => page.connections?.map((person) => person.names?.[0]?.givenName))
  expect(names).toEqual(['Person1', 'Person2', 'Person3', 'Person4', 'Person5'])
})

test('a field can be missing from an answer', async () => {
  simulator.faults.add({ path, ...missing('nextPageToken', 'nextSyncToken') })
  const { connections, nextPageToken } = await list()
  expect([connections?.length, nextPageToken]).toEqual([2, undefined])
  expect((await list()).nextPageToken).toBeDefined()
})
