import { afterAll, beforeEach, describe, expect, test } from 'vitest'
import { consentOf, consentsOf, giveConsent, purposes, withdrawConsent } from '../../src/consent/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { policies as declared } from '../../src/domains.ts'
import { announcePolicies, currentPolicy, diffLines, draftPolicy, policyFacts, policyTemplate, publishPolicy } from '../../src/policies/service.ts'
import { composePolicy } from '../../src/policies/compose.ts'
import { changedPurposes } from '../../src/policies/publish.ts'
import type { retentionSchedule } from '../../src/policy/retention.ts'
import type { InvalidInputError } from '../../src/core/errors.ts'
import type { Config } from '../../src/config.ts'
import { type TestApp, testApp, testConfig } from '../support/app.ts'
import { locationOf, openBrowser, webApp } from '../support/web.ts'

const clock = fixedClock('2027-01-01T00:00:00Z')
let kith: TestApp
const open: TestApp[] = []

const start = async (config: Partial<Config> = {}, beside?: TestApp) => {
  const app = await testApp({ clock, config, ...(beside ? { databases: beside.databases } : {}) })
  open.unshift(app)
  return app
}
beforeEach(async () => {
  clock.set('2027-01-01T00:00:00Z')
  kith = await start()
})
afterAll(async () => {
  for (const app of open) await app.close()
})

const facts = () => policyFacts(kith.app.config, declared, clock.now())
const issuesOf = async (text: string) => {
  try {
    composePolicy(text, facts())
    return []
  } catch (error) {
    return (error as InvalidInputError).issues.map(({ message }) => message)
  }
}
const first = { reason: 'The first version.', material: false }
const text = async (more = '') => `${await policyTemplate()}${more}`
const publish = async (more: string, input: Partial<Parameters<typeof publishPolicy>[1]> = {}, app = kith) =>
  publishPolicy(app.app, { text: await text(more), reason: 'Clearer words.', material: false, ...input })

describe('[S-02] the text that Kith brings along', () => {
  test('says what the program does, of every category, purpose, cookie, recipient, country and period that is declared', async () => {
    const draft = await draftPolicy(kith.app)
    const { categories, cookies, retention, recipients } = facts()
    for (const category of categories) expect(draft).toContain(`- ${category}\n`)
    for (const { title, notices } of purposes) expect(draft.split('\n').find((line) => line.startsWith(`- **${title}**`))).toContain(notices[0].text)
    for (const { name, about } of cookies) expect(draft).toMatch(new RegExp(`\\| ${name} \\|.*${about}`))
    for (const { key, startsAt } of retention) expect(draft).toContain(`| ${key} | ${startsAt} |`)
    for (const { name } of recipients) expect(draft).toContain(name)
    expect(draft).toContain('Germany, France')
    expect(draft).toContain('Example Controller')
    expect(await issuesOf(draft)).toEqual([])
  })

  test('every category of data that a table holds of somebody is among its facts', () => {
    const held = Object.values(declared).flatMap(({ columns }) => Object.values(columns).map(({ category }) => category))
    expect(new Set(facts().categories)).toEqual(new Set(held.filter((category) => !category.startsWith('system.'))))
  })
})

describe('[S-57] a text that contradicts the program', () => {
  test.each([
    [
      'of how long something is kept',
      '| Contact.deletedAt | Contact.deletedAt | 30 days |',
      '| Contact.deletedAt | Contact.deletedAt | 90 days |',
      /retention.*90 days/,
    ],
    ['of a cookie', '| language | functional |', '| language | essential |', /cookies/],
    ['of a country', 'Germany, France', 'Germany', /countries/],
    ['of a category, by leaving it out', '- user.device\n', '', /categories/],
    ['of the controller', 'Example Controller', 'Somebody else', /controller/],
    [
      'of the ground of a purpose',
      '**News about Kith by mail**, on the ground of your consent',
      '**News about Kith by mail**, on the ground of a legitimate interest',
      /purposes/,
    ],
    ['of who receives data', '- Google: Learns', '- Nobody: Learns', /recipients/],
    ['with a period that nothing keeps', 'Connections are encrypted.', 'Connections are logged for 5 years.', /5 years/],
    ['with a promise that is not so', 'Connections are encrypted.', 'Connections are end-to-end encrypted.', /end-to-end/],
    ['by a missing part', '<!-- facts:retention -->', '', /“retention” is missing/],
  ])('%s is refused, and nothing is published', async (_what, from, to, message) => {
    const draft = await draftPolicy(kith.app)
    expect(draft).toContain(from)
    const wrong = draft.replace(from, () => to)
    expect((await issuesOf(wrong)).join('\n')).toMatch(message)
    await expect(publishPolicy(kith.app, { text: wrong, ...first })).rejects.toThrow(message)
    expect(await currentPolicy(kith.app)).toBeNull()
  })
})

