import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { purgeSessions } from '../../src/accounts/purge.ts'
import { startSession } from '../../src/accounts/sessions.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { cookieName } from '../../src/http/cookies.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2027-03-01T12:00:00Z')
const statements: string[] = []
let kith: TestApp
let other: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock, onQuery: (text) => statements.push(text) })
  other = await testApp({ clock, databases: kith.databases })
})
afterAll(async () => {
  await other.close()
  await kith.close()
})
beforeEach(async () => {
  clock.set('2027-03-01T12:00:00Z')
  ada = await kith.signUp()
})

const ask = async (headers: Record<string, string>, app = kith): Promise<number> => (await app.graphql('{ viewer { id } }', {}, { headers })).status
const another = async (userAgent = 'Other browser') => {
  const { secret } = await startSession(kith.app, ada.ownerId, { userAgent })
  return { cookie: `${cookieName(kith.app, 'session')}=${secret}`, 'sec-fetch-site': 'same-origin' }
}
const list = async () =>
  (await kith.graphql('{ viewer { sessions { id current userAgent createdAt lastSeenAt } } }', {}, { headers: ada.browser })).data.viewer.sessions
const revoke = 'mutation ($id: ID!) { sessionRevoke(id: $id) { __typename ... on Session { id } ... on NotFoundError { code } } }'
const revokeAll = 'mutation ($all: Boolean) { sessionsRevokeAll(includeCurrent: $all) { ... on SessionsRevoked { sessions { id } } } }'

describe('a session', () => {
  test('has 256 random bits, of which the database holds no trace but a hash', async () => {
    const { secret } = await startSession(kith.app, ada.ownerId, { userAgent: null })
    expect(Buffer.from(secret, 'base64url')).toHaveLength(32)
    const { rows } = await kith.app.database.pool.query<{ row: string }>(
      'SELECT to_jsonb(sessions)::text AS row FROM sessions UNION ALL SELECT to_jsonb(directory_credentials)::text FROM directory_credentials',
    )
    for (const form of [secret, Buffer.from(secret, 'base64url').toString('hex'), Buffer.from(secret).toString('hex')])
      expect(rows.some(({ row }) => row.includes(form))).toBe(false)
  })

  test('ends after 14 days without use, and every use begins them anew', async () => {
    for (let day = 0; day < 5; day += 1) {
      clock.advance({ days: 13, hours: 23 })
      expect(await ask(ada.browser), `after use ${day}`).toBe(200)
    }
    clock.advance({ days: 14 })
    expect(await ask(ada.browser)).toBe(401)
  })

  test('ends after 90 days, however much it is used', async () => {
    for (let day = 0; day < 89; day += 1) {
      clock.advance({ days: 1 })
      if (day % 7 === 0) expect(await ask(ada.browser), `on day ${day}`).toBe(200)
    }
    clock.advance({ hours: 23, minutes: 59 })
    expect(await ask(ada.browser)).toBe(200)
    clock.advance({ minutes: 1 })
    expect(await ask(ada.browser)).toBe(401)
  })

  test('notes its last use once in five minutes at most', async () => {
    statements.length = 0
    for (let second = 0; second < 750; second += 75) {
      clock.advance({ seconds: 75 })
      await ask(ada.browser)
    }
    expect(statements.filter((text) => text.includes('UPDATE sessions'))).toHaveLength(2)
    expect((await list())[0].lastSeenAt).toBe('2027-03-01T12:10:00.000Z')
  })

  test('costs no statement within a second of its last look-up', async () => {
    await ask(ada.browser)
    statements.length = 0
    await kith.graphql('{ __typename }', {}, { headers: ada.browser })
    expect(statements.filter((text) => /sessions|directory_credentials/.test(text))).toEqual([])
  })
})

