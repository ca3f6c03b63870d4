import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { type WebApp, webApp } from '../support/web.ts'
import type { Person } from '../support/app.ts'

const clock = fixedClock('2027-01-01T00:00:00Z')
let kith: WebApp
let ada: Person
let token: string

beforeAll(async () => {
  kith = await webApp({ clock, config: { limits: { costCapacity: 1000, costRestorePerSecond: 50, anonymousPerMinute: 60 } } })
})
afterAll(() => kith.close())
beforeEach(async () => {
  ada = await kith.signUp()
  token = await ada.token()
})

const card = (n: number) => `BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Person ${n}\r\nNOTE:${'x'.repeat(400)}\r\nEND:VCARD\r\n`
const cards = (count: number) => Array.from({ length: count }, (_, n) => card(n)).join('')
const send = (body: BodyInit) =>
  fetch(`${kith.origin}/contacts/import`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'text/vcard' },
    body,
    ...(typeof body === 'string' ? {} : { duplex: 'half' }),
  } as RequestInit)
const take = () => fetch(`${kith.origin}/contacts/export.csv`, { headers: { authorization: `Bearer ${token}` } })
const left = (answer: Response) => Number(/r=(\d+)/.exec(answer.headers.get('ratelimit') ?? '')?.[1])
const query = (document: string, variables = {}) => kith.graphql(document, variables, { token })

test('a file costs what its size does, from the bucket of the operations', async () => {
  await query('{ __typename }')
  const file = cards(200)
  const answer = await send(file)
  expect(answer.status).toBe(202)
  expect(left(answer)).toBe(1000 - 1 - 10 - Math.ceil(file.length / 5000))
  expect((await query('{ __typename }')).extensions).toMatchObject({ cost: { remaining: left(answer) - 1 } })
})

test('a file of unknown size is settled once it is there', async () => {
  const answer = await send(new Blob([card(1)]).stream())
  expect([answer.status, left(answer)]).toEqual([202, 989])
})

test('whoever has spent the points waits: no file is taken in and none given out', async () => {
  // 990 of the 1,000 points: an import of 46 kB is out of reach, and one export is not.
  for (let spent = 0; spent < 90; spent += 1) await query('mutation { sessionRevoke(id: "x") { __typename } }')
  const refused = await send(cards(100))
  expect(refused.status).toBe(429)
  expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  expect(await refused.json()).toMatchObject({ code: 'RATE_LIMITED', message: expect.stringContaining('try again') })
  expect(await ada.ctx.db.importRun.count({ where: { ownerId: ada.ownerId } })).toBe(0)
  expect((await take()).status).toBe(200)
  expect((await take()).status).toBe(429)
})

test('an export costs a point for each ten contacts', async () => {
  await query('mutation ($input: ContactsImportInput!) { contactsImport(input: $input) { __typename } }', { input: { format: 'VCARD', content: cards(95) } })
  const before = left(await take())
  expect(left(await take())).toBe(before - 10 - 10)
})

test('an import inside a request costs its size too, also where little of it is asked for; a replay does not', async () => {
  const content = cards(95)
  const document = 'mutation ($input: ContactsImportInput!) { contactsImport(input: $input) { ... on ContactsImported { created } } }'
  const once = () => kith.graphql(document, { input: { format: 'VCARD', content } }, { token, headers: { 'idempotency-key': 'k' } })
  const points = Math.ceil(content.length / 5000)
  expect((await once()).extensions).toMatchObject({ cost: { requested: 11 + points, actual: 11 + points } })
  expect((await once()).extensions).toMatchObject({ cost: { actual: 11 } })
})
