import './gadgets.ts'
import { print } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileAfter, compiler, type Execute, interpreter } from '../../src/graphql/compile.ts'
import { documentReader } from '../../src/graphql/documents.ts'
import { exampleTabs } from '../../src/graphql/examples.ts'
import { createGraphqlServer, type GraphqlServer } from '../../src/graphql/server.ts'
import {
  ContactCreateDocument,
  ContactDetailDocument,
  ContactPageDocument,
  InteractionLogDocument,
  NoteCreateDocument,
  ReminderCreateDocument,
  ViewerDocument,
} from '../generated/documents.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask } from '../support/typed.ts'

let kith: TestApp
let ada: Person
let token: string
let servers: GraphqlServer[]
beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
  token = await ada.token()
  // An operation that cannot be compiled is only warned of: here that is a failure.
  const strict = {
    ...kith.app,
    log: { ...kith.app.log, debug: () => {}, warn: ({ err }: { err: Error }) => expect.unreachable(err.stack) } as never,
  }
  servers = [interpreter(kith.app.schema), compiler(strict, 1)].map((execute) => createGraphqlServer(kith.app, { execute }))
})
afterAll(() => kith.close())

const corpus: [query: string, variables?: Record<string, unknown>][] = [
  ['{ __typename }'],
  ['{ a: __typename viewer { __typename id email name locale timeZone sessions { id current } usage { storageBytes } } }'],
  ['query ($n: Int) { gadget(n: $n) { id name } }', { n: 5 }],
  ['query ($n: Int) { gadget(n: $n) { id name } }', { n: 0 }],
  ['query ($n: Int) { gadget(n: $n) { id name } }', {}],
  ['query ($n: Int = 4) { gadget(n: $n) { name twin { twin { name } } } }'],
  [
    'query ($first: Int!) { gadgets(first: $first) { nodes { name parts { weight } } edges { cursor node { id } } pageInfo { hasNextPage startCursor } totalCount } }',
    { first: 3 },
  ],
  ['{ gadgets(first: 0) { nodes { name } } }'],
  [
    'query ($yes: Boolean!, $no: Boolean!) { gadget { name @include(if: $yes) id @skip(if: $yes) twin @include(if: $no) { name } ...F @skip(if: $no) ... @include(if: $yes) { alias: name } } } fragment F on Gadget { parts(heavy: $yes) { weight } }',
    { yes: true, no: false },
  ],
  [
    'query ($yes: Boolean!, $no: Boolean!) { gadget { name @include(if: $yes) id @skip(if: $yes) twin @include(if: $no) { name } ...F @skip(if: $no) ... @include(if: $yes) { alias: name } } } fragment F on Gadget { parts(heavy: $yes) { weight } }',
    { yes: false, no: true },
  ],
  ['{ gadget { ...A ...B } } fragment A on Gadget { name ...B } fragment B on Gadget { twin { id name } }'],
  [
    'query ($made: Boolean) { thing(made: $made) { __typename ... on Gadget { name } ... on GadgetMade { secret gadget { name } } ... on Node { id } } }',
    { made: true },
  ],
  [
    'query ($made: Boolean) { thing(made: $made) { __typename ... on Gadget { name } ... on GadgetMade { secret gadget { name } } ... on Node { id } } }',
    { made: false },
  ],
  [
    'query ($i: GadgetInput, $at: DateTime, $ids: [ID!]) { echo(input: $i, at: $at, ids: $ids) }',
    { i: { name: 'é \u2028 "quoted"', kind: 'LARGE', size: -1, tags: ['a', 'b'] }, at: '2026-03-28T02:30:00Z', ids: ['x', 1] },
  ],
  ['query ($name: String!) { echo(input: { name: $name, kind: SMALL, tags: "one" }, ids: "a", n: 3) }', { name: 'x' }],
  ['query ($n: Int = 3) { echo(n: $n) }', { n: null }],
  ['{ gadget { name broken } }'],
  ['{ gadget { name refused twin { refused } } }'],
  ['{ gadget { name escaped } }'],
  ['{ gadget { name wrongNull } viewer { email } }'],
  ['{ gadgets(first: 2) { nodes { name wrongNull } } viewer { email } }'],
  ['{ gadgets(first: 2) { nodes { name brokenNonNull } } }'],
  ['{ gadgets(first: 2) { nodes { name broken } } }'],
  ['{ node(id: "nonsense") { id } nodes(ids: ["a", "b"]) { id } }'],
  ['query A { viewer { email } } query B { viewer { name } }'],
  ['{ dataMap { model columns { name purposes legalBasis sealed } } }'],
  ['mutation { accountUpdate(input: { name: "" }) { __typename ... on Account { name } ... on InvalidInputError { code message issues { path message } } } }'],
  ['mutation { accountUpdate(input: { timeZone: "Nowhere" }) { __typename ... on Account { name } ... on Error { message } } }'],
  ['mutation { a: accountUpdate(input: { name: "One" }) { ... on Account { name } } b: accountUpdate(input: { name: "Two" }) { ... on Account { name } } }'],
  ['mutation { gadgetMake(input: { name: "invalid" }) { __typename ... on Error { code message } } }'],
]

