import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { verifyChains } from '../../src/events/verify.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { verifyLedgers } from '../../src/consent/verify.ts'
import { expireConsents } from '../../src/consent/expire.ts'
import { giveConsent, invalidateConsent, isPermitted, requestConsent, withdrawConsent } from '../../src/consent/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2026-12-01T10:00:00Z')
let kith: TestApp

beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())

const fields = 'purpose { key title legalBasis required } state legalBasis source updatedAt effective'
const consentsOf = async (who: Person, headers: Record<string, string> = who.browser) => {
  const { data, errors } = await kith.graphql(`{ viewer { consents { ${fields} } } }`, {}, { headers })
  expect(errors).toBeUndefined()
  return data.viewer.consents as { purpose: { key: string }; state: string; source: string; legalBasis: string; effective: boolean }[]
}
const consent = async (who: Person, key: string, headers?: Record<string, string>) =>
  (await consentsOf(who, headers)).find(({ purpose }) => purpose.key === key)!
const decide = async (
  who: Person,
  name: 'consentGive' | 'consentWithdraw',
  purpose: string,
  options: { headers?: Record<string, string>; more?: string } = {},
) => {
  const { data, errors } = await kith.graphql(
    `mutation { it: ${name}(purpose: "${purpose}"${options.more ?? ''}) { __typename ... on Consent { ${fields} } ... on InvalidInputError { issues { path message } } } }`,
    {},
    { headers: { ...who.browser, ...options.headers } },
  )
  expect(errors).toBeUndefined()
  return data.it
}
const records = async (who: Person) => {
  const { data } = await kith.graphql(
    '{ viewer { consentRecords(first: 50) { totalCount nodes { id purpose { key } state source noticeVersion method validUntil at } } } }',
    {},
    { headers: who.browser },
  )
  return data.viewer.consentRecords.nodes as { id: string; purpose: { key: string }; state: string; source: string; noticeVersion: string; method: string }[]
}

