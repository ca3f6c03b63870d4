import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { declarationRefusal, giveConsent, type PurposeKey, purposeOf, purposes, type Use, withdrawConsent } from '../../src/consent/service.ts'
import { expireConsents } from '../../src/consent/expire.ts'
import { toDate } from '../../src/core/clock.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { jobs, policies } from '../../src/domains.ts'
import { readFeatures } from '../../src/google/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { addBook, connectedOwner, movableClock, syncContacts } from '../google/support.ts'
import { befriend, done } from '../support/crm.ts'
import type { Person } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'

const clock = movableClock()
const restricted = new Set<string>()
let kith: WebApp
let books = 0

beforeAll(async () => {
  kith = await webApp({
    clock,
    onCreate: (app) => Object.assign(app, { isRestricted: async ({ actor }: Ctx) => 'ownerId' in actor && restricted.has(actor.ownerId) }),
  })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.reset()
  restricted.clear()
  kith.google.ledger.clear()
})

const use = (purpose: string, ...models: Use['models']): Use => ({ purpose: purpose as PurposeKey, models })
const attempt = (ctx: Ctx, what: Use) => {
  let worked = false
  return kith.app
    .withPurpose(ctx, what, async () => void (worked = true))
    .then(
      () => ({ worked, reason: null }),
      (error: { reason?: string }) => ({ worked, reason: error.reason ?? 'failed' }),
    )
}
const systemOf = (who: Person) => systemCtx(kith.app, who.ownerId, 'test')
const refusalsOf = async (ownerId: string) =>
  (await kith.app.database.pool.query(`SELECT changed FROM events WHERE "ownerId" = $1 AND type = 'purpose.refused' ORDER BY seq`, [ownerId])).rows.map(
    ({ changed }) => changed as string[],
  )
const mailsTo = (who: Person) => kith.mails.filter(({ to }) => to === who.email).length

describe('withPurpose', () => {
  test('[F-08] refuses a purpose that is none, data that no policy holds for the purpose, and a use that names no data', async () => {
    const ada = await kith.signUp()
    expect(await attempt(systemOf(ada), use('ADVERTISING', 'Account'))).toEqual({ worked: false, reason: 'UNKNOWN_PURPOSE' })
    expect(await attempt(systemOf(ada), use('MARKETING', 'Session'))).toEqual({ worked: false, reason: 'NOT_DECLARED' })
    expect(await attempt(systemOf(ada), use('SECURITY', 'Session', 'Reminder'))).toEqual({ worked: false, reason: 'NOT_DECLARED' })
    expect(await attempt(systemOf(ada), use('SECURITY'))).toEqual({ worked: false, reason: 'NOT_DECLARED' })
    expect(await attempt(systemOf(ada), use('SECURITY', 'Session'))).toEqual({ worked: true, reason: null })
  })

  test('[S-16] lets nothing happen without consent, and nothing more from the moment on that it is withdrawn', async () => {
    const ada = await kith.signUp()
    const mailing = use('MARKETING', 'Account')
    expect(await attempt(systemOf(ada), mailing)).toEqual({ worked: false, reason: 'NO_CONSENT' })
    await giveConsent(ada.ctx, 'MARKETING')
    expect(await attempt(systemOf(ada), mailing)).toEqual({ worked: true, reason: null })
    await withdrawConsent(ada.ctx, 'MARKETING')
    expect(await attempt(systemOf(ada), mailing)).toEqual({ worked: false, reason: 'NO_CONSENT' })
  })

  test('[F-02] lets nothing be sold or shared, whoever has said yes: no table is held for it', async () => {
    const ada = await kith.signUp()
    for (let step = 0; step < 2; step += 1) await giveConsent(ada.ctx, 'SALE_OR_SHARING')
    for (const { model } of Object.values(policies)) expect((await attempt(systemOf(ada), use('SALE_OR_SHARING', model))).worked, model).toBe(false)
  })

  test('[F-08] [F-11] keeps what Google’s APIs gave to what the user sees: no other purpose gets at it, whoever has consented', async () => {
    const ada = await kith.signUp()
    for (const { key, limitedUse } of purposes.filter(({ legalBasis }) => legalBasis === 'CONSENT')) {
      if (key === 'SALE_OR_SHARING') await giveConsent(ada.ctx, key)
      await giveConsent(ada.ctx, key)
      if (!limitedUse)
        for (const model of ['Contact', 'ContactSource', 'Interaction', 'GoogleGrant', 'Avatar'] as const)
          expect(await attempt(systemOf(ada), use(key, model)), `${key} ${model}`).toEqual({ worked: false, reason: 'LIMITED_USE' })
    }
  })

  test('[S-22] holds a restricted account still, but for what keeps it safe and what the law asks', async () => {
    const ada = await kith.signUp()
    restricted.add(ada.ownerId)
    expect(await attempt(systemOf(ada), use('CRM', 'Contact'))).toEqual({ worked: false, reason: 'RESTRICTED' })
    expect(await attempt(systemOf(ada), use('SECURITY', 'Session'))).toEqual({ worked: true, reason: null })
    restricted.clear()
    expect(await attempt(systemOf(ada), use('CRM', 'Contact'))).toEqual({ worked: true, reason: null })
  })

  test('does nothing when it cannot be found out', async () => {
    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'MARKETING')
    await kith.app.database.pool.query('ALTER TABLE consent_purpose_changes RENAME TO elsewhere')
    try {
      expect((await attempt(systemOf(ada), use('MARKETING', 'Account'))).worked).toBe(false)
    } finally {
      await kith.app.database.pool.query('ALTER TABLE elsewhere RENAME TO consent_purpose_changes')
    }
  })

  test('leaves each refusal in the owner’s events, once a day', async () => {
    const ada = await kith.signUp()
    for (let again = 0; again < 3; again += 1) await attempt(systemOf(ada), use('MARKETING', 'Account'))
    expect(await refusalsOf(ada.ownerId)).toEqual([['NO_CONSENT']])
    clock.advance({ hours: 25 })
    await attempt(systemOf(ada), use('MARKETING', 'Account'))
    expect(await refusalsOf(ada.ownerId)).toHaveLength(2)
  })
})

