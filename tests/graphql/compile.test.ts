import './gadgets.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { compileAfter, compiler, type Execute, interpreter } from '../../src/graphql/compile.ts'
import { documentReader } from '../../src/graphql/documents.ts'
import { createGraphqlServer, type GraphqlServer } from '../../src/graphql/server.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
let token: string
let servers: GraphqlServer[]
beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
  token = await ada.token()
  servers = [interpreter(kith.app.schema), compiler(kith.app, 1)].map((execute) => createGraphqlServer(kith.app, { execute }))
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

describe('a compiled document answers as an interpreted one', () => {
  test.each(corpus)('%s %j', async (query, variables) => {
    const answers = []
    for (const server of servers) {
      const response = await server.fetch(
        new Request(`${kith.app.config.publicUrl}/graphql`, {
          method: 'POST',
          headers: { 'content-type': 'application/json', accept: 'application/graphql-response+json', authorization: `Bearer ${token}` },
          body: JSON.stringify({ query, variables, ...(query.startsWith('query A') ? { operationName: 'B' } : {}) }),
        }),
      )
      const { data, errors } = (await response.json()) as { data?: unknown; errors?: { message: string; path?: unknown; extensions: { code: string } }[] }
      answers.push({ status: response.status, data, errors: errors?.map(({ message, path, extensions: { code } }) => ({ message, path, code })) })
    }
    expect(answers[1]).toEqual(answers[0])
    expect(answers[0]?.data ?? answers[0]?.errors).toBeDefined()
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
    expect(await execute(operation!, { ...ada.ctx, vault: null }, {})).toEqual({ data: { gadget: { name: 'Gadget 1' } } })
    expect(compiled).toHaveLength(times < compileAfter ? 0 : 1)
  }
})
