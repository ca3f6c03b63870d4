import pg from 'pg'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { rows, sql } from '../../src/db/client.ts'
import { tookTooLong } from '../../src/db/errors.ts'
import { inTransaction } from '../../src/events/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { type Person } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'

const timeoutMs = 200
let kith: WebApp
let ada: Person
let contactId: string

beforeAll(async () => {
  kith = await webApp({ config: { statementTimeoutMs: timeoutMs } })
})
afterAll(() => kith.close())
beforeEach(async () => {
  ada = await kith.signUp()
  const { data } = await ada.graphql('mutation { contactCreate(input: { name: { given: "Ada" } }) { ... on Contact { id } } }')
  contactId = data.contactCreate.id
})

/** Does something while another session keeps tables or rows to itself. */
async function whileHeld<T>(statement: string, work: () => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: kith.databases.url })
  await client.connect()
  try {
    await client.query('BEGIN')
    await client.query(statement)
    return await work()
  } finally {
    await client.end()
  }
}

const refused = {
  status: 503,
  errors: [{ message: expect.stringContaining('took too long'), extensions: { code: 'TIMED_OUT', requestId: expect.any(String) } }],
}

test('a list that takes too long is given up, and the caller is told so', async () => {
  expect(await whileHeld('LOCK TABLE notes', () => ada.graphql('{ notes { nodes { id } } }'))).toMatchObject(refused)
  expect((await ada.graphql('{ notes { nodes { id } } }')).data).toEqual({ notes: { nodes: [] } })
})

test('a write that waits too long is given up whole, also with a key that makes it safe to repeat', async () => {
  const star = (headers = {}) =>
    ada.graphql('mutation ($id: ID!) { contactUpdate(id: $id, input: { starred: true }) { ... on Contact { starred } } }', { id: contactId }, { headers })
  expect(await whileHeld('SELECT * FROM contacts FOR UPDATE', () => star())).toMatchObject(refused)
  expect(await whileHeld('SELECT * FROM contacts FOR UPDATE', () => star({ 'idempotency-key': 'k' }))).toMatchObject(refused)
  expect((await ada.graphql('query ($id: ID!) { contact(id: $id) { starred } }', { id: contactId })).data.contact).toEqual({ starred: false })
  expect((await star({ 'idempotency-key': 'k' })).data.contactUpdate).toEqual({ starred: true })
})

test('a route says the same', async () => {
  const token = await ada.token()
  const answer = await whileHeld('LOCK TABLE contacts', () => fetch(`${kith.origin}/contacts/export.csv`, { headers: { authorization: `Bearer ${token}` } }))
  expect([answer.status, await answer.json()]).toMatchObject([503, { code: 'TIMED_OUT' }])
})

test('a job may take longer, and what it held is bounded again for the next', async () => {
  const slow = sql`SELECT pg_sleep(${(2 * timeoutMs) / 1000}::float8)::text`
  await inTransaction(systemCtx(kith.app, ada.ownerId, 'test'), (tx) => rows(tx, slow))
  await expect(inTransaction(ada.ctx, (tx) => rows(tx, slow))).rejects.toSatisfy(tookTooLong)
  await expect(rows(systemCtx(kith.app, ada.ownerId, 'test'), slow)).rejects.toSatisfy(tookTooLong)
})
