import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { canonicalLocale } from '../../src/accounts/settings.ts'
import { isRegion } from '../../src/core/region.ts'
import { purgeJob } from '../../src/accounts/purge.ts'
import { purgeTokens } from '../../src/tokens/purge.ts'
import { rebuildDirectories } from '../../src/directory/rebuild.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { uploadAvatar } from '../../src/avatars/service.ts'
import { png } from '../avatars/pictures.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { befriend, done, rowIdOf } from '../support/crm.ts'

const clock = fixedClock('2027-03-01T12:00:00Z')
let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock })
  ada = await kith.signUp({ locale: 'en-GB', timeZone: 'Europe/Berlin', region: 'DE' })
})
afterAll(() => kith.close())

const update = async (input: object) =>
  (
    await ada.graphql(
      'mutation ($input: AccountUpdateInput!) { accountUpdate(input: $input) { __typename ... on Account { name locale timeZone region sendTime weeklyDigest } ... on InvalidInputError { issues { path message } } } }',
      { input },
    )
  ).data.accountUpdate
const query = async (text: string) => (await kith.app.database.pool.query(text)).rows

describe('accountUpdate', () => {
  test('[F-03] changes what is given, in its usual writing, and leaves the rest', async () => {
    expect(await update({ timeZone: 'asia/kolkata', locale: 'pt-br', region: 'in', sendTime: '07:30', weeklyDigest: true })).toEqual({
      __typename: 'Account',
      name: 'Ada Example',
      locale: 'pt-BR',
      timeZone: 'Asia/Kolkata',
      region: 'IN',
      sendTime: '07:30',
      weeklyDigest: true, // prettier-ignore
    })
    expect(await update({ name: ' Ada ' })).toMatchObject({ name: 'Ada', timeZone: 'Asia/Kolkata' })
    expect(await update({ name: null })).toMatchObject({ name: null, region: 'IN' })
  })

  test.for([
    ['timeZone', '+02:00'],
    ['timeZone', 'Mars/Olympus'],
    ['timeZone', null],
    ['locale', 'english please'],
    ['locale', ''],
    ['locale', null],
    ['region', 'Germany'],
    ['region', 'ZZ'],
    ['region', 'EU'],
    ['region', null],
    ['sendTime', '24:00'],
    ['sendTime', '9:00'],
    ['sendTime', null],
    ['weeklyDigest', null],
    ['name', 'x'.repeat(201)],
  ] as const)('refuses %s %j with the field’s path', async ([field, value]) => {
    const before = await query('SELECT * FROM accounts')
    expect(await update({ name: 'Changed', [field]: value })).toEqual({
      __typename: 'InvalidInputError',
      issues: [{ path: [field], message: expect.stringMatching(/^[A-Z].*\.$/) }],
    })
    expect(await query('SELECT * FROM accounts')).toEqual(before)
  })

  test('writes one event with the names of the fields that changed, and none when nothing does', async () => {
    const events = () => query(`SELECT changed FROM events WHERE type = 'account.updated' ORDER BY seq DESC`)
    await update({ region: 'AT', sendTime: '08:00', weeklyDigest: true })
    expect((await events())[0]).toEqual({ changed: ['region', 'sendTime'] })
    const before = (await events()).length
    await update({ region: 'AT' })
    expect(await events()).toHaveLength(before)
  })

  test('sets off what other domains do when an account changes', async () => {
    const seen: string[] = []
    const handlers = kith.app.relay.handlers as Record<string, (typeof kith.app.relay.handlers)[string]>
    handlers['test.accountChanged'] = async (ctx) => void seen.push(ctx.actor.kind === 'system' ? ctx.actor.ownerId : '')
    await update({ timeZone: 'Europe/Rome' })
    await kith.runJobs()
    expect(seen).toEqual([ada.ownerId])
    delete handlers['test.accountChanged']
  })

  test('regions are those of ISO 3166-1, locales those of BCP 47', () => {
    expect(['DE', 'AQ', 'XK', 'BV', 'TW'].map(isRegion)).toEqual([true, true, true, true, true])
    expect(['de', 'UN', 'QO', 'AA', 'D', 'DEU', '12', 'UK', 'YU', 'IC'].filter(isRegion)).toEqual([])
    const letters = [...'ABCDEFGHIJKLMNOPQRSTUVWXYZ']
    expect(letters.flatMap((one) => letters.map((other) => one + other)).filter(isRegion)).toHaveLength(249 + 1)
    expect(['zh-hant-tw', 'EN_us', 'x', ''].map(canonicalLocale)).toEqual(['zh-Hant-TW', null, null, null])
  })
})