describe('ending sessions', () => {
  test('the list says which is which, and leaves out those that have ended', async () => {
    await another('Phone')
    clock.advance({ days: 10 })
    await another('Laptop')
    await ask(ada.browser)
    expect((await list()).map(({ userAgent, current }: { userAgent: string; current: boolean }) => [userAgent, current])).toEqual(
      expect.arrayContaining([['Test browser', true], ['Phone', false], ['Laptop', false]]), // prettier-ignore
    )
    clock.advance({ days: 5 })
    expect((await list()).map(({ userAgent }: { userAgent: string }) => userAgent)).toEqual(expect.arrayContaining(['Test browser', 'Laptop']))
    expect(await list()).toHaveLength(2)
  })

  test('one that is revoked is out at once here, and within a second in another process', async () => {
    const phone = await another('Phone')
    expect([await ask(phone), await ask(phone, other)]).toEqual([200, 200])
    const { id } = (await list()).find(({ userAgent }: { userAgent: string }) => userAgent === 'Phone')
    expect((await kith.graphql(revoke, { id }, { headers: ada.browser })).data.sessionRevoke).toEqual({ __typename: 'Session', id })
    expect(await ask(phone)).toBe(401)
    clock.advance({ seconds: 1 })
    expect(await ask(phone, other)).toBe(401)
    expect(await ask(ada.browser)).toBe(200)
    expect((await kith.graphql(revoke, { id }, { headers: ada.browser })).data.sessionRevoke).toMatchObject({ __typename: 'NotFoundError', code: 'NOT_FOUND' })
  })

  test('all of them but the one that asks, or that one too', async () => {
    const others = [await another(), await another()]
    expect((await kith.graphql(revokeAll, {}, { headers: ada.browser })).data.sessionsRevokeAll.sessions).toHaveLength(2)
    expect([await ask(ada.browser), ...(await Promise.all(others.map((each) => ask(each))))]).toEqual([200, 401, 401])
    expect((await kith.graphql(revokeAll, { all: true }, { headers: ada.browser })).data.sessionsRevokeAll.sessions).toHaveLength(1)
    expect(await ask(ada.browser)).toBe(401)
  })

  test('a token ends all browsers, and nobody ends another’s', async () => {
    const bea = await kith.signUp()
    const [{ id }] = await list()
    expect((await bea.graphql(revoke, { id })).data.sessionRevoke.__typename).toBe('NotFoundError')
    expect((await bea.graphql(revokeAll, { all: false })).data.sessionsRevokeAll.sessions).toHaveLength(1)
    expect([await ask(bea.browser), await ask(ada.browser)]).toEqual([401, 200])
  })

  test('expired ones are removed with their directory entries, and with an event each', async () => {
    await purgeSessions(kith.app)
    await another()
    clock.advance({ days: 15 })
    expect(await purgeSessions(kith.app)).toBeGreaterThanOrEqual(2)
    await kith.runJobs()
    const of = async (text: string) => (await kith.app.database.pool.query(text, [ada.ownerId])).rows
    expect(await of('SELECT 1 FROM sessions WHERE "ownerId" = $1')).toEqual([])
    expect(await of('SELECT 1 FROM directory_credentials WHERE "ownerId" = $1')).toEqual([])
    expect(await of(`SELECT 1 FROM events WHERE "ownerId" = $1 AND type = 'session.expired'`)).toHaveLength(2)
  })
})

describe('a request with a cookie', () => {
  const send = (headers: Record<string, string>, cookie = ada.browser.cookie!) =>
    kith.server.fetch(new Request('http://127.0.0.1:4000/graphql', { method: 'POST', headers: { cookie, ...headers }, body: '{"query":"{ viewer { id } }"}' }))
  const json = { 'content-type': 'application/json' }

  test.for([
    ['from our own page', { ...json, 'sec-fetch-site': 'same-origin' }, 200],
    ['from our own page by an old browser', { ...json, origin: 'http://127.0.0.1:4000' }, 200],
    ['from another site', { ...json, 'sec-fetch-site': 'cross-site' }, 403],
    ['from a sibling site', { ...json, 'sec-fetch-site': 'same-site' }, 403],
    ['from another site that names our origin', { ...json, 'sec-fetch-site': 'cross-site', origin: 'http://127.0.0.1:4000' }, 403],
    ['from nowhere', { ...json, 'sec-fetch-site': 'none' }, 403],
    ['from another origin by an old browser', { ...json, origin: 'http://127.0.0.1:4001' }, 403],
    ['from an origin that is hidden', { ...json, origin: 'null' }, 403],
    ['without a word of where it comes from', json, 403],
    ['as a form', { 'content-type': 'application/x-www-form-urlencoded', 'sec-fetch-site': 'same-origin' }, 'refused'],
    ['as plain text', { 'content-type': 'text/plain', 'sec-fetch-site': 'same-origin' }, 'refused'],
    ['as parts of a form', { 'content-type': 'multipart/form-data; boundary=x', 'sec-fetch-site': 'same-origin' }, 'refused'],
  ] as const)('%s', async ([, headers, expected]) => {
    const { status } = await send({ accept: 'application/graphql-response+json', ...headers })
    if (expected === 'refused') expect([400, 403, 415]).toContain(status)
    else expect(status).toBe(expected)
  })

  test('that also has an Authorization header is the token’s, never the cookie’s', async () => {
    const bea = await kith.signUp()
    const viewer = async (headers: Record<string, string>) => (await kith.graphql('{ viewer { email } }', {}, { headers })).data?.viewer?.email
    expect(await viewer({ ...ada.browser, authorization: `Bearer ${await bea.token()}` })).toBe(bea.email)
    for (const authorization of ['Bearer kith_nonsense', 'Basic YTpi', 'Bearer', '']) {
      const answer = await kith.graphql('{ viewer { email } }', {}, { headers: { ...ada.browser, authorization } })
      expect([answer.status, answer.headers.get('www-authenticate')], authorization).toEqual([401, expect.stringMatching(/^Bearer realm="Kith"/)])
    }
  })

  test('that is made up is refused, and says nothing of why', async () => {
    const name = cookieName(kith.app, 'session')
    const messages = new Set<string>()
    for (const secret of ['', 'x', 'a'.repeat(43), '%00', 'é']) {
      const answer = await kith.graphql(
        '{ viewer { id } }',
        {},
        { headers: { cookie: `${name}=${encodeURIComponent(secret)}`, 'sec-fetch-site': 'same-origin' } },
      )
      expect(answer.status).toBe(401)
      messages.add(answer.errors![0]!.message)
    }
    expect(messages.size).toBe(1)
  })
})