/** One answer of the interpreting server and one of the compiling one, as far as clients can rely on them: compiled errors lack `locations`. */
async function both(query: string, variables?: Record<string, unknown>, operationName?: string) {
  const answers = []
  for (const server of servers) {
    const response = await server.fetch(
      new Request(`${kith.app.config.publicUrl}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', authorization: `Bearer ${token}` },
        body: JSON.stringify({ query, variables, operationName }),
      }),
    )
    const { data, errors } = (await response.json()) as {
      // eslint-disable-next-line typescript/no-explicit-any
      data?: any
      errors?: { message: string; path?: unknown; extensions: { code: string } }[]
    }
    answers.push({ status: response.status, data, errors: errors?.map(({ message, path, extensions: { code } }) => ({ message, path, code })) })
  }
  return answers as [interpreted: (typeof answers)[0], compiled: (typeof answers)[0]]
}

describe('a compiled document answers as an interpreted one', () => {
  test.each(corpus)('%s %j', async (query, variables) => {
    const [interpreted, compiled] = await both(query, variables, query.startsWith('query A') ? 'B' : undefined)
    expect(compiled).toEqual(interpreted)
    expect(interpreted.data ?? interpreted.errors).toBeDefined()
  })

  describe('over an address book', () => {
    const ids: string[] = []
    beforeAll(async () => {
      for (const given of ['Grace', 'Edsger', 'Barbara']) {
        const { contactCreate } = await ask(ada, ContactCreateDocument, {
          input: {
            name: { given, family: 'Example' },
            emails: [{ address: `${given}@example.com` }],
            phones: [{ number: '030 123456' }],
            tags: ['friends'],
            about: 'Someone.',
          },
        })
        if (contactCreate.__typename !== 'Contact') throw new Error(contactCreate.message)
        ids.push(contactCreate.id)
        for (const body of ['one', 'two', 'three']) await ask(ada, NoteCreateDocument, { input: { contactId: contactCreate.id, body } })
        await ask(ada, ReminderCreateDocument, { input: { contactId: contactCreate.id, title: 'Call', dueAt: '2030-01-01T09:00' } })
        await ask(ada, InteractionLogDocument, {
          input: { contactIds: [contactCreate.id], kind: 'CALL', occurredAt: '2026-01-01T09:00:00Z', subject: 'Hello' },
        })
      }
    })
    test('pages, with variables for everything', async () => {
      for (const variables of [
        {},
        { first: 2 },
        { search: 'grace' },
        { filter: { email: { startsWith: 'edsger' } } },
        { orderBy: [{ field: 'CREATED_AT', direction: 'DESC' }] },
        { after: 'nonsense' },
        { first: 101 },
      ]) {
        const [interpreted, compiled] = await both(print(ContactPageDocument), variables)
        expect(compiled).toEqual(interpreted)
      }
      const [{ data }] = await both(print(ContactPageDocument), {})
      expect(data.contacts.totalCount).toBe(3)
    })
    test('one with all that hangs on it; one that is not there', async () => {
      for (const id of [...ids, 'nonsense']) {
        const [interpreted, compiled] = await both(print(ContactDetailDocument), { id })
        expect(compiled).toEqual(interpreted)
        expect(interpreted.errors).toBeUndefined()
      }
    })
    test('nodes of several types, by fragments', async () => {
      const query =
        'query ($ids: [ID!]!) { nodes(ids: $ids) { __typename id ... on Contact { displayName notes(first: 2) { nodes { body contact { id } } } } ... on Account { email } } }'
      const { viewer } = await ask(ada, ViewerDocument, {})
      const [interpreted, compiled] = await both(query, { ids: [...ids, 'nonsense', viewer!.id] })
      expect(compiled).toEqual(interpreted)
      expect(interpreted.data.nodes.map((node: { __typename: string } | null) => node?.__typename)).toEqual([
        'Contact',
        'Contact',
        'Contact',
        undefined,
        'Account',
      ])
    })
    test('changes and their refusals', async () => {
      const query =
        'mutation ($id: ID!, $input: ContactUpdateInput!) { contactUpdate(id: $id, input: $input) { __typename ... on Contact { displayName starred tags } ... on Error { code message } ... on InvalidInputError { issues { path } } } }'
      for (const [id, input] of [
        [ids[0], { starred: true, tags: ['a'] }],
        [ids[0], { emails: [{ address: 'no address' }] }],
        ['nonsense', { starred: true }],
      ] as const) {
        const [interpreted, compiled] = await both(query, { id, input })
        expect(compiled).toEqual(interpreted)
        expect(interpreted.data.contactUpdate.__typename).toBeDefined()
      }
    })
    test.each(exampleTabs.filter(({ query }) => !query.includes('mutation')).map(({ query, variables }) => [query.split('\n')[0], query, variables] as const))(
      'the example: %s',
      async (_title, query, variables) => {
        const [interpreted, compiled] = await both(query, JSON.parse(variables ?? '{}') as Record<string, unknown>)
        expect(compiled).toEqual(interpreted)
        expect(interpreted.errors).toBeUndefined()
      },
    )
  })
})

test('a document is compiled once it has come a few times', async () => {
  const compiled: string[] = []
  const [operation] = documentReader(kith.app.schema)('{ gadget { name } }').operations ?? []
  const execute: Execute = compiler({
    ...kith.app,
    log: { ...kith.app.log, debug: (fields: { operation: string }) => void compiled.push(fields.operation) } as never,
  })
  for (let times = 1; times <= compileAfter + 2; times += 1) {
    expect(await execute(operation!, { ...ada.ctx, vault: null, work: { points: 0 } }, {})).toEqual({ data: { gadget: { name: 'Gadget 1' } } })
    expect(compiled).toHaveLength(times < compileAfter ? 0 : 1)
  }
})