describe('consent through the API', () => {
  test('[F-19] of a new account is unknown for everything that needs it, and what it signed up for works without', async () => {
    const ada = await kith.signUp()
    const consents = await consentsOf(ada)
    const byConsent = consents.filter(({ legalBasis }) => legalBasis === 'CONSENT')
    expect(byConsent.map(({ purpose }) => purpose.key)).toEqual(
      expect.arrayContaining(['MARKETING', 'SALE_OR_SHARING', 'GOOGLE_CONTACTS', 'ANALYTICAL_COOKIES']),
    )
    for (const each of byConsent) expect(each).toMatchObject({ state: 'UNKNOWN', source: null, updatedAt: null, effective: false })
    for (const each of consents.filter(({ legalBasis }) => legalBasis !== 'CONSENT')) expect(each).toMatchObject({ state: 'UNKNOWN', effective: true })
    expect(await records(ada)).toEqual([])
  })

  test('[S-51] withdrawing takes one call, as giving does, holds at once and leaves both in the ledger', async () => {
    const ada = await kith.signUp()
    expect(await decide(ada, 'consentGive', 'MARKETING')).toMatchObject({ __typename: 'Consent', state: 'GIVEN', source: 'UI', effective: true })
    expect(await decide(ada, 'consentWithdraw', 'MARKETING')).toMatchObject({ state: 'WITHDRAWN', source: 'UI', effective: false })
    expect(await consent(ada, 'MARKETING')).toMatchObject({ state: 'WITHDRAWN', effective: false })
    expect(await records(ada)).toMatchObject([
      { purpose: { key: 'MARKETING' }, state: 'WITHDRAWN', source: 'UI', noticeVersion: '1', method: 'graphql' },
      { purpose: { key: 'MARKETING' }, state: 'GIVEN', source: 'UI', noticeVersion: '1', method: 'graphql' },
    ])
  })

  test('a token says API, and needs the scope to write', async () => {
    const ada = await kith.signUp()
    const mutation = 'mutation { consentGive(purpose: "MARKETING") { ... on Consent { source } } }'
    const reader = await kith.graphql(mutation, {}, { token: await ada.token(['privacy:read', 'account:read']) })
    expect(reader.errors?.[0]?.extensions).toMatchObject({ code: 'FORBIDDEN', missingScopes: ['privacy:write'] })
    expect((await ada.graphql(mutation)).data.consentGive).toEqual({ source: 'API' })
  })

  test('saying it again adds nothing, unless it makes a consent last longer', async () => {
    const ada = await kith.signUp()
    for (const name of ['consentGive', 'consentGive', 'consentWithdraw', 'consentWithdraw'] as const) await decide(ada, name, 'GOOGLE_GMAIL')
    expect(await records(ada)).toHaveLength(2)
    await decide(ada, 'consentGive', 'MARKETING')
    clock.advance({ hours: 25 })
    expect(await decide(ada, 'consentGive', 'MARKETING')).toMatchObject({ state: 'RENEWED' })
    expect(await records(ada)).toHaveLength(4)
  })

  test('no consent is given or withdrawn for what does not rest on it, nor for what does not exist', async () => {
    const ada = await kith.signUp()
    for (const purpose of ['CRM', 'SECURITY', 'ACCOUNTABILITY', 'NONE'])
      for (const name of ['consentGive', 'consentWithdraw'] as const)
        expect(await decide(ada, name, purpose)).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['purpose'] }] })
    expect(await records(ada)).toEqual([])
  })

  test('[S-04] [S-46] a visitor reads all that one needs to know before a choice: what for, on what ground, for how long, who receives it, which cookies', async () => {
    const { data, errors } = await kith.graphql(
      '{ purposes { key title legalBasis required notice noticeVersion validFor recipients } cookies { name category about maxAgeSeconds } policyVersions { version } controller { name } retentionSchedule { key } }',
    )
    expect(errors).toBeUndefined()
    expect(data.purposes).toContainEqual({
      key: 'GOOGLE_CONTACTS',
      title: 'Importing your Google contacts',
      legalBasis: 'CONSENT',
      required: false,
      notice: expect.stringContaining('changes nothing at Google'),
      noticeVersion: '1',
      validFor: null,
      recipients: ['Google'],
    })
    expect(data.cookies).toContainEqual({ name: 'language', category: 'FUNCTIONAL', about: expect.any(String), maxAgeSeconds: 180 * 24 * 3600 })
    expect(data.purposes).toEqual(expect.arrayContaining([expect.objectContaining({ key: 'CRM', legalBasis: 'CONTRACT', required: true })]))
  })
})

describe('asking', () => {
  test('[S-49] is refused for twelve months after a no, and who is not asked may still say yes', async () => {
    clock.set('2026-12-01T10:00:00Z')
    const ada = await kith.signUp()
    await withdrawConsent(ada.ctx, 'SALE_OR_SHARING')
    clock.set('2027-12-01T23:59:59Z')
    await expect(requestConsent(ada.ctx, 'SALE_OR_SHARING')).rejects.toThrow(/2027-12-02/)
    clock.set('2027-12-02T00:00:00Z')
    expect(await requestConsent(ada.ctx, 'SALE_OR_SHARING')).toMatchObject({ state: 'REQUESTED' })
  })

  test('[S-49] selling and sharing take two separate yeses within a day, and one no', async () => {
    const ada = await kith.signUp()
    expect(await decide(ada, 'consentGive', 'SALE_OR_SHARING')).toMatchObject({ state: 'REQUESTED', effective: false })
    clock.advance({ hours: 24 })
    expect(await decide(ada, 'consentGive', 'SALE_OR_SHARING')).toMatchObject({ state: 'REQUESTED', effective: false })
    clock.advance({ hours: 1 })
    expect(await decide(ada, 'consentGive', 'SALE_OR_SHARING')).toMatchObject({ state: 'GIVEN', effective: true })
    expect(await decide(ada, 'consentWithdraw', 'SALE_OR_SHARING')).toMatchObject({ state: 'WITHDRAWN', effective: false })
  })

  test('a consent that was not asked for as it must be is void', async () => {
    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'MARKETING')
    expect(await invalidateConsent(ada.ctx, 'MARKETING', { source: 'SUPPORT' })).toMatchObject({ state: 'INVALIDATED', source: 'SUPPORT' })
    expect(await consent(ada, 'MARKETING')).toMatchObject({ effective: false })
  })
})

