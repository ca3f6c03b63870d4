import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { newId } from '../../src/core/ids.ts'
import { type Execute, interpreter } from '../../src/graphql/compile.ts'
import { documentReader } from '../../src/graphql/documents.ts'
import { encodeId } from '../../src/graphql/globalIds.ts'
import { planner } from '../../src/graphql/plan.ts'
import { createGraphqlServer, type GraphqlServer } from '../../src/graphql/server.ts'
import { rowIdOf } from '../contacts/support.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { randomNumbers } from '../support/cards.ts'
import { type Asked, documents, type Ids } from './plannedDocuments.ts'

const clock = fixedClock('2027-01-10T12:00:00.120Z')
let kith: TestApp
let ada: Person
let token: string
let seen: string[] = []
let servers: { planned: GraphqlServer; plain: GraphqlServer }
/** How many operations went the plain way although plans were on. */
let unplanned = 0
/** Why planned reads failed that went the plain way then. */
const warned: string[] = []
let ids: Ids & { rich: string; hidden: string }

beforeAll(async () => {
  kith = await testApp({ clock, onQuery: (text) => seen.push(text) })
  ada = await kith.signUp()
  token = await ada.token()
  const run = interpreter(kith.app.schema)
  const counting: Execute = (...args) => {
    unplanned += 1
    return run(...args)
  }
  // A planned read that fails is only warned of: here that is a failure.
  const strict = { ...kith.app.log, warn: ({ err }: { err: Error }) => warned.push(err.message) } as never
  servers = {
    planned: createGraphqlServer(kith.app, { execute: planner({ schema: kith.app.schema, log: strict }, counting) }),
    plain: createGraphqlServer(kith.app, { execute: run }),
  }
  const own = await fill(ada)
  const foreign = await fill(await kith.signUp())
  ids = {
    ...own,
    contacts: [...own.contacts, foreign.contacts[0]!, 'nonsense'],
    any: [...own.any, ...foreign.any.slice(0, 3), 'nonsense', encodeId('Note', newId(clock))],
  }
}, 60_000)
afterEach(() => expect(warned).toEqual([]))
afterAll(() => kith.close())

