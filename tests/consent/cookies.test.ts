import { createServer, request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { Hono } from 'hono'
import { setCookie } from 'hono/cookie'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { cookieRegistry, type Choices, consentsOf, giveConsent, readChoices, withdrawConsent, writeChoices } from '../../src/consent/service.ts'
import { allowsCategory, choose, joinChoices } from '../../src/consent/device.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { setChoices } from '../../src/http/choices.ts'
import { filterCookies } from '../../src/http/cookieFilter.ts'
import { cookieLine, cookieName } from '../../src/http/cookies.ts'
import { signUp } from '../google/support.ts'
import { type Browser, openBrowser, type WebApp, webApp } from '../support/web.ts'

const clock = fixedClock('2026-12-01T10:00:00Z')
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())

const now = () => clock.now()
const silent = { gpc: false, dnt: false }
const nameOf = (use: keyof typeof cookieRegistry) => cookieName(kith.app, use)
const choosing = (wanted: Parameters<typeof choose>[1], told = false) => choose({}, wanted, now(), told)
const namesOf = (response: Response) => response.headers.getSetCookie().map((line) => line.split('=')[0])

/** A server that answers as `write` does, behind the filter; answers the cookies that come through and those that were reported. */
async function filtered(write: (response: ServerResponse) => void, headers: Record<string, string> = {}) {
  const reported: [string, string][] = []
  const server = createServer((incoming, outgoing) => {
    filterCookies(kith.app, incoming, outgoing, (cookie, reason) => void reported.push([cookie, reason]))
    write(outgoing)
  }).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  try {
    const [answer] = (await once(httpRequest({ port, host: '127.0.0.1', headers }).end(), 'response')) as [IncomingMessage]
    answer.resume()
    return { names: (answer.headers['set-cookie'] ?? []).map((line) => line.split('=')[0]), reported, vary: answer.headers.vary, status: answer.statusCode }
  } finally {
    server.close()
  }
}

describe('[S-48] [S-41] the filter of answers', () => {
  const language = () => cookieLine(kith.app, 'language', 'de', 60)
  const ways: [string, (line: string) => (response: ServerResponse) => void][] = [
    ['setHeader', (line) => (response) => void response.setHeader('Set-Cookie', line).end()],
    ['appendHeader', (line) => (response) => void response.appendHeader('set-cookie', line).end()],
    ['writeHead', (line) => (response) => void response.writeHead(200, { 'set-cookie': [line] }).end()],
    ['writeHead with a message', (line) => (response) => void response.writeHead(200, 'Fine', { 'Set-Cookie': line }).end()],
    ['writeHead with a list', (line) => (response) => void response.writeHead(200, ['Set-Cookie', 'x=1', 'set-cookie', line]).end()],
    [
      'flushHeaders',
      (line) => (response) => {
        response.setHeader('set-cookie', line).flushHeaders()
        response.end()
      },
    ],
    [
      'write',
      (line) => (response) => {
        response.setHeader('set-cookie', line).write('x')
        response.end()
      },
    ],
  ]

  test.each(ways)('takes out what nobody has declared, also when it is set by %s', async (_way, write) => {
    const { names, reported } = await filtered(write('_tracker=abc; Path=/'))
    expect(names).toEqual([])
    expect(reported).toContainEqual(['_tracker', 'unregistered'])
  })

  test.each(ways)('takes out what is declared and not consented to, also when it is set by %s', async (_way, write) => {
    const { names, reported } = await filtered(write(language()))
    expect(names).toEqual([])
    expect(reported).toContainEqual([nameOf('language'), 'not_consented'])
  })

  test('lets through what was consented to, what is essential, and what removes a cookie', async () => {
    const cookie = `${nameOf('choices')}=${writeChoices(choosing({ FUNCTIONAL_COOKIES: true }))}`
    const session = cookieLine(kith.app, 'session', 'x', 60)
    expect(await filtered((response) => response.setHeader('set-cookie', [language(), session]).end(), { cookie })).toMatchObject({
      names: [nameOf('language'), nameOf('session')],
      reported: [],
    })
    const removal = cookieLine(kith.app, 'language', '', 0)
    expect(await filtered((response) => response.setHeader('set-cookie', removal).end())).toMatchObject({ names: [nameOf('language')], reported: [] })
    const disguised = cookieLine(kith.app, 'language', 'de', 60).replace('=de', '=de; Max-Age=0')
    expect((await filtered((response) => response.setHeader('set-cookie', disguised).end())).names).toEqual([])
  })

  test('goes by the choice that the answer itself brings', async () => {
    const choice = (yes: boolean) => cookieLine(kith.app, 'choices', writeChoices(choosing({ FUNCTIONAL_COOKIES: yes })), 60)
    const cookie = choice(true).split(';')[0]!
    expect((await filtered((response) => response.setHeader('set-cookie', [choice(true), language()]).end())).names).toContain(nameOf('language'))
    expect((await filtered((response) => response.setHeader('set-cookie', [language(), choice(false)]).end(), { cookie })).names).toEqual([nameOf('choices')])
  })

  test('[S-50] says that answers depend on the signals, beside what else they depend on', async () => {
    expect(await filtered((response) => response.end())).toMatchObject({ vary: 'Sec-GPC, DNT', status: 200 })
    expect(await filtered((response) => response.writeHead(204, { vary: 'Accept-Encoding, dnt' }).end())).toMatchObject({
      vary: 'Accept-Encoding, dnt, Sec-GPC',
      status: 204,
    })
  })
})

