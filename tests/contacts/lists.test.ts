import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { matchKey } from '../../src/contacts/matchKey.ts'
import { createContacts } from '../../src/contacts/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { create, data, rowIdOf } from './support.ts'

let kith: TestApp

beforeAll(async () => {
  kith = await testApp(process.env['KITH_LOG'] ? { config: { logLevel: 'error' } } : {})
})
afterAll(() => kith.close())

const sqlOf = (text: string, values: unknown[]) => kith.app.database.pool.query(text, values)

/** One contact of a generated address book; instants are days, so that many are equal. */
interface Specimen {
  given: string
  family: string | null
  emails: string[]
  phones: string[]
  organizations: string[]
  tags: string[]
  createdAt: number
  updatedAt: number
  lastInteractionAt: number | null
  followUpDueAt: number | null
  archived: boolean
}

const word = fc.constantFrom('Ana', 'ána', 'Ángel', 'Bo', 'Øre', 'Zoë', '山田', '%', '_', "O'B", 'a b', '\\', 'ß', 'SS', '100%')
const day = fc.integer({ min: 1, max: 4 })
const specimen: fc.Arbitrary<Specimen> = fc.record({
  given: word,
  family: fc.option(word),
  emails: fc.uniqueArray(fc.constantFrom('ana@example.test', 'Ána@Example.test', 'b_o@example.test', 'zoe@other.example', 'b%o@other.example'), {
    maxLength: 2,
  }),
  phones: fc.uniqueArray(fc.constantFrom('030 1234567', '+49 30 1234567', '0171 5555555', '+1 212 555 0100', '12345'), { maxLength: 2 }),
  organizations: fc.uniqueArray(word, { maxLength: 2 }),
  tags: fc.uniqueArray(word, { maxLength: 2, selector: matchKey }),
  createdAt: day,
  updatedAt: day,
  lastInteractionAt: fc.option(day),
  followUpDueAt: fc.option(day),
  archived: fc.boolean(),
})
const instant = (value: number | null) => (value === null ? null : `2026-03-0${value}T00:00:00.000Z`)

/** Puts the specimens into a new account; their row ids, in their order. */
async function settle(specimens: readonly Specimen[]): Promise<{ who: Person; ids: string[] }> {
  const who = await kith.signUp()
  const ids: string[] = []
  for (let at = 0; at < specimens.length; at += 100) {
    const made = await createContacts(
      who.ctx,
      specimens.slice(at, at + 100).map((each) => ({
        name: { given: each.given, family: each.family },
        emails: each.emails.map((address) => ({ address })),
        phones: each.phones.map((number) => ({ number })),
        organizations: each.organizations.map((name) => ({ name })),
        tags: each.tags,
      })),
      'REJECT_ALL',
    )
    ids.push(...made.map((each) => ('contactId' in each ? each.contactId : '')))
  }
  const column = (read: (each: Specimen) => unknown) => specimens.map(read)
  await sqlOf(
    `UPDATE contacts AS c SET "createdAt" = v.c, "updatedAt" = v.u, "lastInteractionAt" = v.l, "followUpDueAt" = v.f, "archivedAt" = v.a
     FROM unnest($2::uuid[], $3::timestamptz[], $4::timestamptz[], $5::timestamptz[], $6::timestamptz[], $7::timestamptz[]) AS v(id, c, u, l, f, a) WHERE c."ownerId" = $1 AND c.id = v.id`,
    [
      who.ownerId,
      ids,
      column((s) => instant(s.createdAt)),
      column((s) => instant(s.updatedAt)),
      column((s) => instant(s.lastInteractionAt)),
      column((s) => instant(s.followUpDueAt)),
      column((s) => (s.archived ? instant(1) : null)),
    ],
  )
  return { who, ids }
}

