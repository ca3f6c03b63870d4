import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { consentOf, giveConsent, withdrawConsent } from '../../src/consent/service.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import type { Message } from '../../src/deliveries/mailer.ts'
import { type DeliveryKind, type MailKind, mailKinds } from '../../src/deliveries/mails.ts'
import { planDelivery } from '../../src/deliveries/service.ts'
import { rebuildUnsubscribes } from '../../src/deliveries/unsubscribe.ts'
import { inTransaction } from '../../src/events/service.ts'
import { toDate } from '../../src/core/clock.ts'
import { movableClock } from '../google/support.ts'
import type { Person } from '../support/app.ts'
import { befriend, done } from '../support/crm.ts'
import { type MailServer, startMailServer } from '../support/smtp.ts'
import { createMailer } from '../../src/deliveries/mailer.ts'
import { openBrowser, type WebApp, webApp } from '../support/web.ts'

const clock = movableClock()
const restricted = new Set<string>()
let kith: WebApp
let sent: Message[]
let server: MailServer
let planned = 0

beforeAll(async () => {
  server = await startMailServer()
  const smtp = createMailer({ smtpUrl: server.url, mailFrom: 'Kith <kith@example.test>', dataDir: '/nonexistent' }, clock)
  kith = await webApp({
    clock,
    mail: { send: async (message) => (sent.push(message), smtp.send(message)) },
    onCreate: (app) => Object.assign(app, { isRestricted: async ({ actor }: Ctx) => 'ownerId' in actor && restricted.has(actor.ownerId) }),
  })
})
afterAll(async () => {
  await kith.close()
  await server.close()
})
beforeEach(() => {
  sent = []
  server.taken.length = 0
  restricted.clear()
  clock.reset()
})

const plan = async (who: Person, kind: DeliveryKind) => {
  await inTransaction(who.ctx, (tx) =>
    planDelivery(tx, { kind, entityId: who.accountId, occurrenceAt: toDate(clock.now().add({ milliseconds: (planned += 1) })), subject: kind, text: 'Text\n' }),
  )
  await kith.runJobs()
}
const statesOf = async (who: Person) =>
  (await kith.app.database.prisma.delivery.findMany({ where: { ownerId: who.ownerId }, orderBy: { createdAt: 'asc' } })).map(({ state, lastError }) => [
    state,
    lastError,
  ])
const linkIn = (raw: string) => /^List-Unsubscribe:\s*<([^>]+)>/m.exec(raw)?.[1] ?? ''
const oneClick = (link: string, headers: Record<string, string> = {}) =>
  fetch(link, {
    method: 'POST',
    body: new URLSearchParams({ 'List-Unsubscribe': 'One-Click' }),
    redirect: 'manual',
    headers: { 'x-forwarded-for': `203.0.113.${(planned += 1)}`, ...headers },
  })

describe('[F-30] every kind of mail', () => {
  test('has a category, and what can be left has a list to leave', () => {
    for (const { category, list } of Object.values<MailKind>(mailKinds)) expect(list !== undefined).toBe(category === 'PRODUCT' || category === 'MARKETING')
    expect(mailKinds).toMatchObject({
      REMINDER: { category: 'TRANSACTIONAL' },
      FOLLOW_UP_ALERT: { category: 'TRANSACTIONAL' },
      DIGEST: { category: 'PRODUCT' },
      POLICY_NOTICE: { category: 'LEGAL' },
      NEWS: { category: 'MARKETING', purpose: 'MARKETING' },
    })
  })

  test('[F-31] that is marketing does not compile under another category or purpose, or without a way out', () => {
    // @ts-expect-error marketing rests on its own consent
    const otherPurpose: MailKind = { category: 'MARKETING', purpose: 'ACCOUNT', list: 'NEWS' }
    // @ts-expect-error what rests on the consent to marketing is marketing
    const otherCategory: MailKind = { category: 'TRANSACTIONAL', purpose: 'MARKETING' }
    // @ts-expect-error marketing can be left
    const noList: MailKind = { category: 'MARKETING', purpose: 'MARKETING' }
    const common = { messageId: '<x@example.test>', to: 'x@example.test', subject: 's', text: 't' }
    // @ts-expect-error a message that can be left says where
    const noLink: Message = { ...common, category: 'MARKETING' }
    // @ts-expect-error a message always says why it comes
    const noCategory: Message = common
    // @ts-expect-error a plan names a kind and cannot name a category
    const faked: Parameters<typeof planDelivery>[1] = { kind: 'NEWS', category: 'LEGAL', entityId: '', occurrenceAt: new Date(0), subject: '', text: '' }
    expect([otherPurpose, otherCategory, noList, noLink, noCategory, faked]).toHaveLength(6)
  })

  test('goes out under the category of its kind', async () => {
    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'MARKETING')
    for (const kind of Object.keys(mailKinds) as DeliveryKind[]) await plan(ada, kind)
    expect(sent.map(({ subject, category }) => [subject, category])).toEqual(Object.entries(mailKinds).map(([kind, { category }]) => [kind, category]))
    for (const { raw } of server.taken) {
      const leaves = /^Subject: (DIGEST|NEWS)\r$/m.test(raw)
      expect(raw.includes('List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n')).toBe(leaves)
      expect(raw.includes('To leave this list: http')).toBe(leaves)
    }
  })

  test('the digest and the alerts that people have set up go out as what they are', async () => {
    const ada = await kith.signUp({ timeZone: 'UTC' })
    await done(ada, 'accountUpdate', { input: { weeklyDigest: true, sendTime: '00:00' } })
    await done(ada, 'contactFollowUpSet', { id: await befriend(ada, 'Friend'), every: 'P1D' })
    await kith.runJobs()
    clock.advance({ hours: 8 * 24 })
    await kith.runJobs()
    expect(new Set(sent.map(({ category }) => category))).toEqual(new Set(['PRODUCT', 'TRANSACTIONAL']))
  })
})

