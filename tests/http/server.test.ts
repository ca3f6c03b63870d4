import { connect } from 'node:net'
import { Hono } from 'hono'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { InvalidInputError } from '../../src/core/errors.ts'
import { clientAddress } from '../../src/http/clientAddress.ts'
import { localPath } from '../../src/http/localPath.ts'
import { routeCtx } from '../../src/http/routeCtx.ts'
import type { App } from '../../src/app.ts'
import { createHttpServer } from '../../src/http/server.ts'
import { testApp } from '../support/app.ts'
import { type Browser, freePort, openBrowser, type WebApp, webApp } from '../support/web.ts'

let kith: WebApp
let browser: Browser
const logged: string[] = []

beforeAll(async () => {
  const { pino } = await import('pino')
  kith = await webApp({ log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }), onCreate: addRoutes })
})
afterAll(() => kith.close())
beforeEach(() => {
  browser = openBrowser(kith.origin)
})

/** Routes as a domain would bring them. */
function addRoutes(app: App): void {
  const routes = (): Hono =>
    new Hono()
      .get('/test/secret', async (c) =>
        c.json({ ids: [(await routeCtx(app, c.req.raw, 'notes:read')).requestId, Object.fromEntries(c.req.raw.headers)['x-request-id']] }),
      )
      .get('/test/broken', () => {
        throw new Error('the password is hunter2')
      })
      .get('/test/invalid', () => {
        throw new InvalidInputError({ path: ['x'], message: 'Not that.' })
      })
  Object.assign(app, { routes: [...app.routes, routes] })
}

const get = (path: string, headers: Record<string, string> = {}) => fetch(`${kith.origin}${path}`, { headers, redirect: 'manual' })
const signIn = async () => {
  await browser.open((await kith.google.consent((await browser.open('/auth/google')).headers.get('location')!, { account: 'ada@example.test' })).href)
  if ([...browser.cookies.keys()].some((name) => name.includes('welcome')))
    await browser.submit('/welcome', { birthDate: '1990-12-10', timeZone: 'UTC', region: 'DE', locale: 'de' })
}

describe('headers', () => {
  const paths = ['/', '/health', '/ready', '/metrics', '/nothing', '/auth/google', '/auth/google/callback', '/welcome', '/graphql', '/test/broken']

  test.for(paths)('[F-49] every answer tells browsers to keep, show and pass on nothing: %s', async (path) => {
    const { headers } = await get(path)
    expect(headers.get('cache-control')).toContain('no-store')
    expect(headers.get('x-content-type-options')).toBe('nosniff')
    expect(headers.get('x-frame-options')).toBe('DENY')
    expect(headers.get('referrer-policy')).toMatch(/^(no-referrer|same-origin)$/)
    expect(headers.get('cross-origin-opener-policy')).toBe('same-origin')
    expect(headers.get('cross-origin-resource-policy')).toBe('same-origin')
    expect(headers.get('content-security-policy')).toMatch(/default-src 'none'/)
    expect(headers.get('content-security-policy')).toContain("frame-ancestors 'none'")
    expect(headers.get('content-security-policy')).not.toMatch(/https?:|\*|unsafe-eval/)
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/)
    expect(headers.get('strict-transport-security')).toBeNull()
    expect(headers.get('server') ?? headers.get('x-powered-by')).toBeNull()
    expect(headers.get('access-control-allow-origin')).toBeNull()
  })

  test('the request id is ours, whatever the client calls its request', async () => {
    const { headers } = await get('/health', { 'x-request-id': 'forged\u0009id' })
    expect(headers.get('x-request-id')).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/)
  })

  test('[S-27] behind https they say so for a year, and cookies are bound to the host', async () => {
    const secure = await testApp({
      config: { publicUrl: 'https://kith.example.test', google: { clientId: kith.google.client.id, origin: kith.google.origin } },
    })
    const server = createHttpServer(secure.app)
    const port = await freePort()
    await new Promise<void>((resolve) => void server.listen(port, '127.0.0.1', resolve))
    const { headers } = await fetch(`http://127.0.0.1:${port}/auth/google`, { redirect: 'manual' })
    expect(headers.get('strict-transport-security')).toBe('max-age=31536000; includeSubDomains')
    expect(headers.getSetCookie()[0]).toMatch(/^__Host-kith-flow=[^;]+; Max-Age=600; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    const signedOut = await fetch(`http://127.0.0.1:${port}/auth/sign-out`, {
      method: 'POST',
      headers: { origin: 'https://kith.example.test' },
      redirect: 'manual',
    })
    expect(signedOut.headers.getSetCookie()[0]).toMatch(/^__Host-kith=; Max-Age=0; Path=\/; HttpOnly; Secure; SameSite=Lax$/)
    server.close()
    server.closeAllConnections()
    await secure.close()
  })

  test('connections outlive the patience of load balancers, and nobody holds one open by sending slowly', () => {
    expect(kith.http.keepAliveTimeout).toBeGreaterThan(60_000)
    expect(kith.http.headersTimeout).toBeLessThanOrEqual(20_000)
    expect(kith.http.requestTimeout).toBeLessThanOrEqual(300_000)
  })
})