describe('directories', () => {
  const tables = ['directory_subjects', 'directory_credentials'] as const
  const all = () => Promise.all(tables.map((table) => query(`SELECT * FROM ${table} ORDER BY 1`)))

  test('are the same when they are made anew from the owned tables', async () => {
    await kith.signUp()
    await ada.token()
    const before = await all()
    expect(before.map((rows) => rows.length)).toEqual([2, 4])
    for (const table of tables) await query(`DELETE FROM ${table}`)
    await rebuildDirectories(kith.app)
    expect(await all()).toEqual(before)
  })

  test('lose entries behind which nothing stands, but not the claim of a sign-up that is under way', async () => {
    const before = await all()
    const claim = (id: string) => query(`INSERT INTO directory_subjects (subject, "ownerId") VALUES ('${id}', '${id}')`)
    const madeAt = (at: string) =>
      `${Temporal.Instant.from(at)
        .epochMilliseconds.toString(16)
        .padStart(12, '0')
        .replace(/^(.{8})/, '$1-')}-7000-8000-000000000001`
    await claim(madeAt('2027-03-01T10:59:00Z'))
    await claim(madeAt('2027-03-01T11:59:59Z'))
    await query(`INSERT INTO directory_credentials VALUES ('\\x00', 'session', '${ada.ownerId}', '${ada.accountId}')`)
    await rebuildDirectories(kith.app)
    const after = await all()
    expect(after[1]).toEqual(before[1])
    expect(after[0]?.map((row) => row.subject)).toContain(madeAt('2027-03-01T11:59:59Z'))
    expect(after[0]).toHaveLength((before[0]?.length ?? 0) + 1)
  })
})

test('the daily purge leaves nothing of expired sessions, tokens and flows', async () => {
  await query(`INSERT INTO auth_flows VALUES ('\\x01', '2027-03-01T12:10:00Z')`)
  await purgeJob.run(systemCtx(kith.app, ada.ownerId, 'test'), {} as never)
  expect(await query('SELECT 1 FROM auth_flows')).toHaveLength(1)
  clock.advance({ days: 91 })
  await purgeJob.run(systemCtx(kith.app, ada.ownerId, 'test'), {} as never)
  expect(await purgeTokens(kith.app)).toBe(2)
  await kith.runJobs()
  for (const table of ['sessions', 'api_tokens', 'auth_flows', 'directory_credentials']) expect(await query(`SELECT 1 FROM ${table}`), table).toEqual([])
})

test('[F-16] usage counts sign-ins, contacts, notes and what pictures take up', async () => {
  const cy = await kith.signUp()
  const usage = async () => (await cy.graphql('{ viewer { usage { storageBytes signInCount contactCount noteCount } } }')).data.viewer.usage
  expect(await usage()).toEqual({ storageBytes: 0, signInCount: 1, contactCount: 0, noteCount: 0 })
  const contactId = await befriend(cy, 'Grace')
  await befriend(cy, 'Alan')
  await done(cy, 'noteCreate', { input: { contactId, body: 'Tea' } })
  await uploadAvatar(cy.ctx, rowIdOf(contactId), png(8))
  expect(await usage()).toEqual({ storageBytes: png(8).length, signInCount: 1, contactCount: 2, noteCount: 1 })
})
