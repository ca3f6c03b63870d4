import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { codeIn } from '../privacy/support.ts'
import { befriend } from '../support/crm.ts'
import { type Browser, webApp } from '../support/web.ts'
import { browserOf, hidden, type Kith, linkIn, look, send } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
const logged: string[] = []
let kith: Kith
let browser: Browser
let mail: string
let people = 0

beforeAll(async () => {
  const { pino } = await import('pino')
  kith = Object.assign(await webApp({ clock, log: pino({ level: 'trace' }, { write: (line: string) => void logged.push(line) }) }), { clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.advance({ hours: 24 * 30 })
  browser = browserOf(kith)
  mail = `stranger${(people += 1)}@example.test`
})

const path = '/privacy/requests/follow'
/** Fills in the form and sends it; gives the page that it leads to. */
const ask = async (type: string, form: Record<string, string> = {}) => {
  const page = await look(browser, `/privacy/requests/new?type=${type}`)
  return send(browser, '/privacy/requests/new', { type, key: hidden(page, 'key'), address: mail, requester: 'SELF', regime: 'GDPR', ...form })
}
const press = async (page: { text: string }, what: string, more: Record<string, string> = {}) =>
  send(browser, path, { token: hidden(page as never, 'token'), do: what, ...more })

describe('somebody without an account, with nothing but forms', () => {
  test('[F-45] [S-24] asks, proves their address by the code of the letter, and follows the link of the letter to the end', async () => {
    const ada = await kith.signUp()
    await befriend(ada, 'Gracie', { emails: [{ address: mail }] })
    const filed = await ask('RESTRICTION')
    expect(filed.status).toBe(200)
    expect(filed.text).toContain('waiting for proof of who asks')
    await kith.runJobs()
    const followed = await look(browserOf(kith), linkIn(kith, mail))
    expect(followed.text).toContain('Prove that the address is yours')
    const wrong = await press(followed, 'verify', { code: '00000000' })
    expect([wrong.status, wrong.text.includes('That code is not right')]).toEqual([422, true])
    const proven = await press(followed, 'verify', { code: ` ${codeIn(kith, mail)} ` })
    expect(proven.text).toContain('<strong>approved</strong>')
    await kith.runJobs()
    const done = await look(browser, linkIn(kith, mail))
    expect(done.text).toContain('<strong>completed</strong>')
    expect(done.text).not.toContain('value="withdraw"')
  })

  test('[S-24] has another code sent, three in all, and is told when there are no more', async () => {
    const filed = await ask('RESTRICTION')
    await kith.runJobs()
    const first = codeIn(kith, mail)
    for (const status of [200, 200, 422]) expect((await press(filed, 'code')).status).toBe(status)
    await kith.runJobs()
    expect(codeIn(kith, mail)).not.toBe(first)
    expect((await press(filed, 'verify', { code: codeIn(kith, mail) })).text).toContain('<strong>approved</strong>')
  })

  test('[S-24] takes the request back by the link alone', async () => {
    const filed = await ask('ERASURE', { delayHours: '24' })
    const gone = await press(filed, 'withdraw')
    expect(gone.text).toContain('<strong>withdrawn</strong>')
  })

  test('[S-24] sends the same form twice and has made one request', async () => {
    const page = await look(browser, '/privacy/requests/new?type=COMPLAINT')
    const form = { type: 'COMPLAINT', key: hidden(page, 'key'), address: mail, requester: 'SELF', regime: 'GDPR', text: 'Why?' }
    const answers = [await browser.submit('/privacy/requests/new', form), await browser.submit('/privacy/requests/new', form)]
    expect(answers[0]?.headers.get('location')).toBe(answers[1]?.headers.get('location'))
  })

  test('[S-24] gets the form back with what was typed, and what is wrong with it, in their language', async () => {
    const page = await send(browser, '/privacy/requests/new?lang=de', {
      type: 'ACCESS',
      address: '<b>nowhere',
      key: '0123456789abcdef',
      regime: 'GDPR',
      text: '</textarea><i>',
    })
    expect(page.status).toBe(422)
    expect(page.text).toContain('Bitte eine E-Mail-Adresse angeben.')
    expect(page.text).toContain('aria-invalid="true"')
    expect(page.text).toContain('&lt;b&gt;nowhere')
    expect(page.text).not.toContain('<b>nowhere')
    expect(page.text).not.toContain('</textarea><i>')
  })

  test('[S-24] is read the same whether or not anything is held', async () => {
    const ada = await kith.signUp()
    await befriend(ada, 'Known', { emails: [{ address: mail }] })
    await kith.runJobs()
    const known = await ask('ACCESS_CATEGORIES')
    mail = `nobody${people}@example.test`
    const unknown = await ask('ACCESS_CATEGORIES')
    const comparable = (text: string) =>
      text.replaceAll(/nonce="[^"]*"|'nonce-[^']*'|value="[^"]{40,}"|<code>\w{8}<\/code>/g, '').replaceAll(/token=[\w.-]+/g, '')
    expect(comparable(known.text)).toBe(comparable(unknown.text))
  })

  test('[S-19] [S-23] fetches the file by a code of its own, where the server hands files out', async () => {
    const calls: unknown[][] = []
    const downloads = {
      link: async () => ({ url: 'never' }),
      sendCode: async (_ctx: unknown, token: string) => void calls.push(['sendCode', token]),
      linkByCode: async (_ctx: unknown, token: string, code: string) => {
        calls.push(['linkByCode', token, code])
        return { url: `${kith.origin}/privacy/policy` }
      },
    }
    const filed = await ask('ACCESS_CATEGORIES')
    const token = hidden(filed, 'token')
    await kith.app.database.pool.query(`UPDATE privacy_requests SET state = 'AWAITING_DOWNLOAD' WHERE id = $1`, [token.split('.')[0]])
    const { downloads: real } = kith.app
    Object.assign(kith.app, { downloads: null })
    expect((await look(browser, `${path}?token=${token}`)).text).toContain('Write to the controller')
    Object.assign(kith.app, { downloads })
    expect((await press(filed, 'download code')).text).toContain('another code is on its way')
    const answer = await browser.submit(path, { token, do: 'download', code: '1234 5678' })
    expect([answer.status, answer.headers.get('location')]).toEqual([303, `${kith.origin}/privacy/policy`])
    expect(calls).toEqual([
      ['sendCode', token],
      ['linkByCode', token, '12345678'],
    ])
    Object.assign(kith.app, { downloads: real })
  })
})

describe('the link of a letter', () => {
  test('[F-25] [F-26] stands in no Referer, no log and no cache, and another site cannot use its form', async () => {
    const filed = await ask('RESTRICTION')
    const token = hidden(filed, 'token')
    const page = await look(browser, `${path}?token=${token}`)
    expect(page.headers.get('referrer-policy')).toBe('strict-origin')
    expect(page.headers.get('cache-control')).toBe('no-store')
    expect(logged.join()).toContain('A request was answered')
    expect(logged.join()).not.toContain(token)
    const foreign = await browser.submit(path, { token, do: 'withdraw' }, { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' })
    expect(foreign.status).toBe(403)
    expect((await look(browser, `${path}?token=${token}`)).text).toContain('waiting for proof')
  })

  test('[S-24] that is not ours leads to a page that says so, whatever was in it', async () => {
    for (const token of ['', 'x', '<script>alert(1)</script>', `${crypto.randomUUID()}.AAAA`]) {
      const page = await look(browser, `${path}?token=${encodeURIComponent(token)}`)
      expect(page.status).toBe(404)
      expect(page.text).not.toContain('<script>alert')
    }
  })

  test('[F-46] is tried too often from one address, and that is stopped', async () => {
    const tries = await Promise.all(Array.from({ length: 61 }, () => browser.submit(path, { token: 'x', do: 'verify', code: '1' })))
    const statuses = tries.map(({ status }) => status)
    expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
    expect(statuses.every((status) => status === 429 || status === 404)).toBe(true)
  })
})
