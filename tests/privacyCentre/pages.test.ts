import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { cookieName } from '../../src/http/cookies.ts'
import { draftPolicy, publishPolicy } from '../../src/policies/service.ts'
import { words } from '../../src/privacyCentre/words/words.ts'
import { type Browser, webApp } from '../support/web.ts'
import { browserOf, type Kith, look, send } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
const logged: string[] = []
let kith: Kith
let browser: Browser

beforeAll(async () => {
  const { pino } = await import('pino')
  kith = Object.assign(await webApp({ clock, log: pino({ level: 'error' }, { write: (line: string) => void logged.push(line) }) }), { clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  browser = browserOf(kith)
})

const open = [
  '/privacy',
  '/privacy/cookies',
  '/privacy/do-not-sell',
  '/privacy/policy',
  '/privacy/data',
  '/privacy/requests/new',
  '/privacy/requests/new?type=ERASURE',
]
const titleOf = (text: string): string => /<h1[^>]*>([^<]*)<\/h1>/.exec(text)?.[1] ?? ''

describe('every page', () => {
  test('[F-18] [F-49] [S-04] loads nothing, is kept by nobody, and leads to the privacy centre, also those outside of it', async () => {
    for (const path of [...open, '/', '/unsubscribe/x', '/nothing-here', '/auth/google/callback']) {
      const { text, headers } = await look(browser, path)
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'.*frame-ancestors 'none'$/)
      expect(headers.get('cache-control')).toBe('no-store')
      expect([...text.matchAll(/(?:src|href|action)="(?!\/|data:|#|mailto:)([^"]*)"/g)].map(([, url]) => url)).toEqual([])
      for (const link of ['/privacy', '/privacy/cookies', '/privacy/do-not-sell', '/privacy/policy'])
        expect(text).toMatch(new RegExp(`<footer>[^]*href="${link}["?]`))
    }
  })

  test('[S-43] is read in the language that the browser prefers, or that a link says, and sets no cookie for it', async () => {
    for (const [header, language] of [
      ['de-CH,de;q=0.9,en;q=0.5', 'de'],
      ['fr,de;q=0.2,en;q=0.1', 'de'],
      ['en-GB,de;q=0.9', 'en'],
      ['de;q=0, en;q=0.1', 'en'],
      ['fr', 'en'],
      ['', 'en'],
    ] as const) {
      const answer = await fetch(`${kith.origin}/privacy`, { headers: { accept: 'text/html', 'accept-language': header } })
      expect(answer.headers.get('content-language')).toBe(language)
      expect(titleOf(await answer.text())).toBe(words[language].centre)
    }
    const german = await look(browser, '/privacy?lang=de')
    expect(german.text).toContain('<html lang="de">')
    // The links of the page carry it on, since nothing else does.
    expect(german.text).toContain('href="/privacy/cookies?lang=de"')
    expect(browser.setCookies).toEqual([])
    // Nor was one taken out of the answer on its way.
    expect(logged).toEqual([])
    expect(titleOf((await look(browser, '/privacy')).text)).toBe(words.en.centre)
  })

  test('[S-43] [S-47] [F-22] remembers a chosen language in a cookie once functional cookies are allowed, and forgets it when they are refused', async () => {
    await send(browser, '/privacy/cookies', { decision: 'accept' })
    await look(browser, '/privacy?lang=de')
    const name = cookieName(kith.app, 'language')
    expect(browser.cookies.get(name)).toBe('de')
    expect(titleOf((await look(browser, '/privacy')).text)).toBe(words.de.centre)
    await send(browser, '/privacy/cookies', { decision: 'reject' })
    expect(browser.cookies.has(name)).toBe(false)
    expect(titleOf((await look(browser, '/privacy')).text)).toBe(words.en.centre)
  })
})

describe('cookie choices', () => {
  test('[S-46] are asked for once, below the page, with yes and no alike, and nothing is chosen beforehand', async () => {
    const { text } = await look(browser, '/privacy')
    const notice = /<section class="notice"[^]*<\/section>/.exec(text)?.[0] ?? ''
    expect(text.indexOf(notice)).toBeGreaterThan(text.indexOf('</main>'))
    expect([...notice.matchAll(/<button type="submit" name="decision" value="(\w+)">/g)].map(([, value]) => value)).toEqual(['reject', 'accept'])
    const panel = await look(browser, '/privacy/cookies')
    expect(panel.text).not.toContain('checked')
    const back = await browser.submit('/privacy/cookies', { decision: 'reject', return: '/privacy' })
    expect([back.status, back.headers.get('location')]).toEqual([303, '/privacy'])
    expect((await look(browser, '/privacy')).text).not.toContain('class="notice"')
    const elsewhere = await browser.submit('/privacy/cookies', { decision: 'reject', return: '//elsewhere.example/' })
    expect(elsewhere.headers.get('location')).toBe('/')
  })

  test('[S-47] [S-51] are kept one kind at a time, and rejecting takes as many steps as accepting', async () => {
    const some = await send(browser, '/privacy/cookies', { decision: 'chosen', FUNCTIONAL: 'yes', ANALYTICAL: 'no' })
    expect(some.text).toContain(words.en.cookies.saved)
    expect([...some.text.matchAll(/name="(\w+)" value="(\w+)" checked/g)].map(([, name, value]) => `${name} ${value}`)).toEqual([
      'FUNCTIONAL yes',
      'ANALYTICAL no',
    ])
    const all = await send(browser, '/privacy/cookies', { decision: 'accept' })
    expect([...all.text.matchAll(/value="yes" checked/g)]).toHaveLength(3)
    const none = await send(browser, '/privacy/cookies', { decision: 'reject' })
    expect([...none.text.matchAll(/value="no" checked/g)]).toHaveLength(3)
  })

  test('[S-50] [S-52] show what the browser says with every request, and measuring stays off against it', async () => {
    const panel = async (headers: Record<string, string>, form: Record<string, string>) => {
      const cookie = () => [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
      await browser.submit('/privacy/cookies', form, headers)
      return (await fetch(`${kith.origin}/privacy/cookies`, { headers: { accept: 'text/html', cookie: cookie(), ...headers } })).text()
    }
    const gpc = await panel({ 'sec-gpc': '1' }, { decision: 'accept' })
    expect(gpc).toContain(words.en.cookies.gpc)
    expect([...gpc.matchAll(/name="(\w+)" value="yes" checked/g)].map(([, name]) => name)).toEqual(['FUNCTIONAL'])
    const told = await panel({ 'sec-gpc': '1' }, { decision: 'chosen', ANALYTICAL: 'yes', despite: 'yes' })
    expect([...told.matchAll(/name="(\w+)" value="yes" checked/g)].map(([, name]) => name)).toEqual(['FUNCTIONAL', 'ANALYTICAL'])
    const dnt = await panel({ dnt: '1' }, { decision: 'chosen', ANALYTICAL: 'yes', despite: 'yes' })
    expect(dnt).toContain(words.en.cookies.dnt)
    expect([...dnt.matchAll(/name="(\w+)" value="yes" checked/g)].map(([, name]) => name)).toEqual(['FUNCTIONAL'])
  })
})

describe('do not sell or share', () => {
  test('[S-49] takes one press without signing in, is confirmed on screen in the visitor’s language, and stays', async () => {
    expect((await look(browser, '/privacy/do-not-sell')).text).not.toContain(words.en.sale.opted)
    const done = await send(browser, '/privacy/do-not-sell?lang=de', {})
    expect([done.status, titleOf(done.text)]).toEqual([200, words.de.sale.doneTitle])
    expect((await look(browser, '/privacy/do-not-sell')).text).toContain(words.en.sale.opted)
  })
})

describe('the privacy policy', () => {
  test('[S-59] [F-41] [F-40] [S-57] is shown as it would be before any is published, then as it holds, with every version and what changed', async () => {
    expect((await look(browser, '/privacy/policy')).text).toContain(words.en.policy.unpublished)
    const text = await draftPolicy(kith.app)
    await publishPolicy(kith.app, { text, reason: 'The first one.', material: true })
    await publishPolicy(kith.app, { text: `${text}\nOne <script>alert(1)</script> more line.`, reason: 'A line <b>more</b>.', material: false })
    const current = await look(browser, '/privacy/policy')
    expect(current.text).toContain('Version 2, holds since 1 June 2026')
    expect(current.text).toContain('<h2>Cookies</h2>')
    expect(current.text).not.toContain('<script>alert(1)')
    expect(current.text).toContain('A line &lt;b&gt;more&lt;/b&gt;.')
    expect((await look(browser, '/privacy/policy/versions/1')).text).not.toContain('more line.')
    const diff = await look(browser, '/privacy/policy/compare?from=1&to=2')
    expect([...diff.text.matchAll(/<ins>/g)]).toHaveLength(1)
    expect(diff.text).toContain('One &lt;script&gt;alert(1)&lt;/script&gt; more line.')
    expect((await look(browser, '/privacy/policy/compare?from=2&to=2')).text).toContain(words.en.policy.same)
    for (const path of ['/privacy/policy/versions/9', '/privacy/policy/compare?from=1&to=9']) expect((await look(browser, path)).status).toBe(404)
    expect((await look(browser, '/privacy/policy?lang=de')).text).toContain(words.de.policy.english)
  })
})

describe('the words', () => {
  test('[S-04] are there in both languages, and differ', () => {
    const leaves = (value: unknown, path = ''): [string, string][] => {
      if (typeof value === 'string') return [[path, value]]
      if (typeof value === 'function') return [[path, String((value as (...args: unknown[]) => string)('1', '2'))]]
      return typeof value === 'object' && value !== null ? Object.entries(value).flatMap(([key, each]) => leaves(each, `${path}.${key}`)) : []
    }
    const english = new Map(leaves(words.en))
    const same = leaves(words.de).filter(([path, text]) => english.get(path) === text && !/^(Google|Cookies|Code|2[^]*)$/.test(text))
    expect(same.map(([path]) => path)).toEqual([])
    expect(english.size).toBeGreaterThan(250)
  })
})