describe('a published version', () => {
  test('[S-59] [F-41] can be read by everybody, with its reason, and beside the one before', async () => {
    await publish('', first)
    clock.advance({ hours: 1 })
    await publish('\nA line more.\n')
    const { data, errors } = await kith.graphql(
      '{ policyVersions { version text hash reason material publishedAt effectiveAt inForce changedPurposes } policyDiff(from: 1, to: 2) { kind text } none: policyDiff(from: 1, to: 9) { kind } }',
    )
    expect(errors).toBeUndefined()
    expect(data.policyVersions).toMatchObject([
      { version: 2, reason: 'Clearer words.', material: false, inForce: true, changedPurposes: [] },
      { version: 1, reason: 'The first version.', inForce: true },
    ])
    expect(data.policyDiff.filter(({ kind }: { kind: string }) => kind !== 'SAME')).toEqual([
      { kind: 'ADDED', text: 'A line more.' },
      { kind: 'ADDED', text: '' },
    ])
    expect(data.none).toBeNull()
  })

  test('[F-40] that was changed behind Kith’s back is not shown any more', async () => {
    await publish('', first)
    await kith.app.database.pool.query(`UPDATE policy_versions SET text = replace(text, 'neither sold', 'sold')`)
    await expect(currentPolicy(kith.app)).rejects.toThrow(/not what was published/)
    expect((await kith.graphql('{ policyVersions { version } }')).data).toBeNull()
  })

  test('[S-57] has a reason, is another than the last, and does not take effect in the past or before the last', async () => {
    await expect(publish('', { reason: ' ' })).rejects.toThrow(/reason/)
    await publish('', first)
    await expect(publish('')).rejects.toThrow(/last version/)
    await expect(publish('\nMore.\n', { effectiveAt: clock.now().subtract({ hours: 1 }) })).rejects.toThrow(/earliest/)
  })

  test('is one of two that are published at once', async () => {
    const results = await Promise.allSettled([publish('', first), publish('\nOther.\n', first)])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'fulfilled'])
    const { data } = await kith.graphql('{ policyVersions { version } }')
    expect(data.policyVersions).toEqual([{ version: 2 }, { version: 1 }])
  })
})

