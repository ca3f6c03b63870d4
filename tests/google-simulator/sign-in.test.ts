import { createHash, createPublicKey, verify } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { authorization, oauthClient, redirectUri, refusal, signIn } from './clients.ts'

const contactsReadonly = 'https://www.googleapis.com/auth/contacts.readonly'
// verifyIdToken compares with the machine's time.
const clock = fixedClock(Temporal.Now.instant().round('second'))
let simulator: GoogleSimulator
beforeAll(async () => void (simulator = await startGoogleSimulator({ clock })))
afterAll(() => simulator.close())
beforeEach(() => {
  clock.set(Temporal.Now.instant().round('second'))
  for (const { email } of simulator.world.accounts) simulator.tokens.revokeAccount(email)
  simulator.ledger.clear()
})

async function fetched(url: string | URL, init?: RequestInit) {
  const response = await fetch(url, { redirect: 'manual', ...init })
  return { status: response.status, location: response.headers.get('location'), text: await response.text() }
}

describe('the way through the pages', () => {
  test('account chooser, consent form, code, tokens, a verified id_token', async () => {
    const client = oauthClient(simulator)
    const { url, state, nonce, codeVerifier } = await authorization(client)
    const chooser = await fetched(url)
    expect(chooser.status).toBe(200)
    for (const { email } of simulator.world.accounts) expect(chooser.text).toContain(email)
    const link = /href="([^"]*ada%40example\.test[^"]*)"/.exec(chooser.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const consent = await fetched(new URL(link, simulator.origin))
    expect(consent.text).not.toContain('type="checkbox"')
    const action = /<form method="post" action="([^"]+)"/.exec(consent.text)?.[1]?.replaceAll('&amp;', '&') ?? ''
    const sent = await fetched(new URL(action, simulator.origin), {
      method: 'POST',
      body: new URLSearchParams({ account: 'ada@example.test', decision: 'allow' }),
    })
    expect(sent.status).toBe(302)
    const callback = new URL(sent.location ?? '')
    expect(callback.origin + callback.pathname).toBe(redirectUri)
    expect(callback.searchParams.get('state')).toBe(state)

    const { tokens } = await client.getToken({ code: callback.searchParams.get('code') ?? '', codeVerifier })
    expect(tokens.refresh_token).toBeUndefined()
    expect(tokens.scope).toBe('openid https://www.googleapis.com/auth/userinfo.email https://www.googleapis.com/auth/userinfo.profile')
    const ticket = await client.verifyIdToken({ idToken: tokens.id_token ?? '', audience: simulator.client.id })
    const ada = simulator.world.account('ada@example.test')
    expect(ticket.getPayload()).toMatchObject({
      iss: 'https://accounts.google.com',
      aud: simulator.client.id,
      sub: ada.sub,
      email: 'ada@example.test',
      email_verified: true,
      name: 'Ada Example',
      given_name: 'Ada',
      locale: 'en-US',
      nonce,
      at_hash: createHash('sha256')
        .update(tokens.access_token ?? '')
        .digest()
        .subarray(0, 16)
        .toString('base64url'),
    })
    expect(ada.sub).toMatch(/^1\d{20}$/)
  })

  test('a box for each scope that may be refused; what is unticked is not granted', async () => {
    const client = oauthClient(simulator)
    const scope = ['openid', 'email', contactsReadonly, 'https://www.googleapis.com/auth/gmail.metadata']
    const { url, codeVerifier } = await authorization(client, { scope, login_hint: 'grace@example.test' })
    const page = await fetched(url)
    expect([...page.text.matchAll(/type="checkbox" name="scope" value="([^"]+)"/g)].map((match) => match[1])).toEqual(scope.slice(2))
    const callback = await simulator.consent(url, { untick: ['https://www.googleapis.com/auth/gmail.metadata'] })
    const { tokens } = await client.getToken({ code: callback.searchParams.get('code') ?? '', codeVerifier })
    expect(tokens.scope?.split(' ').sort()).toEqual([
      'https://www.googleapis.com/auth/contacts.readonly',
      'https://www.googleapis.com/auth/userinfo.email',
      'openid',
    ])
  })

  test('Deny sends the browser back with access_denied, the state and no code', async () => {
    const { url, state } = await authorization(oauthClient(simulator))
    const callback = await simulator.consent(url, { account: 'ada@example.test', deny: true })
    expect(Object.fromEntries(callback.searchParams)).toEqual({ error: 'access_denied', state, iss: 'https://accounts.google.com' })
  })

  test('consent is asked once; prompt=consent asks again, select_account chooses again, none never shows a page', async () => {
    await signIn(simulator, 'ada@example.test')
    const client = oauthClient(simulator)
    const open = async (options: object) => fetched((await authorization(client, { login_hint: 'ada@example.test', ...options })).url)
    expect((await open({})).location).toContain('code=')
    expect((await open({ prompt: 'consent' })).text).toContain('wants to access your account')
    expect((await open({ prompt: 'select_account' })).text).toContain('Choose an account')
    expect((await open({ prompt: 'none' })).location).toContain('code=')
    expect((await open({ prompt: 'none', scope: `openid ${contactsReadonly}` })).location).toContain('error=consent_required')
    expect((await open({ prompt: 'none', login_hint: 'stranger@example.test' })).location).toContain('error=login_required')
  })

  test('include_granted_scopes adds what was granted before; without it a token holds only what was asked', async () => {
    await signIn(simulator, 'ada@example.test')
    const incremental = await signIn(simulator, 'ada@example.test', { scope: contactsReadonly, include_granted_scopes: true })
    expect(incremental.tokens.scope?.split(' ')).toEqual(expect.arrayContaining(['openid', contactsReadonly]))
    const alone = await signIn(simulator, 'ada@example.test', { scope: contactsReadonly })
    expect(alone.tokens.scope).toBe(contactsReadonly)
  })

  test('an address that is not verified says so', async () => {
    const { client, tokens } = await signIn(simulator, 'uma@example.test')
    const ticket = await client.verifyIdToken({ idToken: tokens.id_token ?? '', audience: simulator.client.id })
    expect(ticket.getPayload()?.email_verified).toBe(false)
  })

  test('simulate_account and autoApprove answer without a page', async () => {
    const client = oauthClient(simulator)
    const { url } = await authorization(client)
    expect((await fetched(`${url}&simulate_account=ada@example.test`)).location).toContain('code=')
    expect((await fetched(`${url}&simulate_account=ada@example.test&simulate_deny=1`)).location).toContain('error=access_denied')
    simulator.settings.autoApprove = 'alan@example.test'
    expect((await fetched(url)).location).toContain('code=')
    simulator.settings.autoApprove = null
  })

  test('a client or an address nobody registered gets a page, never a redirect', async () => {
    const client = oauthClient(simulator)
    for (const options of [
      { client_id: 'unknown' },
      { redirect_uri: 'https://attacker.example/callback' },
      { scope: 'openid https://www.googleapis.com/auth/drive' },
      { response_type: 'token' },
    ]) {
      const { status, location, text } = await fetched((await authorization(client, options)).url)
      expect([400, 401]).toContain(status)
      expect(location).toBeNull()
      expect(text).toContain('Access blocked')
    }
  })

  test('what an application writes into the address is shown as text', async () => {
    const { url } = await authorization(oauthClient(simulator), { login_hint: 'ada@example.test', state: '"><script>alert(1)</script>' })
    expect((await fetched(url)).text).not.toContain('<script>')
  })
})

