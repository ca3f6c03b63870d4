import './gadgets.ts'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Scope } from '../../src/core/ctx.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
})
afterAll(() => kith.close())

const tokens = new Map<string, Promise<string>>()
async function ask(scopes: Scope[], query: string, variables?: Record<string, unknown>) {
  const name = scopes.join()
  if (!tokens.has(name)) tokens.set(name, ada.token(scopes))
  return kith.graphql(query, variables, { token: (await tokens.get(name))! })
}

describe('a document that selects anything outside the token is refused as a whole, before it runs', () => {
  test.each<[what: string, held: Scope[], query: string, missing: string[]]>([
    ['a root field', ['notes:read'], '{ gadget { __typename } }', ['contacts:read']],
    ['the type of a field', ['contacts:read'], '{ gadget { parts { weight } } }', ['notes:read']],
    ['the type of a field, of which nothing but its name is selected', ['contacts:read'], '{ gadget { parts { __typename } } }', ['notes:read']],
    ['all that is missing, sorted', ['google:read'], '{ gadget { parts { weight } } viewer { email } }', ['account:read', 'contacts:read', 'notes:read']],
    ['a type reached through node', ['notes:read'], '{ node(id: "x") { id ... on Gadget { name } } }', ['contacts:read']],
    ['a type reached through nodes, by a named fragment', ['notes:read'], '{ nodes(ids: ["x"]) { ...F } } fragment F on Gadget { name }', ['contacts:read']],
    ['a type reached through a union', ['notes:read'], '{ thing { ... on Gadget { name } } }', ['contacts:read']],
    ['a type below a type without a scope', ['notes:read'], '{ thing { ... on GadgetMade { gadget { __typename } } } }', ['contacts:read']],
    ['a connection', ['notes:read'], '{ thing { ... on GadgetMade { gadget { others { edges { node { id } } } } } } }', ['contacts:read']],
    ['how many a connection holds', ['notes:read'], '{ thing { ... on GadgetMade { others { totalCount } } } }', ['contacts:read']],
    ['what @skip leaves out', ['notes:read'], '{ __typename gadget @skip(if: true) { name } }', ['contacts:read']],
    ['what @include leaves out', ['notes:read'], 'query ($no: Boolean = false) { __typename ... @include(if: $no) { gadget { name } } }', ['contacts:read']],
    ['a mutation', ['contacts:read'], 'mutation { gadgetMake(input: { name: "a" }) { __typename } }', ['contacts:write']],
    [
      'what a mutation answers',
      ['contacts:write'],
      'mutation { gadgetMake(input: { name: "a" }) { ... on GadgetMade { gadget { name } } } }',
      ['contacts:read'],
    ],
    [
      'a root field whose author forgot the scope',
      ['account:read', 'account:write', 'contacts:read', 'contacts:write', 'notes:read', 'notes:write'],
      '{ undeclaredGadget }',
      ['undeclared'],
    ],
  ])('%s', async (_what, held, query, missingScopes) => {
    const answer = await ask(held, query)
    expect(answer).toMatchObject({ status: 403, errors: [{ extensions: { code: 'FORBIDDEN', missingScopes } }] })
    expect(answer).not.toHaveProperty('data')
  })
})

test('nothing of a refused mutation has run', async () => {
  const before = await kith.app.database.prisma.session.count({ where: { ownerId: ada.ownerId } })
  await ask(['contacts:write'], 'mutation { gadgetMake(input: { name: "a" }) { ... on GadgetMade { gadget { name } } } }')
  expect(await kith.app.database.prisma.session.count({ where: { ownerId: ada.ownerId } })).toBe(before)
})

describe('what the token covers passes', () => {
  test.each<[Scope[], string]>([
    [['contacts:read'], '{ gadget { name } }'],
    [['contacts:read', 'notes:read'], '{ gadget { parts { weight } } }'],
    [['contacts:write'], 'mutation { gadgetMake(input: { name: "a" }) { __typename ... on Error { message } } }'],
    [['notes:read'], '{ node(id: "x") { id __typename } nodes(ids: []) { id } thing { __typename } publicGadget }'],
  ])('%s: %s', async (held, query) => {
    expect((await ask(held, query)).status).toBe(200)
  })
  test('a signed-in browser has every scope', async () => {
    expect((await kith.graphql('{ gadget { parts { weight } } undeclaredGadget viewer { email } }', {}, { headers: ada.browser })).status).toBe(200)
  })
})

describe('an anonymous caller reads what is public, and nothing else', () => {
  test('public fields', async () => {
    expect(await kith.graphql('{ __typename publicGadget dataMap { model columns { name legalBasis } } }')).toMatchObject({
      status: 200,
      data: { publicGadget: 'hello' },
    })
  })
  test.each([
    '{ viewer { email } }',
    '{ undeclaredGadget }',
    '{ publicGadget viewer { email } }',
    '{ node(id: "x") { id } }',
    '{ ...F } fragment F on Query { viewer { email } }',
    'mutation { sessionRevoke(id: "x") { __typename } }',
  ])('%s', async (query) => {
    const answer = await kith.graphql(query)
    expect(answer).toMatchObject({ status: 401, errors: [{ extensions: { code: 'UNAUTHENTICATED' } }] })
    expect(answer).not.toHaveProperty('data')
  })
})
