import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { gmailPaths, notFoundAtFirst, tooMany } from '../../dev/google/gmail/faults.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { sendBatch } from './batch.ts'

const ada = 'ada@example.test'
let world: World
let simulator: GoogleSimulator
let token: string
let ids: string[]
beforeEach(async () => {
  const clock = fixedClock('2026-03-01T12:00:00Z')
  world = createWorld({ seed: 'batch', clock })
  world.addAccount({ email: ada, givenName: 'Ada', familyName: 'Example' })
  world.addAccount({ email: 'grace@example.test', givenName: 'Grace', familyName: 'Example' })
  ids = world
    .deliverMails(
      ada,
      Array.from({ length: 5 }, (_, index) => ({ from: `person${index}@example.com` })),
    )
    .map(({ id }) => id)
  simulator = await startGoogleSimulator({ clock, world })
  token = tokenOf(ada)
})
afterEach(() => simulator.close())

const tokenOf = (account: string) => simulator.issueTokens({ account, scopes: ['https://www.googleapis.com/auth/gmail.metadata'] }).accessToken
const pathOf = (id: string) => `/gmail/v1/users/me/messages/${id}?format=metadata&metadataHeaders=From&fields=id,payload/headers`
const send = (paths = ids.map(pathOf)) => sendBatch(simulator, token, paths)

test('every part is answered under its own name, with the authorization of the whole', async () => {
  const { response, parts } = await send([...ids.map(pathOf), pathOf('00000000000000aa')])
  expect(response.status).toBe(200)
  expect(parts.map(({ contentId }) => contentId)).toEqual(parts.map((_, index) => `<response-item${index}>`))
  expect(parts.map(({ status }) => status)).toEqual([200, 200, 200, 200, 200, 404])
  expect(parts.map(({ body }) => body.id)).toEqual([...ids, undefined])
  expect(parts[0]?.body).toEqual({ id: ids[0], payload: { headers: [{ name: 'From', value: 'person0@example.com' }] } })
})

test('the ledger holds the batch and each of its parts, which cost what single calls cost', async () => {
  await send()
  expect(simulator.ledger.of('gmail.messages.get').map(({ part, units, account, status }) => [part, units, account, status])).toEqual(
    ids.map((_, index) => [index, 20, ada, 200]),
  )
  expect(simulator.ledger.of('gmail.batch')).toMatchObject([{ part: null, units: 0, status: 200 }])
})

test('a part may bring its own token; without any, each part is 401 while the batch is 200', async () => {
  const grace = world.deliverMail('grace@example.test', { from: 'person@example.com' })
  const own = await sendBatch(simulator, token, [pathOf(grace.id)], [`Authorization: Bearer ${tokenOf('grace@example.test')}`])
  expect(own.parts).toMatchObject([{ status: 200, body: { id: grace.id } }])
  const { response, parts } = await sendBatch(simulator, null, ids.map(pathOf))
  expect(response.status).toBe(200)
  expect(new Set(parts.map(({ status }) => status))).toEqual(new Set([401]))
})

test('more than a hundred parts are refused whole, and so is what is no batch', async () => {
  const paths = Array.from({ length: 101 }, (_, index) => pathOf(ids[index % 5]!))
  expect((await send(paths)).response.status).toBe(400)
  expect(simulator.ledger.of('gmail.messages.get')).toEqual([])
  expect((await send(paths.slice(1))).parts).toHaveLength(100)
  expect((await send([])).response.status).toBe(400)
  expect((await fetch(`${simulator.origin}/batch/gmail/v1`, { method: 'POST', body: 'x' })).status).toBe(400)
})

test('gmail.metadata holds within a batch', async () => {
  const { parts } = await send([`/gmail/v1/users/me/messages/${ids[0]}`, '/gmail/v1/users/me/messages?q='])
  expect(parts.map(({ status }) => status)).toEqual([403, 403])
})

test('single parts fail: 404 at first, 429 three times', async () => {
  simulator.faults.add(notFoundAtFirst(ids[1]!, 1))
  simulator.faults.add({ path: gmailPaths.get, inBatch: true, nth: 3, times: 3, ...tooMany() })
  expect((await send()).parts.map(({ status }) => status)).toEqual([200, 404, 200, 429, 429])
  expect((await send()).parts.map(({ status }) => status)).toEqual([429, 200, 200, 200, 200])
})

test('parts come in another order, go missing or are cut', async () => {
  simulator.faults.add({ path: gmailPaths.batch, rewriteParts: (parts) => parts.toReversed().slice(1) })
  const { parts } = await send()
  expect(parts.map(({ contentId, body }) => [contentId, body.id])).toEqual([3, 2, 1, 0].map((index) => [`<response-item${index}>`, ids[index]]))
  simulator.faults.add({ path: gmailPaths.get, nth: 2, truncateBytes: 10 })
  expect((await send()).parts.map(({ body }) => body.id)).toEqual([ids[0], undefined, ...ids.slice(2)])
})

test('parts above the number of calls at work are 429, and the next batch finds room again', async () => {
  simulator.settings.gmail.concurrentCalls = 3
  const { parts } = await send()
  expect(parts.map(({ status }) => status)).toEqual([200, 200, 200, 429, 429])
  expect(JSON.stringify(parts[4]?.body)).toContain('Too many concurrent requests for user')
  expect((await send(ids.slice(0, 3).map(pathOf))).parts.map(({ status }) => status)).toEqual([200, 200, 200])
})
