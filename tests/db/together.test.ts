import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Ctx } from '../../src/core/ctx.ts'
import { execute, rows, send, sql } from '../../src/db/client.ts'
import { statementsOf } from '../../src/db/together.ts'
import { inTransaction } from '../../src/events/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
/** The first words of the statements of each message that left. */
let messages: string[][] = []

beforeAll(async () => {
  kith = await testApp({
    config: { maxConnections: 1 },
    onCreate: ({ database: { pool } }) =>
      void pool.on('connect', (client) => {
        const query = client.query.bind(client) as (...args: unknown[]) => unknown
        Object.assign(client, {
          query: (...args: unknown[]) => {
            messages.push(statementsOf(args[0]).map(({ text }) => text.split(/[\s(]+/, 3).join(' ')))
            return query(...args)
          },
        })
      }),
  })
})
afterAll(() => kith.close())
beforeEach(async () => {
  ada = await kith.signUp()
  messages = []
})

const rename = (tx: Ctx, name: string) => sql`UPDATE accounts SET name = ${name} WHERE "ownerId" = ${ada.ownerId}::uuid`
const nameOf = async (ctx: Ctx = ada.ctx) => (await rows<{ name: string }>(ctx, sql`SELECT name FROM accounts WHERE "ownerId" = ${ada.ownerId}::uuid`))[0]?.name

test('what a transaction asks for in one go travels in one message, each with its own answer', async () => {
  const answers = await inTransaction(ada.ctx, async (tx) => {
    send(tx, sql`SELECT 'nobody reads this' AS row`)
    return Promise.all([
      rows(tx, sql`SELECT 1 AS one`),
      execute(tx, sql`SELECT 1 UNION ALL SELECT 2`),
      execute(tx, rename(tx, 'Together')),
      rows(tx, sql`SELECT 2::bigint AS two UNION ALL SELECT 3`),
      nameOf(tx),
    ])
  })
  expect(answers).toEqual([[{ one: 1 }], 2, 1, [{ two: 2n }, { two: 3n }], 'Together'])
  expect(messages).toEqual([
    ['BEGIN', "SELECT 'nobody reads", 'SELECT 1 AS', 'SELECT 1 UNION', 'UPDATE accounts SET', 'SELECT 2::bigint AS', 'SELECT name FROM'],
    ['COMMIT'],
  ])
})

test('what is sent last travels with the commit', async () => {
  await inTransaction(ada.ctx, async (tx) => {
    await nameOf(tx)
    send(tx, rename(tx, 'At last'))
  })
  expect(messages.map(({ length }) => length)).toEqual([2, 2])
  expect(await nameOf()).toBe('At last')
})

test('a transaction that gives up before it asked for anything sends nothing', async () => {
  await expect(inTransaction(ada.ctx, async () => Promise.reject(new Error('No.')))).rejects.toThrow('No.')
  expect(messages).toEqual([])
})

test('what fails has what comes after it in the message left out, its commit too, and its own error tells why to all', async () => {
  const before = await nameOf()
  const told: unknown[] = []
  const failing = inTransaction(ada.ctx, async (tx) => {
    const all = [rows(tx, sql`SELECT 1 AS one`), execute(tx, sql`SELECT 1 / (${ada.ownerId}::text = '')::int`), execute(tx, rename(tx, 'Never to be seen'))]
    told.push(...(await Promise.allSettled(all)).map((each) => (each.status === 'fulfilled' ? each.value : each.reason.code)))
  })
  await expect(failing).rejects.toMatchObject({ code: '22012', stack: expect.stringContaining('together.test.ts') })
  expect(told).toEqual([[{ one: 1 }], '22012', '22012'])
  expect(await nameOf()).toBe(before)
})

test('after a message that failed every statement of it is prepared where it was not, and used where it was', async () => {
  const before = async (tx: Ctx) => rows(tx, sql`SELECT 'before'::text AS place`)
  const divided = async (tx: Ctx, by: number) => rows(tx, sql`SELECT 6 / ${by}::int AS sixth`)
  const after = async (tx: Ctx) => rows(tx, sql`SELECT 'after'::text AS place`)
  const all = (by: number) => inTransaction(ada.ctx, (tx) => Promise.all([before(tx), divided(tx, by), after(tx)]))
  for (let times = 0; times < 2; times += 1) await expect(all(0)).rejects.toMatchObject({ code: '22012' })
  for (let times = 0; times < 2; times += 1) expect(await all(2)).toEqual([[{ place: 'before' }], [{ sixth: 3 }], [{ place: 'after' }]])
  for (let times = 0; times < 2; times += 1)
    await expect(inTransaction(ada.ctx, (tx) => rows(tx, sql`SELECT nothing FROM nowhere`))).rejects.toMatchObject({ code: '42P01' })
  expect(await nameOf()).toBeDefined()
})

test('a statement that cannot be written fails the transaction, and nothing after it is done', async () => {
  const before = await nameOf()
  const circular: Record<string, unknown> = {}
  circular['self'] = circular
  for (let times = 0; times < 2; times += 1) {
    const failing = inTransaction(ada.ctx, async (tx) => {
      send(tx, rename(tx, 'Never to be seen'))
      send(tx, sql`SELECT ${circular}::jsonb AS json`)
      send(tx, rename(tx, 'Never to be seen either'))
    })
    await expect(failing).rejects.toThrow(/circular/)
  }
  const later = inTransaction(ada.ctx, async (tx) => {
    const renamed = execute(tx, rename(tx, 'Never to be seen'))
    send(tx, sql`SELECT ${circular}::jsonb AS json`)
    await renamed
    await nameOf(tx)
  })
  await expect(later).rejects.toThrow(/circular/)
  expect(await nameOf()).toBe(before)
  expect(await inTransaction(ada.ctx, (tx) => rows(tx, sql`SELECT ${{ fine: true }}::jsonb AS json`))).toEqual([{ json: { fine: true } }])
})

test('a note goes to the database twice, and the end of the chain is locked after all else that others may lock', async () => {
  const { data } = await ada.graphql('mutation { contactCreate(input: { name: { given: "Ada" } }) { ... on Contact { id } } }')
  const [{ id }] = (await rows<{ id: string }>(ada.ctx, sql`SELECT id FROM contacts WHERE "ownerId" = ${ada.ownerId}::uuid`)) as [{ id: string }]
  expect(data.contactCreate.id).toBeDefined()
  messages = []
  await createNote(ada.ctx, { contactId: id, body: 'Two ways only' })
  expect(messages).toEqual([
    ['BEGIN', 'INSERT INTO notes', 'INSERT INTO search_terms', 'SELECT seq, hash'],
    ['INSERT INTO events', 'UPDATE event_heads SET', 'COMMIT'],
  ])
})

test('a note that is a part of a transaction leaves the end of the chain to whoever locks last', async () => {
  await ada.graphql('mutation { contactCreate(input: { name: { given: "Ada" } }) { ... on Contact { id } } }')
  const [{ id }] = (await rows<{ id: string }>(ada.ctx, sql`SELECT id FROM contacts WHERE "ownerId" = ${ada.ownerId}::uuid`)) as [{ id: string }]
  messages = []
  await inTransaction(ada.ctx, async (tx) => {
    await createNote(tx, { contactId: id, body: 'One of several' })
    await execute(tx, rename(tx, 'Renamed after it'))
  })
  const order = messages.flat()
  expect(order.indexOf('SELECT seq, hash')).toBeGreaterThan(order.indexOf('UPDATE accounts SET'))
})

test('of a note that cannot be there no word is kept, whoever takes that in', async () => {
  await inTransaction(ada.ctx, async (tx) => {
    await createNote(tx, { contactId: '00000000-0000-0000-0000-000000000000', body: 'Nowhere to be found' }).catch(() => {})
    if (tx.unit) tx.unit.failure = undefined
  })
  expect(await rows(ada.ctx, sql`SELECT 1 FROM search_terms WHERE "ownerId" = ${ada.ownerId}::uuid`)).toEqual([])
})

test('the first error is told, also where what was to be prepared along with it is asked for again', async () => {
  let tries = 0
  const failing = inTransaction(ada.ctx, async (tx) => {
    tries += 1
    const later = (value: number) => sql`SELECT ${value}::int AS "never asked before"`
    send(tx, sql`SELECT pg_sleep(0.2)`)
    send(tx, sql`SELECT 1 / 0 AS "the first error"`)
    send(tx, later(1))
    await new Promise((resolve) => setTimeout(resolve, 20))
    await rows(tx, later(2))
  })
  await expect(failing).rejects.toMatchObject({ code: '22012' })
  expect(tries).toBe(1)
})
