import { afterAll, beforeAll, expect, test } from 'vitest'
import { rows, sql } from '../../src/db/client.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ config: { maxConnections: 1 } })
  ada = await kith.signUp()
})
afterAll(() => kith.close())

/** The statements that the app's only connection keeps. */
async function kept(): Promise<string[]> {
  const { rows: found } = await kith.app.database.pool.query<{ statement: string }>('SELECT statement FROM pg_prepared_statements')
  return found.map(({ statement }) => statement)
}

async function ask(list: string): Promise<void> {
  const answer = await ada.graphql(`{ ${list} { totalCount nodes { id } } }`)
  expect(answer.errors).toBeUndefined()
}

test('a list as it is asked for all day is kept prepared', async () => {
  const lists = ['contacts(first: 5)', 'reminders(first: 5)', 'interactions(first: 5)', 'notes(first: 5)']
  for (let times = 0; times < 3; times += 1) for (const list of lists) await ask(list)
  const statements = await kept()
  for (const table of ['contacts', 'reminders', 'interactions', 'notes'])
    expect(statements.filter((statement) => statement.includes(`FROM ${table} AS`) && statement.includes('LIMIT'))).toHaveLength(1)
})

test.each([
  'contacts(first: 5, filter: { email: { eq: "a" } })',
  'contacts(first: 5, filter: { or: [{ tag: { eq: "a" } }, { not: { phone: { isNull: true } } }] })',
  'contacts(first: 5, orderBy: [{ field: UPDATED_AT }, { field: FAMILY_NAME, direction: DESC }])',
  'contacts(first: 5, search: "some few words")',
  'reminders(first: 5, filter: { state: OPEN, dueAt: { gt: "2026-01-01T00:00:00Z" } })',
  'interactions(first: 5, filter: { kind: CALL, occurredAt: { lt: "2026-01-01T00:00:00Z" } })',
  'notes(first: 5, search: "some words")',
])('what a caller composes and asks for twice is not: %s', async (list) => {
  const lists = async () => (await kept()).filter((statement) => /LIMIT|count\(\*\)/.test(statement))
  const before = await lists()
  for (let times = 0; times < 2; times += 1) await ask(list)
  expect(await lists()).toEqual(before)
})

test('a search is planned once, whatever is looked for, and all else as PostgreSQL sees fit', async () => {
  const { pool } = kith.app.database
  for (let times = 0; times < 12; times += 1)
    expect(
      (await ada.graphql('query ($search: String!) { contacts(first: 5, search: $search) { nodes { id starred } } }', { search: `word${times}` })).errors,
    ).toBeUndefined()
  const { rows: plans } = await pool.query<{ generic: number; custom: number }>(
    `SELECT generic_plans::int AS generic, custom_plans::int AS custom FROM pg_prepared_statements WHERE statement LIKE '%search_terms%' AND statement LIKE '%json_agg%'`,
  )
  expect(plans).toEqual([{ generic: expect.any(Number), custom: 0 }])
  expect(plans[0]?.generic).toBeGreaterThan(8)
  expect((await pool.query('SHOW plan_cache_mode')).rows).toEqual([{ plan_cache_mode: 'auto' }])
})

test('contacts that are filtered are found by a plan for what they are filtered by, however often they are asked for', async () => {
  const filtered = async () => (await kept()).filter((statement) => statement.includes('"nameFolded" = ANY'))
  const query = 'query ($tags: [String!]) { contacts(first: 5, filter: { tag: { in: $tags } }) { nodes { id } } }'
  for (let times = 0; times < 8; times += 1) expect((await ada.graphql(query, { tags: [`tag${times}`] })).errors).toBeUndefined()
  expect(await filtered()).toEqual([])
})

test('however many shapes of a statement there are, few of them stay', async () => {
  for (let length = 1; length <= 600; length += 1) await rows(ada.ctx, sql`SELECT ${length}::int AS ${sql([`shape${length}`])}`)
  expect((await kept()).length).toBeLessThanOrEqual(500 + 100)
})

test('of what one caller composes fifty statements stay at most, however often they ask', async () => {
  const before = (await kept()).length
  for (let field = 0; field < 120; field += 1) {
    const aliases = Array.from({ length: 7 }, (_, bit) =>
      (field >> bit) & 1 ? ['updatedAt', 'starred', 'createdAt', 'archivedAt', 'displayName', 'externalReference', 'lastInboundAt'][bit] : '',
    )
    for (let times = 0; times < 3; times += 1)
      expect((await ada.graphql(`{ contacts(first: 5) { nodes { id ${aliases.join(' ')} } } }`)).errors).toBeUndefined()
  }
  const more = (await kept()).length - before
  expect(more).toBeGreaterThan(25)
  expect(more).toBeLessThanOrEqual(50)
})
