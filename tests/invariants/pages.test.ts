import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { contactsListing } from '../../src/contacts/list.ts'
import { listPage, type Listing, pageOf, pageSql } from '../../src/db/keyset.ts'
import { createContacts } from '../../src/contacts/service.ts'
import { idFrom } from '../../src/core/ids.ts'
import { interactionsListing } from '../../src/interactions/reads.ts'
import { notesListing } from '../../src/notes/service.ts'
import { remindersListing } from '../../src/reminders/reads.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
let contactIds: string[]

beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
  const made = await createContacts(
    ada.ctx,
    ['Ann', 'Bo', 'Cy'].map((given) => ({ name: { given } })),
    'REJECT_ALL',
  )
  contactIds = made.map((each) => ('contactId' in each ? each.contactId : ''))
})
afterAll(() => kith.close())

const query = (text: string, values: unknown[]) => kith.app.database.pool.query(text, values)
const globalId = (type: string, id: string) => Buffer.from(`${type}:${id}`).toString('base64url')

/** One row of any of the lists: instants are few, so that many are equal. */
interface Specimen {
  id: string
  contact: number
  at: string
  pinned: boolean
}
const specimens = fc
  .array(
    fc.record({
      contact: fc.integer({ min: 0, max: 2 }),
      at: fc.integer({ min: 1, max: 4 }).map((day) => `2026-03-0${day}T00:00:00.000Z`),
      pinned: fc.boolean(),
    }),
    { maxLength: 30 },
  )
  .map((all): Specimen[] => all.map((each, index) => ({ ...each, id: idFrom('specimen', String(index)) })))

/** A list at the root and the same nested in contacts: how its rows come into being, and their order as the API promises it. */
interface Kind {
  type: string
  root: string
  fill: (ownerId: string, rows: readonly Specimen[]) => Promise<unknown>
  clear: string
  order: (left: Specimen, right: Specimen) => number
  nestedOrder?: (left: Specimen, right: Specimen) => number
}
const compare = (left: string | boolean, right: string | boolean) => (left < right ? -1 : left > right ? 1 : 0)
const latest = (left: Specimen, right: Specimen) => compare(right.at, left.at) || compare(right.id, left.id)
const columns = (ownerId: string, rows: readonly Specimen[]) => [
  ownerId,
  rows.map(({ id }) => id),
  rows.map(({ contact }) => contactIds[contact]),
  rows.map(({ at }) => at),
  rows.map(({ pinned }) => pinned),
]
const from = 'unnest($2::uuid[], $3::uuid[], $4::timestamptz[], $5::boolean[]) AS s(id, contact, at, pinned)'

const kinds: Kind[] = [
  {
    type: 'Note',
    root: 'notes',
    fill: (ownerId, rows) =>
      query(
        `INSERT INTO notes ("ownerId", id, "contactId", body, pinned, "createdAt", "updatedAt") SELECT $1, id, contact, '', pinned, at, at FROM ${from}`,
        columns(ownerId, rows),
      ),
    clear: 'DELETE FROM notes WHERE "ownerId" = $1',
    order: latest,
    nestedOrder: (left, right) => compare(right.pinned, left.pinned) || latest(left, right),
  },
  {
    type: 'Reminder',
    root: 'reminders',
    fill: (ownerId, rows) =>
      query(
        `INSERT INTO reminders ("ownerId", id, "contactId", title, "startLocal", "dueLocal", "timeZone", "allDay", "dueAt", state, "createdAt", "updatedAt")
         SELECT $1, id, contact, '', '2026-03-01T00:00:00', '2026-03-01T00:00:00', 'UTC', pinned, at, 'OPEN', at, at FROM ${from}`,
        columns(ownerId, rows),
      ),
    clear: 'DELETE FROM reminders WHERE "ownerId" = $1',
    order: (left, right) => compare(left.at, right.at) || compare(left.id, right.id),
  },
  {
    type: 'Interaction',
    root: 'interactions',
    fill: (ownerId, rows) =>
      query(
        `WITH made AS (INSERT INTO interactions ("ownerId", id, kind, direction, source, "occurredAt", counted, "createdAt", "updatedAt") SELECT $1, id, 'CALL', 'MUTUAL', 'MANUAL', at, pinned, at, at FROM ${from})
         INSERT INTO interaction_contacts ("ownerId", "interactionId", "contactId", "occurredAt", direction, counted) SELECT $1, id, contact, at, 'MUTUAL', pinned FROM ${from}`,
        columns(ownerId, rows),
      ),
    clear: 'DELETE FROM interactions WHERE "ownerId" = $1',
    order: latest,
  },
]

