import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { newId } from '../../src/core/ids.ts'
import { type Execute, interpreter } from '../../src/graphql/compile.ts'
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
  servers = { planned: createGraphqlServer(kith.app, { execute: planner(kith.app.schema, counting) }), plain: createGraphqlServer(kith.app, { execute: run }) }
  const own = await fill(ada)
  const foreign = await fill(await kith.signUp())
  ids = {
    ...own,
    contacts: [...own.contacts, foreign.contacts[0]!, 'nonsense'],
    any: [...own.any, ...foreign.any.slice(0, 3), 'nonsense', encodeId('Note', newId(clock))],
  }
}, 60_000)
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

async function ask(server: GraphqlServer, { query, variables }: Asked): Promise<{ text: string; errors: unknown; data: any }> {
  const response = await server.fetch(
    new Request(`${kith.app.config.publicUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ query, variables }),
    }),
  )
  const text = await response.text()
  const { data, errors, extensions } = JSON.parse(text)
  const told = (errors as { message: string; path: unknown; extensions: { code: string } }[] | undefined)?.map((error) => [
    error.message,
    error.path,
    error.extensions.code,
  ])
  // What the client pays and every byte of the data; the rest is the request's own.
  return {
    text: `${JSON.stringify({ told, cost: [extensions?.cost?.requested, extensions?.cost?.actual] })}${/^\{"data":.*?(?=,"errors":|,"extensions":|$)/.exec(text)?.[0]}`,
    errors,
    data,
  }
}

async function both(asked: Asked) {
  const planned = await ask(servers.planned, asked)
  const plain = await ask(servers.plain, asked)
  expect(planned.text, asked.query).toBe(plain.text)
  return planned
}

describe('what is planned answers to the byte as the plain way does', () => {
  test.each(Array.from({ length: 8 }, (_, seed) => seed))(
    'whatever is selected, seed %i',
    async (seed) => {
      const next = documents(randomNumbers(seed + 1), ids)
      const before = unplanned
      let failed = 0
      for (let left = 40; left > 0; left -= 1) {
        const { errors } = await both(next())
        if (errors) failed += 1
      }
      expect(failed).toBeLessThan(15)
      expect(unplanned - before).toBeLessThan(30)
    },
    60_000,
  )
})