describe('[S-16] marketing mail', () => {
  test('goes to nobody who has not consented, nor to who has withdrawn between the plan and the sending', async () => {
    const ada = await kith.signUp()
    await plan(ada, 'NEWS')
    await giveConsent(ada.ctx, 'MARKETING')
    await plan(ada, 'NEWS')
    await inTransaction(ada.ctx, (tx) =>
      planDelivery(tx, { kind: 'NEWS', entityId: ada.accountId, occurrenceAt: toDate(clock.now().add({ hours: 1 })), subject: 'late', text: '' }),
    )
    await withdrawConsent(ada.ctx, 'MARKETING')
    await kith.runJobs()
    expect(sent).toHaveLength(1)
    expect(await statesOf(ada)).toEqual([
      ['FAILED', 'NO_CONSENT'],
      ['SENT', null],
      ['FAILED', 'NO_CONSENT'],
    ])
  })

  test('[S-22] waits while the account is restricted, as reminders do; legal mail does not', async () => {
    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'MARKETING')
    restricted.add(ada.ownerId)
    for (const kind of ['NEWS', 'REMINDER', 'POLICY_NOTICE'] as const) await plan(ada, kind)
    expect(sent.map(({ subject }) => subject)).toEqual(['POLICY_NOTICE'])
    restricted.clear()
    clock.advance({ hours: 7 })
    await kith.runJobs()
    expect(sent.map(({ subject }) => subject).toSorted()).toEqual(['NEWS', 'POLICY_NOTICE', 'REMINDER'])
  })
})

describe('[F-31] one-click unsubscribe', () => {
  const newsLink = async (who: Person) => {
    await giveConsent(who.ctx, 'MARKETING')
    await plan(who, 'NEWS')
    return linkIn(server.taken.findLast(({ to, raw }) => to.includes(who.email) && raw.includes('Subject: NEWS'))?.raw ?? '')
  }
  const marketing = async (who: Person) => (await consentOf(who.ctx, 'MARKETING')).state

  test('ends the mails without signing in, without a cookie and without a redirect', async () => {
    const ada = await kith.signUp()
    const answer = await oneClick(await newsLink(ada))
    expect([answer.status, answer.headers.getSetCookie()]).toEqual([200, []])
    expect(await marketing(ada)).toBe('WITHDRAWN')
    await plan(ada, 'NEWS')
    expect(sent).toHaveLength(1)
  })

  test('works once and for ever: from an old mail too, again after another yes, and after the directory was made anew', async () => {
    const ada = await kith.signUp()
    const link = await newsLink(ada)
    await oneClick(link)
    await oneClick(link)
    expect(await marketing(ada)).toBe('WITHDRAWN')
    clock.advance({ hours: 24 * 400 })
    expect(await newsLink(ada)).toBe(link)
    await kith.app.database.pool.query('TRUNCATE directory_unsubscribes')
    await rebuildUnsubscribes(kith.app)
    await oneClick(link)
    expect(await marketing(ada)).toBe('WITHDRAWN')
  })

  test('of a digest ends the digest and nothing else', async () => {
    const ada = await kith.signUp()
    await giveConsent(ada.ctx, 'MARKETING')
    await done(ada, 'accountUpdate', { input: { weeklyDigest: true } })
    await plan(ada, 'DIGEST')
    await oneClick(linkIn(server.taken.at(-1)?.raw ?? ''))
    expect(await kith.app.database.prisma.account.findUnique({ where: { ownerId: ada.ownerId } })).toMatchObject({ weeklyDigest: false })
    expect(await marketing(ada)).toBe('GIVEN')
  })

  test('does nothing when the link is only looked at, as programs that look after links do', async () => {
    const ada = await kith.signUp()
    const link = await newsLink(ada)
    const looked = await openBrowser(kith.origin).open(link)
    expect(await looked.text()).toContain('<form method="post">')
    await fetch(link, { method: 'HEAD' })
    expect(await marketing(ada)).toBe('GIVEN')
    expect((await openBrowser(kith.origin).submit(new URL(link).pathname, {})).status).toBe(200)
    expect(await marketing(ada)).toBe('WITHDRAWN')
  })

  test('tells nobody whether a link is somebody’s', async () => {
    const ada = await kith.signUp()
    const link = await newsLink(ada)
    const [right, wrong] = await Promise.all([oneClick(link), oneClick(link.slice(0, -3) + 'abc')])
    expect([wrong.status, await wrong.text()]).toEqual([right.status, await right.text()])
    expect(link).not.toContain(ada.ownerId)
  })
})