describe('pages', () => {
  test('load nothing from anywhere: every address in them is a path of our own or stands in the page', async () => {
    await signIn()
    const pages = await Promise.all(['/', '/nothing', '/auth/google/callback'].map(async (path) => (await browser.open(path)).text()))
    pages.push(await (await get('/')).text())
    for (const text of pages) {
      for (const [, address] of text.matchAll(/(?:src|href|action)="([^"]*)"/g)) expect(address).toMatch(/^(\/|#content$|data:image\/svg\+xml,)/)
      expect(text).not.toMatch(/@import|url\(/)
    }
  })

  test('the start page says who is signed in, or how to sign in', async () => {
    expect(await (await browser.open('/')).text()).toContain('href="/auth/google"')
    await signIn()
    const text = await (await browser.open('/')).text()
    expect(text).toContain('ada@example.test')
    expect(text).toContain('action="/auth/sign-out"')
  })

  test('signing out ends the session, and only our own page can ask for it', async () => {
    await signIn()
    const before = [...browser.cookies]
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }, { 'sec-fetch-site': 'none' }])
      expect((await browser.submit('/auth/sign-out', {}, headers)).status).toBe(403)
    expect((await browser.open('/auth/sign-out')).status).toBe(404)
    expect((await browser.graphql('{ viewer { id } }')).status).toBe(200)
    const answer = await browser.submit('/auth/sign-out', {})
    expect([answer.status, answer.headers.get('location'), browser.cookies.size]).toEqual([303, '/', 0])
    for (const [name, value] of before) browser.cookies.set(name, value)
    expect((await browser.graphql('{ viewer { id } }')).status).toBe(401)
    expect(await (await browser.open('/')).text()).toContain('href="/auth/google"')
  })
})