describe('[S-14] every job', () => {
  test.each(jobs.map((job) => [job.name, job] as const))('%s has a purpose that the policies of its tables declare', (_name, job) => {
    const purpose = purposeOf(job.use.purpose)
    expect(purpose && declarationRefusal(purpose, job.use.models, policies)).toBeNull()
  })

  test.each(jobs.map((job) => [job.name, job] as const))('%s does nothing for a purpose that is refused', async (_name, job) => {
    const ada = await kith.signUp()
    const refusing = { ...kith.app, withPurpose: async () => Promise.reject(Object.assign(new Error('refused'), { name: 'PurposeRefused' })) }
    const untouchable = new Proxy(refusing, {
      get: (target, key) => (key === 'withPurpose' ? target.withPurpose : expect.fail(`${job.name} reaches for ${String(key)}`)),
    })
    await job.run({ ...systemOf(ada), app: untouchable as never }, { ownerId: ada.ownerId, entityId: ada.accountId, importId: ada.accountId } as never)
  })
})

describe('[S-22] a restricted account', () => {
  test('gets no reminders, alerts and digests, and gets them once it is released', async () => {
    const ada = await kith.signUp({ timeZone: 'UTC' })
    await done(ada, 'accountUpdate', { input: { weeklyDigest: true, sendTime: '00:00' } })
    const friend = await befriend(ada, 'Friend')
    await done(ada, 'contactFollowUpSet', { id: friend, every: 'P1D' })
    await done(ada, 'reminderCreate', { input: { title: 'Water the plants', timeZone: 'UTC', dueAt: clock.now().add({ minutes: 5 }).toString().slice(0, 16) } })
    await kith.runJobs()
    restricted.add(ada.ownerId)
    clock.advance({ hours: 8 * 24 })
    await kith.runJobs()
    expect(mailsTo(ada)).toBe(0)
    restricted.clear()
    clock.advance({ minutes: 10 })
    await kith.runJobs()
    const kinds = (await ada.graphql('{ deliveries { nodes { kind state } } }')).data.deliveries.nodes as { kind: string; state: string }[]
    expect(kinds.map(({ kind }) => kind).toSorted()).toEqual(['DIGEST', 'FOLLOW_UP_ALERT', 'REMINDER'])
    expect(mailsTo(ada)).toBe(3)
  })
})