describe('[S-48] the server', () => {
  test('lets no tracker through that some route of ours sets by mistake, and counts and reports it', async () => {
    const logged: unknown[][] = []
    const web = await webApp({
      onCreate: (app) => {
        const tracking = () =>
          new Hono().get('/tracked', (c) => (setCookie(c, '_tracker', 'abc'), setCookie(c, cookieName(app, 'language'), 'de'), c.text('Hello')))
        Object.assign(app, {
          routes: [...app.routes, tracking],
          log: Object.assign(Object.create(app.log), { error: (...args: unknown[]) => void logged.push(args) }),
        })
      },
    })
    try {
      const answer = await openBrowser(web.origin).open('/tracked')
      expect([answer.status, await answer.text(), answer.headers.getSetCookie()]).toEqual([200, 'Hello', []])
      expect(logged.map(([details]) => details)).toMatchObject([
        { cookie: '_tracker', reason: 'unregistered' },
        { cookie: cookieName(web.app, 'language'), reason: 'not_consented' },
      ])
      const metrics = await (await openBrowser(web.origin).open('/metrics')).text()
      for (const reason of ['unregistered', 'not_consented']) expect(metrics).toContain(`kith_cookies_stripped_total{reason="${reason}"} 1`)
    } finally {
      await web.close()
    }
  })
})

describe('cookie choices', () => {
  const categories = ['FUNCTIONAL', 'ANALYTICAL', 'PERFORMANCE'] as const
  const combinations = Array.from({ length: 8 }, (_, bits) => categories.filter((_category, index) => (bits >> index) & 1))

  test.each(combinations.map((list) => [list.join(' ') || 'nothing', list] as const))('[S-47] consent to %s permits exactly that', (_title, yes) => {
    const choices = choosing(Object.fromEntries(categories.map((category) => [`${category}_COOKIES`, yes.includes(category)])))
    expect(categories.filter((category) => allowsCategory(category, choices, silent, now()))).toEqual(yes)
    expect(allowsCategory('ESSENTIAL', choices, silent, now())).toBe(true)
  })

  test('[S-43] [S-44] [S-45] nothing but the essential is permitted before a choice, and after half a year', () => {
    const choices = choosing({ FUNCTIONAL_COOKIES: true })
    for (const category of categories) expect(allowsCategory(category, {}, silent, now())).toBe(false)
    expect(allowsCategory('FUNCTIONAL', choices, silent, Temporal.Instant.from('2027-05-31T23:59:59Z'))).toBe(true)
    expect(allowsCategory('FUNCTIONAL', choices, silent, Temporal.Instant.from('2027-06-01T00:00:00Z'))).toBe(false)
  })

  test('[S-50] no choice stands against Do Not Track, and against Global Privacy Control only one that was made knowing it', () => {
    const yes = { FUNCTIONAL_COOKIES: true, ANALYTICAL_COOKIES: true, PERFORMANCE_COOKIES: true }
    const allowed = (choices: Choices, signals: { gpc: boolean; dnt: boolean }) => categories.filter((each) => allowsCategory(each, choices, signals, now()))
    expect(allowed(choosing(yes), { gpc: true, dnt: false })).toEqual(['FUNCTIONAL'])
    expect(allowed(choosing(yes), { gpc: false, dnt: true })).toEqual(['FUNCTIONAL'])
    expect(allowed(choosing(yes, true), { gpc: true, dnt: false })).toEqual([...categories])
    expect(allowed(choosing(yes, true), { gpc: true, dnt: true })).toEqual(['FUNCTIONAL'])
  })

  test('[F-20] their cookie tells nobody apart: the same choices on the same day are the same cookie', () => {
    const first = writeChoices(choosing({ FUNCTIONAL_COOKIES: true, ANALYTICAL_COOKIES: false }))
    clock.advance({ hours: 5 })
    expect(writeChoices(choosing({ FUNCTIONAL_COOKIES: true, ANALYTICAL_COOKIES: false }))).toBe(first)
    clock.set('2026-12-01T10:00:00Z')
  })

  test.each(['', 'x', 'bnVsbA', Buffer.from('{"FUNCTIONAL_COOKIES":{"yes":1}}').toString('base64url'), 'A'.repeat(5000)])(
    'a cookie that says %j says nothing',
    (text) => {
      expect(readChoices(text)).toEqual({})
    },
  )

  test('a cookie cannot say yes to selling or sharing, nor be of tomorrow', () => {
    const forged = { SALE_OR_SHARING: { yes: true, on: '2026-12-01', notice: '1' } }
    expect(readChoices(Buffer.from(JSON.stringify(forged)).toString('base64url'))).toEqual({})
    const future = { FUNCTIONAL_COOKIES: { yes: true, on: '2027-12-01', notice: '1' } }
    expect(allowsCategory('FUNCTIONAL', future, silent, now())).toBe(false)
  })
})

