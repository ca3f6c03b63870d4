import { createHash } from 'node:crypto'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { isToken, makeToken } from '../../src/tokens/format.ts'
import { createToken, revokeToken } from '../../src/tokens/service.ts'
import { accountRestraint } from '../../src/accounts/restraint.ts'
import { startSession } from '../../src/accounts/sessions.ts'
import { toDate } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2027-03-01T12:00:00Z')
const statements: string[] = []
let kith: TestApp
let other: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock, onQuery: (text) => statements.push(text) })
  other = await testApp({ clock, databases: kith.databases })
  ada = await kith.signUp()
})
afterAll(async () => {
  await other.close()
  await kith.close()
})

const viewer = '{ viewer { email } }'
const create =
  'mutation ($input: ApiTokenCreateInput!) { apiTokenCreate(input: $input) { __typename ... on ApiTokenCreated { token apiToken { id name prefix scopes expiresAt lastUsedAt } } ... on InvalidInputError { issues { path message } } } }'
const make = async (input: object) => (await kith.graphql(create, { input }, { headers: ada.browser })).data.apiTokenCreate

describe('format', () => {
  test('a token is kith_, 30 characters of base 62 and their CRC-32 in six', () => {
    expect(isToken(`kith_${'a'.repeat(30)}1yLcDB`)).toBe(true) // 1807864769, the CRC-32 of 30 times "a", in base 62
    const tokens = Array.from({ length: 50 }, makeToken)
    expect(new Set(tokens).size).toBe(50)
    for (const token of tokens) {
      expect(token).toMatch(/^kith_[0-9A-Za-z]{36}$/)
      expect(isToken(token)).toBe(true)
    }
  })

  test('a token with any one character changed is not one', () => {
    const token = makeToken()
    for (let at = 0; at < token.length; at += 1) {
      const changed = token.slice(0, at) + (token[at] === 'x' ? 'y' : 'x') + token.slice(at + 1)
      expect(isToken(changed), changed).toBe(false)
    }
    for (const text of ['', 'kith_', `${token}0`, `${token}\n`, token.slice(0, -1), token.toUpperCase()]) expect(isToken(text)).toBe(false)
  })
})

