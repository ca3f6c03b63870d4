import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { locationOf, openBrowser, type WebApp, webApp } from '../support/web.ts'
import { addBook, beginConnect, connect, connectMutation, contactsScope, movableClock, shown, signUp } from './support.ts'

const clock = movableClock()
const logged: string[] = []
let kith: WebApp
let accounts = 0

beforeAll(async () => {
  const { pino } = await import('pino')
  kith = await webApp({ clock, log: pino({ level: 'debug' }, { write: (line: string) => void logged.push(line) }) })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.reset()
  kith.google.faults.clear()
})

/** Someone with a Google account of their own and three contacts in it, signed in. */
async function someone() {
  const email = `owner${(accounts += 1)}@example.test`
  addBook(kith, email, 3)
  return { email, browser: await signUp(kith, email) }
}

describe('connecting contacts', () => {
  test('a person who connects asks Google for the contacts scope with offline access, and their address book comes in', async () => {
    const { email, browser } = await someone()
    const before = await shown(browser)
    expect(before).toMatchObject({ connected: false, email: null, grantedScopes: [] })
    expect(before.features.map(({ feature, status }) => [feature, status])).toEqual([
      ['CONTACTS', 'OFF'],
      ['GMAIL', 'OFF'],
      ['CALENDAR', 'OFF'],
    ])
    const url = await beginConnect(browser)
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      scope: `openid email ${contactsScope}`,
      access_type: 'offline',
      include_granted_scopes: 'true',
      prompt: 'consent',
      code_challenge_method: 'S256',
      redirect_uri: `${kith.origin}/auth/google/callback`,
    })
    const page = await browser.open((await kith.google.consent(url.href, { account: email })).href)
    expect([page.status, await page.text()]).toEqual([200, expect.stringContaining('Connected')])
    expect((await shown(browser)).contacts).toMatchObject({ status: 'PENDING', processed: 0, errorCode: null })
    await kith.runJobs()
    const after = await shown(browser)
    expect(after).toMatchObject({ connected: true, email })
    expect(after.grantedScopes).toContain(contactsScope)
    expect(after.contacts).toMatchObject({
      status: 'IDLE',
      phase: null,
      processed: 3,
      total: 3,
      nextRunAt: expect.any(String),
      errorCode: null,
      errorMessage: null,
    })
    expect(after.contacts.lastSuccessAt).not.toBeNull()
    const { body } = await browser.graphql('{ contacts { totalCount nodes { displayName sources { kind } } } }')
    expect(body.data).toMatchObject({ contacts: { totalCount: 3, nodes: [{ displayName: 'Person0 Example', sources: [{ kind: 'GOOGLE' }] }, {}, {}] } })
  })

  test('row 19: a box left unticked leaves the feature without its scope and imports nothing; ticking it later mends it', async () => {
    const { email, browser } = await someone()
    expect(await connect(kith, browser, email, { untick: [contactsScope] })).toMatchObject({ status: 200, text: expect.stringContaining('unticked') })
    expect(await shown(browser)).toMatchObject({
      contacts: { status: 'SCOPE_MISSING', errorCode: 'SCOPE_MISSING', errorMessage: expect.stringContaining('tick') },
    })
    await kith.runJobs()
    expect((await browser.graphql('{ contacts { totalCount } }')).body.data).toEqual({ contacts: { totalCount: 0 } })
    await connect(kith, browser, email)
    await kith.runJobs()
    expect((await shown(browser)).contacts).toMatchObject({ status: 'IDLE', processed: 3 })
  })

  test('row 19: who denies at Google stays as they were', async () => {
    const { email, browser } = await someone()
    expect(await connect(kith, browser, email, { deny: true })).toMatchObject({ status: 200, text: expect.stringContaining('Nothing was connected') })
    expect(await shown(browser)).toMatchObject({ connected: false, contacts: { status: 'OFF' } })
  })

  test('another Google account than the one that is signed in with is refused, and nothing is kept of it', async () => {
    const { browser } = await someone()
    const url = await beginConnect(browser)
    url.searchParams.delete('login_hint')
    const page = await browser.open((await kith.google.consent(url.href, { account: 'alan@example.test' })).href)
    expect([page.status, await page.text()]).toEqual([409, expect.stringContaining('another Google account')])
    expect(await shown(browser)).toMatchObject({ connected: false, email: null, contacts: { status: 'OFF' } })
  })

  test('a link to connect works for its owner’s browser only, and for ten minutes', async () => {
    const { browser } = await someone()
    const stranger = (await someone()).browser
    const { url } = ((await browser.graphql(connectMutation)).body.data as { googleConnect: { url: string } }).googleConnect
    expect((await stranger.open(url)).status).toBe(403)
    expect((await openBrowser(kith.origin).open(url)).status).toBe(401)
    expect((await browser.open(`${url}x`)).status).toBe(400)
    expect((await browser.open(url.replace('CONTACTS', 'GMAIL'))).status).toBe(400)
    expect(locationOf(await browser.open(url))).toContain(kith.google.origin)
    clock.advance({ minutes: 11 })
    expect((await browser.open(url)).status).toBe(400)
  })

  test('row 20: a callback brought to another browser, or twice, connects nothing', async () => {
    const { email, browser } = await someone()
    const stranger = (await someone()).browser
    const callback = (await kith.google.consent((await beginConnect(browser)).href, { account: email })).href
    expect((await stranger.open(callback)).status).toBe(400)
    expect((await browser.open(callback)).status).toBe(200)
    expect((await browser.open(callback)).status).toBe(400)
    expect((await shown(stranger)).connected).toBe(false)
  })

  test('who signs out while at Google, or signs in to another account, connects nothing', async () => {
    const { email, browser } = await someone()
    const callback = (await kith.google.consent((await beginConnect(browser)).href, { account: email })).href
    await browser.submit('/auth/sign-out', {})
    expect((await browser.open(callback)).status).toBe(403)
    await signUp(kith, email, browser)
    const another = (await kith.google.consent((await beginConnect(browser)).href, { account: email })).href
    const flow = [...browser.cookies].filter(([name]) => name.startsWith('kith_flow'))
    await signUp(kith, 'alan@example.test', browser)
    for (const [name, value] of flow) browser.cookies.set(name, value)
    expect((await browser.open(another)).status).toBe(403)
    expect(await shown(browser)).toMatchObject({ connected: false })
    expect(await shown(await signUp(kith, email))).toMatchObject({ connected: false })
  })

  test('[F-07] each feature asks for its own scope, and no feature at all is refused', async () => {
    const { browser } = await someone()
    const ask = (features: string) => browser.graphql(`mutation { googleConnect(features: [${features}]) { ... on GoogleAuthorization { url } } }`)
    const scopeOf = async (features: string) => {
      const { url } = ((await ask(features)).body.data as { googleConnect: { url: string } }).googleConnect
      return new URL(locationOf(await browser.open(url))).searchParams.get('scope')
    }
    const api = 'https://www.googleapis.com/auth'
    expect(await scopeOf('GMAIL')).toBe(`openid email ${api}/gmail.metadata`)
    expect(await scopeOf('CALENDAR, CONTACTS')).toBe(`openid email ${api}/calendar.events.owned ${api}/contacts.readonly`)
    const { body, status } = await ask('')
    expect([status, body.errors]).toEqual([400, [expect.objectContaining({ extensions: expect.objectContaining({ code: 'BAD_USER_INPUT' }) })]])
  })

  test('what Google has ended as a whole is asked for again as a whole, whichever feature is named', async () => {
    const { email, browser } = await someone()
    const open = async (features: string) => {
      const { body } = await browser.graphql(`mutation { googleConnect(features: [${features}]) { ... on GoogleAuthorization { url } } }`)
      return new URL(locationOf(await browser.open((body.data as { googleConnect: { url: string } }).googleConnect.url)))
    }
    const allow = async (url: URL, untick: string[] = []) => browser.open((await kith.google.consent(url.href, { account: email, untick })).href)
    const statuses = async () => (await shown(browser)).features.map(({ status }) => status)
    await allow(await open('CALENDAR, CONTACTS'))
    await kith.runJobs()
    expect(await statuses()).toEqual(['IDLE', 'OFF', 'IDLE'])
    kith.google.tokens.revokeAccount(email)

    // Nobody has noticed yet.
    const calendar = 'https://www.googleapis.com/auth/calendar.events.owned'
    await allow(await open('CONTACTS'), [calendar])
    expect(await statuses()).toEqual(['PENDING', 'OFF', 'SCOPE_MISSING'])
    await allow(await open('CALENDAR'))
    await kith.runJobs()
    expect(await statuses()).toEqual(['IDLE', 'OFF', 'IDLE'])

    kith.google.tokens.revokeAccount(email)
    clock.advance({ hours: 2 })
    await kith.runJobs()
    expect(await statuses()).toEqual(['NEEDS_REAUTHORIZATION', 'OFF', 'NEEDS_REAUTHORIZATION'])
    const url = await open('CONTACTS')
    expect(url.searchParams.get('scope')).toContain(calendar)
    await allow(url)
    await kith.runJobs()
    expect(await statuses()).toEqual(['IDLE', 'OFF', 'IDLE'])
  })

  test('row 18: connecting again asks for no consent, and keeps the refresh token that Google does not send anew', async () => {
    const { email, browser } = await someone()
    await connect(kith, browser, email)
    await kith.runJobs()
    const tokens = () => kith.app.database.prisma.googleGrant.findFirstOrThrow({ where: { email }, select: { refreshToken: true, tokenGeneration: true } })
    const before = await tokens()
    const url = await beginConnect(browser)
    expect(url.searchParams.has('prompt')).toBe(false)
    await browser.open((await kith.google.consent(url.href, {})).href)
    const after = await tokens()
    expect(before.refreshToken).not.toBeNull()
    expect([Buffer.from(after.refreshToken!), after.tokenGeneration]).toEqual([Buffer.from(before.refreshToken!), before.tokenGeneration + 1])
    await kith.runJobs()
    expect((await shown(browser)).contacts).toMatchObject({ status: 'IDLE', processed: 3 })
  })

  test('a token needs google:read to look and google:write to connect', async () => {
    const ada = await kith.signUp()
    const reader = await ada.token(['account:read', 'google:read'])
    const query = '{ viewer { google { connected } } }'
    expect((await kith.graphql(query, {}, { token: reader })).data).toEqual({ viewer: { google: { connected: false } } })
    expect((await kith.graphql(query, {}, { token: await ada.token(['account:read']) })).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      missingScopes: ['google:read'],
    })
    expect((await kith.graphql(connectMutation, {}, { token: reader })).errors?.[0]?.extensions).toMatchObject({
      code: 'FORBIDDEN',
      missingScopes: ['google:write'],
    })
  })
})

test('[F-06] tokens are sealed at rest, and neither tokens nor codes reach the log', async () => {
  const { email, browser } = await someone()
  kith.google.faults.add({ path: '/v1/people/me/connections', status: 500, body: { error: { code: 500, message: 'secret ya29.leak', status: 'INTERNAL' } } })
  await connect(kith, browser, email)
  await kith.runJobs()
  const dump = JSON.stringify(
    (await kith.app.database.pool.query('SELECT encode("refreshToken", \'escape\') AS r, encode("accessToken", \'escape\') AS a, g.* FROM google_grants AS g'))
      .rows,
  )
  for (const text of [dump, ...logged]) expect(text).not.toMatch(/ya29\.|1\/\/[\w-]{10}|4\/0[\w-]{10}|eyJ[\w-]{10}|simulator-client-secret/)
})
