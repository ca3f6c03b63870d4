import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { grantRole } from '../../src/privacy/roles.ts'
import { officers } from '../../src/privacy/service.ts'
import { words } from '../../src/privacyCentre/words/words.ts'
import { codeIn, signedInAgain } from '../privacy/support.ts'
import type { Person } from '../support/app.ts'
import { befriend, contactOf, rowIdOf } from '../support/crm.ts'
import { type Browser, webApp } from '../support/web.ts'
import { browserOf, hidden, type Kith, look, send } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
const { intake, requests, names } = words.en
let kith: Kith
let browser: Browser
let ada: Person
let olga: Person
let mail: string
let people = 0

beforeAll(async () => {
  kith = Object.assign(await webApp({ clock }), { clock })
  olga = await kith.signUp()
  await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 24 * 30 })
  browser = browserOf(kith)
  ada = await kith.signUp()
  olga = await signedInAgain(kith, olga)
  mail = `asker${(people += 1)}@example.test`
})

const ask = async (who: 'AGENT' | 'GUARDIAN', type: string, form: Record<string, string>) => {
  const page = await look(browser, `/privacy/requests/new?type=${type}&for=${who}`)
  return send(browser, '/privacy/requests/new', {
    type,
    key: hidden(page, 'key'),
    requester: hidden(page, 'requester'),
    address: mail,
    regime: 'GDPR',
    ...form,
  })
}
const proveBy = async (page: { text: string }, level: number, method: string) =>
  officers.proveByOfficer(olga.ctx, hidden(page as never, 'token').split('.')[0] ?? '', { level, method })
/** What differs between any two pages. */
const comparable = (text: string) => text.replaceAll(/nonce="[^"]*"|'nonce-[^']*'|value="[^"]{20,}"|<code>\w{8}<\/code>/g, '').replaceAll(/token=[\w.-]+/g, '')

