import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { revokeSession, startSession } from '../../src/accounts/sessions.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { readLedger } from '../../src/consent/ledger.ts'
import { giveConsent } from '../../src/consent/service.ts'
import { entomb, eraseAccount } from '../../src/erasure/eraseAccount.ts'
import { discard, inTransaction } from '../../src/events/service.ts'
import { cookieName } from '../../src/http/cookies.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

// The clock stands still: nothing that is remembered grows old, and only a notice ends it.
const clock = fixedClock('2027-03-01T12:00:00Z')
const statements: string[] = []
const keyStatements: string[] = []
let kith: TestApp
let other: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock })
  other = await testApp({ clock, databases: kith.databases, onQuery: (text) => statements.push(text) })
  const { pool } = other.app.keys
  const query = pool.query.bind(pool) as (...args: unknown[]) => unknown
  Object.assign(pool, { query: (...args: unknown[]) => (keyStatements.push(String(args[0])), query(...args)) })
  await Promise.all([kith.app.notices.start(), other.app.notices.start()])
  ada = await kith.signUp()
})
afterAll(async () => {
  await other.close()
  await kith.close()
})

const viewer = '{ viewer { id } }'
const asks = async (headers: Record<string, string>, app = other) => (await app.graphql(viewer, {}, { headers })).status
const bearer = async (person = ada) => ({ authorization: `Bearer ${await person.token()}` })
const refusedSoon = (headers: Record<string, string>) => expect.poll(() => asks(headers), { timeout: 1000, interval: 10 }).toBe(401)
const another = async () => {
  const { secret, sessionId } = await startSession(kith.app, ada.ownerId, { userAgent: 'Phone' })
  return { headers: { cookie: `${cookieName(kith.app, 'session')}=${secret}`, 'sec-fetch-site': 'same-origin' }, sessionId }
}

describe('what a request costs besides what it reads', () => {
  test.each([
    ['a token', async () => bearer()],
    ['a session', async () => ada.browser],
    ['a session that says no to being sold', async () => ({ ...ada.browser, 'sec-gpc': '1', dnt: '1' })],
  ])('of %s: nothing', async (_who, of) => {
    const headers = await of()
    for (const document of [viewer, '{ contacts(first: 50) { nodes { id displayName } } }']) {
      for (let warm = 0; warm < 5; warm += 1) expect((await other.graphql(document, {}, { headers })).status).toBe(200)
      statements.length = keyStatements.length = 0
      clock.advance({ seconds: 2 })
      for (let request = 0; request < 10; request += 1) expect((await other.graphql(document, {}, { headers })).errors).toBeUndefined()
      expect(keyStatements).toEqual([])
      expect(new Set(statements).size).toBe(1)
      expect(statements).toHaveLength(10)
      expect(statements[0]).toMatch(document === viewer ? /accounts/ : /contacts/)
    }
  })
})