interface Page {
  edges: { cursor: string; node: { id: string } }[]
  pageInfo: { hasNextPage: boolean; hasPreviousPage: boolean; startCursor: string | null; endCursor: string | null }
  totalCount: number
}
const page = '{ edges { cursor node { id } } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } totalCount }'

/** All ids of a list, read page by page. */
async function walk(read: (args: string) => Promise<Page>, size: number, backward: boolean): Promise<string[]> {
  const found: string[] = []
  for (let cursor: string | null = null, turn = 0; ; turn += 1) {
    const at: string = cursor === null ? '' : `, ${backward ? 'before' : 'after'}: "${cursor}"`
    const { edges, pageInfo } = await read(`${backward ? 'last' : 'first'}: ${size}${at}`)
    const ids = edges.map(({ node }) => node.id)
    expect(ids.length).toBeLessThanOrEqual(size)
    expect([pageInfo.startCursor, pageInfo.endCursor]).toEqual([edges[0]?.cursor ?? null, edges.at(-1)?.cursor ?? null])
    if (backward) found.unshift(...ids)
    else found.push(...ids)
    expect(backward ? pageInfo.hasNextPage : pageInfo.hasPreviousPage).toBe(turn > 0)
    if (!(backward ? pageInfo.hasPreviousPage : pageInfo.hasNextPage)) return found
    cursor = backward ? pageInfo.startCursor : pageInfo.endCursor
  }
}

describe('the pages of a list together equal the whole', () => {
  test.each(kinds)(
    '$root, at the root and in every contact, forwards and backwards',
    async ({ type, root, fill, clear, order, nestedOrder = order }) => {
      const ids = (rows: readonly Specimen[]) => rows.map(({ id }) => globalId(type, id))
      await fc.assert(
        fc.asyncProperty(specimens, fc.integer({ min: 1, max: 12 }), fc.boolean(), async (rows, size, backward) => {
          await fill(ada.ownerId, rows)
          try {
            const whole = ids(rows.toSorted(order))
            const read = async (args: string): Promise<Page> => (await ada.graphql(`{ ${root}(${args}) ${page} }`)).data[root]
            expect(await walk(read, size, backward)).toEqual(whole)
            expect((await read('first: 0')).totalCount).toBe(whole.length)
            const own = (contact: number) => ids(rows.filter((row) => row.contact === contact).toSorted(nestedOrder))
            // Two contacts at once: what one page ends with must not cut another contact's.
            const nested =
              (contact: number) =>
              async (args: string): Promise<Page> =>
                (
                  await ada.graphql(
                    `{ nodes(ids: ["${globalId('Contact', contactIds[contact] ?? '')}", "${globalId('Contact', contactIds[2] ?? '')}"]) { ... on Contact { ${root}(${args}) ${page} } } }`,
                  )
                ).data.nodes[0][root]
            for (const contact of [0, 1]) {
              expect(await walk(nested(contact), size, backward)).toEqual(own(contact))
              expect((await nested(contact)('first: 0')).totalCount).toBe(own(contact).length)
            }
          } finally {
            await query(clear, [ada.ownerId])
          }
        }),
        { numRuns: 25 },
      )
    },
    120_000,
  )
})

describe('a cursor is refused', () => {
  const cursorOf = async (who: Person, list: string) =>
    (await who.graphql(`{ ${list} { edges { cursor } } }`)).data[list.split('(')[0] ?? ''].edges[0].cursor as string

  test('when it is forged, of another list, of another order, of another search, of another account, or none at all', async () => {
    const bea = await kith.signUp()
    for (const who of [ada, bea]) {
      await createContacts(who.ctx, [{ name: { given: 'Zed' } }], 'REJECT_ALL')
    }
    const good = await cursorOf(ada, 'contacts(first: 1)')
    expect((await ada.graphql(`{ contacts(after: "${good}") { nodes { id } } }`)).errors).toBeUndefined()
    const bytes = Buffer.from(good, 'base64url')
    const forged = [
      Buffer.concat([bytes.subarray(0, 12), Buffer.from('["zzz","00000000-0000-0000-0000-000000000000"]')]).toString('base64url'),
      Buffer.from('["a","b"]').toString('base64url'),
      '',
      'x',
      'A'.repeat(100_000),
    ]
    const refused = async (who: Person, list: string, argument: 'after' | 'before', cursor: string) => {
      const { data, errors, status } = await who.graphql(`query ($cursor: String!) { ${list.replace('CURSOR', `${argument}: $cursor`)} { nodes { id } } }`, {
        cursor,
      })
      expect({ status, data, code: errors?.[0]?.extensions['code'] }).toEqual({ status: 400, data: null, code: 'BAD_USER_INPUT' })
    }
    for (const argument of ['after', 'before'] as const) {
      for (const cursor of forged) await refused(ada, 'contacts(CURSOR)', argument, cursor)
      await refused(ada, 'notes(CURSOR)', argument, good)
      await refused(ada, 'contacts(CURSOR, search: "zed")', argument, good)
      await refused(ada, 'contacts(CURSOR, orderBy: [{ field: CREATED_AT }])', argument, good)
      await refused(ada, 'contacts(CURSOR, orderBy: [{ field: DISPLAY_NAME, direction: DESC }])', argument, good)
      await refused(bea, 'contacts(CURSOR)', argument, good)
    }
  })
})

