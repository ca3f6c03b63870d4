import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { policies } from '../../src/domains.ts'
import type { LegalBasis } from '../../src/policy/policy.ts'
import { canObjectTo, isOpenTo, reachOf } from '../../src/privacy/rights.ts'
import { consentOf, giveConsent } from '../../src/consent/service.ts'
import { isRestricted } from '../../src/privacy/service.ts'
import { type RequestType, requestTypes } from '../../src/privacy/vocabulary.ts'
import { testApp } from '../support/app.ts'
import { type Kith, submit } from './support.ts'

/** From the Data Privacy Vocabulary's table of bases and rights, by articles: 15 access, 16 rectification, 17 erasure, 18 restriction, 20 portability, 21 objection, 22 automated decisions. */
const articles: Record<LegalBasis, number[]> = {
  CONSENT: [15, 16, 17, 18, 20, 22],
  CONTRACT: [15, 16, 17, 18, 20, 22],
  LEGITIMATE_INTEREST: [15, 16, 17, 18, 21, 22],
  LEGAL_OBLIGATION: [15, 16, 18],
}
const articleOf: Partial<Record<RequestType, number>> = {
  ACCESS: 15,
  ACCESS_CATEGORIES: 15,
  RECTIFICATION: 16,
  ERASURE: 17,
  MINOR_ERASURE: 17,
  RESTRICTION: 18,
  PORTABILITY: 20,
  OBJECTION: 21,
  AUTOMATED_DECISION_REVIEW: 22,
}

describe.each(Object.keys(articles) as LegalBasis[])('%s', (basis) => {
  test.each(requestTypes)('[S-15] [S-17] opens %s as the table of bases and rights says', (type) => {
    const article = articleOf[type]
    // Complaints and California's opt-outs are open whatever the basis.
    expect(isOpenTo(basis, type)).toBe(article === undefined || articles[basis].includes(article))
  })
})

test('[S-15] what a request reaches follows from what each column is declared to rest on, and every column is told', () => {
  for (const type of requestTypes) {
    const { open, closed } = reachOf(policies, type)
    expect(open.length + closed.length).toBeGreaterThan(100)
    for (const { basis } of closed) expect(isOpenTo(basis, type)).toBe(false)
  }
  expect(reachOf(policies, 'ACCESS').closed).toEqual([])
  const names = (list: { model: string; column: string }[]) => list.map(({ model, column }) => `${model}.${column}`)
  expect(names(reachOf(policies, 'PORTABILITY').closed)).toContain('Event.actor')
  expect(names(reachOf(policies, 'PORTABILITY').open)).toContain('Note.body')
  expect(names(reachOf(policies, 'ERASURE').closed)).toContain('PrivacyRequest.type')
  expect(names(reachOf(policies, 'ERASURE').open)).toContain('Contact.displayName')
})

describe('an objection', () => {
  const clock = fixedClock('2026-06-01T10:00:00Z')
  let kith: Kith
  beforeAll(async () => {
    kith = Object.assign(await testApp({ clock }), { clock })
  })
  afterAll(() => kith.close())

  test('[S-17] to a use in a legitimate interest stops it at once, and is weighed afterwards', async () => {
    const ada = await kith.signUp()
    expect(canObjectTo(policies, 'SECURITY')).toBe(true)
    const request = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    expect(request.state).toBe('IN_ASSESSMENT')
    expect(await isRestricted(ada.ctx)).toBe(true)
  })

  test('[S-17] to marketing is absolute: granted at once, with nothing to weigh, and the consent to it has ended', async () => {
    const ada = await kith.signUp()
    for (const purpose of ['MARKETING', 'GOOGLE_GMAIL']) await giveConsent(ada.ctx, purpose)
    const request = await submit(kith, ada, { type: 'OBJECTION', purpose: 'MARKETING' })
    expect(request.state).toBe('APPROVED')
    await kith.runJobs()
    expect(await consentOf(ada.ctx, 'MARKETING')).toMatchObject({ state: 'WITHDRAWN' })
    expect(await consentOf(ada.ctx, 'GOOGLE_GMAIL')).toMatchObject({ state: 'GIVEN' })
    await expect(kith.app.withPurpose(ada.ctx, { purpose: 'MARKETING', models: ['Account'] }, async () => 'mailed')).rejects.toThrow(/NO_CONSENT/)
    expect(await isRestricted(ada.ctx)).toBe(false)
  })

  test('[S-17] to a use in a legitimate interest leaves the consent to marketing as it was', async () => {
    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'MARKETING')
    await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    await kith.runJobs()
    expect(await consentOf(ada.ctx, 'MARKETING')).toMatchObject({ state: 'GIVEN' })
  })

  test('[S-15] to what a contract needs is refused with what one can do instead, and stops nothing', async () => {
    const ada = await kith.signUp()
    const request = await submit(kith, ada, { type: 'OBJECTION', purpose: 'CRM' })
    expect(request).toMatchObject({
      state: 'DENIED',
      events: expect.arrayContaining([expect.objectContaining({ reasonCode: 'NOT_APPLICABLE_TO_BASIS' })]) as object,
    })
    expect(await isRestricted(ada.ctx)).toBe(false)
    await kith.runJobs()
    expect(kith.mails.findLast(({ to }) => to === ada.email)?.text).toMatch(/withdrawn[\s\S]*complain[\s\S]*court/)
  })

  test('[S-17] waiting for proof stops nothing yet', async () => {
    const ada = await kith.signUp()
    clock.advance({ minutes: 11 })
    expect((await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })).state).toBe('AWAITING_IDENTITY')
    expect(await isRestricted(ada.ctx)).toBe(false)
  })
})

test('[S-49] a request not to sell or share is a no in the account’s ledger, also to what was said yes to', async () => {
  const kith = await testApp({ clock: fixedClock('2026-06-01T10:00:00Z') })
  try {
    const ada = await kith.signUp()
    for (let step = 0; step < 2; step += 1) await giveConsent(ada.ctx, 'SALE_OR_SHARING')
    expect((await submit(kith, ada, { type: 'OPT_OUT_SALE_SHARING' })).state).toBe('APPROVED')
    await kith.runJobs()
    expect(await consentOf(ada.ctx, 'SALE_OR_SHARING')).toMatchObject({ state: 'WITHDRAWN' })
  } finally {
    await kith.close()
  }
})