describe('routes of domains', () => {
  test('answer who is signed in, in a browser or with a token that has the scope', async () => {
    const ada = await kith.signUp()
    const status = async (headers: Record<string, string>) => (await get('/test/secret', headers)).status
    expect(await status({})).toBe(401)
    expect(await status(ada.browser)).toBe(200)
    expect(await status({ ...ada.browser, 'sec-fetch-site': 'cross-site' })).toBe(403)
    expect(await status({ authorization: `Bearer ${await ada.token(['notes:read'])}` })).toBe(200)
    expect(await status({ authorization: `Bearer ${await ada.token(['contacts:read'])}` })).toBe(403)
    expect((await get('/test/secret')).headers.get('www-authenticate')).toBe('Bearer realm="Kith"')
    const answer = await get('/test/secret', { ...ada.browser, 'x-request-id': 'made up' })
    expect((await answer.json()) as object).toEqual({ ids: [answer.headers.get('x-request-id'), answer.headers.get('x-request-id')] })
  })

  test('a defect is masked, and its cause is logged under the request’s id', async () => {
    const answer = await get('/test/broken')
    const text = await answer.text()
    const id = answer.headers.get('x-request-id')!
    expect(answer.status).toBe(500)
    expect(text).not.toMatch(/hunter2|Error|\.ts/)
    expect(text).toContain(id)
    expect(logged.some((line) => line.includes(id) && line.includes('hunter2'))).toBe(true)
    const page = await (await get('/test/broken', { accept: 'text/html' })).text()
    expect(page).toContain('<h1>')
    expect(page).not.toContain('hunter2')
  })

  test('[F-25] [F-26] the log of a request says how it went, and nothing of what was asked, by whom or from where', async () => {
    logged.length = 0
    const told = {
      authorization: 'Bearer secret1',
      cookie: 'x=secret2',
      referer: 'https://secret3.example/?secret3',
      'user-agent': 'secret4',
      'x-forwarded-for': '203.0.113.99',
    }
    const ids = await Promise.all(
      ['/?code=secret5', '/health?secret6', '/nothing/secret7', '/graphql?query={secret8}', '/auth/google/callback?code=secret9&state=x'].map(async (path) =>
        (await get(path, told)).headers.get('x-request-id')!,
      ),
    )
    const answered = () => logged.map((line) => JSON.parse(line) as Record<string, unknown>).filter(({ msg }) => msg === 'A request was answered.')
    await expect.poll(() => answered().length).toBeGreaterThanOrEqual(ids.length)
    for (const line of answered())
      expect(Object.keys(line).toSorted()).toEqual(['complete', 'hostname', 'level', 'method', 'ms', 'msg', 'pid', 'requestId', 'route', 'status', 'time'])
    expect(answered().map(({ requestId }) => requestId)).toEqual(expect.arrayContaining(ids))
    expect(logged.join('')).not.toMatch(/secret\d|203\.0\.113/)
  })

  test('a refusal says what is wrong', async () => {
    expect(await (await get('/test/invalid')).json()).toMatchObject({ code: 'INVALID_INPUT', issues: [{ path: ['x'], message: 'Not that.' }] })
    expect(await (await get('/nothing')).json()).toMatchObject({ code: 'NOT_FOUND' })
  })
})

describe('health', () => {
  test('/health says that the process is alive, /ready whether requests may come', async () => {
    expect(await (await get('/health')).json()).toEqual({ status: 'alive' })
    const ready = await get('/ready')
    expect([ready.status, await ready.json()]).toEqual([
      200,
      { status: 'ready', checks: { database: true, keys: true, migrations: true, distribution: true, erasures: true, jobs: true } },
    ])
  })

  test('a server that was told to end is alive and not ready', async () => {
    kith.app.state.stopping = true
    expect([(await get('/ready')).status, (await get('/health')).status]).toEqual([503, 200])
    kith.app.state.stopping = false
    expect((await get('/ready')).status).toBe(200)
  })

  test('without its jobs, its database or a migration it is not ready', async () => {
    const { healthy } = kith.app.queue
    kith.app.queue.healthy = async () => false
    expect(await (await get('/ready')).json()).toMatchObject({ status: 'not ready', checks: { jobs: false, database: true } })
    kith.app.queue.healthy = healthy
    const query = kith.app.keys.pool.query
    kith.app.keys.pool.query = (() => Promise.reject(new Error('gone'))) as never
    expect(await (await get('/ready')).json()).toMatchObject({ checks: { keys: false, database: true } })
    kith.app.keys.pool.query = query

    const fresh = await webApp({ databases: kith.databases })
    await kith.app.database.pool.query(`UPDATE _prisma_migrations SET migration_name = 'zz_' || migration_name`)
    expect(await (await fetch(`${fresh.origin}/ready`)).json()).toMatchObject({ checks: { migrations: false } })
    await kith.app.database.pool.query(`UPDATE _prisma_migrations SET migration_name = substr(migration_name, 4)`)
    expect(await (await fetch(`${fresh.origin}/ready`)).json()).toMatchObject({ checks: { migrations: true } })
    await fresh.close()
  })

  test('/metrics counts requests by method, route and status, and names no id', async () => {
    await get('/test/some-id-0190')
    await fetch(`${kith.origin}/health`, { method: 'PROPFIND' })
    const text = await (await get('/metrics')).text()
    expect(text).toMatch(/kith_http_request_seconds_count\{method="GET",route="\/health",status="200"\} [1-9]/)
    expect(text).toContain('kith_database_connections{state="open"}')
    expect(text).not.toMatch(/some-id|PROPFIND/)
  })

  test('/metrics is not there unless it is configured', async () => {
    const quiet = await webApp({ databases: kith.databases, config: { metrics: false } })
    expect((await fetch(`${quiet.origin}/metrics`)).status).toBe(404)
    await quiet.close()
  })
})