describe('a page deep in a list begins where an index leads to', () => {
  /** The plan of the page after some row, with nothing but indexes to go by. */
  async function planOf(listing: Listing, backward: boolean): Promise<string> {
    const first = await listPage(ada.ctx, listing, pageOf({ first: 1 }))
    const [cursor = null] = first.cursors
    const statement = pageSql(ada.ctx, listing, { size: 10, backward, after: backward ? null : cursor, before: backward ? cursor : null })
    const client = await kith.app.database.pool.connect()
    try {
      await client.query('BEGIN')
      await client.query('SET LOCAL enable_seqscan = off; SET LOCAL enable_bitmapscan = off')
      const { rows } = await client.query(`EXPLAIN ${statement.text}`, statement.values)
      return rows.map((row: { 'QUERY PLAN': string }) => row['QUERY PLAN']).join('\n')
    } finally {
      await client.query('ROLLBACK')
      client.release()
    }
  }
  const order = (field: 'DISPLAY_NAME' | 'CREATED_AT' | 'LAST_INTERACTION_AT' | 'FAMILY_NAME', direction: 'ASC' | 'DESC', nulls?: 'FIRST' | 'LAST') => () =>
    contactsListing(ada.ctx, { orderBy: [{ field, direction, nulls }] })
  const seeks: [name: string, listing: () => Promise<Listing> | Listing, bound: RegExp][] = [
    ['contacts by name', order('DISPLAY_NAME', 'ASC'), /ROW\("sortName", id\) >/],
    ['contacts by name, the other way', order('DISPLAY_NAME', 'DESC'), /ROW\("sortName", id\) </],
    ['contacts by creation', order('CREATED_AT', 'DESC'), /ROW\("createdAt", id\) </],
    ['contacts by last interaction, those without last', order('LAST_INTERACTION_AT', 'DESC', 'LAST'), /ROW\("lastInteractionAt", id\) </],
    ['contacts by family name, those without first', order('FAMILY_NAME', 'ASC', 'FIRST'), /ROW\("familySortName", id\) >/],
    ['notes', () => notesListing(ada.ctx, null), /ROW\("createdAt", id\) </],
    ['reminders', () => remindersListing(ada.ctx, {}), /ROW\("dueAt", id\) >/],
    ['interactions', () => interactionsListing(ada.ctx, {}), /ROW\("occurredAt", id\) </],
  ]
  const opposite = (bound: RegExp) => new RegExp(bound.source.replace(/[<>]$/, (sign) => (sign === '<' ? '>' : '<')))

  beforeAll(async () => {
    const rows = [1, 2, 3].map((day): Specimen => ({ id: idFrom('deep', String(day)), contact: 0, at: `2026-03-0${day}T00:00:00.000Z`, pinned: false }))
    for (const { fill } of kinds) await fill(ada.ownerId, rows)
    await query(`UPDATE contacts SET "lastInteractionAt" = "createdAt", "familySortName" = 'x' WHERE "ownerId" = $1`, [ada.ownerId])
  })

  test.each(seeks)('%s', async (_name, listing, bound) => {
    for (const backward of [false, true]) {
      const plan = await planOf(await listing(), backward)
      const conditions = plan.split('\n').filter((line) => line.includes('Index Cond'))
      expect(conditions.join('\n'), plan).toMatch(backward ? opposite(bound) : bound)
      // What is left to sort is what two indexes gave, a page each.
      expect(
        plan.split('\n').filter((line) => /Sort Key/.test(line) && !/row_number/.test(line)),
        plan,
      ).toEqual([])
    }
  })
})
