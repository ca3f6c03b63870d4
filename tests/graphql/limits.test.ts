import './gadgets.ts'
import { getIntrospectionQuery } from 'graphql'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
})
afterAll(() => kith.close())

const times = (count: number, make: (n: number) => string): string => Array.from({ length: count }, (_, n) => make(n)).join(' ')
const nested = (depth: number): string => `{ gadget ${'{ twin '.repeat(depth - 2)}{ name }${' }'.repeat(depth - 2)} }`
const ofTypes = (count: number): string => `{ __type(name: "Gadget") { ${'ofType { '.repeat(count)}name${' }'.repeat(count)} } }`

describe('a document at its limit passes, one beyond it is refused with 400 before it is validated', () => {
  test.each([
    ['tokens', (n: number) => `{ echo(ids: [${times(n - 9, () => '1')}]) }`, 1000],
    ['depth', nested, 10],
    ['depth, through fragments', (n: number) => `{ gadget { ...A } } fragment A on Gadget { ${'twin { '.repeat(n - 2)}name${' }'.repeat(n - 2)} }`, 10],
    ['aliases', (n: number) => `{ gadget { ${times(n, (i) => `a${i}: name`)} } }`, 15],
    ['aliases of __typename', (n: number) => `{ gadget { ${times(n, (i) => `a${i}: __typename`)} } }`, 15],
    [
      'aliases, a fragment spread often',
      (n: number) =>
        `{ gadget { ...A twin { ...A } twin { ...A } ${times(n - 12, (i) => `b${i}: id`)} } } fragment A on Gadget { ${times(4, (i) => `a${i}: name`)} }`,
      15,
    ],
    ['directives', (n: number) => `{ gadget { name ${times(n, () => '@include(if: true)').replaceAll(' @', ' id @')} } }`, 20],
    ['fields, each written', (n: number) => `{ gadget { ${times(n - 1, () => 'name')} } }`, 300],
    [
      'fields, a fragment spread often',
      (n: number) => `{ gadget { ${times((n - 1) / 13, () => '...A')} } } fragment A on Gadget { ${times(13, () => 'name')} }`,
      300,
    ],
    ['root fields', (n: number) => `{ ${times(n, () => '__typename')} }`, 10],
    [
      'root fields, through fragments',
      (n: number) => `{ ...A ...B } fragment A on Query { ${times(n - 1, () => '__typename')} } fragment B on Query { __typename }`,
      10,
    ],
    ['ofType', ofTypes, 9],
  ])('%s', async (_name, make, limit) => {
    expect(await ada.graphql(make(limit))).toMatchObject({ status: 200 })
    const over = await ada.graphql(make(limit + (limit === 300 ? 13 : 1)))
    expect(over.status).toBe(400)
    expect(over).not.toHaveProperty('data')
    expect(over.errors?.[0]?.extensions['code']).toMatch(/^GRAPHQL_/)
  })
  test('mutations', async () => {
    const make = (n: number): string => `mutation { ${times(n, (i) => `a${i}: sessionRevoke(id: "x") { __typename }`)} }`
    expect((await ada.graphql(make(10))).status).toBe(200)
    expect(await ada.graphql(make(11))).toMatchObject({ status: 400, errors: [{ message: "The document's number of mutations is more than 10." }] })
  })
  test('refused with 400 also where the client accepts application/json only', async () => {
    expect((await ada.graphql(nested(11), {}, { headers: { accept: 'application/json' } })).status).toBe(400)
  })
  test('pages of pages: more than 10,000 objects', async () => {
    const answer = await ada.graphql('{ gadgets(first: 100) { nodes { others(first: 100) { nodes { name } } } } }')
    expect(answer).toMatchObject({ status: 400, errors: [{ message: expect.stringContaining('10000 objects'), extensions: { code: 'COST_EXCEEDED' } }] })
  })
})

describe('documents that cost much to validate are refused at once', () => {
  const chain = times(60, (n) => `fragment F${n} on Gadget { ...F${n + 1} ...F${n + 1} }`)
  test.each([
    ['35 KB of repeated nested fields', `{ ${times(500, () => 'gadget { twin { twin { name } } }')} }`],
    ['a long list', `{ echo(ids: [${times(50_000, () => '1')}]) }`],
    ['20,000 levels', `{ ${'a { '.repeat(20_000)}b${' }'.repeat(20_000)} }`],
    ['20,000 brackets', `{ echo(ids: ${'['.repeat(20_000)}${']'.repeat(20_000)}) }`],
    ['fragments that double', `{ gadget { ...F0 } } ${chain} fragment F60 on Gadget { name }`],
    ['fragments that spread one another', `{ ...A0 } ${times(20, (n) => `fragment A${n} on Query { ${times(20, (m) => `...A${m}`)} }`)}`],
    ['a fragment that spreads itself', '{ ...A } fragment A on Query { ...A ...A }'],
  ])('%s', async (_name, query) => {
    const { status, errors } = await ada.graphql(query)
    expect(status).toBe(400)
    expect(errors?.length).toBeLessThanOrEqual(5)
    expect(JSON.stringify(errors).length).toBeLessThan(3000)
  })
})

describe('introspection', () => {
  const options = ['descriptions', 'specifiedByUrl', 'directiveIsRepeatable', 'schemaDescription', 'inputValueDeprecation', 'oneOf'] as const
  test.each([...options.map((option) => ({ [option]: true })), Object.fromEntries(options.map((option) => [option, true])), { descriptions: false }, {}])(
    'the standard query passes with %j',
    async (chosen) => {
      const { status, data } = await ada.graphql(getIntrospectionQuery(chosen))
      expect({ status, query: data?.__schema?.queryType?.name }).toEqual({ status: 200, query: 'Query' })
    },
  )
  test('a token of any scope may introspect', async () => {
    expect((await kith.graphql(getIntrospectionQuery(), {}, { token: await ada.token(['google:read']) })).status).toBe(200)
  })
  test.each([
    '{ __schema { types { name } } }',
    '{ __type(name: "Query") { name } }',
    '{ ...A } fragment A on Query { ... { __schema { types { name } } } }',
    '{ __typename __schema { types { name } } }',
  ])('an anonymous caller is refused: %s', async (query) => {
    expect(await kith.graphql(query)).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
  })
  test.each([
    '{ __schema { types { fields { type { fields { type { name } } } } } } }',
    '{ __type(name: "Query") { fields { type { fields { name } } } } }',
    '{ __type(name: "Node") { possibleTypes { interfaces { name } } } }',
    '{ __schema { types { ...A } } } fragment A on __Type { fields { type { ...B } } } fragment B on __Type { fields { name } }',
    '{ __type(name: "Query") { fields { args { type { inputFields { name } } } } } }',
  ])('recursion is refused: %s', async (query) => {
    expect((await ada.graphql(query)).status).toBe(400)
  })
})