describe('a browser', () => {
  const accountOf = async (browser: Browser) => {
    const { body } = await browser.graphql('{ viewer { consents { purpose { key } state source } } }')
    return (body.data as { viewer: { consents: { purpose: { key: string }; state: string; source: string }[] } }).viewer.consents
  }
  const stateOf = async (browser: Browser, key: string) => (await accountOf(browser)).find(({ purpose }) => purpose.key === key)
  const visitor = (address: string) => {
    const [givenName = ''] = address.split('@')
    kith.google.world.addAccount({ email: address, givenName, familyName: 'Example' })
    return openBrowser(kith.origin)
  }
  const pick = async (browser: Browser, wanted: Parameters<typeof setChoices>[2], headers: Record<string, string> = {}) => {
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    const lines = await setChoices(kith.app, new Request(kith.origin, { headers: { cookie, ...headers } }), wanted)
    for (const line of lines) {
      const [, name = '', value = ''] = /^([^=]+)=([^;]*)/.exec(line) ?? []
      browser.cookies.set(name, value)
    }
    return lines
  }

  test('[S-42] [F-22] gets essential cookies alone on every path before it has chosen, each as the registry says', async () => {
    const browser = visitor('first@example.test')
    await signUp(kith, 'first@example.test', browser)
    for (const path of ['/', '/graphql', '/health', '/nothing', '/.well-known/gpc.json', '/.well-known/jwks.json']) await browser.open(path)
    const uses = Object.keys(cookieRegistry) as (keyof typeof cookieRegistry)[]
    expect(browser.setCookies.length).toBeGreaterThan(3)
    for (const line of browser.setCookies) {
      const use = uses.find((each) => line.startsWith(`${nameOf(each)}=`))!
      expect(cookieRegistry[use]).toMatchObject({ category: 'ESSENTIAL', justification: expect.any(String) })
      expect(line).toMatch(/HttpOnly/)
      expect(line).toMatch(/SameSite=Lax/)
      expect(Number(/Max-Age=(\d+)/.exec(line)?.[1])).toBeLessThanOrEqual(cookieRegistry[use].maxAgeSeconds)
    }
    expect(browser.cookies.has(nameOf('choices'))).toBe(false)
  })

  test('[S-50] is told that Global Privacy Control is honoured', async () => {
    const answer = await openBrowser(kith.origin).open('/.well-known/gpc.json')
    expect(await answer.json()).toEqual({ gpc: true, lastUpdate: expect.stringMatching(/^\d{4}-\d\d-\d\d$/) })
    for (const path of ['/', '/graphql', '/nothing']) expect((await openBrowser(kith.origin).open(path)).headers.get('vary')).toMatch(/Sec-GPC, DNT/)
  })

  test('[S-49] opts out of selling and sharing without signing in, from anywhere, and the account it signs in to is opted out too', async () => {
    const browser = visitor('seller@example.test')
    const answer = await browser.submit('/privacy/do-not-sell', {}, { origin: 'https://elsewhere.example', 'sec-fetch-site': 'cross-site' })
    expect(answer.status).toBe(200)
    expect(await answer.text()).toMatch(/opted out/)
    expect(namesOf(answer)).toEqual([nameOf('choices')])
    await signUp(kith, 'seller@example.test', browser)
    expect(await stateOf(browser, 'SALE_OR_SHARING')).toMatchObject({ state: 'REFUSED', source: 'UI' })
  })

  test('[S-49] that is signed in opts its account out in the same request', async () => {
    const browser = await signUp(kith, 'signed@example.test', visitor('signed@example.test'))
    const answer = await browser.submit('/privacy/do-not-sell', {}, { accept: 'application/json' })
    expect(await answer.json()).toEqual({ optedOut: true, at: '2026-12-01T10:00:00Z' })
    expect(await stateOf(browser, 'SALE_OR_SHARING')).toMatchObject({ state: 'REFUSED', source: 'UI' })
  })

  test('[S-52] with Global Privacy Control opts the account out on a page as well', async () => {
    const browser = await signUp(kith, 'page@example.test', visitor('page@example.test'))
    const cookie = [...browser.cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    await fetch(kith.origin, { headers: { cookie, 'sec-gpc': '1', 'sec-fetch-site': 'none' } })
    expect(await stateOf(browser, 'SALE_OR_SHARING')).toMatchObject({ state: 'REFUSED', source: 'GPC' })
  })

  test('[F-24] that refuses everything it can refuse does everything as before, and a program needs no cookie at all', async () => {
    const browser = await signUp(kith, 'refuser@example.test', visitor('refuser@example.test'))
    await pick(browser, { FUNCTIONAL_COOKIES: false, ANALYTICAL_COOKIES: false, PERFORMANCE_COOKIES: false, SALE_OR_SHARING: false })
    const make = `mutation {
      contactCreate(input: { displayName: "Zoe" }) { __typename }
      reminderCreate(input: { title: "Call", dueAt: "2027-01-01T09:00", timeZone: "UTC" }) { __typename }
      accountUpdate(input: { locale: "en-GB" }) { __typename }
      consentWithdraw(purpose: "MARKETING") { __typename }
    }`
    const made = {
      contactCreate: { __typename: 'Contact' },
      reminderCreate: { __typename: 'Reminder' },
      accountUpdate: { __typename: 'Account' },
      consentWithdraw: { __typename: 'Consent' },
    }
    expect((await browser.graphql(make)).body.data).toEqual(made)
    const ada = await kith.signUp()
    expect((await ada.graphql(make, {}, { headers: { 'sec-gpc': '1', dnt: '1' } })).data).toEqual(made)
    for (const list of ['contacts(search: "Zoe")', 'reminders'])
      for (const { data } of [(await browser.graphql(`{ list: ${list} { nodes { id } } }`)).body, await ada.graphql(`{ list: ${list} { nodes { id } } }`)])
        expect((data as { list: { nodes: unknown[] } }).list.nodes, list).toHaveLength(1)
  })

  test('[S-51] that withdraws loses the cookie, and its account the consent', async () => {
    const browser = await signUp(kith, 'chooser@example.test', visitor('chooser@example.test'))
    await pick(browser, { FUNCTIONAL_COOKIES: true })
    expect(await stateOf(browser, 'FUNCTIONAL_COOKIES')).toMatchObject({ state: 'GIVEN', source: 'UI' })
    browser.cookies.set(nameOf('language'), 'de')
    const lines = await pick(browser, { FUNCTIONAL_COOKIES: false })
    expect(lines).toContainEqual(cookieLine(kith.app, 'language', '', 0))
    expect(await stateOf(browser, 'FUNCTIONAL_COOKIES')).toMatchObject({ state: 'WITHDRAWN' })
  })

  test('brings its no to the account that it signs in to, and no yes', async () => {
    const browser = visitor('joiner@example.test')
    await pick(browser, { FUNCTIONAL_COOKIES: true, ANALYTICAL_COOKIES: false })
    await signUp(kith, 'joiner@example.test', browser)
    expect((await accountOf(browser)).filter(({ state }) => state !== 'UNKNOWN').map(({ purpose, state }) => [purpose.key, state])).toEqual([
      ['ANALYTICAL_COOKIES', 'REFUSED'],
    ])
  })

  test('takes over the no of the account that it signs in to', async () => {
    const ada = await kith.signUp()
    await withdrawConsent(ada.ctx, 'FUNCTIONAL_COOKIES')
    const joined = await joinChoices(ada.ctx, choosing({ FUNCTIONAL_COOKIES: true }))
    expect(allowsCategory('FUNCTIONAL', joined, silent, now())).toBe(false)
  })

  test('does not undo with an old no what the account has decided since', async () => {
    const ada = await kith.signUp()
    const old = choosing({ FUNCTIONAL_COOKIES: false })
    clock.advance({ hours: 48 })
    await giveConsent(ada.ctx, 'FUNCTIONAL_COOKIES')
    await joinChoices(ada.ctx, old)
    expect((await consentsOf(ada.ctx)).find(({ purpose }) => purpose.key === 'FUNCTIONAL_COOKIES')).toMatchObject({ state: 'GIVEN' })
    clock.set('2026-12-01T10:00:00Z')
  })
})