const fields = ['DISPLAY_NAME', 'FAMILY_NAME', 'CREATED_AT', 'UPDATED_AT', 'LAST_INTERACTION_AT', 'FOLLOW_UP_DUE_AT'] as const
type Order = { field: (typeof fields)[number]; direction?: 'ASC' | 'DESC'; nulls?: 'FIRST' | 'LAST' }
const orders = fc.uniqueArray(
  fc.record(
    {
      field: fc.constantFrom(...fields),
      direction: fc.constantFrom('ASC' as const, 'DESC' as const),
      nulls: fc.constantFrom('FIRST' as const, 'LAST' as const),
    },
    { requiredKeys: ['field'] },
  ),
  { minLength: 1, maxLength: 3, selector: ({ field }) => field },
)

function valueOf(each: Specimen, field: Order['field']): string | null {
  if (field === 'DISPLAY_NAME')
    return matchKey([each.given, each.family].includes('山田') ? `${each.family ?? ''}${each.given}` : [each.given, each.family].filter(Boolean).join(' '))
  if (field === 'FAMILY_NAME') return each.family === null ? null : `${matchKey(each.family)}\u0001${matchKey(each.given)}`
  return instant(
    { CREATED_AT: each.createdAt, UPDATED_AT: each.updatedAt, LAST_INTERACTION_AT: each.lastInteractionAt, FOLLOW_UP_DUE_AT: each.followUpDueAt }[field],
  )
}

/** By code point, as PostgreSQL's collation C has it. */
const compareTexts = (left: string, right: string) => Buffer.compare(Buffer.from(left), Buffer.from(right))

function compare(orderBy: readonly Order[]) {
  return (left: { id: string; each: Specimen }, right: { id: string; each: Specimen }): number => {
    for (const { field, direction, nulls } of orderBy) {
      const [a, b] = [valueOf(left.each, field), valueOf(right.each, field)]
      if (a === b) continue
      if (a === null || b === null) return (a === null) === (nulls === 'FIRST') ? -1 : 1
      const by = compareTexts(a, b)
      if (by !== 0) return direction === 'DESC' ? -by : by
    }
    return orderBy.at(-1)?.direction === 'DESC' ? compareTexts(right.id, left.id) : compareTexts(left.id, right.id)
  }
}

const page = `query ($first: Int, $after: String, $last: Int, $before: String, $orderBy: [ContactOrder!], $filter: ContactFilter, $search: String) {
  contacts(first: $first, after: $after, last: $last, before: $before, orderBy: $orderBy, filter: $filter, search: $search, includeArchived: true) {
    nodes { id } edges { cursor } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }`

/** All pages of a list, one after the other; `between` may change what is in it. */
async function walk(
  who: Person,
  args: object,
  size: number,
  backward: boolean,
  between: (shown: string[]) => Promise<void> = async () => {},
): Promise<string[]> {
  const seen: string[] = []
  let cursor: string | null = null
  for (let turns = 0; turns < 200; turns += 1) {
    const { contacts } = await data(who, page, { ...args, ...(backward ? { last: size, before: cursor } : { first: size, after: cursor }) })
    const ids = contacts.nodes.map(({ id }: { id: string }) => rowIdOf(id))
    if (backward) seen.unshift(...ids)
    else seen.push(...ids)
    cursor = backward ? contacts.pageInfo.startCursor : contacts.pageInfo.endCursor
    if (!(backward ? contacts.pageInfo.hasPreviousPage : contacts.pageInfo.hasNextPage)) return seen
    await between(ids)
  }
  throw new Error('The list does not end.')
}