describe('limits', () => {
  test('[F-47] an address that begins to sign in too often waits, and others do not', async () => {
    const start = (address: string) => get('/auth/google', { 'x-forwarded-for': `203.0.113.250, ${address}` })
    const statuses = await Promise.all(Array.from({ length: 70 }, async () => (await start('203.0.113.1')).status))
    expect(statuses.filter((status) => status === 302).length).toBeGreaterThanOrEqual(60)
    const refused = await start('203.0.113.1')
    expect(refused.status).toBe(429)
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
    expect((await start('203.0.113.2')).status).toBe(302)
    const { rows } = await kith.app.database.pool.query<{ key: string }>('SELECT key FROM rate_limits')
    expect(rows.map(({ key }) => key).join()).not.toContain('203.0.113')
  })

  test('a form that is too large is not read', async () => {
    expect((await browser.submit('/welcome', { timeZone: 'x'.repeat(20_000) })).status).toBe(413)
  })

  test('what is no HTTP ends the connection and nothing else', async () => {
    for (const bytes of [
      '\0\0\0\0',
      'GET / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n',
      `GET / HTTP/1.1\r\nHost: x\r\nX: ${'x'.repeat(20_000)}\r\n\r\n`,
    ]) {
      const said = await new Promise<string>((resolve) => {
        let text = ''
        const socket = connect(kith.app.config.port, '127.0.0.1', () => socket.write(bytes))
        socket.on('data', (data) => (text += String(data))).on('close', () => resolve(text))
        socket.on('error', () => {})
      })
      expect(said).toMatch(/^HTTP\/1\.1 4\d\d /)
    }
    expect((await get('/health')).status).toBe(200)
  })
})

test.for([
  ['/graphql', '/graphql'],
  ['/graphql?query=%7B', '/graphql?query=%7B'],
  ['//evil.test', '/'],
  ['/\\evil.test', '/'],
  ['/\t/evil.test', '/'],
  ['/..//evil.test', '/'],
  ['/%2e%2e//evil.test', '/'],
  ['/./\\evil.test', '/'],
  ['https://evil.test', '/'],
  ['javascript:alert(1)', '/'],
  ['', '/'],
] as const)('after signing in one goes on to a path of our own only: %j', ([asked, taken]) => {
  expect(localPath(asked)).toBe(taken)
})

test.for([
  ['192.0.2.7', '203.0.113.9', '192.0.2.7'],
  ['127.0.0.1', '203.0.113.9', '203.0.113.9'],
  ['127.0.0.1', 'spoofed, 203.0.113.9', '203.0.113.9'],
  ['::ffff:10.1.2.3', '203.0.113.9', '203.0.113.9'],
  ['10.1.2.3', undefined, '10.1.2.3'],
  ['10.1.2.3', 'unknown', '10.1.2.3'],
  ['2001:db8:1:2:3:4:5:6', undefined, '2001:db8:1:2::/64'],
  ['2001:db8:1:2::9', undefined, '2001:db8:1:2::/64'],
  ['::1', '2001:db8::7', '2001:db8:0:0::/64'],
  ['', undefined, 'unknown'],
] as const)('a client at %s that is said to be %s counts as %s', ([remoteAddress, forwarded, counted]) => {
  expect(clientAddress({ socket: { remoteAddress }, headers: forwarded ? { 'x-forwarded-for': forwarded } : {} } as never)).toBe(counted)
})