describe('[S-58] a change that matters', () => {
  test('is what the program does otherwise, whoever says that it is not', async () => {
    await publish('', first)
    const moved = await start({ controller: { ...testConfig('').controller, processingCountries: ['DE', 'US'] } }, kith)
    await expect(publish('', {}, moved)).rejects.toThrow(/controller, countries.*matters/)
    expect(await publish('', { material: true }, moved)).toMatchObject({ version: 2, material: true })
  })

  test('takes effect thirty days and a day from now at the earliest', async () => {
    await publish('', first)
    await expect(publish('\nMore.\n', { material: true, effectiveAt: clock.now().add({ hours: 31 * 24 - 1 }) })).rejects.toThrow(/2027-02-01/)
    const version = await publish('\nMore.\n', { material: true, effectiveAt: clock.now().add({ hours: 31 * 24 }) })
    expect(version.effectiveAt.toISOString()).toBe('2027-02-01T00:00:00.000Z')
  })

  test('is mailed to every account, and holds from its day on, not before', async () => {
    await publish('', first)
    const [ada, bea] = [await kith.signUp(), await kith.signUp()]
    await publish('\nMore.\n', { material: true, reason: 'We say more.' })
    expect(await announcePolicies(kith.app)).toBe(0)
    await kith.runJobs()
    expect(kith.mails.map(({ to, category }) => [to, category]).toSorted()).toEqual([ada.email, bea.email].map((to) => [to, 'LEGAL']).toSorted())
    expect(kith.mails[0]).toMatchObject({ subject: 'Our privacy policy changes on 2027-02-02', text: expect.stringContaining('We say more.') })
    expect(await announcePolicies(kith.app)).toBe(1)
    await kith.runJobs()
    expect(kith.mails).toHaveLength(2)
    clock.set('2027-02-01T23:59:59Z')
    expect(await currentPolicy(kith.app)).toMatchObject({ version: 1 })
    clock.set('2027-02-02T00:00:00Z')
    expect(await currentPolicy(kith.app)).toMatchObject({ version: 2 })
  })

  test('never holds when the mails were late, and another one is published in its place', async () => {
    await publish('', first)
    await kith.signUp()
    await publish('\nMore.\n', { material: true })
    await announcePolicies(kith.app)
    await expect(publish('\nYet more.\n', { material: true })).rejects.toThrow(/Not everybody/)
    clock.set('2027-01-04T00:00:00Z')
    await kith.runJobs()
    expect(await announcePolicies(kith.app)).toBe(1)
    clock.set('2027-03-01T00:00:00Z')
    expect(await currentPolicy(kith.app)).toMatchObject({ version: 1 })
    expect(await publish('\nYet more.\n', { material: true })).toMatchObject({ version: 3 })
  })

  test('of a purpose ends the consent to it on its day, and no other', async () => {
    await publish('', first)
    const ada = await kith.signUp()
    for (const key of ['MARKETING', 'GOOGLE_CONTACTS']) await giveConsent(ada.ctx, key)
    const version = await publish('\nMore.\n', { material: true })
    // As if the text of one purpose's notice had changed with it; the notices themselves are declared in the program.
    await kith.app.database.pool.query(`INSERT INTO consent_purpose_changes VALUES ('MARKETING', $1, '2')`, [version.effectiveAt])
    clock.set('2027-02-01T23:59:59Z')
    expect(await consentOf(ada.ctx, 'MARKETING')).toMatchObject({ state: 'GIVEN', effective: true })
    clock.set('2027-02-02T00:00:00Z')
    expect(await consentOf(ada.ctx, 'MARKETING')).toMatchObject({ state: 'EXPIRED', source: 'SYSTEM', effective: false })
    expect(await consentOf(ada.ctx, 'GOOGLE_CONTACTS')).toMatchObject({ state: 'GIVEN', effective: true })
    await giveConsent(ada.ctx, 'MARKETING')
    expect(await consentOf(ada.ctx, 'MARKETING')).toMatchObject({ state: 'RENEWED', effective: true })
  })

  test('names the purposes that are others than before, and carries them into the ledger once everybody is told in time', async () => {
    const before = facts()
    const after = { ...before, purposes: before.purposes.map((each) => (each.key === 'MARKETING' ? { ...each, recipients: ['A printer'] } : each)) }
    expect(changedPurposes(before, after)).toEqual(['MARKETING'])
    expect(changedPurposes(before, { ...before, purposes: before.purposes.map((each) => ({ ...each, title: `${each.title}!` })) })).toEqual([])

    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'MARKETING')
    await publish('', first)
    // The first version told of other recipients than the program has by now.
    await rewriteFirst((told) => ({
      ...told,
      purposes: told.purposes.map((each) => (each.key === 'MARKETING' ? { ...each, recipients: ['A printer'] } : each)),
    }))
    expect(await publish('\nMore.\n', { material: true })).toMatchObject({ changedPurposes: ['MARKETING'] })
    await announcePolicies(kith.app)
    await kith.runJobs()
    await announcePolicies(kith.app)
    expect(await consentOf(ada.ctx, 'MARKETING')).toMatchObject({ state: 'GIVEN' })
    clock.set('2027-02-02T00:00:00Z')
    expect(await consentOf(ada.ctx, 'MARKETING')).toMatchObject({ state: 'EXPIRED' })
  })

  const rewriteFirst = async (change: (told: ReturnType<typeof facts>) => ReturnType<typeof facts>) => {
    const { hashOf, readVersions } = await import('../../src/policies/versions.ts')
    const [version] = await readVersions({ app: kith.app, db: kith.app.database.prisma })
    const told = { ...version!, facts: change(version!.facts) }
    await kith.app.database.pool.query('UPDATE policy_versions SET facts = $1, hash = $2', [JSON.stringify(told.facts), hashOf(told, null)])
  }
})