describe('the code', () => {
  const codeOf = async (options: object = {}) => {
    const client = oauthClient(simulator)
    const { url, codeVerifier } = await authorization(client, { access_type: 'offline', ...options })
    return { client, codeVerifier, code: (await simulator.consent(url, { account: 'ada@example.test' })).searchParams.get('code') ?? '' }
  }
  const invalidGrant = { status: 400, data: { error: 'invalid_grant' } }

  test('is refused with a wrong verifier or none, and works with the right one', async () => {
    const { client, code, codeVerifier } = await codeOf()
    expect(await refusal(client.getToken({ code, codeVerifier: `${codeVerifier}x` }))).toMatchObject(invalidGrant)
    expect(await refusal(client.getToken({ code }))).toMatchObject({
      status: 400,
      data: { error: 'invalid_grant', error_description: 'Missing code verifier.' },
    })
    expect((await client.getToken({ code, codeVerifier })).tokens.access_token).toMatch(/^ya29\./)
  })

  test('is refused for another redirect address', async () => {
    const { client, code, codeVerifier } = await codeOf()
    expect(await refusal(client.getToken({ code, codeVerifier, redirect_uri: 'http://127.0.0.1:4000/elsewhere' }))).toMatchObject({
      status: 400,
      data: { error: 'redirect_uri_mismatch' },
    })
  })

  test('works once; used again it also kills the tokens it had given', async () => {
    const { client, code, codeVerifier } = await codeOf()
    const { tokens } = await client.getToken({ code, codeVerifier })
    expect(await refusal(client.getToken({ code, codeVerifier }))).toMatchObject(invalidGrant)
    expect(await refusal(client.getTokenInfo(tokens.access_token ?? ''))).toMatchObject({ status: 400, data: { error: 'invalid_token' } })
    client.setCredentials({ refresh_token: tokens.refresh_token ?? '' })
    expect(await refusal(client.refreshAccessToken())).toMatchObject(invalidGrant)
  })

  test('dies after ten minutes', async () => {
    const { client, code, codeVerifier } = await codeOf()
    clock.advance({ minutes: 10 })
    expect(await refusal(client.getToken({ code, codeVerifier }))).toMatchObject(invalidGrant)
  })

  test('is refused to a client with a wrong secret or an unknown name: invalid_client, not invalid_grant', async () => {
    const { code, codeVerifier } = await codeOf()
    const wrongSecret = oauthClient({ ...simulator, client: { ...simulator.client, secret: 'guess' } })
    expect(await refusal(wrongSecret.getToken({ code, codeVerifier }))).toMatchObject({ status: 401, data: { error: 'invalid_client' } })
    const unknown = oauthClient({ ...simulator, client: { ...simulator.client, id: 'unknown' } })
    expect(await refusal(unknown.getToken({ code, codeVerifier }))).toMatchObject({ status: 401, data: { error: 'invalid_client' } })
  })

  test('missing parameters and other grant types are told apart', async () => {
    const ask = (form: Record<string, string>) =>
      fetch(`${simulator.origin}/token`, {
        method: 'POST',
        body: new URLSearchParams({ client_id: simulator.client.id, client_secret: simulator.client.secret, ...form }),
      }).then(async (response) => [response.status, await response.json()])
    expect(await ask({ grant_type: 'authorization_code' })).toMatchObject([400, { error: 'invalid_request' }])
    expect(await ask({ grant_type: 'password' })).toMatchObject([400, { error: 'unsupported_grant_type' }])
  })
})