describe('the pages of a list', () => {
  test('together equal the whole list, for every order, size and direction', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(specimen, { minLength: 1, maxLength: 30 }),
        fc.array(fc.record({ orderBy: orders, size: fc.integer({ min: 1, max: 12 }), backward: fc.boolean() }), { minLength: 6, maxLength: 6 }),
        async (specimens, walks) => {
          const { who, ids } = await settle(specimens)
          for (const { orderBy, size, backward } of walks) {
            const expected = specimens
              .map((each, index) => ({ id: ids[index] ?? '', each }))
              .toSorted(compare(orderBy))
              .map(({ id }) => id)
            expect(await walk(who, { orderBy }, size, backward)).toEqual(expected)
          }
        },
      ),
      { numRuns: 12, endOnFailure: true },
    )
  }, 60_000)

  test('show every contact that stays exactly once, while others come and go, the cursor’s own too', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.array(specimen, { minLength: 6, maxLength: 20 }),
        orders,
        fc.integer({ min: 1, max: 4 }),
        fc.boolean(),
        fc.array(fc.tuple(fc.boolean(), specimen), { minLength: 8, maxLength: 8 }),
        async (specimens, orderBy, size, backward, changes) => {
          const { who, ids } = await settle(specimens)
          const gone = new Set<string>()
          let turn = 0
          const seen = await walk(who, { orderBy }, size, backward, async (shown) => {
            const change = changes[turn++]
            if (!change) return
            const [deletes, newcomer] = change
            if (deletes) {
              // The row at the cursor, and the one that would come next.
              const next = ids.find((id) => !gone.has(id) && !shown.includes(id))
              for (const id of [backward ? shown[0] : shown.at(-1), next]) {
                if (!id) continue
                gone.add(id)
                await sqlOf('DELETE FROM contacts WHERE "ownerId" = $1 AND id = $2', [who.ownerId, id])
              }
            } else await createContacts(who.ctx, [{ name: { given: newcomer.given, family: newcomer.family } }], 'REJECT_ALL')
          })
          expect(new Set(seen).size).toBe(seen.length)
          const staying = specimens
            .map((each, index) => ({ id: ids[index] ?? '', each }))
            .filter(({ id }) => !gone.has(id))
            .toSorted(compare(orderBy))
            .map(({ id }) => id)
          expect(seen.filter((id) => staying.includes(id))).toEqual(staying)
        },
      ),
      { numRuns: 20, endOnFailure: true },
    )
  }, 60_000)

  test('of a search come best first, and equal the whole too', async () => {
    const who = await kith.signUp()
    for (const given of ['Anna', 'Annabel', 'Johanna', 'Hannah'])
      for (const family of ['Smith', 'Annason', 'Bo', null]) await create(who, { name: { given, family } })
    const all = await walk(who, { search: 'anna' }, 100, false)
    expect(all.length).toBeGreaterThan(8)
    for (const size of [1, 3, 7])
      for (const backward of [false, true])
        expect(await walk(who, { search: 'anna', orderBy: [{ field: 'FAMILY_NAME', nulls: 'FIRST' }] }, size, backward)).toHaveLength(all.length)
    expect(await walk(who, { search: 'anna' }, 3, true)).toEqual(all)
    expect(await walk(who, { search: '!!!' }, 3, false)).toEqual([])
    expect(await walk(who, { search: ' ' }, 100, false)).toHaveLength(16)
  })

  test('are refused for arguments that make no sense', async () => {
    const who = await kith.signUp()
    await create(who, { name: { given: 'A' } })
    const cursor = (await data(who, '{ contacts { pageInfo { endCursor } } }')).contacts.pageInfo.endCursor
    const other = await kith.signUp()
    const refused = async (args: string, whose = who) => {
      const answer = await whose.graphql(`{ contacts(${args}) { nodes { id } } }`)
      expect(answer.errors?.[0]?.extensions['code'], args).toBe('BAD_USER_INPUT')
    }
    await refused('first: 101')
    await refused('first: 1, last: 1')
    await refused('first: -1')
    await refused('after: "nonsense"')
    await refused(`after: "${cursor}", orderBy: [{ field: CREATED_AT }]`)
    await refused(`after: "${cursor}", search: "x"`)
    await refused(`after: "${cursor}"`, other)
    await refused(`filter: ${'{ not: '.repeat(6)}{}${' }'.repeat(6)}`)
    await refused(`filter: { or: [${'{}, '.repeat(51)}] }`)
    await refused(`filter: { email: { in: [${'"x", '.repeat(101)}] } }`)
    await refused(`filter: { email: { eq: "${'x'.repeat(1001)}" } }`)
  })
})