describe('[S-52] a signal of the browser', () => {
  const gpc = { 'sec-gpc': '1' }
  test('is a no for the account from the same request on, is written once, and stays when it is not sent any more', async () => {
    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'ANALYTICAL_COOKIES')
    expect(await consent(ada, 'SALE_OR_SHARING', { ...ada.browser, ...gpc })).toMatchObject({ state: 'REFUSED', source: 'GPC', effective: false })
    for (let again = 0; again < 3; again += 1) await consentsOf(ada, { ...ada.browser, ...gpc })
    const entries = await records(ada)
    expect(entries.map(({ purpose, state, source }) => [purpose.key, state, source]).toSorted()).toEqual([
      ['ANALYTICAL_COOKIES', 'GIVEN', 'UI'],
      ['ANALYTICAL_COOKIES', 'WITHDRAWN', 'GPC'],
      ['PERFORMANCE_COOKIES', 'REFUSED', 'GPC'],
      ['SALE_OR_SHARING', 'REFUSED', 'GPC'],
    ])
    expect(await consent(ada, 'SALE_OR_SHARING')).toMatchObject({ state: 'REFUSED', effective: false })
  })

  test('by Do Not Track speaks of measuring alone', async () => {
    const ada = await kith.signUp()
    await consentsOf(ada, { ...ada.browser, dnt: '1' })
    expect((await records(ada)).map(({ purpose, source }) => [purpose.key, source]).toSorted()).toEqual([
      ['ANALYTICAL_COOKIES', 'DNT'],
      ['PERFORMANCE_COOKIES', 'DNT'],
    ])
  })

  test('is heard of programs too', async () => {
    const ada = await kith.signUp()
    await ada.graphql('{ viewer { id } }', {}, { headers: gpc })
    expect(await consent(ada, 'SALE_OR_SHARING')).toMatchObject({ state: 'REFUSED', source: 'GPC' })
  })

  test('gives way to a yes of someone who was told of it, and to no other', async () => {
    const ada = await kith.signUp()
    expect(await decide(ada, 'consentGive', 'SALE_OR_SHARING', { headers: gpc })).toMatchObject({ __typename: 'InvalidInputError' })
    for (let step = 0; step < 2; step += 1) await decide(ada, 'consentGive', 'SALE_OR_SHARING', { headers: gpc, more: ', despiteSignal: true' })
    expect(await consent(ada, 'SALE_OR_SHARING', { ...ada.browser, ...gpc })).toMatchObject({ state: 'GIVEN', effective: true })
    // A yes from a browser without the signal says nothing of the signal.
    await decide(ada, 'consentWithdraw', 'SALE_OR_SHARING')
    for (let step = 0; step < 2; step += 1) await decide(ada, 'consentGive', 'SALE_OR_SHARING')
    expect(await consent(ada, 'SALE_OR_SHARING', { ...ada.browser, ...gpc })).toMatchObject({ state: 'WITHDRAWN', source: 'GPC', effective: false })
  })

  test('by Do Not Track gives way to nobody', async () => {
    const ada = await kith.signUp()
    const headers = { dnt: '1' }
    expect(await decide(ada, 'consentGive', 'ANALYTICAL_COOKIES', { headers, more: ', despiteSignal: true' })).toMatchObject({
      __typename: 'InvalidInputError',
    })
  })
})

describe('a consent that has run out', () => {
  test('permits nothing from that moment on, is written down once, and can be given again', async () => {
    clock.set('2026-12-01T10:00:00Z')
    const [ada, bea] = [await kith.signUp(), await kith.signUp()]
    await giveConsent(ada.ctx, 'MARKETING')
    clock.set('2027-12-01T10:00:00Z')
    await giveConsent(bea.ctx, 'MARKETING')
    clock.set('2028-12-01T10:00:00Z')
    expect(await isPermitted(ada.ctx, 'MARKETING')).toBe(false)
    expect(await isPermitted(bea.ctx, 'MARKETING')).toBe(true)
    await expireConsents(kith.app)
    await expireConsents(kith.app)
    const states = async (who: Person) =>
      (await who.ctx.db.consentRecord.findMany({ where: { ownerId: who.ownerId }, orderBy: { seq: 'asc' } })).map(({ state, source }) => [state, source])
    expect(await states(ada)).toEqual([
      ['GIVEN', 'UI'],
      ['EXPIRED', 'SYSTEM'],
    ])
    expect(await states(bea)).toEqual([['GIVEN', 'UI']])
    await giveConsent(ada.ctx, 'MARKETING')
    await expireConsents(kith.app)
    expect((await states(ada)).at(-1)).toEqual(['RENEWED', 'UI'])
    expect((await verifyLedgers(kith.app)).faults).toEqual([])
    clock.set('2026-12-01T10:00:00Z')
  })
})