/** Gives somebody an address book with something of every kind, some of it archived, in the bin or restricted. */
async function fill(who: Person): Promise<Ids & { rich: string; hidden: string }> {
  const send = async (mutation: string, type: string, variables: object): Promise<string> => {
    const { data, errors } = await who.graphql(mutation, variables as Record<string, unknown>)
    expect(errors).toBeUndefined()
    expect(data.it.__typename, JSON.stringify(data.it)).toBe(type)
    return data.it.id as string
  }
  const make = (field: string, type: string, input: object) =>
    send(
      `mutation ($input: ${field[0]!.toUpperCase()}${field.slice(1)}Input!) { it: ${field}(input: $input) { __typename ... on ${type} { id } ... on Error { message } } }`,
      type,
      { input },
    )
  const gone = await make('contactCreate', 'Contact', { name: { given: 'Gone', family: 'Away' }, emails: [{ address: 'gone@example.test' }] })
  const friend = await make('contactCreate', 'Contact', { name: { given: 'Åda', family: 'Friend' }, tags: ['B', 'a'] })
  const rich = await make('contactCreate', 'Contact', {
    name: { prefix: 'Dr', given: 'Ada "Quote"', family: 'Exämple', nickname: '\u2028 ☃' },
    about: 'Something\n"about" her',
    tags: ['Zebra', 'Alpha', 'B'],
    emails: [{ address: 'ada@example.test', label: 'home' }, { address: 'ada@work.example' }],
    phones: [{ number: '+49 30 5550177' }, { number: 'none' }],
    addresses: [{ city: 'Lund', street: 'Road 1', countryCode: 'SE' }, { country: 'Nowhere' }],
    urls: [{ url: 'https://example.test/' }],
    organizations: [{ name: 'Org', title: 'Head' }, { department: 'Only' }],
    dates: [
      { kind: 'BIRTHDAY', date: { month: 2, day: 3 } },
      { kind: 'OTHER', label: 'Met', date: { year: 2001, month: 1 } },
    ],
    relations: [{ contactId: friend, kind: 'friend' }, { contactId: gone }, { name: 'Nobody' }],
    customFields: [
      { name: 'Size', value: '42' },
      { name: 'ünï', value: '' + '☃' },
    ],
  })
  const bare = await make('contactCreate', 'Contact', { displayName: 'Éclair' })
  const archived = await make('contactCreate', 'Contact', { displayName: 'archived', emails: [{ address: 'x@example.test' }] })
  const restricted = await make('contactCreate', 'Contact', { name: { given: 'Restricted', family: 'Person' }, about: 'x' })
  const many = await Promise.all(
    ['Bea', 'Cleo', 'Dora', 'Emma'].map((given) =>
      make('contactCreate', 'Contact', { name: { given, family: 'Many' }, emails: [{ address: `${given}@example.test` }] }),
    ),
  )
  const any: string[] = [gone, friend, rich, bare, archived, restricted, ...many]
  for (const [index, contactId] of [rich, friend, gone, archived, restricted, ...many].entries()) {
    for (const each of contactId === rich ? [1, 2, 3, 4, 5] : [1, 2]) {
      clock.advance({ milliseconds: each === 1 ? 880 : each === 2 ? 1 : 0 })
      any.push(await make('noteCreate', 'Note', { contactId, body: `Note ${each} of ${index}`, pinned: each === 2 }))
      any.push(
        await make('reminderCreate', 'Reminder', {
          contactId: each === 3 ? null : contactId,
          title: `Title ${each}`,
          details: each === 2 ? 'Details' : null,
          dueAt: `2027-0${1 + each}-0${index + 1}T09:00`,
          ...(each === 1 ? { recurrence: 'FREQ=WEEKLY' } : {}),
        }),
      )
      any.push(
        await make('interactionLog', 'Interaction', {
          kind: each === 1 ? 'MEETING' : 'CALL',
          contactIds: each === 2 ? [contactId, rich, gone].filter((id, at, all) => all.indexOf(id) === at) : [contactId],
          occurredAt: `2026-12-0${each}T10:00:00.${index}00Z`,
          subject: each === 2 ? null : `Subject ${each}`,
        }),
      )
    }
  }
  const run = (text: string, ...values: unknown[]) => kith.app.database.pool.query(text, [who.ownerId, ...values])
  await run(
    `INSERT INTO interaction_participants ("ownerId", id, "interactionId", position, role, address, canonical, name)
     SELECT $1, gen_random_uuid(), i.id, 10, 'CC', 'cc@example.test', 'cc@example.test', CASE WHEN i.kind = 'CALL' THEN 'Named' END FROM interactions AS i WHERE i."ownerId" = $1`,
  )
  await run(`UPDATE interactions SET counted = false WHERE "ownerId" = $1 AND subject IS NULL`)
  await send('mutation ($id: ID!) { it: contactDelete(id: $id) { __typename ... on Contact { id } } }', 'Contact', { id: gone })
  await send('mutation ($id: ID!) { it: contactArchive(id: $id) { __typename ... on Contact { id } } }', 'Contact', { id: archived })
  await send('mutation ($id: ID!) { it: contactFollowUpSet(id: $id, every: "P2W") { __typename ... on Contact { id } } }', 'Contact', { id: friend })
  await run(`UPDATE contacts SET "restrictedAt" = now() WHERE "ownerId" = $1 AND id = $2`, rowIdOf(restricted))
  return { rich, hidden: gone, contacts: [gone, friend, rich, rich, bare, archived, restricted], any }
}

