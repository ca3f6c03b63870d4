import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { startSession } from '../../src/accounts/sessions.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { cookieName } from '../../src/http/cookies.ts'
import type { Person } from '../support/app.ts'
import { befriend } from '../support/crm.ts'
import { type Browser, locationOf, webApp } from '../support/web.ts'
import { browserOf, hidden, type Kith, look, send } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person
let browser: Browser

beforeAll(async () => {
  kith = Object.assign(await webApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 24 * 30 })
  ada = await kith.signUp()
  browser = browserOf(kith, ada)
})

const submit = (type: string, form: Record<string, string> = {}) => send(browser, '/privacy/requests/new', { type, regime: 'GDPR', ...form })
const own = async (): Promise<string> => (await look(browser, '/privacy/requests')).text
const firstId = async (): Promise<string> => /\/privacy\/requests\/([0-9a-f-]{36})/.exec(await own())?.[1] ?? expect.fail('There is no request.')
const signInAgain = async (): Promise<void> => {
  const { secret } = await startSession(kith.app, ada.ownerId, { userAgent: null })
  browser.cookies.set(cookieName(kith.app, 'session'), secret)
}

describe('the holder of an account, with nothing but forms', () => {
  test('[S-21] [S-24] asks for deletion, calls it back within the time they chose, and everything is as before', async () => {
    const asked = await submit('ERASURE', { delayHours: '48' })
    expect(asked.text).toContain('The deletion can still be called back')
    expect(asked.text).toContain('3 July 2026')
    await kith.runJobs()
    clock.advance({ hours: 47 })
    // The account is out of use by now: the request is called back by its own link.
    const back = await send(browserOf(kith), '/privacy/requests/follow', { token: hidden(asked, 'token'), do: 'withdraw' })
    expect(back.text).toContain('<strong>withdrawn</strong>')
    clock.advance({ hours: 48 })
    await kith.runJobs()
    await signInAgain()
    expect((await look(browser, '/privacy/data')).status).toBe(200)
    expect(await own()).toContain('withdrawn')
  })

  test('[S-21] calls a deletion back although the account is out of use and nobody can sign in to it', async () => {
    const asked = await submit('ERASURE', { delayHours: '24' })
    const token = hidden(asked, 'token')
    await kith.app.database.pool.query('UPDATE accounts SET "quarantinedAt" = now() WHERE "ownerId" = $1', [ada.ownerId])
    const back = await send(browserOf(kith), '/privacy/requests/follow', { token, do: 'withdraw' })
    expect(back.text).toContain('<strong>withdrawn</strong>')
  })

  test('[F-27] [S-24] is asked to sign in once more before a request of theirs goes on, and then confirms it', async () => {
    clock.advance({ minutes: 11 })
    const asked = await submit('RESTRICTION')
    expect(asked.text).toContain('Confirm the request')
    const here = `/privacy/requests/${await firstId()}`
    const early = await browser.submit(here, { do: 'confirm' })
    expect(early.status).toBe(403)
    expect(await early.text()).toContain(`/auth/google?return=${encodeURIComponent(here)}`)
    await signInAgain()
    expect((await send(browser, here, { do: 'confirm' })).text).toContain('<strong>approved</strong>')
  })

  test('[S-25] is told what was refused, on which ground, and where to complain', async () => {
    const denied = await submit('OBJECTION', { purpose: 'CRM', text: 'Stop.' })
    expect(denied.text).toContain('<strong>refused</strong>')
    expect(denied.text).toContain('this right does not exist for data held on this ground')
    expect(denied.text).toContain('You can complain to the data protection authority')
    expect((await submit('OBJECTION')).status).toBe(422)
  })

  test('[S-19] [S-23] fetches the file by a link that is made for them, after signing in again where that is needed', async () => {
    await submit('COMPLAINT', { text: 'A question.' })
    const id = await firstId()
    await kith.app.database.pool.query(`UPDATE privacy_requests SET state = 'AWAITING_DOWNLOAD' WHERE id = $1`, [id])
    const { downloads } = kith.app
    Object.assign(kith.app, { downloads: null })
    expect((await look(browser, `/privacy/requests/${id}`)).text).toContain('Write to the controller')
    const made: string[] = []
    const link = async (_ctx: unknown, requestId: string) => {
      made.push(requestId)
      return { url: `${kith.origin}/privacy/archives/secret` }
    }
    Object.assign(kith.app, { downloads: { link, sendCode: async () => {}, linkByCode: link } })
    expect((await look(browser, `/privacy/requests/${id}`)).text).toContain('Fetch the file')
    expect(locationOf(await browser.submit(`/privacy/requests/${id}`, { do: 'download' }))).toBe(`${kith.origin}/privacy/archives/secret`)
    expect(made).toEqual([id])
    const bea = browserOf(kith, await kith.signUp())
    expect((await bea.submit(`/privacy/requests/${id}`, { do: 'download' })).status).toBe(404)
    expect(made).toEqual([id])
    Object.assign(kith.app, { downloads })
  })

  test('[F-46] sees and touches no request of anybody else', async () => {
    await submit('RECTIFICATION', { text: 'My name is misspelled.' })
    const id = await firstId()
    const bea = browserOf(kith, await kith.signUp())
    expect((await look(bea, `/privacy/requests/${id}`)).status).toBe(404)
    for (const what of ['withdraw', 'confirm', 'download', 'x']) expect((await bea.submit(`/privacy/requests/${id}`, { do: what })).status).toBe(404)
    expect((await look(bea, '/privacy/requests')).text).not.toContain(id)
    expect(await own()).toContain('being assessed')
    const foreign = await browser.submit(`/privacy/requests/${id}`, { do: 'withdraw' }, { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
    expect(await own()).toContain('being assessed')
  })

  test('[F-27] is asked to sign in on every page that is about an account, and comes back to it', async () => {
    const stranger = browserOf(kith)
    for (const path of ['/privacy/requests', '/privacy/consents', '/privacy/officer', `/privacy/requests/${crypto.randomUUID()}`]) {
      const page = await look(stranger, path)
      expect(page.status).toBe(401)
      expect(page.text).toContain(`/auth/google?return=${encodeURIComponent(path)}`)
    }
  })
})

describe('what is held about somebody', () => {
  test('[S-02] [S-33] is counted from the declarations: kinds, purposes, grounds, sources, periods', async () => {
    await befriend(ada, 'Grace', { emails: [{ address: 'grace@example.test' }, { address: 'hopper@example.test' }] })
    await befriend(await kith.signUp(), 'Stranger', { emails: [{ address: 'stranger@example.test' }] })
    const { text } = await look(browser, '/privacy/data')
    const rows = Object.fromEntries(
      [...text.matchAll(/<th scope="row">([^<]*)<\/th>\s*<td>([^<]*)<\/td>\s*<td>([^<]*)<\/td>/g)].map(([, about, count, kept]) => [about, [count, kept]]),
    )
    expect(rows['An e-mail address of a contact.']).toEqual(['2', 'as long as your account is there'])
    expect(rows['A person or organisation of the owner’s address book.']?.[0]).toBe('1')
    expect(rows['A browser that is signed in.']?.[0]).toBe('1')
    expect(rows['Addresses and numbers']?.[1]).toContain('contract')
    expect(text).toContain('Germany, France')
    expect(text).not.toContain('grace@example.test')
    const requested = await submit('COMPLAINT', { text: 'x y z' })
    expect(requested.status).toBe(200)
    const after = (await look(browser, '/privacy/data')).text
    expect(after).toMatch(/What somebody asked of their data[^<]*<\/th>\s*<td>1</)
    // What hangs on the request is theirs too, though the controller owns it.
    expect(after).toMatch(/Each thing that happened to a request[^<]*<\/th>\s*<td>[1-9]/)
  })

  test('[S-24] is told to nobody who has no account, only the way to ask', async () => {
    const { text, status } = await look(browserOf(kith), '/privacy/data')
    expect(status).toBe(200)
    expect(text).toContain('/privacy/requests/new?type=ACCESS_CATEGORIES')
    expect(text).not.toContain('<table')
  })
})

describe('consents', () => {
  test('[S-16] [S-51] [S-46] are given and taken back with one press each, and hold and end at once; each has receipts', async () => {
    const given = await send(browser, '/privacy/consents?lang=de', { purpose: 'MARKETING', decision: 'give' })
    expect(given.text).toContain('Das ist aufgeschrieben')
    expect(given.text).toMatch(/Stand:\s*<strong>erteilt<\/strong>/)
    const taken = await send(browser, '/privacy/consents', { purpose: 'MARKETING', decision: 'withdraw' })
    expect(taken.text).toMatch(/<strong>withdrawn<\/strong>/)
    const receipts = [...taken.text.matchAll(/href="(\/privacy\/consents\/[0-9a-f-]+\/receipt\?[^"]*)"/g)].map(([, path]) =>
      (path ?? '').replaceAll('&amp;', '&'),
    )
    expect(receipts).toHaveLength(6)
    const [iso] = receipts
    const receipt = await look(browser, iso!)
    expect(receipt.headers.get('content-disposition')).toContain('attachment')
    expect(JSON.parse(receipt.text)).toMatchObject({
      event: { event_state: 'WITHDRAWN' },
      processing: { language: 'en', privacy_notice: { url: `${kith.origin}/privacy/policy` } },
    })
    expect((await look(browser, receipts[2]!)).text).toMatch(/^[\w-]+\.[\w-]+\.[\w-]+$/)
    expect((await look(browserOf(kith, await kith.signUp()), iso!)).status).toBe(404)
  })

  test('[S-49] that take two steps take two, and those that are asked of a browser or rest on no consent cannot be given here', async () => {
    const once = await send(browser, '/privacy/consents', { purpose: 'SALE_OR_SHARING', decision: 'give' })
    expect(once.text).toContain('<strong>asked, not given</strong>')
    const twice = await send(browser, '/privacy/consents', { purpose: 'SALE_OR_SHARING', decision: 'give' })
    expect(twice.text).not.toContain('<strong>asked, not given</strong>')
    for (const purpose of ['ANALYTICAL_COOKIES', 'nothing', ''])
      expect((await browser.submit('/privacy/consents', { purpose, decision: 'give' })).status).toBe(404)
    expect((await browser.submit('/privacy/consents', { purpose: 'CRM', decision: 'give' })).status).toBe(422)
  })
})