interface Text {
  eq?: string
  neq?: string
  in?: string[]
  nin?: string[]
  contains?: string
  startsWith?: string
  isNull?: boolean
}
interface Filter {
  displayName?: Text
  email?: Text
  tag?: Text
  organization?: Text
  phone?: Text
  lastInteractionAt?: { gt?: string; gte?: string; lt?: string; lte?: string; isNull?: boolean }
  and?: Filter[]
  or?: Filter[]
  not?: Filter
}

const needle = fc.oneof(word, fc.constantFrom('an', 'ANA', 'e', '', ' ', '@example', 'b_o', '%o@', 'example.test', 'x'))
const textFilter = (texts: fc.Arbitrary<string>): fc.Arbitrary<Text> =>
  fc
    .record(
      {
        eq: texts,
        neq: texts,
        in: fc.array(texts, { maxLength: 3 }),
        nin: fc.array(texts, { maxLength: 3 }),
        contains: texts,
        startsWith: texts,
        isNull: fc.boolean(),
      },
      { requiredKeys: [] },
    )
    .filter((filter) => Object.keys(filter).length < 4)
const at = fc.option(day, { nil: undefined }).map((value) => instant(value ?? 2) ?? '')
const emailText = fc.oneof(needle, fc.constantFrom('ana@example.test', 'ÁNA@EXAMPLE.TEST', 'zoe@other.example'))
const phoneText = fc.constantFrom('030 1234567', '+49301234567', '0049 30 1234567', '1234567', '+49', '0', '123', '555', 'x', '')
const leaf: fc.Arbitrary<Filter> = fc.oneof(
  textFilter(needle).map((displayName) => ({ displayName })),
  textFilter(emailText).map((email) => ({ email })),
  textFilter(needle).map((tag) => ({ tag })),
  textFilter(needle).map((organization) => ({ organization })),
  textFilter(phoneText).map((phone) => ({ phone })),
  fc.record({ gt: at, gte: at, lt: at, lte: at, isNull: fc.boolean() }, { requiredKeys: [] }).map((lastInteractionAt) => ({ lastInteractionAt })),
)
const { filter: filters } = fc.letrec<{ filter: Filter }>((tie) => ({
  filter: fc.oneof(
    { maxDepth: 3, depthSize: 'small' },
    fc.tuple(leaf, leaf).map(([one, other]) => ({ ...one, ...other })),
    fc.array(tie('filter'), { maxLength: 3 }).map((and) => ({ and })),
    fc.array(tie('filter'), { maxLength: 3 }).map((or) => ({ or })),
    fc.tuple(leaf, tie('filter')).map(([one, not]) => ({ ...one, not })),
  ),
}))
const depthOf = (filter: Filter): number => 1 + Math.max(0, ...[...(filter.and ?? []), ...(filter.or ?? []), ...(filter.not ? [filter.not] : [])].map(depthOf))