describe('whoever asks for somebody else', () => {
  test('[S-24] [S-56] says so first, and is told on the form what it takes; a child is asked for by a guardian alone', async () => {
    const start = await look(browser, '/privacy/requests/new')
    for (const who of ['AGENT', 'GUARDIAN'] as const) {
      expect(start.text).toContain(`/privacy/requests/new?for=${who}`)
      const choice = await look(browser, `/privacy/requests/new?for=${who}`)
      expect(choice.text).toContain(`type=ACCESS&amp;for=${who}`)
      const form = await look(browser, `/privacy/requests/new?type=ACCESS&for=${who}`)
      expect(hidden(form, 'requester')).toBe(who)
      for (const said of [intake.theirs[who], intake.next[who], intake.yourAddress]) expect(form.text).toContain(said.replaceAll("'", '&#39;'))
    }
    expect(hidden(await look(browser, '/privacy/requests/new?type=MINOR_ERASURE'), 'requester')).toBe('GUARDIAN')
    expect(hidden(await look(browser, '/privacy/requests/new?type=MINOR_ERASURE&for=AGENT'), 'requester')).toBe('GUARDIAN')
    expect(hidden(await look(browser, '/privacy/requests/new?type=ACCESS&for=KING'), 'requester')).toBe('SELF')
    // What is asked from an account is about that account.
    expect((await look(browserOf(kith, ada), '/privacy/requests/new?type=ACCESS&for=AGENT')).text).not.toContain('name="requester"')
  })

  test('[S-24] an agent proves their own address, and nothing happens until an officer has seen the permission', async () => {
    const contact = await befriend(ada, 'Grace', { emails: [{ address: `grace-${mail}` }] })
    await kith.runJobs()
    const filed = await ask('AGENT', 'ERASURE', { identifiers: `grace-${mail}`, text: 'I am her lawyer.', delayHours: '0' })
    await kith.runJobs()
    const proven = await send(browser, '/privacy/requests/follow', { token: hidden(filed, 'token'), do: 'verify', code: codeIn(kith, mail) })
    expect(proven.text).toContain(requests.officerProof)
    await kith.runJobs()
    expect(await contactOf(ada, contact)).not.toBeNull()
    const asked = await proveBy(filed, 4, 'SIGNED_DECLARATION')
    expect(asked.state).toBe('AWAITING_IDENTITY')
    expect((await proveBy(filed, 5, 'SIGNED_PERMISSION')).state).toBe('IN_ASSESSMENT')
    // Whether it is known who asks is one thing; whether it is granted an officer decides.
    expect(await contactOf(ada, contact)).not.toBeNull()
  })

  test('[S-55] [S-56] a guardian is asked for a signed declaration; then the child is out of reach at once, and the letters say nothing of it', async () => {
    const child = await befriend(ada, 'Little One', { emails: [{ address: `little-${mail}` }] })
    await kith.runJobs()
    const filed = await ask('GUARDIAN', 'MINOR_ERASURE', { identifiers: ` \nLittle-${mail}\n` })
    expect(filed.text).toContain(names.states.AWAITING_IDENTITY)
    expect(await contactOf(ada, child)).not.toBeNull()
    expect((await proveBy(filed, 4, 'SIGNED_DECLARATION')).state).toBe('APPROVED')
    expect(await contactOf(ada, child)).toBeNull()
    await kith.runJobs()
    const letters = kith.mails.filter(({ to }) => to === mail).map(({ subject, text }) => subject + text)
    expect(letters.length).toBeGreaterThan(0)
    for (const secret of ['Little', ada.email, ada.ownerId]) expect(letters.join()).not.toContain(secret)
  })

  test('[S-24] gets the form back when it is not said of whom, and may say so in either language', async () => {
    for (const identifiers of ['', '  \n ', 'somebody']) {
      const page = await ask('AGENT', 'ACCESS', { identifiers })
      expect(page.status).toBe(422)
      expect(page.text).toContain(intake.noTheirs)
      expect(page.text).toContain('id="identifiers-error"')
      expect(hidden(page, 'requester')).toBe('AGENT')
    }
    const german = await send(browser, '/privacy/requests/new?lang=de', {
      type: 'ACCESS',
      requester: 'GUARDIAN',
      address: mail,
      regime: 'GDPR',
      key: 'k'.repeat(20),
    })
    expect([german.status, german.text.includes(words.de.intake.noTheirs)]).toEqual([422, true])
  })

  test('[S-24] is read the same, and written the same, whether or not anything is held', async () => {
    const known = `known-${mail}`
    await befriend(ada, 'Known', { emails: [{ address: known }] })
    await kith.runJobs()
    for (const who of ['AGENT', 'GUARDIAN'] as const) {
      const seen: string[] = []
      for (const address of [known, `nobody-${mail}`]) {
        const asker = `${who.toLowerCase()}-of-${address}`
        const page = await ask(who, 'ACCESS', { identifiers: address, address: asker })
        await kith.runJobs()
        const letters = kith.mails.filter(({ to }) => to === asker).map(({ subject, text }) => `${subject}\n${text}`)
        seen.push([comparable(page.text), ...letters.map((letter) => letter.replaceAll(/token=[\w.-]+|\(\w{8}\)|\d{8}/g, '')).toSorted()].join('\n'))
      }
      expect(seen[0]).toBe(seen[1])
    }
  })

  test('[F-46] cannot be made to ask by another site, nor as often as they like', async () => {
    const form = { type: 'MINOR_ERASURE', requester: 'GUARDIAN', address: mail, identifiers: mail, regime: 'GDPR', key: 'k'.repeat(20) }
    const foreign = await browser.submit('/privacy/requests/new', form, { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
    const answers = await Promise.all(Array.from({ length: 62 }, () => browser.submit('/privacy/children', {})))
    expect(answers.map(({ status }) => status)).toContain(429)
  })
})

describe('data of a child', () => {
  test('[S-55] the owner of an address book looks for the contact and reports it; it is gone at once, and no one else’s is found', async () => {
    const child = await befriend(ada, 'Kim 100% Young')
    await befriend(ada, 'Somebody Else')
    const bea = await kith.signUp()
    const theirs = await befriend(bea, 'Kim Theirs')
    const own = browserOf(kith, ada)
    expect((await look(own, '/privacy/children?name=%25')).text).toContain('Kim 100% Young')
    expect((await look(own, '/privacy/children?name=%25')).text).not.toContain('Somebody Else')
    const found = await look(own, '/privacy/children?name=kim')
    expect(found.text).toContain('Kim 100% Young')
    for (const other of ['Kim Theirs', 'Somebody Else']) expect(found.text).not.toContain(other)
    expect((await own.submit('/privacy/children', { contact: rowIdOf(theirs) })).status).toBe(404)
    expect(await contactOf(bea, theirs)).not.toBeNull()
    const reported = await send(own, '/privacy/children', { contact: rowIdOf(child) })
    expect(reported.text).toContain(intake.children.reported)
    expect(await contactOf(ada, child)).toBeNull()
    expect((await look(own, '/privacy/children?name=kim')).text).toContain(intake.children.none)
  })

  test('[S-55] an account is reported by officers alone, and lets nobody in from then on', async () => {
    const own = browserOf(kith, ada)
    const bea = await kith.signUp()
    expect((await look(own, '/privacy/children')).text).not.toContain('name="account"')
    expect((await own.submit('/privacy/children', { account: bea.email })).status).toBe(404)
    expect((await browser.submit('/privacy/children', { account: bea.email })).status).toBe(401)
    expect((await kith.graphql('{ viewer { id } }', {}, { headers: bea.browser })).status).toBe(200)
    const office = browserOf(kith, olga)
    const wrong = await send(office, '/privacy/children', { account: 'nobody-here@example.test' })
    expect([wrong.status, wrong.text.includes(intake.children.noAccount)]).toEqual([422, true])
    expect((await send(office, '/privacy/children', { account: bea.email })).text).toContain(intake.children.reported)
    expect((await kith.graphql('{ viewer { id } }', {}, { headers: bea.browser })).status).toBe(401)
  })
})