describe('[F-07] a connected feature', () => {
  const contactsOf = async (ctx: Ctx) => (await readFeatures(ctx)).find(({ feature }) => feature === 'CONTACTS')!
  const someone = async (count = 3) => {
    const email = `guarded${(books += 1)}@example.test`
    addBook(kith, email, count)
    return { email, ...(await connectedOwner(kith, email)) }
  }
  const askedOf = (email: string) => kith.google.ledger.entries.filter(({ account }) => account === email)
  const entriesOf = async (ctx: Ctx) =>
    (await ctx.db.consentRecord.findMany({ where: { ownerId: (ctx.actor as { ownerId: string }).ownerId }, orderBy: { seq: 'asc' } })).map(
      ({ purpose, state }) => [purpose, state],
    )
  const countOf = async (ownerId: string) => kith.app.database.prisma.contact.count({ where: { ownerId } })

  test('has its consent in the ledger, and no other feature has', async () => {
    const { ctx } = await someone()
    expect(await entriesOf(ctx)).toEqual([['GOOGLE_CONTACTS', 'GIVEN']])
  })

  test('stops with the withdrawal: nothing more is asked of Google, and its state says OFF', async () => {
    const { ctx, ownerId, email } = await someone()
    await withdrawConsent(ctx, 'GOOGLE_CONTACTS')
    await kith.runJobs()
    expect(askedOf(email)).toEqual([])
    expect(await contactsOf(ctx)).toMatchObject({ status: 'OFF', nextRunAt: null })
    expect(await countOf(ownerId)).toBe(0)
  })

  test('does not run without consent even where nobody has told it to stop', async () => {
    const { ctx, ownerId, stateId, email } = await someone()
    await withdrawConsent(ctx, 'GOOGLE_CONTACTS')
    for (const name of ['google-sync-contacts', 'google-photos']) await jobs.find((job) => job.name === name)!.run(ctx, { ownerId, entityId: stateId } as never)
    expect(askedOf(email)).toEqual([])
    expect(await refusalsOf(ownerId)).toEqual([['NO_CONSENT']])
  })

  test('that is at work when consent is withdrawn writes nothing more', async () => {
    const { ctx, ownerId, stateId } = await someone(5)
    kith.google.faults.add({ path: '/v1/people/me/connections', nth: 2, before: () => withdrawConsent(ctx, 'GOOGLE_CONTACTS') })
    await syncContacts(ctx, stateId, { pageSize: 2 })
    expect(await countOf(ownerId)).toBe(2)
  })

  test('[S-58] stops when its purpose becomes another, until its owner says yes to that', async () => {
    const { ctx } = await someone()
    clock.advance({ hours: 1 })
    await kith.app.database.pool.query(`INSERT INTO consent_purpose_changes VALUES ('GOOGLE_CONTACTS', $1, 'test')`, [toDate(clock.now())])
    clock.advance({ hours: 1 })
    await expireConsents(kith.app)
    await kith.runJobs()
    expect(await contactsOf(ctx)).toMatchObject({ status: 'OFF' })
    await giveConsent(ctx, 'GOOGLE_CONTACTS')
    await kith.runJobs()
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE' })
  })

  test('goes on where consent is given again and Google still lets Kith in', async () => {
    const { ctx, ownerId } = await someone()
    await withdrawConsent(ctx, 'GOOGLE_CONTACTS')
    await kith.runJobs()
    await giveConsent(ctx, 'GOOGLE_CONTACTS')
    await kith.runJobs()
    expect(await contactsOf(ctx)).toMatchObject({ status: 'IDLE' })
    expect(await countOf(ownerId)).toBe(3)
  })
})
