import './gadgets.ts'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { GraphqlServer } from '../../src/graphql/server.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
let server: GraphqlServer
const logged: string[] = []

beforeAll(async () => {
  kith = await testApp({ log: pino({ level: 'info' }, { write: (line: string) => void logged.push(line) }) })
  ada = await kith.signUp()
  server = kith.server
})
afterAll(() => kith.close())

async function ask(
  query: string,
  { variables, accept = 'application/graphql-response+json', anonymous = false }: { variables?: unknown; accept?: string; anonymous?: boolean } = {},
) {
  const response = await server.fetch(
    new Request(`${kith.app.config.publicUrl}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', accept, ...(anonymous ? {} : { authorization: `Bearer ${await ada.token()}` }) },
      body: JSON.stringify({ query, variables }),
    }),
  )
  const text = await response.text()
  const body = JSON.parse(text) as { data?: unknown; errors?: { message: string; path?: unknown; extensions: Record<string, unknown> }[] }
  return { status: response.status, headers: response.headers, text, ...body }
}

describe('what goes wrong on our side is masked', () => {
  test.each(['broken', 'escaped'])('%s: the client learns a request id, the log the cause', async (field) => {
    logged.length = 0
    const { status, errors, text } = await ask(`{ gadget { name ${field} } }`)
    expect(errors).toEqual([expect.objectContaining({ message: 'Something went wrong on our side.', path: ['gadget', field] })])
    expect(errors?.[0]?.extensions).toEqual({ code: 'INTERNAL', requestId: expect.any(String) })
    expect(text).not.toMatch(/hunter2|Secret detail|stack|at /)
    expect(status).toBe(200) // there is data
    expect(logged.join()).toMatch(/hunter2|Secret detail/)
    expect(logged.join()).toContain(errors?.[0]?.extensions['requestId'])
  })
  test('without data the status is 500', async () => {
    const { status, data, errors } = await ask('{ gadgets(first: 1) { nodes { brokenNonNull } } }')
    expect({ status, data, code: errors?.[0]?.extensions['code'] }).toEqual({ status: 500, data: null, code: 'INTERNAL' })
  })
  test('a null where there may be none is ours too, interpreted and compiled', async () => {
    for (let times = 0; times < 5; times += 1) {
      const { data, errors } = await ask('{ gadget { wrongNull } }')
      expect({ data, code: errors?.[0]?.extensions['code'], message: errors?.[0]?.message }).toEqual({
        data: { gadget: null },
        code: 'INTERNAL',
        message: 'Something went wrong on our side.',
      })
    }
  })
})

describe('a refusal keeps its code, and its status where no data came along', () => {
  test('a bad cursor', async () => {
    expect((await ask('{ gadget { refused } }')).errors?.[0]?.extensions).toEqual({ code: 'BAD_USER_INPUT', requestId: expect.any(String) })
  })
  test('no credential: 401 with a challenge, under both media types', async () => {
    for (const accept of ['application/json', 'application/graphql-response+json']) {
      const { status, headers, errors } = await ask('{ viewer { email } }', { anonymous: true, accept })
      expect({ status, code: errors?.[0]?.extensions['code'], challenge: headers.get('www-authenticate') }).toEqual({
        status: 401,
        code: 'UNAUTHENTICATED',
        challenge: expect.stringContaining('Bearer'),
      })
    }
  })
  test('a bad credential: 401', async () => {
    const response = await server.fetch(
      new Request(`${kith.app.config.publicUrl}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', authorization: 'Bearer kith_nothing' },
        body: '{"query":"{ __typename }"}',
      }),
    )
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ errors: [{ extensions: { code: 'UNAUTHENTICATED', requestId: expect.any(String) } }] })
  })
  test.each([
    ['{ viewer {', 'GRAPHQL_PARSE_FAILED'],
    ['{ nothing }', 'GRAPHQL_VALIDATION_FAILED'],
  ])('%s: %s with 400, and 200 for application/json', async (query, code) => {
    const strict = await ask(query)
    expect({ status: strict.status, code: strict.errors?.[0]?.extensions['code'] }).toEqual({ status: 400, code })
    expect(strict).not.toHaveProperty('data')
    expect((await ask(query, { accept: 'application/json' })).status).toBe(200)
  })
  test('every error and every answer names its request', async () => {
    const { headers, errors } = await ask('{ a b c d e f g }')
    expect(errors).toHaveLength(5)
    for (const error of errors ?? []) expect(error.extensions['requestId']).toBe(headers.get('x-request-id'))
    expect((await ask('{ __typename }')).headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
  })
  test('no suggestion tells the names of the schema', async () => {
    for (const query of [
      '{ viewr { email } }',
      '{ viewer { emial } }',
      '{ viewer(idd: 1) { email } }',
      '{ echo(input: { nam: "x" }) }',
      '{ echo(input: { name: "x", kind: SMAL }) }',
      '{ viewer { ... on Acount { id } } }',
    ])
      expect((await ask(query)).text).not.toContain('Did you mean')
    expect((await ask('query ($i: GadgetInput) { echo(input: $i) }', { variables: { i: { nam: 'x', kind: 'SMAL' } } })).text).not.toContain('Did you mean')
  })
})

describe('variables that do not fit are refused without their values', () => {
  test.each([
    [{ i: { name: 'a', size: 'hunter2' } }, 'The variable "$i.size" does not fit its type: Int is expected.'],
    [{ i: { name: null } }, 'The variable "$i.name" does not fit its type: String! is expected.'],
    [{ i: { size: 1 } }, 'The variable "$i" does not fit its type: name of type String! is missing.'],
    [{ i: { name: 'a', hunter2: 1 } }, 'The variable "$i" does not fit its type: a field is not defined by GadgetInput.'],
    [{ i: { name: 'a', kind: 'hunter2' } }, 'The variable "$i.kind" does not fit its type: a value of GadgetKind is expected.'],
    [{ i: { name: 'a', tags: ['x', { hunter2: 1 }] } }, 'The variable "$i.tags.1" does not fit its type: String is expected.'],
    [{ i: { name: 'a' }, at: 'hunter2' }, 'The variable "$at" does not fit its type: DateTime is expected.'],
    [{ i: 'hunter2' }, 'The variable "$i" does not fit its type: GadgetInput is expected.'],
    [{}, 'The variable "$i" of type GadgetInput! is missing.'],
  ])('%j', async (variables, message) => {
    const { status, errors, text } = await ask('query ($i: GadgetInput!, $at: DateTime) { echo(input: $i, at: $at) }', { variables })
    expect(errors?.[0]).toMatchObject({ message, extensions: { code: 'BAD_USER_INPUT' } })
    expect(status).toBe(400)
    expect(text).not.toContain('hunter2')
  })
  test('a null for a nullable variable where the argument may not be null', async () => {
    for (let times = 0; times < 5; times += 1) {
      const { errors } = await ask('query ($n: Int = 3) { echo(n: $n) }', { variables: { n: null } })
      expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT')
    }
  })
  test('five errors at most, however many there are', async () => {
    const { errors } = await ask('query ($i: GadgetInput!) { echo(input: $i) }', {
      variables: { i: { name: 'a', tags: Array.from({ length: 30_000 }, () => 1) } },
    })
    expect(errors).toHaveLength(5)
  })
})