describe('another process hears of it at once', () => {
  test('when a token is revoked', async () => {
    const { token, apiToken } = (
      await kith.graphql(
        'mutation { apiTokenCreate(input: { name: "x", scopes: [ACCOUNT_READ] }) { ... on ApiTokenCreated { token apiToken { id } } } }',
        {},
        { headers: ada.browser },
      )
    ).data.apiTokenCreate
    const headers = { authorization: `Bearer ${token}` }
    expect(await asks(headers)).toBe(200)
    await ada.graphql('mutation ($id: ID!) { apiTokenRevoke(id: $id) { __typename } }', { id: apiToken.id })
    expect(await asks(headers, kith)).toBe(401)
    await refusedSoon(headers)
  })

  test('when a session is revoked, and when all are', async () => {
    const [one, two, three] = [await another(), await another(), await another()]
    for (const { headers } of [one, two, three]) expect(await asks(headers)).toBe(200)
    const { sessions } = (await ada.graphql('{ viewer { sessions { id userAgent } } }')).data.viewer
    expect(sessions.length).toBeGreaterThanOrEqual(4)
    await kith.graphql('mutation { sessionsRevokeAll { __typename } }', {}, { headers: one.headers })
    await refusedSoon(two.headers)
    await refusedSoon(three.headers)
    expect(await asks(one.headers)).toBe(200)
    const again = await another()
    expect(await asks(again.headers)).toBe(200)
    ada = { ...ada, browser: again.headers }
  })

  test('when revoking is part of a request that is made only once', async () => {
    const phone = await another()
    expect(await asks(phone.headers)).toBe(200)
    const headers = { ...ada.browser, 'idempotency-key': 'revoke all others' }
    await kith.graphql('mutation { sessionsRevokeAll { __typename } }', {}, { headers })
    expect(await asks(phone.headers, kith)).toBe(401)
    await refusedSoon(phone.headers)
  })

  test('not when it was taken back', async () => {
    const phone = await another()
    expect(await asks(phone.headers)).toBe(200)
    const told: string[] = []
    for (const { app } of [kith, other]) app.notices.onNotice((ids) => void told.push(...ids))
    const undone = inTransaction(ada.ctx, async (tx) => {
      await revokeSession(tx, phone.sessionId)
      discard(tx)
    })
    await undone
    await revokeSession(ada.ctx, (await another()).sessionId)
    // One from the process itself, one each from the database; none of what never was.
    await expect.poll(() => told.length).toBe(3)
    expect(told).not.toContain(phone.sessionId)
    expect(await asks(phone.headers)).toBe(200)
  })

  test('when an account is in quarantine, and when it is erased: its keys are forgotten too', async () => {
    const bea = await kith.signUp()
    const headers = await bearer(bea)
    expect([await asks(headers), await asks(bea.browser)]).toEqual([200, 200])
    const note = 'mutation { contactCreate(input: { name: { given: "X" } }) { __typename } }'
    await other.graphql(note, {}, { headers })
    await other.app.vault.of(bea.ownerId)
    await eraseAccount(kith.app, await entomb(kith.app, bea.ownerId, '01890000-0000-7000-8000-000000000001'))
    await refusedSoon(headers)
    await refusedSoon(bea.browser)
    await expect.poll(() => other.app.vault.of(bea.ownerId).then(() => 'there', (error: Error) => error.message), { timeout: 1000 }).toMatch(/gone for good/) // prettier-ignore
  })

  test('when a consent is given: a signal that says no to it is heeded anew', async () => {
    const headers = { ...ada.browser, 'sec-gpc': '1' }
    for (let count = 0; count < 3; count += 1) expect(await asks(headers)).toBe(200)
    expect((await giveConsent(ada.ctx, 'ANALYTICAL_COOKIES')).state).toMatch(/GIVEN|RENEWED/)
    const state = async () => (await asks(headers), (await readLedger(ada.ctx)).findLast(({ purpose }) => purpose === 'ANALYTICAL_COOKIES')?.state)
    await expect.poll(state, { timeout: 1000 }).toBe('WITHDRAWN')
  })
})

test('expiry is judged by the clock at every use', async () => {
  const token = (
    await kith.graphql(
      'mutation ($at: DateTime!) { apiTokenCreate(input: { name: "x", scopes: [ACCOUNT_READ], expiresAt: $at }) { ... on ApiTokenCreated { token } } }',
      { at: clock.now().add({ minutes: 2 }).toString() },
      { headers: ada.browser },
    )
  ).data.apiTokenCreate.token
  const headers = { authorization: `Bearer ${token}` }
  expect(await asks(headers)).toBe(200)
  clock.advance({ minutes: 1, seconds: 59 })
  expect(await asks(headers)).toBe(200)
  clock.advance({ seconds: 1 })
  expect(await asks(headers)).toBe(401)
})

test('when its connection is ended it says so at once, makes another, and relies on nothing from before', async () => {
  const headers = await bearer()
  expect(await asks(headers)).toBe(200)
  const era = other.app.notices.era()
  expect(era).not.toBeNull()
  await kith.app.database.pool.query(
    `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kith notices' AND datname = current_database()`,
  )
  await expect.poll(() => other.app.notices.era()).not.toBe(era)
  await expect.poll(() => other.app.notices.era(), { timeout: 5000 }).toBeGreaterThan(era!)
  statements.length = 0
  clock.advance({ seconds: 1 })
  expect(await asks(headers)).toBe(200)
  expect(statements.filter((text) => text.includes('api_tokens'))).toHaveLength(1)
})
