import { once } from 'node:events'
import { createServer, request as send, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { auditServer } from 'graphql-http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { newId } from '../../src/core/ids.ts'
import { createGraphqlListener } from '../../src/graphql/listener.ts'
import { createGraphqlServer } from '../../src/graphql/server.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
let token: string
let servers: { direct: Server; yoga: Server }

beforeAll(async () => {
  kith = await testApp()
  ada = await kith.signUp()
  token = await ada.token()
  const { app } = kith
  const [direct, yoga] = [createGraphqlListener(app), createGraphqlServer(app)]
  servers = {
    direct: await listening((req, res) => void direct(req, res, { req, requestId: newId(app.clock) })),
    yoga: await listening((req, res) => void yoga(req, res, { req, requestId: newId(app.clock) })),
  }
})
afterAll(async () => {
  for (const server of Object.values(servers)) server.close()
  await kith.close()
})

async function listening(listener: RequestListener): Promise<Server> {
  const server = createServer(listener).listen(0, '127.0.0.1')
  await once(server, 'listening')
  return server
}

interface Sent {
  method?: string
  path?: string
  headers?: Record<string, string | undefined>
  body?: string | Buffer
}

/** The answer, without what belongs to the one request. */
async function answerOf(server: Server, { method = 'POST', path = '/graphql', headers = {}, body = '' }: Sent): Promise<unknown> {
  const { port } = server.address() as AddressInfo
  const given = {
    'content-type': 'application/json',
    accept: 'application/graphql-response+json',
    authorization: `Bearer ${token}`,
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }
  const sent = send({
    port,
    host: '127.0.0.1',
    method,
    path,
    headers: Object.fromEntries(Object.entries(given).filter(([, value]) => value !== undefined)) as Record<string, string>,
  })
  sent.end(body)
  const [response] = (await once(sent, 'response')) as [import('node:http').IncomingMessage]
  let text = ''
  for await (const chunk of response.setEncoding('utf8')) text += chunk
  const { date: _date, 'transfer-encoding': _framing, 'keep-alive': _keptAlive, 'content-length': _length, ...rest } = response.headers
  const own = /[0-9a-f]{8}-[0-9a-f-]{27}|\\"remaining\\":\d+|r=\d+;t=\d+/g
  return JSON.parse(JSON.stringify({ status: response.statusCode, headers: rest, text }).replaceAll(own, '…'))
}

const ask = (query: string, variables?: object, more: Sent = {}): Sent => ({ body: JSON.stringify({ query, ...(variables ? { variables } : {}) }), ...more })

const requests: [what: string, sent: Sent][] = [
  ['a query', ask('{ viewer { name } contacts { nodes { id } } }')],
  ['a query that plans', ask('{ contacts { nodes { id displayName } pageInfo { hasNextPage } } }')],
  ['variables', ask('query ($n: Int) { contacts(first: $n) { nodes { id } } }', { n: 3 })],
  ['a mutation', ask('mutation { accountUpdate(input: { name: "Ada" }) { ... on Account { name } } }')],
  ['a refused mutation', ask('mutation { accountUpdate(input: { timeZone: "Nowhere" }) { __typename ... on Error { message } } }')],
  ['introspection', ask('{ __schema { queryType { name } } }')],
  ['application/json', ask('{ viewer { name } }', {}, { headers: { accept: 'application/json' } })],
  ['any media type', ask('{ viewer { name } }', {}, { headers: { accept: '*/*' } })],
  ['no media type', ask('{ viewer { name } }', {}, { headers: { accept: undefined } })],
  ['several media types', ask('{ viewer { name } }', {}, { headers: { accept: 'application/json;q=0.5, application/graphql-response+json' } })],
  ['a media type that is not ours', ask('{ viewer { name } }', {}, { headers: { accept: 'text/plain' } })],
  ['a charset', ask('{ viewer { name } }', {}, { headers: { 'content-type': 'application/json; charset=utf-8' } })],
  ['another content type', ask('{ viewer { name } }', {}, { headers: { 'content-type': 'text/plain' } })],
  ['a compressed body', ask('{ viewer { name } }', {}, { headers: { 'content-encoding': 'gzip' } })],
  ['no credential', ask('{ viewer { name } }', {}, { headers: { authorization: undefined } })],
  ['a public field without a credential', ask('{ signingKeys { id } }', {}, { headers: { authorization: undefined } })],
  ['a credential that is none', ask('{ viewer { name } }', {}, { headers: { authorization: 'Bearer nonsense' } })],
  ['a malformed credential', ask('{ viewer { name } }', {}, { headers: { authorization: 'Basic abc' } })],
  ['a fault of syntax', ask('{ viewer {')],
  ['a fault of syntax for an old client', ask('{ viewer {', {}, { headers: { accept: 'application/json' } })],
  ['an unknown field', ask('{ nonsense }')],
  ['a misfitting variable', ask('query ($n: Int) { contacts(first: $n) { nodes { id } } }', { n: 'x' })],
  ['too many', ask('{ contacts(first: 101) { nodes { id } } }')],
  ['what costs too much', ask('{ contacts(first: 100) { nodes { notes(first: 100) { nodes { id } } } } }')],
  ['a bad cursor beside data', ask('{ viewer { name } contact(id: "x") { id } contacts(after: "x") { nodes { id } } }')],
  ['several operations', ask('query A { viewer { name } } query B { viewer { name } }')],
  ['a subscription', ask('subscription { contactChanged { __typename } }')],
  ['no JSON', { body: 'nonsense' }],
  ['a key twice', { body: '{"query":"{ viewer { name } }","query":"{ viewer { id } }"}' }],
  ['no object', { body: '[]' }],
  ['no query', { body: '{}' }],
  ['no body', {}],
  ['bytes that are no UTF-8', { body: Buffer.from([0x7b, 0xff, 0x7d]) }],
  ['a body that is too large', { body: JSON.stringify({ query: `{ viewer { name } } # ${'x'.repeat(300_000)}` }) }],
  ['a GET', { method: 'GET', path: `/graphql?query=${encodeURIComponent('{ viewer { name } }')}` }],
  ['a PUT', ask('{ viewer { name } }', {}, { method: 'PUT' })],
  ['an address with a query', ask('{ viewer { name } }', {}, { path: '/graphql?x=1' })],
  ['a signal of the browser', ask('{ viewer { name } }', {}, { headers: { 'sec-gpc': '1' } })],
]

test.each(requests)('from node:http, %s is answered as by the server that knows the whole protocol', async (_what, sent) => {
  const [direct, yoga] = [await answerOf(servers.direct, sent), await answerOf(servers.yoga, sent)]
  expect(direct).toEqual(yoga)
})

test('a repeated write with a key is answered from what was kept', async () => {
  const sent = ask('mutation { contactCreate(input: { displayName: "Once" }) { ... on Contact { id } } }', {}, { headers: { 'idempotency-key': 'once' } })
  const first = (await answerOf(servers.direct, sent)) as { text: string }
  const second = (await answerOf(servers.direct, sent)) as { text: string; headers: Record<string, string> }
  expect(second.text).toBe(first.text)
  expect(second.headers['idempotency-replayed']).toBe('true')
})

test('a client that goes away in the middle of its request leaves nothing behind', async () => {
  const { port } = servers.direct.address() as AddressInfo
  const sent = send({
    port,
    host: '127.0.0.1',
    method: 'POST',
    path: '/graphql',
    headers: { 'content-type': 'application/json', accept: 'application/json', authorization: `Bearer ${token}`, 'content-length': '100' },
  })
  sent.on('error', () => {})
  sent.write('{')
  await once(servers.direct, 'request')
  sent.destroy()
  expect(await answerOf(servers.direct, ask('{ viewer { name } }'))).toMatchObject({ status: 200 })
})

test('GraphQL over HTTP: every audit of graphql-http is ok from node:http too', async () => {
  const { port } = servers.direct.address() as AddressInfo
  const fetchFn = (url: string, init: RequestInit = {}) =>
    fetch(url, { ...init, headers: { ...(init.headers as Record<string, string>), authorization: `Bearer ${token}` } })
  const results = await auditServer({ url: `http://127.0.0.1:${port}/graphql`, fetchFn })
  expect(results).toHaveLength(61)
  expect(results.filter(({ status }) => status !== 'ok').map(({ id, name }) => ({ id, name }))).toEqual([])
}, 60_000)