describe('tokens', () => {
  const offline = { scope: `openid ${contactsReadonly}`, access_type: 'offline' }

  test('a refresh token comes with consent only: the first time, and again with prompt=consent', async () => {
    expect((await signIn(simulator, 'ada@example.test', offline)).tokens.refresh_token).toMatch(/^1\/\//)
    expect((await signIn(simulator, 'ada@example.test', offline)).tokens.refresh_token).toBeUndefined()
    expect((await signIn(simulator, 'ada@example.test', { ...offline, prompt: 'consent' })).tokens.refresh_token).toMatch(/^1\/\//)
    expect((await signIn(simulator, 'grace@example.test', { ...offline, access_type: 'online' })).tokens.refresh_token).toBeUndefined()
  })

  test('a refresh gives a new access token and no new refresh token', async () => {
    const { client, tokens } = await signIn(simulator, 'ada@example.test', offline)
    const { credentials } = await client.refreshAccessToken()
    expect(credentials.access_token).not.toBe(tokens.access_token)
    expect(credentials.refresh_token).toBe(tokens.refresh_token)
    expect(credentials.scope).toBe(tokens.scope)
    expect(simulator.ledger.of('token.refresh_token')).toMatchObject([{ account: 'ada@example.test', status: 200 }])
    expect((await client.getTokenInfo(credentials.access_token ?? '')).scopes).toContain(contactsReadonly)
  })

  test('an access token dies when its time is over, and a refresh token does not', async () => {
    const { client, tokens } = await signIn(simulator, 'ada@example.test', offline)
    clock.advance({ seconds: 3599 })
    expect(await refusal(client.getTokenInfo(tokens.access_token ?? ''))).toMatchObject({ status: 400, data: { error: 'invalid_token' } })
    expect((await client.refreshAccessToken()).credentials.access_token).toBeTruthy()
  })

  test.each(['query', 'body'])('revoking by %s kills the access token and the refresh token', async (place) => {
    const { client, tokens } = await signIn(simulator, 'ada@example.test', offline)
    if (place === 'query') await client.revokeToken(tokens.refresh_token ?? '')
    else await fetch(`${simulator.origin}/revoke`, { method: 'POST', body: new URLSearchParams({ token: tokens.access_token ?? '' }) })
    expect(await refusal(client.getTokenInfo(tokens.access_token ?? ''))).toMatchObject({ status: 400 })
    expect(await refusal(client.refreshAccessToken())).toMatchObject({ status: 400, data: { error: 'invalid_grant' } })
    expect(await refusal(client.revokeToken(tokens.refresh_token ?? ''))).toMatchObject({ status: 400, data: { error: 'invalid_token' } })
  })

  test('the hundred-and-first refresh token silences the first', async () => {
    const issue = () => simulator.issueTokens({ account: 'alan@example.test' }).refreshToken
    const first = issue()
    const second = issue()
    for (let count = 2; count <= 100; count++) issue()
    const client = oauthClient(simulator)
    client.setCredentials({ refresh_token: first })
    expect(await refusal(client.refreshAccessToken())).toMatchObject({ data: { error: 'invalid_grant' } })
    client.setCredentials({ refresh_token: second })
    expect((await client.refreshAccessToken()).credentials.access_token).toBeTruthy()
  })

  test('a refresh token outlives a restart of the simulator, but not with another seed', async () => {
    const { tokens } = await signIn(simulator, 'ada@example.test', offline)
    for (const [seed, works] of [
      ['kith', true],
      ['other', false],
    ] as const) {
      const restarted = await startGoogleSimulator({ clock, seed })
      const client = oauthClient(restarted)
      client.setCredentials({ refresh_token: tokens.refresh_token ?? '' })
      if (works) expect((await client.refreshAccessToken()).credentials.scope).toBe(tokens.scope)
      else expect(await refusal(client.refreshAccessToken())).toMatchObject({ data: { error: 'invalid_grant' } })
      await restarted.close()
    }
  })

  test('userinfo shows what the scopes allow and refuses a dead token', async () => {
    const { tokens } = await signIn(simulator, 'ada@example.test', { scope: 'openid email' })
    const ask = (path: string, token: string) => fetch(simulator.origin + path, { headers: { authorization: `Bearer ${token}` } })
    for (const path of ['/v1/userinfo', '/oauth2/v3/userinfo']) {
      expect(await (await ask(path, tokens.access_token ?? '')).json()).toEqual({
        sub: simulator.world.account('ada@example.test').sub,
        email: 'ada@example.test',
        email_verified: true,
      })
      expect((await ask(path, 'ya29.dead')).status).toBe(401)
    }
  })
})

describe('id_tokens and keys', () => {
  test('PEM and JWKS hold the same keys and may be cached', async () => {
    const pem = await fetch(`${simulator.origin}/oauth2/v1/certs`)
    const jwks = await fetch(`${simulator.origin}/oauth2/v3/certs`)
    expect(pem.headers.get('cache-control')).toMatch(/max-age=\d+/)
    const byId = (await pem.json()) as Record<string, string>
    const { keys } = (await jwks.json()) as { keys: { kid: string; n: string; e: string; kty: string }[] }
    expect(keys.map((key) => key.kid)).toEqual(Object.keys(byId))
    const [{ tokens }, [key]] = [await signIn(simulator, 'ada@example.test'), keys]
    const [header = '', payload = '', signature = ''] = (tokens.id_token ?? '').split('.')
    expect(
      verify('RSA-SHA256', Buffer.from(`${header}.${payload}`), createPublicKey({ key: key ?? {}, format: 'jwk' }), Buffer.from(signature, 'base64url')),
    ).toBe(true)
  })

  test('a token for another audience, a changed one and an old one do not verify', async () => {
    const { client, tokens } = await signIn(simulator, 'ada@example.test')
    const idToken = tokens.id_token ?? ''
    await expect(client.verifyIdToken({ idToken, audience: 'another-client' })).rejects.toThrow('Wrong recipient')
    const [header, payload, signature] = idToken.split('.')
    const changed = Buffer.from(JSON.stringify({ ...JSON.parse(Buffer.from(payload ?? '', 'base64url').toString()), email: 'mallory@example.test' })).toString(
      'base64url',
    )
    await expect(client.verifyIdToken({ idToken: [header, changed, signature].join('.'), audience: simulator.client.id })).rejects.toThrow(
      'Invalid token signature',
    )
    clock.set(Temporal.Now.instant().subtract({ hours: 2 }))
    const old = await signIn(simulator, 'ada@example.test')
    await expect(client.verifyIdToken({ idToken: old.tokens.id_token ?? '', audience: simulator.client.id })).rejects.toThrow('too late')
  })

  test('after a rotation a client that cached the keys fails, a new one reads both keys, and the oldest is withdrawn by the next', async () => {
    const audience = simulator.client.id
    const before = await signIn(simulator, 'ada@example.test')
    await before.client.verifyIdToken({ idToken: before.tokens.id_token ?? '', audience })
    simulator.keys.rotate()
    const after = await signIn(simulator, 'ada@example.test')
    await expect(before.client.verifyIdToken({ idToken: after.tokens.id_token ?? '', audience })).rejects.toThrow('No pem found')
    await after.client.verifyIdToken({ idToken: after.tokens.id_token ?? '', audience })
    await after.client.verifyIdToken({ idToken: before.tokens.id_token ?? '', audience })
    simulator.keys.rotate()
    await expect(oauthClient(simulator).verifyIdToken({ idToken: before.tokens.id_token ?? '', audience })).rejects.toThrow('No pem found')
  })

  test('discovery names the endpoints on this origin and Google as the issuer', async () => {
    const document = (await (await fetch(`${simulator.origin}/.well-known/openid-configuration`)).json()) as Record<string, unknown>
    expect(document).toMatchObject({
      issuer: 'https://accounts.google.com',
      token_endpoint: `${simulator.origin}/token`,
      jwks_uri: `${simulator.origin}/oauth2/v3/certs`,
    })
  })
})
