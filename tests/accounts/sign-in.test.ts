import { createHash } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Clock, systemClock } from '../../src/core/clock.ts'
import { type Browser, locationOf, openBrowser, type WebApp, webApp } from '../support/web.ts'

// Runs with the machine's clock, which the simulator and the library go by, until a test moves it.
let offset = Temporal.Duration.from('PT0S')
const clock: Clock = { now: () => systemClock.now().add(offset) }
const logged: string[] = []

let kith: WebApp
let browser: Browser

beforeAll(async () => {
  const { pino } = await import('pino')
  kith = await webApp({ clock, log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }) })
})
afterAll(() => kith.close())
beforeEach(() => {
  offset = Temporal.Duration.from('PT0S')
  kith.google.faults.clear()
  browser = openBrowser(kith.origin)
})

const ada = 'ada@example.test'
const settings = { birthDate: '1990-12-10', timeZone: 'Europe/Berlin', region: 'DE', locale: 'de-DE', decision: 'create' }
const count = async (table: string): Promise<number> =>
  Number((await kith.app.database.pool.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count)
/** Goes to Google and back as far as the address that the browser is sent back to. */
const toCallback = async (who = ada, start = '/auth/google'): Promise<string> =>
  (await kith.google.consent(locationOf(await browser.open(start)), { account: who })).href
const signUp = async (who = ada): Promise<Response> => {
  await browser.open(await toCallback(who))
  return browser.submit('/welcome', settings)
}
const sessionCookie = () => [...browser.cookies].find(([name]) => name.startsWith('kith_session'))?.[1]

describe('signing in', () => {
  test('[F-05] [S-08] asks Google for openid, email and profile and nothing else, with PKCE, state and nonce', async () => {
    const url = new URL(locationOf(await browser.open('/auth/google')))
    const asked = Object.fromEntries(url.searchParams)
    expect(url.origin + url.pathname).toBe(`${kith.google.origin}/o/oauth2/v2/auth`)
    expect(asked).toMatchObject({
      scope: 'openid email profile',
      response_type: 'code',
      code_challenge_method: 'S256',
      access_type: 'online',
      redirect_uri: `${kith.origin}/auth/google/callback`,
    })
    for (const secret of ['state', 'nonce', 'code_challenge']) expect(asked[secret]).toMatch(/^[\w-]{43}$/)
    const [line] = browser.setCookies
    expect(line).toMatch(/^kith_flow_\d+=.*; Max-Age=600; Path=\/; HttpOnly; SameSite=Lax$/)
    expect(line).not.toContain(asked['state'])
  })

  test('[F-04] [S-54] a new person has no row anywhere until they have said that they want an account', async () => {
    const tables = ['accounts', 'directory_subjects', 'google_identities', 'sessions', 'events', 'auth_flows']
    const before = await Promise.all(tables.map(count))
    const back = await browser.open(await toCallback('alan@example.test'))
    expect([back.status, locationOf(back)]).toEqual([303, '/welcome'])
    expect(await Promise.all(tables.map(count))).toEqual(before)

    const page = await (await browser.open('/welcome')).text()
    expect(page).toContain('alan@example.test')
    expect([locationOf(await browser.submit('/welcome', { decision: 'cancel' })), browser.cookies.size]).toEqual(['/', 0])
    expect(await Promise.all(tables.map(count))).toEqual(before)
    expect(locationOf(await browser.open('/welcome'))).toBe('/')
  })

  test('the welcome step makes the account with the zone, locale and region of the browser', async () => {
    const made = await signUp()
    expect([made.status, locationOf(made)]).toEqual([303, '/'])
    expect(await browser.graphql('{ viewer { email name timeZone region locale sendTime usage { signInCount } sessions { current userAgent } } }')).toEqual({
      status: 200,
      body: expect.objectContaining({
        data: {
          viewer: {
            email: ada,
            name: 'Ada Example',
            timeZone: 'Europe/Berlin',
            region: 'DE',
            locale: 'de-DE',
            sendTime: '09:00',
            usage: { signInCount: 1 },
            sessions: [{ current: true, userAgent: 'Test browser' }],
          },
        },
      }),
    })
    expect(await (await browser.open('/')).text()).toContain(ada)
  })

  test('who comes back is signed in without the welcome step, with a new session in place of the old one', async () => {
    await signUp()
    const first = sessionCookie()
    const back = await browser.open(await toCallback(ada, '/auth/google?return=/graphql'))
    expect([back.status, locationOf(back)]).toEqual([303, '/graphql'])
    expect(sessionCookie()).not.toBe(first)
    const thief = openBrowser(kith.origin)
    thief.cookies.set(
      [...browser.cookies.keys()].find((name) => name.startsWith('kith_session'))!,
      first!,
    )
    expect((await thief.graphql('{ viewer { id } }')).status).toBe(401)
    expect((await browser.graphql('{ viewer { id } }')).status).toBe(200)
  })

  test('[F-48] the account belongs to the subject: a new address at Google is taken over, and does not make another account', async () => {
    await signUp('grace@example.test')
    const accounts = await count('accounts')
    kith.google.world.account('grace@example.test').email = 'grace.new@example.test'
    await browser.open(await toCallback('grace.new@example.test'))
    expect((await browser.graphql('{ viewer { email } }')).body.data).toEqual({ viewer: { email: 'grace.new@example.test' } })
    expect(await count('accounts')).toBe(accounts)
  })

  test('[F-48] a second account that is given the address of a first is another account', async () => {
    kith.google.world.addAccount({ email: 'first@example.test', givenName: 'First', familyName: 'Example' })
    await signUp('first@example.test')
    const id = (await browser.graphql('{ viewer { id } }')).body.data
    kith.google.world.account('first@example.test').email = 'gone@example.test'
    kith.google.world.addAccount({ email: 'second@example.test', givenName: 'Second', familyName: 'Example' }).email = 'first@example.test'
    browser = openBrowser(kith.origin)
    expect(locationOf(await browser.open(await toCallback('first@example.test')))).toBe('/welcome')
    await browser.submit('/welcome', settings)
    expect((await browser.graphql('{ viewer { id } }')).body.data).not.toEqual(id)
  })

  test('two welcome forms sent at once make one account', async () => {
    kith.google.world.addAccount({ email: 'twice@example.test', givenName: 'Two', familyName: 'Tabs' })
    await browser.open(await toCallback('twice@example.test'))
    const accounts = await count('accounts')
    const answers = await Promise.all([browser.submit('/welcome', settings), browser.submit('/welcome', settings)])
    expect(answers.map((answer) => answer.status)).toEqual([303, 303])
    expect(await count('accounts')).toBe(accounts + 1)
  })

  test('an account’s settings are checked, and what was typed stays in the form', async () => {
    kith.google.world.addAccount({ email: 'wrong@example.test', givenName: 'Wrong', familyName: 'Zone' })
    await browser.open(await toCallback('wrong@example.test'))
    const accounts = await count('accounts')
    const answer = await browser.submit('/welcome', { ...settings, timeZone: 'Mars/"><script>alert(1)</script>', region: 'ZZ' })
    const page = await answer.text()
    expect(answer.status).toBe(422)
    expect(page).toContain('Mars/&quot;&gt;&lt;script&gt;')
    expect(page).toContain('Name a country or territory')
    expect(await count('accounts')).toBe(accounts)
  })

  test('the welcome form starts from the browser’s languages where there are no scripts', async () => {
    await browser.open(await toCallback('alan@example.test'))
    const page = async (language: string) =>
      (
        await fetch(`${kith.origin}/welcome`, {
          headers: { 'accept-language': language, cookie: [...browser.cookies].map((pair) => pair.join('=')).join('; ') },
        })
      ).text()
    const german = await page('de-AT, en;q=0.5')
    expect(german).toContain('name="locale" value="de-AT"')
    expect(german).toContain('value="Europe/Vienna"')
    expect(german).toMatch(/<option value="AT" selected/)
    expect(await page('*;q=0.1, ja;q=0.2, en;q=0')).toContain('value="Asia/Tokyo"')
    expect(await page('%%%')).toContain('name="locale" value="de"')
  })

  test('nobody but the welcome page itself can send its form', async () => {
    await browser.open(await toCallback('alan@example.test'))
    const accounts = await count('accounts')
    for (const headers of [{ 'sec-fetch-site': 'cross-site' }, { 'sec-fetch-site': 'same-site' }])
      expect((await browser.submit('/welcome', settings, headers)).status).toBe(403)
    expect(await count('accounts')).toBe(accounts)
  })

  test('a sign-up that waits longer than ten minutes is forgotten', async () => {
    await browser.open(await toCallback('alan@example.test'))
    offset = Temporal.Duration.from('PT10M1S')
    const accounts = await count('accounts')
    expect((await browser.submit('/welcome', settings)).status).toBe(400)
    expect(await count('accounts')).toBe(accounts)
  })
})

describe('row 20: signing in is refused', () => {
  /** Nothing may come of an attack: no account, no session, nobody signed in, no sign-up waiting. */
  async function refused(attack: () => Promise<Response>, { status = 400 } = {}): Promise<string> {
    const before = [await count('accounts'), await count('sessions'), await count('directory_subjects')]
    const answer = await attack()
    const text = await answer.text()
    expect(answer.status, text).toBe(status)
    expect([...browser.cookies.keys()].filter((name) => !name.startsWith('kith_flow'))).toEqual([])
    expect([await count('accounts'), await count('sessions'), await count('directory_subjects')]).toEqual(before)
    expect(text).toContain('<h1>')
    return text
  }
  const changed = (url: string, change: Record<string, string | null>): string => {
    const target = new URL(url)
    for (const [name, value] of Object.entries(change)) {
      if (value === null) target.searchParams.delete(name)
      else target.searchParams.set(name, value)
    }
    return target.href
  }

  test('with a state that is missing, another or not the browser’s', async () => {
    const callback = await toCallback()
    await refused(() => browser.open(changed(callback, { state: null })))
    await refused(() => browser.open(changed(callback, { state: 'x'.repeat(43) })))
    const other = openBrowser(kith.origin)
    await refused(() => other.open(callback))
    await other.open('/auth/google')
    await refused(() => other.open(callback))
  })

  test('with an answer that was used before', async () => {
    const callback = await toCallback('alan@example.test')
    const flow = [...browser.cookies]
    expect((await browser.open(callback)).status).toBe(303)
    browser.cookies.clear()
    for (const [name, value] of flow) browser.cookies.set(name, value)
    await refused(() => browser.open(callback))
  })

  test('with a code that was used before, in a flow of its own', async () => {
    const first = await toCallback('alan@example.test')
    const code = new URL(first).searchParams.get('code')
    await browser.open(first)
    browser.cookies.clear()
    const second = await toCallback('alan@example.test')
    await refused(() => browser.open(changed(second, { code })))
  })

  test('later than ten minutes after it began', async () => {
    const callback = await toCallback()
    offset = Temporal.Duration.from('PT10M1S')
    await refused(() => browser.open(callback))
  })

  test('with a code for another verifier', async () => {
    const callback = await toCallback()
    const code = kith.google.issueCode({
      account: ada,
      redirectUri: `${kith.origin}/auth/google/callback`,
      codeChallenge: createHash('sha256').update('another').digest('base64url'),
    })
    await refused(() => browser.open(changed(callback, { code })))
  })

  test('with an answer that names another issuer', async () => {
    await refused(async () => browser.open(changed(await toCallback(), { iss: 'https://login.example.test' })))
  })

  test('[F-47] with an address that Google has not verified', async () => {
    const text = await refused(async () => browser.open(await toCallback('uma@example.test')), { status: 403 })
    expect(text).toContain('not verified')
  })

  test('when the person says no at Google', async () => {
    const before = await count('auth_flows')
    const url = locationOf(await browser.open('/auth/google'))
    const back = await kith.google.consent(changed(url, { prompt: 'consent' }), { account: ada, deny: true })
    const text = await refused(() => browser.open(back.href), { status: 200 })
    expect(text).toContain('You have not signed in')
    expect(await count('auth_flows')).toBe(before)
  })

  test('when Google is out of order, and then it can be tried again', async () => {
    for (const fault of [{ status: 503 }, { reset: true }, { status: 200, body: '<html>' }, { status: 200, body: {} }]) {
      kith.google.faults.add({ path: '/token', ...fault })
      await refused(async () => browser.open(await toCallback()), { status: 503 })
      kith.google.faults.clear()
    }
    expect((await browser.open(await toCallback())).status).toBe(303)
  })

  test('when Google does not know the server', async () => {
    kith.google.faults.add({ path: '/token', status: 401, body: { error: 'invalid_client' } })
    await refused(async () => browser.open(await toCallback()), { status: 502 })
  })

  describe('with an id token that', () => {
    const parts = (token: string) => token.split('.') as [string, string, string]
    const encode = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url')
    const claimsOf = (token: string) => JSON.parse(Buffer.from(parts(token)[1], 'base64url').toString()) as Record<string, unknown>
    const resign = (token: string, change: Record<string, unknown>) => kith.google.keys.sign({ ...claimsOf(token), ...change })
    const hour = 3600

    const vectors: Record<string, (token: string) => string | undefined> = {
      'was made for another sign-in': (token) => resign(token, { nonce: 'another' }),
      'names no sign-in': (token) => resign(token, { nonce: undefined }),
      'was made for another application': (token) => resign(token, { aud: 'another.apps.googleusercontent.test', azp: undefined }),
      'was made for several applications': (token) => resign(token, { aud: [kith.google.client.id, 'another'] }),
      'was handed to another application': (token) => resign(token, { azp: 'another.apps.googleusercontent.test' }),
      'comes from another issuer': (token) => resign(token, { iss: 'https://accounts.example.test' }),
      'has expired': (token) => resign(token, { iat: Math.floor(Date.now() / 1000) - 3 * hour, exp: Math.floor(Date.now() / 1000) - 2 * hour }),
      'lasts too long': (token) => resign(token, { exp: Math.floor(Date.now() / 1000) + 48 * hour }),
      'lies in the future': (token) => resign(token, { iat: Math.floor(Date.now() / 1000) + hour, exp: Math.floor(Date.now() / 1000) + 2 * hour }),
      'has no subject': (token) => resign(token, { sub: undefined }),
      'has no address': (token) => resign(token, { email: undefined }),
      'says nothing of verification': (token) => resign(token, { email_verified: undefined }),
      'says "true" of verification': (token) => resign(token, { email_verified: 'true' }),
      'has another body under the same signature': (token) => [parts(token)[0], encode({ ...claimsOf(token), sub: '1' }), parts(token)[2]].join('.'),
      'is not signed': (token) => [encode({ alg: 'none', typ: 'JWT' }), parts(token)[1], ''].join('.'),
      'says that it is not signed, with the key id of one that is': (token) => [encode({ ...header(token), alg: 'none' }), parts(token)[1], ''].join('.'),
      'is signed with the certificate as if it were a password': (token) =>
        [encode({ ...header(token), alg: 'HS256' }), parts(token)[1], parts(token)[2]].join('.'),
      'is signed with an unknown key': (token) => [encode({ ...header(token), kid: 'unknown' }), parts(token)[1], parts(token)[2]].join('.'),
      'is no token': () => 'not.a.token',
      'is missing': () => undefined,
    }
    const header = (token: string) => JSON.parse(Buffer.from(parts(token)[0], 'base64url').toString()) as object

    test.for(Object.keys(vectors))('%s', async (name) => {
      const callback = await toCallback('alan@example.test')
      const good = await answerOf(callback)
      const idToken = vectors[name]?.(good.id_token)
      const { id_token: _, ...rest } = good
      kith.google.faults.add({ path: '/token', status: 200, body: { ...rest, ...(idToken === undefined ? {} : { id_token: idToken }) } })
      logged.length = 0
      const answer = await browser.open(callback)
      expect([400, 403]).toContain(answer.status)
      expect([...browser.cookies.keys()].filter((each) => !each.startsWith('kith_flow'))).toEqual([])
      const said = `${await answer.text()}${logged.join('')}`
      for (const secret of [good.id_token, parts(good.id_token)[1], idToken ?? good.id_token, good.access_token, new URL(callback).searchParams.get('code')!])
        expect(said).not.toContain(secret)
    })

    /** What the simulator would answer to the code, without using up the flow: an account's token made with the nonce that the browser went out with. */
    async function answerOf(callback: string): Promise<{ id_token: string; access_token: string }> {
      const flow = nonces.get(new URL(callback).searchParams.get('state')!)
      const code = kith.google.issueCode({ account: 'alan@example.test', redirectUri: kith.origin, ...(flow ? { nonce: flow } : {}) })
      const form = new URLSearchParams({
        grant_type: 'authorization_code',
        code,
        redirect_uri: kith.origin,
        client_id: kith.google.client.id,
        client_secret: kith.google.client.secret,
      })
      const answer = await fetch(`${kith.google.origin}/token`, { method: 'POST', body: form })
      return (await answer.json()) as { id_token: string; access_token: string }
    }
    const nonces = new Map<string, string>()
    beforeEach(() => {
      const { open } = browser
      browser.open = async (url) => {
        const answer = await open(url)
        const target = URL.parse(locationOf(answer))
        if (target?.searchParams.has('nonce')) nonces.set(target.searchParams.get('state')!, target.searchParams.get('nonce')!)
        return answer
      }
    })

    test('is good, is taken: what the table above changes is what it is refused for', async () => {
      const callback = await toCallback('alan@example.test')
      kith.google.faults.add({ path: '/token', status: 200, body: await answerOf(callback) })
      expect(locationOf(await browser.open(callback))).toBe('/welcome')
    })

    test('is signed with a key that Google has only just begun to use, is taken', async () => {
      kith.google.keys.rotate()
      expect(locationOf(await browser.open(await toCallback('alan@example.test')))).toBe('/welcome')
    })
  })
})
