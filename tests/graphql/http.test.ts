import './gadgets.ts'
import { once } from 'node:events'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gzipSync } from 'node:zlib'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
let authorization: string
beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
  authorization = `Bearer ${await ada.token()}`
})
afterAll(() => kith.close())

const canary = 'hunter2-canary'

async function send(init: RequestInit & { path?: string; duplex?: string }): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await kith.server.fetch(new Request(`${kith.app.config.publicUrl}${init.path ?? '/graphql'}`, init))
  return { status: response.status, text: await response.text(), headers: response.headers }
}
function post(body: BodyInit, headers: Record<string, string> = {}) {
  return send({ method: 'POST', body, headers: { 'content-type': 'application/json', authorization, ...headers } })
}
const json = (value: unknown): string => JSON.stringify(value)
const query = `query ($v: String = "${canary}") { echo(input: { name: $v }) }`
const bytes = (...parts: (string | number[])[]): Uint8Array<ArrayBuffer> => new Uint8Array(Buffer.concat(parts.map((part) => Buffer.from(part as string))))

describe('bad input is refused with 4xx, without a word of the body', () => {
  test.each<[string, BodyInit, Record<string, string>?]>([
    ['an array', '[]'],
    ['a batch', json([{ query }, { query }])],
    ['null', 'null'],
    ['a number', '1'],
    ['a string', json(canary)],
    ['nothing', ''],
    ['no query', json({ variables: { v: canary } })],
    ['query is a number', json({ query: 1, variables: { v: canary } })],
    ['query is a list', json({ query: [canary] })],
    ['variables is a list', json({ query, variables: [canary] })],
    ['variables is a string', json({ query, variables: canary })],
    ['operationName is an object', json({ query, operationName: { canary } })],
    ['extensions is a string', json({ query, extensions: canary })],
    ['an unknown key', json({ query, [canary]: 1 })],
    ['a __proto__ variable', `{"query":${json(query)},"variables":{"__proto__":{"v":"${canary}"}}}`],
    ['an escaped __proto__', `{"query":${json(query)},"variables":{"__proto\\u005f_":{"v":"${canary}"}}}`],
    ['a key twice', `{"query":"{ __typename }","query":${json(query)}}`],
    ['a key twice, once escaped', `{"query":"{ __typename }","quer\\u0079":${json(query)}}`],
    ['a variable twice', `{"query":${json(query)},"variables":{"v":"a","v":"${canary}"}}`],
    ['JSON that does not end', `{"query":"{ ${canary}`],
    ['JSON with a comma too many', `{"query":"{ __typename }","variables":{"v":"${canary}",}}`],
    ['invalid UTF-8', bytes('{"query":"{ __typename }","variables":{"v":"', [0xc3, 0x28], '"}}')],
    ['UTF-8 cut off', bytes('{"query":"{ __typename }","variables":{"v":"', [0xe2, 0x82], '"}}')],
    ['half a surrogate pair', `{"query":${json(query)},"variables":{"v":"\\ud800${canary}"}}`],
    ['half a surrogate pair in a key', `{"query":${json(query)},"variables":{"\\udc00":"${canary}"}}`],
    ['NUL', `{"query":${json(query)},"variables":{"v":"${canary}\\u0000"}}`],
    ['NUL in the document', json({ query: `{ echo(input: { name: "${canary}\u0000" }) }` })],
    ['NUL escaped in the document', json({ query: `{ echo(input: { name: "${canary}\\u0000" }) }` })],
    ['half a surrogate pair in the document', json({ query: `{ echo(input: { name: "${canary}\\ud800" }) }` })],
    ['a million levels of JSON', `{"query":"{ __typename }","variables":{"v":${'['.repeat(1_000_000)}${']'.repeat(1_000_000)}}}`],
    ['a thousand levels of JSON', `{"query":"{ __typename }","variables":{"v":${'['.repeat(1000)}${']'.repeat(1000)}}}`],
    ['gzip', gzipSync(json({ query })), { 'content-encoding': 'gzip' }],
    ['another charset', json({ query }), { 'content-type': 'application/json; charset=utf-16' }],
    ['a subscription', json({ query: 'subscription { googleSyncProgress { feature } }' })],
    ['two operations, none named', json({ query: `query A { __typename } query B { echo(input: { name: "${canary}" }) }` })],
    ['an operation that is not there', json({ query: '{ __typename }', operationName: canary })],
    ['text/plain', json({ query }), { 'content-type': 'text/plain' }],
    ['urlencoded', new URLSearchParams({ query }).toString(), { 'content-type': 'application/x-www-form-urlencoded' }],
    [
      'multipart',
      '--x\r\ncontent-disposition: form-data; name="operations"\r\n\r\n{"query":"{ __typename }"}\r\n--x--',
      { 'content-type': 'multipart/form-data; boundary=x' },
    ],
    ['application/graphql', query, { 'content-type': 'application/graphql' }],
    ['an Idempotency-Key too long', json({ query: 'mutation { sessionRevoke(id: "x") { __typename } }' }), { 'idempotency-key': 'x'.repeat(256) }],
  ])('%s', async (_name, body, headers) => {
    const { status, text } = await post(body, headers)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(status).toBeLessThan(500)
    expect(text).not.toContain(canary)
    expect(JSON.parse(text)).toMatchObject({ errors: [{ extensions: { code: expect.any(String), requestId: expect.any(String) } }] })
    expect(text).not.toMatch(/originalError|stack|SyntaxError|position/)
  })

  test('a body over 256 KB: 413, with its length told or not', async () => {
    const large = json({ query: '{ __typename }', variables: { v: 'x'.repeat(256 * 1024) } })
    expect((await post(large, { 'content-length': String(large.length) })).status).toBe(413)
    expect((await post(large)).status).toBe(413)
    const endless = new ReadableStream({ pull: (controller) => controller.enqueue(new Uint8Array(64 * 1024)) })
    expect((await send({ method: 'POST', body: endless, duplex: 'half', headers: { 'content-type': 'application/json', authorization } })).status).toBe(413)
  })
  test('over a real connection the answer arrives before it is closed', async () => {
    const listening = createServer((request, response) => void kith.server(request, response)).listen(0, '127.0.0.1')
    await once(listening, 'listening')
    const { port } = listening.address() as AddressInfo
    const answer = await new Promise<{ status: number | undefined; connection: string | undefined }>((resolve, reject) => {
      const outgoing = request({ port, path: '/graphql', method: 'POST', headers: { 'content-type': 'application/json', authorization } }, (incoming) => {
        incoming.resume()
        resolve({ status: incoming.statusCode, connection: incoming.headers.connection })
      })
      outgoing.once('error', reject)
      for (let sent = 0; sent < 5; sent += 1) outgoing.write(Buffer.alloc(64 * 1024, ' '))
      outgoing.end()
    })
    expect(answer).toEqual({ status: 413, connection: 'close' })
    listening.close()
  })
  test('a body just under the limit is read', async () => {
    expect((await post(json({ query: '{ __typename }', variables: { v: 'x'.repeat(250 * 1024) } }))).status).toBe(200)
  })
})

