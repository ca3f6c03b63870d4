import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { deleteContact } from '../../src/contacts/bin.ts'
import { contactsListing, type ContactsQuery } from '../../src/contacts/list.ts'
import { archiveContact, createContacts, updateContact } from '../../src/contacts/service.ts'
import { countList, listPage, type PageArgs, pageOf, pageSql } from '../../src/db/keyset.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

/** So many contacts that a search finds more than it fetches. */
const crowd = 1200

interface Specimen {
  given: string
  family: string
  organization: string | null
  state: 'shown' | 'archived' | 'binned'
}

/** Names that stand anywhere in the alphabet; three in four work at the harbour, and some are called by it. */
const specimens = Array.from({ length: crowd }, (_, index): Specimen => {
  const letters = String.fromCharCode(97 + ((index * 7) % 26), 97 + ((index * 11) % 25))
  return {
    given: index % 40 === 0 ? 'Harbour' : `${letters}ri`,
    family: index % 60 === 1 ? 'Harbour' : index % 45 === 2 ? 'Harbor' : `Kow${letters}`,
    organization: index % 4 === 3 ? null : 'Harbour Bakery',
    state: index % 10 === 4 ? 'archived' : index % 100 === 5 ? 'binned' : 'shown',
  }
})

let kith: TestApp
let ada: Person
const ids: string[] = []

beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
  const bea = await kith.signUp()
  for (const [who, made, all] of [[ada, ids, specimens] as const, [bea, [], specimens.slice(0, 100)] as const]) {
    for (let at = 0; at < all.length; at += 100) {
      const inputs = all.slice(at, at + 100).map(({ given, family, organization }, index) => ({
        name: { given, family },
        emails: [{ address: `person${at + index}@mail.example` }],
        organizations: organization === null ? [] : [{ name: organization }],
        ...(index % 20 === 0 ? { about: 'keeps a lighthouse', tags: ['Choir'], phones: [{ number: '030 1234567' }] } : {}),
      }))
      for (const each of await createContacts(who.ctx, inputs, 'REJECT_ALL')) (made as string[]).push('contactId' in each ? each.contactId : '')
    }
  }
  await hide('archived', 'archivedAt')
  await hide('binned', 'deletedAt')
  // Pages of which an old snapshot may still see more than they hold are read besides the index: until there is none, what is counted below varies.
  const { pool } = kith.app.database
  await vi.waitFor(
    async () => {
      await pool.query('VACUUM ANALYZE contacts, search_terms, search_variants')
      const { rows } = await pool.query(
        `SELECT relname FROM pg_class WHERE relname IN ('contacts', 'search_terms', 'search_variants') AND relallvisible < relpages`,
      )
      expect(rows).toEqual([])
    },
    { timeout: 60_000, interval: 200 },
  )
}, 120_000)
afterAll(() => kith.close())

const hide = (state: Specimen['state'], column: string) =>
  kith.app.database.pool.query(`UPDATE contacts SET "${column}" = now() WHERE "ownerId" = $1 AND id = ANY($2)`, [
    ada.ownerId,
    ids.filter((_, index) => specimens[index]?.state === state),
  ])

/** Every id of a list, page by page; `between` may change what is in it. */
async function walk(query: ContactsQuery, size: number, backward: boolean, between: (shown: readonly string[]) => Promise<void> = async () => {}) {
  const seen: string[] = []
  let cursor: string | null = null
  for (let turns = 0; turns < crowd; turns += 1) {
    const args: PageArgs = backward ? { last: size, before: cursor } : { first: size, after: cursor }
    const page = await listPage<{ id: string }>(ada.ctx, await contactsListing(ada.ctx, query), pageOf(args))
    const shown = page.rows.map(({ id }) => id)
    if (backward) seen.unshift(...shown)
    else seen.push(...shown)
    if (!(backward ? page.hasPreviousPage : page.hasNextPage)) return seen
    cursor = (backward ? page.cursors[0] : page.cursors.at(-1)) ?? null
    await between(shown)
  }
  throw new Error('The list does not end.')
}