async function ask(server: GraphqlServer, { query, variables }: Asked, credential = token): Promise<{ text: string; errors: unknown }> {
  const response = await server.fetch(
    new Request(`${kith.app.config.publicUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', authorization: `Bearer ${credential}` },
      body: JSON.stringify({ query, variables }),
    }),
  )
  const text = await response.text()
  const { errors, extensions } = JSON.parse(text)
  const told = (errors as { message: string; path: unknown; extensions: { code: string } }[] | undefined)?.map((error) => [
    error.message,
    error.path,
    error.extensions.code,
  ])
  // What the client pays and every byte of the data; the rest is the request's own.
  return {
    text: `${JSON.stringify({ told, cost: [extensions?.cost?.requested, extensions?.cost?.actual] })}${/^\{"data":.*?(?=,"errors":|,"extensions":|$)/.exec(text)?.[0]}`,
    errors,
  }
}

async function both(asked: Asked, credential = token) {
  const planned = await ask(servers.planned, asked, credential)
  const plain = await ask(servers.plain, asked, credential)
  expect(planned.text, asked.query).toBe(plain.text)
  return planned
}

const children =
  'emails { id address label primary } phones { number e164 } addresses { id city formatted } urls { url } organizations { name title } dates { kind date { year month day } } relations { id name kind contact { id displayName } } tags sources { kind firstSeenAt }'
const due = 'query ($from: DateTime = "2027-01-01T00:00:00Z", $to: DateTime = "2027-06-01T00:00:00Z")'

/** What people ask for most. */
const hot: Record<string, { query: string; variables?: Record<string, unknown> }> = {
  'a flat page': { query: '{ contacts(first: 50) { nodes { id displayName starred createdAt } pageInfo { hasNextPage endCursor } } }' },
  'contacts with what hangs on them': {
    query:
      '{ contacts(first: 20, orderBy: [{ field: LAST_INTERACTION_AT, direction: DESC }]) { nodes { id displayName emails { address } tags notes(first: 3) { nodes { id pinned createdAt } } reminders(first: 3) { nodes { id dueAt state } } lastInteraction { id kind occurredAt } } } }',
  },
  'contacts with their texts': {
    query:
      'query ($n: Int = 3) { contacts(first: 20) { nodes { about customFields { name value } notes(first: $n) { nodes { body } } reminders(first: $n) { nodes { title details } } lastInteraction { subject } followUp { every dueAt overdue lastAlertAt } avatarUrl } } }',
  },
  'one contact whole': {
    query: `query ($id: ID!) { contact(id: $id) { id about name { given family nickname } ${children} notes(first: 10) { nodes { body } } reminders(first: 10) { nodes { title } } interactions(first: 25) { nodes { id kind subject participants { name role address contact { id } } contacts { id } } pageInfo { hasNextPage endCursor } } } }`,
  },
  'a filtered and ordered page': {
    query:
      '{ contacts(first: 2, filter: { tag: { in: ["Zebra", "a"] }, lastInteractionAt: { gte: "2020-01-01T00:00:00Z" } }, orderBy: [{ field: LAST_INTERACTION_AT, direction: DESC }]) { nodes { id displayName lastInteractionAt } pageInfo { hasNextPage endCursor } } }',
  },
  'a search': { query: '{ contacts(first: 20, search: "ada") { nodes { id displayName about emails { address } } } }' },
  'what is due, and with whom': {
    query: `${due} { reminders(first: 50, filter: { state: OPEN, dueAt: { gte: $from, lt: $to } }) { nodes { id title details dueAt dueLocal contact { id displayName } } } }`,
  },
  'a month of interactions': {
    query:
      '{ interactions(first: 50, filter: { occurredAt: { gte: "2026-12-01T00:00:00Z" } }) { nodes { id kind direction source subject participants { role address name contact { id displayName } } } } }',
  },
  'nodes of all kinds': {
    query:
      'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Contact { displayName } ... on Note { pinned body } ... on Reminder { dueAt } ... on Interaction { kind } } }',
  },
}

describe('what is planned answers to the byte as the plain way does', () => {
  test.each(Array.from({ length: 8 }, (_, seed) => seed))(
    'whatever is selected, seed %i',
    async (seed) => {
      const next = documents(randomNumbers(seed + 1), ids)
      const before = unplanned
      let failed = 0
      for (let left = 30; left > 0; left -= 1) {
        const { errors } = await both(next())
        if (errors) failed += 1
      }
      expect(failed).toBeLessThan(12)
      expect(unplanned - before).toBeLessThan(20)
    },
    60_000,
  )

  test.each(Object.entries(hot))('%s, in one statement', async (_name, { query, variables }) => {
    const asked: Asked = { query, variables: variables ?? {} }
    for (const name of ['id', 'ids'] as const) if (query.includes(`$${name}:`)) asked.variables[name] = name === 'id' ? ids.rich : ids.any.slice(0, 50)
    const before = unplanned
    const { errors } = await both(asked)
    expect(errors).toBeUndefined()
    seen = []
    await ask(servers.planned, asked)
    expect(unplanned).toBe(before)
    expect(seen.length, seen.join('\n')).toBe(1)
  })

  test('what is not in order is told in the same words', async () => {
    for (const [query, variables = {}] of [
      ['{ contacts(first: 101) { nodes { id } } }'],
      ['{ contacts(first: 1, last: 1) { nodes { id } } }'],
      ['{ contacts(after: "nonsense") { nodes { id } } }'],
      ['query ($n: Int) { contacts(first: 2) { nodes { id notes(first: $n) { nodes { id } } } } }', { n: -1 }],
      ['{ contacts(first: 2) { nodes { id notes(after: "nonsense") { nodes { id } } } } }'],
      [`{ nodes(ids: ${JSON.stringify(Array.from({ length: 101 }, () => 'x'))}) { id } }`],
      ['{ contact(id: "ref:\\u00e9") { id } viewer { name } }'],
      ['query ($id: ID!) { contact(id: $id) { id reminders { nodes { occurrences(first: 0) } } } }', { id: ids.rich }],
    ] as [string, Record<string, unknown>?][])
      await both({ query, variables })
  })

  test('a text that does not open fails its field alone', async () => {
    const who = await kith.signUp()
    const own = await fill(who)
    const mine = await who.token()
    await kith.app.database.pool.query(`UPDATE notes SET body = set_byte(body, 20, (get_byte(body, 20) + 1) % 256) WHERE "ownerId" = $1 AND "contactId" = $2`, [
      who.ownerId,
      rowIdOf(own.rich),
    ])
    const asked = { query: '{ contacts { nodes { id about notes(first: 1) { nodes { id body } } } } }', variables: {} }
    const { errors } = await both(asked, mine)
    expect(errors).toHaveLength(1)
    expect(warned.splice(0)).toHaveLength(1)
  })
})

test('what is not asked for is neither read nor opened nor counted', async () => {
  const opened: string[] = []
  const vault = await kith.app.vault.of(ada.ownerId)
  const of = vi.spyOn(kith.app.vault, 'of').mockResolvedValue({ ...vault, open: (place, id, sealed) => (opened.push(place), vault.open(place, id, sealed)) })
  const statementOf = async (query: string): Promise<string> => {
    seen = []
    opened.length = 0
    expect((await ask(servers.planned, { query, variables: {} })).errors).toBeUndefined()
    // The others are of credentials and points, which are read when they have grown old.
    const [statement = '', ...others] = seen.filter((text) => text.includes('json_agg'))
    expect(others).toEqual([])
    return statement
  }
  const bare = await statementOf('{ contacts(first: 3) { nodes { id notes(first: 1) { nodes { pinned } } } } }')
  expect(bare).not.toMatch(/about|"displayName"|contact_emails|reminders|"body" AS|count\(/)
  expect(opened).toEqual([])
  const skipped = await statementOf('{ contacts(first: 3) { nodes { id about @skip(if: true) ... @include(if: false) { emails { address } } } } }')
  expect(skipped).not.toMatch(/about|contact_emails/)
  const full = await statementOf('{ contacts(first: 20) { nodes { id about emails { address } notes(first: 1) { nodes { body } } } } }')
  expect(full).toMatch(/about[\s\S]*contact_emails[\s\S]*"body" AS/)
  expect(new Set(opened)).toEqual(new Set(['Contact.about', 'Note.body']))
  of.mockRestore()
})

test('a statement that takes too long is not tried again by another way', async () => {
  const before = unplanned
  const send = vi
    .spyOn(kith.app.database.pool, 'query')
    .mockRejectedValue(Object.assign(new Error('canceling statement due to statement timeout'), { code: '57014' }) as never)
  const run = planner(kith.app, async () => expect.unreachable())
  const [operation] = documentReader(kith.app.schema)('{ contacts { nodes { id } } }').operations ?? []
  const ctx = { ...ada.ctx, vault: await kith.app.vault.of(ada.ownerId), work: { points: 0 } }
  const { data, errors } = await run(operation ?? expect.unreachable(), ctx, {})
  send.mockRestore()
  expect([data, errors?.length, unplanned]).toEqual([null, 1, before])
})

test('a plan answers for the variables it is asked with, not for those it was made with', async () => {
  const query = `query ($n: Int, $yes: Boolean!) { contacts(first: 3) { nodes { id starred @include(if: $yes) notes(first: $n) { nodes { id } pageInfo { hasNextPage } } } } }`
  for (const variables of [
    { n: 1, yes: true },
    { n: 3, yes: false },
    { n: 1, yes: false },
    { n: 3, yes: true },
    { n: null, yes: true },
    { n: 1, yes: true },
  ])
    expect((await both({ query, variables })).errors).toBeUndefined()
})

test('a condition that is null is refused as by the plain way', async () => {
  const query = 'query ($yes: Boolean = true) { contacts(first: 1) { nodes { id displayName @skip(if: $yes) } } }'
  expect((await both({ query, variables: { yes: null } })).errors).toBeDefined()
  expect((await both({ query, variables: {} })).errors).toBeUndefined()
})