describe('methods', () => {
  const path = (document: string, more = ''): string => `/graphql?query=${encodeURIComponent(document)}${more}`
  test('a query by GET needs an Authorization header', async () => {
    expect((await send({ path: path('{ __typename }') })).status).toBe(403)
    expect((await send({ path: path('{ __typename }'), headers: ada.browser })).status).toBe(403)
    expect((await send({ path: path('{ __typename }'), headers: { authorization } })).text).toContain('"__typename":"Query"')
  })
  test('a mutation by GET: 405', async () => {
    const { status, headers } = await send({ path: path('mutation { sessionRevoke(id: "x") { __typename } }'), headers: { authorization } })
    expect({ status, allow: headers.get('allow') }).toEqual({ status: 405, allow: 'POST' })
  })
  test.each(['&query=%7Ba%7D', '&variables=%7B', '&variables=%5B%5D', '&other=1'])('GET with %s: 400', async (more) => {
    expect((await send({ path: path('{ __typename }', more), headers: { authorization } })).status).toBe(400)
  })
  test.each(['PUT', 'DELETE', 'PATCH', 'OPTIONS', 'HEAD'])('%s: 405', async (method) => {
    expect((await send({ method, headers: { authorization } })).status).toBe(405)
  })
  test('answers are not stored by caches', async () => {
    expect((await post(json({ query: '{ __typename }' }))).headers.get('cache-control')).toBe('no-store')
  })
  test('no answer is meant for another site', async () => {
    const { headers } = await post(json({ query: '{ __typename }' }), { origin: 'https://evil.example' })
    expect([...headers.keys()].filter((name) => name.startsWith('access-control'))).toEqual([])
  })
})