/** What 'harbour' is worth in one of them, as the search promises: the name that begins with it, a name, an organisation, a slip. */
function worthOf({ given, family, organization }: Specimen): number {
  if (given === 'Harbour') return 1000
  if (family === 'Harbour') return 10
  if (organization) return 5
  return family === 'Harbor' ? 2 : 0
}

function expected(archived: boolean): string[] {
  return specimens
    .map((each, index) => ({ id: ids[index]!, worth: worthOf(each), name: `${each.given} ${each.family}`.toLowerCase(), state: each.state }))
    .filter(({ worth, state }) => worth > 0 && (state === 'shown' || (archived && state === 'archived')))
    .toSorted((a, b) => b.worth - a.worth || (a.name < b.name ? -1 : a.name > b.name ? 1 : a.id < b.id ? -1 : 1))
    .map(({ id }) => id)
}

const searches = [
  'harbour',
  'mail.example',
  'ko',
  'k',
  'harbour bakery',
  'mail',
  'kowab harbour',
  'choir',
  'lighthouse',
  '030 1234567',
  'person1@mail',
  'harbuor',
  'nobody',
]

describe('what a search finds in a crowd', () => {
  test('comes best first and by name among equals, in pages of any size and both ways, and is counted', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 20, max: 100 }), fc.boolean(), fc.boolean(), async (size, backward, archived) => {
        expect(await walk({ search: 'harbour', includeArchived: archived }, size, backward)).toEqual(expected(archived))
      }),
      { numRuns: 8 },
    )
    for (const archived of [false, true])
      expect(await countList(ada.ctx, await contactsListing(ada.ctx, { search: 'harbour', includeArchived: archived }))).toBe(expected(archived).length)
  }, 60_000)

  test.each(searches)('is the same from either end, and as many as are counted: %s', async (search) => {
    const forward = await walk({ search }, 70, false)
    expect(forward).toEqual(await walk({ search }, 100, true))
    expect(new Set(forward).size).toBe(forward.length)
    expect(await countList(ada.ctx, await contactsListing(ada.ctx, { search }))).toBe(forward.length)
  })

  test('is narrowed by a filter, and found in another order', async () => {
    const filter = { displayName: { contains: 'b' } }
    const narrowed = expected(false).filter((id) => /b/i.test(`${specimens[ids.indexOf(id)]?.given} ${specimens[ids.indexOf(id)]?.family}`))
    expect(await walk({ search: 'harbour', filter }, 40, false)).toEqual(narrowed)
    expect(await walk({ search: 'harbour', orderBy: [{ field: 'DISPLAY_NAME', direction: 'DESC' }] }, 100, false)).toHaveLength(expected(false).length)
  })
})

test('pages show every contact that stays exactly once and in order, while others come and go, the last one shown too', async () => {
  const gone = new Set<string>()
  const order = expected(false)
  const seen = await walk({ search: 'harbour' }, 90, false, async (shown) => {
    for (const id of [shown.at(-1), shown[3], order.at(-1 - gone.size)]) {
      if (!id || gone.has(id)) continue
      gone.add(id)
      if (gone.size % 3 === 0) await updateContact(ada.ctx, id, { name: { given: 'Else', family: 'Where' }, organizations: [] })
      else if (gone.size % 3 === 1) await archiveContact(ada.ctx, id, true)
      else await deleteContact(ada.ctx, id)
    }
  })
  expect(gone.size).toBeGreaterThan(10)
  expect(seen.filter((id) => !gone.has(id))).toEqual(order.filter((id) => !gone.has(id)))
  expect(new Set(seen).size).toBe(seen.length)
}, 60_000)