describe('the ledger', () => {
  test('[F-29] every entry is in the chain of events, under an id that vouches for all of it', async () => {
    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'MARKETING')
    await withdrawConsent(ada.ctx, 'MARKETING')
    const { rows } = await kith.app.database.pool.query<{ type: string; entityId: string }>(
      `SELECT e.type, e."entityId" FROM events AS e JOIN consent_records AS c ON c."ownerId" = e."ownerId" AND c.id = e."entityId" WHERE e."ownerId" = $1 ORDER BY e.seq`,
      [ada.ownerId],
    )
    expect(rows.map(({ type }) => type)).toEqual(['consent.given', 'consent.withdrawn'])
    expect((await verifyChains(kith.app, ada.ownerId)).faults).toEqual([])
  })

  test('of two who decide at once each has its place', async () => {
    const ada = await kith.signUp()
    await Promise.all(['GOOGLE_CONTACTS', 'GOOGLE_GMAIL', 'GOOGLE_CALENDAR', 'MARKETING'].map((key) => giveConsent(ada.ctx, key)))
    const { rows } = await kith.app.database.pool.query('SELECT seq FROM consent_records WHERE "ownerId" = $1 ORDER BY seq', [ada.ownerId])
    expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3, 4])
  })
})

describe('[F-29] a tampering with the ledger', () => {
  const query = (text: string, values: unknown[]) => kith.app.database.pool.query(text, values)
  const tamperings: [string, string, number][] = [
    ['of what was decided', `UPDATE consent_records SET state = 'GIVEN' WHERE "ownerId" = $1 AND seq = 2`, 2],
    ['of who decided', `UPDATE consent_records SET source = 'API' WHERE "ownerId" = $1 AND seq = 1`, 1],
    ['of when', `UPDATE consent_records SET at = at - interval '1 ms' WHERE "ownerId" = $1 AND seq = 3`, 3],
    ['of the notice', `UPDATE consent_records SET "noticeHash" = 'x' WHERE "ownerId" = $1 AND seq = 4`, 4],
    ['by removing', `DELETE FROM consent_records WHERE "ownerId" = $1 AND seq = 2`, 2],
    ['by cutting off', `DELETE FROM consent_records WHERE "ownerId" = $1 AND seq >= 4`, 4],
    ['by moving', `UPDATE consent_records SET seq = CASE seq WHEN 1 THEN 20 ELSE seq END WHERE "ownerId" = $1`, 1],
    [
      'by adding',
      `INSERT INTO consent_records ("ownerId", id, seq, purpose, state, source, signals, at) SELECT $1, gen_random_uuid(), 5, 'MARKETING', 'GIVEN', 'UI', '{}', now()`,
      5,
    ],
  ]
  test.each(tamperings)('%s is found at its entry', async (_what, statement, seq) => {
    const [ada, bea] = [await kith.signUp(), await kith.signUp()]
    for (const who of [ada, bea]) {
      await giveConsent(who.ctx, 'MARKETING')
      await withdrawConsent(who.ctx, 'MARKETING')
      await giveConsent(who.ctx, 'GOOGLE_GMAIL')
      await withdrawConsent(who.ctx, 'SALE_OR_SHARING')
    }
    expect((await verifyLedgers(kith.app, ada.ownerId)).faults).toEqual([])
    await query(statement, [ada.ownerId])
    const { faults } = await verifyLedgers(kith.app)
    expect(faults.filter(({ ownerId }) => ownerId === ada.ownerId)[0]).toMatchObject({ seq })
    expect(faults.filter(({ ownerId }) => ownerId === bea.ownerId)).toEqual([])
  })
})