/** The filter's meaning, spelled out on values in memory. */
function fits(each: Specimen, filter: Filter): boolean {
  const listed = (
    values: string[],
    text: Text | undefined,
    same: (value: string, text: string) => boolean,
    has: (value: string, text: string) => boolean,
    begins: (value: string, text: string) => boolean,
  ): boolean => {
    if (!text) return true
    const tests: ((value: string) => boolean)[] = [
      ...(text.eq === undefined ? [] : [(value: string) => same(value, text.eq!)]),
      ...(text.in === undefined ? [] : [(value: string) => text.in!.some((one) => same(value, one))]),
      ...(text.contains === undefined ? [] : [(value: string) => has(value, text.contains!)]),
      ...(text.startsWith === undefined ? [] : [(value: string) => begins(value, text.startsWith!)]),
    ]
    const excluded = [...(text.neq === undefined ? [] : [text.neq]), ...(text.nin ?? [])]
    return (
      (tests.length === 0 || values.some((value) => tests.every((holds) => holds(value)))) &&
      !values.some((value) => excluded.some((one) => same(value, one))) &&
      (text.isNull === undefined || (values.length === 0) === text.isNull)
    )
  }
  const texts = (values: string[], text: Text | undefined) =>
    listed(
      values.map(matchKey),
      text,
      (value, one) => value === matchKey(one).trim(),
      (value, one) => value.includes(matchKey(one)),
      (value, one) => value.startsWith(matchKey(one)),
    )
  const international: Record<string, string> = {
    '030 1234567': '+49301234567',
    '0049 30 1234567': '+49301234567',
    '+49301234567': '+49301234567',
    '+49 30 1234567': '+49301234567',
    '0171 5555555': '+491715555555',
    '+1 212 555 0100': '+12125550100',
    '1234567': '+491234567',
    '12345': '+4912345',
    '555': '+49555',
    '123': '+49123',
  }
  const digits = (text: string) => text.replace(/\D/g, '')
  const written = (value: string) => [digits(value), digits(international[value] ?? '')].filter(Boolean)
  const phoneFits = listed(
    each.phones,
    filter.phone,
    (value, one) => (digits(value) === digits(one) ? digits(one) !== '' : international[value] !== undefined && international[value] === international[one]),
    (value, one) => (digits(one) === '' ? one.trim() === '' : written(value).some((each) => each.includes(digits(one)))),
    (value, one) =>
      digits(one) === ''
        ? one.trim() === ''
        : one.startsWith('+')
          ? (international[value] ?? '').startsWith(`+${digits(one)}`)
          : written(value).some((each) => each.startsWith(digits(one))),
  )
  const last = instant(each.lastInteractionAt)
  const { gt, gte, lt, lte, isNull } = filter.lastInteractionAt ?? {}
  const instants =
    (gt === undefined || (last !== null && last > gt)) &&
    (gte === undefined || (last !== null && last >= gte)) &&
    (lt === undefined || (last !== null && last < lt)) &&
    (lte === undefined || (last !== null && last <= lte)) &&
    (isNull === undefined || (last === null) === isNull)
  return (
    texts([valueOf(each, 'DISPLAY_NAME') ?? ''], filter.displayName) &&
    texts(each.emails, filter.email) &&
    texts(each.tags, filter.tag) &&
    texts(each.organizations, filter.organization) &&
    phoneFits &&
    instants &&
    (filter.and ?? []).every((part) => fits(each, part)) &&
    (filter.or === undefined || filter.or.some((part) => fits(each, part))) &&
    (filter.not === undefined || !fits(each, filter.not))
  )
}

describe('a filter', () => {
  test('shows what it says, and totalCount counts it', async () => {
    const specimens = fc.sample(specimen, { seed: 7, numRuns: 60 })
    const { who, ids } = await settle(specimens)
    const query = 'query ($filter: ContactFilter) { contacts(first: 100, filter: $filter, includeArchived: true) { totalCount nodes { id } } }'
    await fc.assert(
      fc.asyncProperty(
        filters.filter((filter) => depthOf(filter) <= 5),
        async (filter) => {
          const { contacts } = await data(who, query, { filter })
          const found = contacts.nodes.map(({ id }: { id: string }) => rowIdOf(id)).toSorted()
          const expected = ids.filter((_, index) => fits(specimens[index]!, filter)).toSorted()
          expect(found).toEqual(expected)
          expect(contacts.totalCount).toBe(expected.length)
        },
      ),
      { numRuns: 100, endOnFailure: true },
    )
  }, 60_000)

  test('leaves archived contacts out unless asked', async () => {
    const specimens = fc.sample(specimen, { seed: 8, numRuns: 30 })
    const { who } = await settle(specimens)
    const { contacts, all } = await data(who, '{ contacts { totalCount } all: contacts(includeArchived: true) { totalCount } }')
    expect(all.totalCount).toBe(30)
    expect(contacts.totalCount).toBe(specimens.filter(({ archived }) => !archived).length)
  })
})