/** One step of a plan, as EXPLAIN gives it. */
interface Step {
  'Node Type': string
  'Relation Name'?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  'Actual Rows': number
  'Actual Loops': number
  'Rows Removed by Filter'?: number
  'Shared Hit Blocks': number
  'Shared Read Blocks': number
  Plans?: Step[]
}

/** How a statement is carried out where nothing but an index leads to a table. */
async function planOf({ text, values }: { text: string; values: unknown[] }): Promise<{ steps: Step[]; buffers: number }> {
  const client = await kith.app.database.pool.connect()
  try {
    await client.query('BEGIN')
    await client.query('SET LOCAL enable_seqscan = off')
    const { rows } = await client.query(`EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) ${text}`, values)
    const root: Step = rows[0]['QUERY PLAN'][0].Plan
    // A partition goes by the name of its table.
    const named = (step: Step): Step => ({ ...step, ...(step['Relation Name'] && { 'Relation Name': step['Relation Name'].replace(/_\d+$/, '') }) })
    const steps = (step: Step): Step[] => [named(step), ...(step.Plans ?? []).flatMap(steps)]
    return { steps: steps(root), buffers: root['Shared Hit Blocks'] + root['Shared Read Blocks'] }
  } finally {
    await client.query('ROLLBACK')
    client.release()
  }
}

/** The statements of a search: its first page, the next, the last one, and its count. */
async function statementsOf(search: string) {
  const listing = await contactsListing(ada.ctx, { search })
  const first = await listPage(ada.ctx, listing, pageOf({ first: 25 }))
  return {
    first: pageSql(ada.ctx, listing, pageOf({ first: 25 })),
    next: pageSql(ada.ctx, listing, pageOf({ first: 25, after: first.cursors.at(-1) })),
    last: pageSql(ada.ctx, listing, pageOf({ last: 25 })),
    count: listing.counted ?? expect.fail('A search is counted from its terms.'),
  }
}

describe('a search keeps to', () => {
  test.each(searches)('one owner, to whom an index leads in each of its steps: %s', async (search) => {
    for (const [which, statement] of Object.entries(await statementsOf(search))) {
      const { steps } = await planOf(statement)
      const reads = steps.filter((step) => step['Relation Name'])
      expect(reads.length).toBeGreaterThan(3)
      for (const step of reads) {
        expect(step['Node Type'], `${which} page: ${JSON.stringify(step)}`).not.toBe('Seq Scan')
        expect(step['Index Cond'] ?? step['Recheck Cond'] ?? '', `${which} page`).toContain(`"ownerId" = '${ada.ownerId}'::uuid`)
      }
    }
  })

  test.each(['harbour', 'mail.example', 'mail', 'harbour bakery'])('the contacts that it shows, of the many that it finds: %s', async (search) => {
    const { first, next, count } = await statementsOf(search)
    const fetchedBy = (steps: readonly Step[]) =>
      steps
        .filter((step) => step['Relation Name'] === 'contacts' && step['Node Type'] !== 'Index Only Scan')
        .reduce((sum, step) => sum + (step['Actual Rows'] + (step['Rows Removed by Filter'] ?? 0)) * step['Actual Loops'], 0)
    for (const statement of [first, next]) {
      const { steps, buffers } = await planOf(statement)
      // Those of a page that are hidden, those of the names that fit best, and those of a few rarer kinds.
      expect(fetchedBy(steps)).toBeLessThan(250)
      expect(buffers).toBeLessThan(1000)
    }
    if (search === 'harbour') {
      // Names that begin with it fill the page: nothing else is looked for.
      const sought = (await planOf(first)).steps.filter((step) => step['Relation Name'] === 'search_terms')
      expect(sought.length).toBeGreaterThan(3)
      expect(sought.every((step) => step['Actual Loops'] === 0)).toBe(true)
    }
    const { steps } = await planOf(count)
    expect(fetchedBy(steps)).toBeLessThan(250)
  })
})