describe('tokens', () => {
  test('a token is shown once, carries its scopes and lasts 90 days', async () => {
    const { token, apiToken } = await make({ name: ' laptop ', scopes: ['NOTES_READ', 'ACCOUNT_READ', 'NOTES_READ'] })
    expect(apiToken).toMatchObject({
      name: 'laptop',
      prefix: token.slice(0, 9),
      scopes: ['NOTES_READ', 'ACCOUNT_READ'],
      expiresAt: '2027-05-30T12:00:00.000Z',
      lastUsedAt: null,
    })
    expect(await kith.graphql(viewer, {}, { token })).toMatchObject({ status: 200, data: { viewer: { email: ada.email } } })
  })

  test('neither the database nor an unkeyed hash of it holds a token', async () => {
    const token = await ada.token()
    const { rows } = await kith.app.database.pool.query<{ hash: Buffer; row: string }>(
      'SELECT "tokenHash" AS hash, to_jsonb(api_tokens)::text AS row FROM api_tokens',
    )
    expect(rows.some(({ row }) => row.includes(token.slice(9)))).toBe(false)
    const plain = createHash('sha256').update(token).digest()
    expect(rows.some(({ hash }) => hash.equals(plain))).toBe(false)
  })

  test('expiry lies ahead and within a year; names and scopes are needed', async () => {
    const refused = async (input: object) => (await make({ name: 'x', scopes: ['NOTES_READ'], ...input })).issues
    expect(await refused({ expiresAt: '2027-03-01T12:00:00Z' })).toMatchObject([{ path: ['expiresAt'] }])
    expect(await refused({ expiresAt: '2028-03-03T12:00:00Z' })).toMatchObject([{ path: ['expiresAt'] }])
    expect(await refused({ name: '  ' })).toMatchObject([{ path: ['name'] }])
    expect(await refused({ name: 'x'.repeat(101) })).toMatchObject([{ path: ['name'] }])
    expect(await refused({ scopes: [] })).toMatchObject([{ path: ['scopes'] }])
    expect((await make({ name: 'x', scopes: ['NOTES_READ'], expiresAt: '2028-03-01T12:00:00Z' })).apiToken).toMatchObject({
      expiresAt: '2028-03-01T12:00:00.000Z',
    })
  })

  test('a token cannot make tokens, whatever its scopes', async () => {
    const answer = await ada.graphql(create, { input: { name: 'x', scopes: ['NOTES_READ'] } })
    expect(answer).toMatchObject({ status: 403, errors: [{ extensions: { code: 'FORBIDDEN' } }] })
    expect(answer.data ?? null).toBeNull()
  })

  test('what is no token is refused without asking the database', async () => {
    statements.length = 0
    const token = makeToken()
    const broken = token.slice(0, -1) + (token.endsWith('0') ? '1' : '0')
    for (const text of [broken, 'kith_', 'x'.repeat(5000), 'eyJhbGciOiJub25lIn0.e30.'])
      expect((await kith.graphql(viewer, {}, { token: text })).status).toBe(401)
    expect(statements.filter((text) => text.includes('directory_credentials'))).toEqual([])
    expect((await kith.graphql(viewer, {}, { token })).status).toBe(401)
    expect(statements.filter((text) => text.includes('directory_credentials'))).toHaveLength(1)
  })

  test('a revoked token is refused at once here, and within a second in another process', async () => {
    const { token, apiToken } = await make({ name: 'revoked', scopes: ['ACCOUNT_READ'] })
    expect((await other.graphql(viewer, {}, { token })).status).toBe(200)
    expect((await kith.graphql(viewer, {}, { token })).status).toBe(200)
    const revoke = 'mutation ($id: ID!) { apiTokenRevoke(id: $id) { __typename ... on ApiToken { id } ... on NotFoundError { code } } }'
    expect((await ada.graphql(revoke, { id: apiToken.id })).data.apiTokenRevoke).toEqual({ __typename: 'ApiToken', id: apiToken.id })
    expect((await kith.graphql(viewer, {}, { token })).status).toBe(401)
    clock.advance({ milliseconds: 1000 })
    expect((await other.graphql(viewer, {}, { token })).status).toBe(401)
    expect((await ada.graphql(revoke, { id: apiToken.id })).data.apiTokenRevoke).toMatchObject({ __typename: 'NotFoundError', code: 'NOT_FOUND' })
    await kith.runJobs()
    const { rows } = await kith.app.database.pool.query(
      'SELECT 1 FROM directory_credentials WHERE "entityId" NOT IN (SELECT id FROM api_tokens UNION SELECT id FROM sessions)',
    )
    expect(rows).toEqual([])
  })

  test('with an Idempotency-Key a token is good as soon as it is shown, and its text is not repeated', async () => {
    const headers = { ...ada.browser, 'idempotency-key': 'one token' }
    const input = { name: 'once', scopes: ['ACCOUNT_READ'] }
    const made = (await kith.graphql(create, { input }, { headers })).data.apiTokenCreate
    expect((await kith.graphql(viewer, {}, { token: made.token })).status).toBe(200)
    expect((await kith.graphql(create, { input }, { headers })).data.apiTokenCreate).toEqual({ ...made, token: null })
  })

  test('a token is refused from the moment it expires', async () => {
    const { token } = await make({ name: 'short', scopes: ['ACCOUNT_READ'], expiresAt: clock.now().add({ hours: 1 }).toString() })
    clock.advance({ minutes: 59, seconds: 59 })
    expect((await kith.graphql(viewer, {}, { token })).status).toBe(200)
    clock.advance({ seconds: 1 })
    expect((await kith.graphql(viewer, {}, { token })).status).toBe(401)
  })

  test('the last use is written down once in five minutes at most', async () => {
    const token = await ada.token(['account:read'])
    statements.length = 0
    for (let second = 0; second < 650; second += 50) {
      expect((await kith.graphql(viewer, {}, { token })).status).toBe(200)
      clock.advance({ seconds: 50 })
    }
    expect(statements.filter((text) => text.includes('UPDATE api_tokens'))).toHaveLength(3)
  })

  test('within a second a token costs one look-up, however many requests it sends', async () => {
    const token = await ada.token()
    await kith.graphql('{ __typename }', {}, { token })
    statements.length = 0
    for (let request = 0; request < 5; request += 1) await kith.graphql('{ __typename }', {}, { token })
    expect(statements.filter((text) => /api_tokens|directory_credentials/.test(text))).toEqual([])
  })

  test('another owner’s token cannot be seen or revoked', async () => {
    const bea = await kith.signUp()
    const { apiToken } = await make({ name: 'mine', scopes: ['ACCOUNT_READ'] })
    expect((await bea.graphql('query ($id: ID!) { node(id: $id) { id } }', { id: apiToken.id })).data.node).toBeNull()
    expect((await bea.graphql('mutation ($id: ID!) { apiTokenRevoke(id: $id) { __typename } }', { id: apiToken.id })).data.apiTokenRevoke.__typename).toBe(
      'NotFoundError',
    )
    await expect(revokeToken(bea.ctx, '00000000-0000-7000-8000-000000000000')).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  test('a token made under an earlier master key is still good after a rotation', async () => {
    const token = await ada.token()
    const rotated = await testApp({ clock, databases: kith.databases, secrets: { masterKeys: [Buffer.alloc(32, 7), ...kith.app.secrets.masterKeys] } })
    expect((await rotated.graphql(viewer, {}, { token })).status).toBe(200)
    await rotated.close()
  })
})

test('no token and no session is made for an account in quarantine, nor beside one that is just being put there', async () => {
  const kid = await kith.signUp()
  const quarantine = () =>
    inTransaction(kid.ctx, async (tx) => {
      await accountRestraint.quarantine?.(tx, { kind: 'ACCOUNT', ownerId: kid.ownerId } as never, toDate(clock.now()))
    })
  let ended = false
  let putAway: Promise<unknown> | undefined
  await inTransaction(kid.ctx, async (tx) => {
    await createToken(tx, { name: 'Late', scopes: ['contacts:read'] })
    putAway = quarantine().then(() => (ended = true))
    await new Promise((resolve) => setTimeout(resolve, 200))
    expect(ended).toBe(false)
  })
  await putAway
  await expect(createToken(kid.ctx, { name: 'Later', scopes: ['contacts:read'] })).rejects.toThrow('The account is closed')
  await expect(startSession(kith.app, kid.ownerId, { userAgent: null })).rejects.toThrow('The account is closed')
})