describe('[S-06] a sign-up', () => {
  test('is refused without the hash of the version that holds, and leaves an acknowledgement of it, not a consent', async () => {
    const web = await webApp({ clock })
    try {
      const publishOn = async (more: string) => Buffer.from((await publishPolicy(web.app, { text: await text(more), ...first })).hash).toString('hex')
      const older = await publishOn('')
      web.google.world.addAccount({ email: 'new@example.test', givenName: 'New', familyName: 'Example' })
      const browser = openBrowser(web.origin)
      const callback = await web.google.consent(locationOf(await browser.open('/auth/google')), { account: 'new@example.test' })
      await browser.open(callback.href)
      expect(await (await browser.open('/welcome')).text()).toContain(`name="policy" value="${older}"`)
      const hash = await publishOn('\nClearer.\n')
      const form = { birthDate: '1990-01-31', timeZone: 'Europe/Berlin', region: 'DE', locale: 'en-GB', decision: 'create' }
      for (const policy of [{}, { policy: older }, { policy: '' }]) expect((await browser.submit('/welcome', { ...form, ...policy })).status).toBe(422)
      expect(await web.app.database.prisma.account.count()).toBe(0)
      expect((await browser.submit('/welcome', { ...form, policy: hash })).status).toBe(303)
      expect(await web.app.database.prisma.policyAcknowledgement.findMany()).toMatchObject([{ version: 2, method: 'sign-up' }])
      expect(await web.app.database.prisma.consentRecord.count()).toBe(0)
    } finally {
      await web.close()
    }
  })
})

describe('an acknowledgement', () => {
  const acknowledge = 'mutation ($hash: String!) { policyAcknowledge(hash: $hash) { __typename ... on PolicyAcknowledged { version } } }'
  test('[F-33] [S-06] is of the version that holds, by its hash, and is consent to nothing', async () => {
    const ada = await kith.signUp()
    const version = await publish('', first)
    const hash = Buffer.from(version.hash).toString('hex')
    const ask = (of: string) => kith.graphql(acknowledge, { hash: of }, { headers: ada.browser })
    expect((await ask(hash.replace(/^../, '00'))).data.policyAcknowledge).toEqual({ __typename: 'InvalidInputError' })
    for (let again = 0; again < 2; again += 1) expect((await ask(hash)).data.policyAcknowledge).toEqual({ __typename: 'PolicyAcknowledged', version: 1 })
    expect(await kith.app.database.prisma.policyAcknowledgement.count({ where: { ownerId: ada.ownerId } })).toBe(1)
    for (const { purpose, state, effective } of await consentsOf(ada.ctx))
      if (purpose.legalBasis === 'CONSENT') expect([state, effective]).toEqual(['UNKNOWN', false])
    await expect(kith.app.withPurpose(ada.ctx, { purpose: 'MARKETING', models: ['Account'] }, async () => 'mailed')).rejects.toThrow(/NO_CONSENT/)
    await withdrawConsent(ada.ctx, 'MARKETING')
  })
})

describe('what everybody may know', () => {
  test('[S-05] who answers for the data', async () => {
    const { data } = await kith.graphql('{ controller { name address email country authority processingCountries } }')
    expect(data.controller).toMatchObject({ name: 'Example Controller', authority: 'Example Authority', processingCountries: ['DE', 'FR'] })
  })

  test('[S-33] [S-40] how long everything is kept: every table has a rule', async () => {
    const { data, errors } = await kith.graphql('{ retentionSchedule { key category period startsAt action } }')
    expect(errors).toBeUndefined()
    const rules = data.retentionSchedule as ReturnType<typeof retentionSchedule>
    for (const model of Object.keys(declared)) expect(rules.map(({ key }) => key)).toContain(model)
    for (const { period } of rules) expect(() => Temporal.Duration.from(period)).not.toThrow()
    expect(rules).toContainEqual(
      expect.objectContaining({ key: 'ConsentRecord', period: 'P3Y', startsAt: 'the end of the account', action: 'KEEP_AS_EVIDENCE' }),
    )
    expect(rules).toContainEqual({ key: 'Delivery.message', category: 'user.content', period: 'P30D', startsAt: 'Delivery.sentAt', action: 'DELETE' })
  })
})

describe('the difference of two texts', () => {
  test.each([
    ['', '', []],
    ['a\nb\nc', 'a\nc', ['REMOVED b']],
    ['a\nc', 'a\nb\nc', ['ADDED b']],
    ['a\nb', 'c\nd', ['REMOVED a', 'REMOVED b', 'ADDED c', 'ADDED d']],
    ['x\na\nb\ny', 'x\nb\na\ny', ['REMOVED a', 'ADDED a']],
  ])('%j → %j', (before, after, changed) => {
    const lines = diffLines(before, after)
    expect(lines.filter(({ kind }) => kind !== 'SAME').map(({ kind, text: line }) => `${kind} ${line}`)).toEqual(changed)
    expect(
      lines
        .filter(({ kind }) => kind !== 'ADDED')
        .map(({ text: line }) => line)
        .join('\n'),
    ).toBe(before)
    expect(
      lines
        .filter(({ kind }) => kind !== 'REMOVED')
        .map(({ text: line }) => line)
        .join('\n'),
    ).toBe(after)
  })
})
