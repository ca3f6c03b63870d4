import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, type TestApp, testApp } from '../support/app.ts'

// The thirteen checks of graphql-cop, as an anonymous attacker and as one with a token, against the production server.

let kith: TestApp
let ada: Person
let token: string
beforeAll(async () => {
  kith = await testApp({ config: { production: true } })
  ada = await kith.signUp()
  token = await ada.token()
})
afterAll(() => kith.close())

type Send = (init: { method?: string; body?: string; search?: string; headers?: Record<string, string> }) => Promise<{
  status: number
  text: string
  body: { data?: Record<string, unknown>; errors?: { message: string; extensions?: object }[]; extensions?: object }
}>
const sender =
  (headersOf: () => Record<string, string>): Send =>
  async ({ method = 'POST', body, search = '', headers = {} }) => {
    const response = await kith.server.fetch(
      new Request(`${kith.app.config.publicUrl}/graphql${search}`, {
        method,
        headers: { ...(body ? { 'content-type': 'application/json' } : {}), ...headersOf(), ...headers },
        ...(body ? { body } : {}),
      }),
    )
    const text = await response.text()
    return { status: response.status, text, body: text.startsWith('{') ? (JSON.parse(text) as never) : {} }
  }
const ask = (send: Send, query: string) => send({ body: JSON.stringify({ query }) })
const repeat = (count: number, make: (n: number) => string): string => Array.from({ length: count }, (_, n) => make(n)).join(' ')

describe.each([
  ['anonymous', sender(() => ({}))],
  ['with a token', sender(() => ({ authorization: `Bearer ${token}` }))],
])('%s: none of the checks finds a weakness', (who, send) => {
  test('alias overloading', async () => {
    const { status, body } = await ask(send, `query cop { ${repeat(101, (n) => `alias${n}: __typename`)} }`)
    expect(status).toBe(400)
    expect(body).not.toHaveProperty('data')
  })
  test('array batching', async () => {
    expect((await send({ body: JSON.stringify(Array.from({ length: 10 }, () => ({ query: 'query cop { __typename }' }))) })).status).toBe(400)
  })
  test('circular introspection', async () => {
    const { status, body } = await ask(
      send,
      'query cop { __schema { types { fields { type { fields { type { fields { type { fields { type { name } } } } } } } } } } }',
    )
    expect(status).toBe(400)
    expect(body).not.toHaveProperty('data')
  })
  test('directive overloading', async () => {
    const { body } = await ask(send, `query cop { __typename ${repeat(10, () => '@aa')} }`)
    expect(body.errors?.length).toBeLessThan(10)
  })
  test('field duplication', async () => {
    const { status, body } = await ask(send, `query cop { ${repeat(500, () => '__typename')} }`)
    expect(status).toBe(400)
    expect(body).not.toHaveProperty('data')
  })
  test('introspection: only with a token', async () => {
    const { status, body } = await ask(send, 'query cop { __schema { types { name fields { name } } } }')
    expect({ status, told: body.data !== undefined }).toEqual(who === 'anonymous' ? { status: 401, told: false } : { status: 200, told: true })
  })
  test('a query by GET', async () => {
    if (who === 'anonymous') expect((await send({ method: 'GET', search: '?query=query%20cop%20%7B__typename%7D' })).status).toBe(403)
  })
  test('a mutation by GET', async () => {
    expect((await send({ method: 'GET', search: '?query=mutation%20cop%20%7B__typename%7D' })).status).toBe(who === 'anonymous' ? 403 : 405)
  })
  test('an urlencoded POST', async () => {
    const { status, text } = await send({ body: 'query=query%20cop%20%7B__typename%7D', headers: { 'content-type': 'application/x-www-form-urlencoded' } })
    expect(status).toBe(415)
    expect(text).not.toContain('"data"')
  })
  test('field suggestions', async () => {
    expect((await ask(send, 'query cop { viewr }')).text).not.toContain('Did you mean')
    expect((await ask(send, 'query cop { __schema { directive } }')).text).not.toContain('Did you mean')
  })
  test('GraphiQL and playgrounds', async () => {
    for (const search of ['', '?query=%7B__typename%7D']) {
      const { status, text } = await send({ method: 'GET', search, headers: { accept: 'text/html' } })
      expect(status).not.toBe(200)
      expect(text).not.toMatch(/graphiql|playground|graphql-explorer/i)
    }
  })
  test('trace mode', async () => {
    for (const query of ['query cop { __typename }', 'query cop { nothing }']) {
      const { body } = await ask(send, query)
      expect(JSON.stringify([body.extensions, body.errors?.map(({ extensions }) => extensions)])).not.toMatch(/tracing/i)
    }
  })
  test('unhandled errors', async () => {
    const { text } = await send({ body: 'qwerty cop { abc' })
    expect(text).not.toMatch(/exception|stack|originalError|qwerty/)
  })
})
