import { createEmulator, type Emulator } from 'emulate'
import { createHash, createPublicKey, randomBytes, verify, type webcrypto } from 'node:crypto'
import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { gmail } from 'googleapis/build/src/apis/gmail/index.js'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccount } from '../../src/accounts/service.ts'
import { insertEvent, listEvents } from '../../src/calendar/api.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { listMessages } from '../../src/gmail/api.ts'
import { GmailJson, headerNames, messageFields, readMessage } from '../../src/gmail/message.ts'
import { callGoogle, clientOptions } from '../../src/google/call.ts'
import { createGoogleClient, type GoogleClient, type GrantedTokens } from '../../src/google/client.ts'
import { connectWithTokens } from '../../src/google/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { freePort } from '../support/web.ts'

// Our simulator was written by those who wrote what it tests. Here the same clients talk to an emulator that others wrote, as far as that goes:
// it has no PEM certificates, no batches, no profile, no People API and no sync tokens, so that these are left out.
const email = 'ada@example.test'
const redirectUri = 'http://127.0.0.1:4000/auth/google/callback'
const clientId = 'kith.apps.example'
const api = 'https://www.googleapis.com/auth'
const scopes = ['openid', 'email', `${api}/gmail.metadata`, `${api}/calendar.events.owned`]
let emulator: Emulator
let google: GoogleClient
let kith: TestApp
let door: Server

beforeAll(async () => {
  const message = {
    user_email: email,
    from: 'Grace <grace@example.com>',
    to: `Ada <${email}>`,
    cc: 'alan@example.com',
    snippet: 'Shall we',
    body_text: 'Shall we?',
  }
  emulator = await createEmulator({
    service: 'google',
    port: await freePort(),
    seed: {
      google: {
        users: [{ email, name: 'Ada Example' }],
        oauth_clients: [{ client_id: clientId, client_secret: 'emulated-secret', redirect_uris: [redirectUri] }],
        messages: [
          { ...message, id: 'm1', thread_id: 't1', subject: 'Tea', date: '2026-03-01T10:00:00Z', message_id: '<one@example.com>' },
          {
            ...message,
            id: 'm2',
            thread_id: 't1',
            subject: 'Re: Tea',
            from: email,
            to: 'grace@example.com',
            label_ids: ['SENT'],
            date: '2026-03-01T11:00:00Z',
          },
          { ...message, id: 'm3', thread_id: 't3', subject: 'Rubbish', label_ids: ['TRASH'], date: '2026-03-01T12:00:00Z' },
        ],
        calendars: [{ id: 'primary', user_email: email, summary: 'Ada', primary: true, time_zone: 'Europe/Berlin' }],
      },
    },
  })
  // The emulator keeps its token endpoint where Google's lay once; what comes to today's place is handed on.
  door = createServer((request, response) => {
    void (async () => {
      const body = request.method === 'GET' ? {} : { body: Buffer.concat(await request.toArray()) }
      const target = `${emulator.url}${(request.url ?? '').replace(/^\/token$/, '/oauth2/token')}`
      const { host: _host, connection: _connection, 'content-length': _length, ...headers } = request.headers
      const answer = await fetch(target, { method: request.method ?? 'GET', headers: headers as Record<string, string>, ...body, redirect: 'manual' })
      response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' }).end(Buffer.from(await answer.arrayBuffer()))
    })()
  }).listen(0, '127.0.0.1')
  await once(door, 'listening')
  const config = { google: { clientId, origin: `http://127.0.0.1:${(door.address() as AddressInfo).port}` } } as Parameters<typeof createGoogleClient>[0]
  google = createGoogleClient(config, { masterKeys: [], googleClientSecret: 'emulated-secret' })
  kith = await testApp({ google })
})
afterAll(async () => {
  await kith.close()
  door.closeAllConnections()
  door.close()
  await emulator.close()
})

const challengeOf = (verifier: string): string => createHash('sha256').update(verifier).digest('base64url')

/** Goes to Google and presses the button with the address, as a person would; answers the code. */
async function codeFor(request: { state: string; nonce: string; codeVerifier: string }): Promise<string> {
  const { codeVerifier, ...rest } = request
  const url = google.authorizationUrl({ ...rest, redirectUri, scopes, codeChallenge: challengeOf(codeVerifier), offline: true, prompt: 'consent' })
  const page = await (await fetch(url)).text()
  const form = [...page.matchAll(/<form[^>]*>.*?<\/form>/gs)].map(([each]) => each).find((each) => each.includes(email))
  const fields = [...(form ?? '').matchAll(/name="([^"]+)" value="([^"]*)"/g)].map(([, name = '', value = '']) => [name, value.replaceAll('&amp;', '&')])
  const body = new URLSearchParams(fields as [string, string][])
  const back = await fetch(`${emulator.url}/o/oauth2/v2/auth/callback`, { method: 'POST', body, redirect: 'manual' })
  const location = new URL(back.headers.get('location') ?? '')
  expect([location.origin + location.pathname, location.searchParams.get('state')]).toEqual([redirectUri, request.state])
  return location.searchParams.get('code') ?? ''
}

async function signIn(): Promise<GrantedTokens & { nonce: string }> {
  const [state = '', nonce = '', codeVerifier = ''] = Array.from({ length: 3 }, () => randomBytes(32).toString('base64url'))
  const code = await codeFor({ state, nonce, codeVerifier })
  return { ...(await google.exchangeCode({ code, codeVerifier, redirectUri })), nonce }
}

/** Someone of ours whose mail and calendar are connected there. */
async function connected(): Promise<Ctx> {
  const { accessToken, refreshToken } = await signIn()
  const { ownerId } = await createAccount(kith.app, { subject: `emulated ${randomBytes(4).toString('hex')}`, email, name: 'Ada', locale: 'en-GB', timeZone: 'UTC', region: 'DE' }) // prettier-ignore
  await connectWithTokens(kith.app, ownerId, { accessToken, refreshToken: refreshToken ?? '', scopes }, ['GMAIL', 'CALENDAR'])
  return systemCtx(kith.app, ownerId, 'test')
}

test('our code flow with PKCE gets tokens from an emulator that others wrote, whose id token its own JWKS verifies', async () => {
  const { idToken, accessToken, refreshToken, expiresInSeconds, scopes: granted, nonce } = await signIn()
  expect([accessToken, refreshToken]).toEqual([expect.stringMatching(/.{20}/), expect.stringMatching(/.{20}/)])
  expect(expiresInSeconds).toBeGreaterThan(3500)
  expect(granted.toSorted()).toEqual(scopes.toSorted())

  const { keys } = (await (await fetch(`${emulator.url}/oauth2/v3/certs`)).json()) as { keys: (webcrypto.JsonWebKey & { kid: string })[] }
  const [head = '', body = '', signature = ''] = idToken?.split('.') ?? []
  const read = (part: string): Record<string, unknown> => JSON.parse(Buffer.from(part, 'base64url').toString()) as Record<string, unknown>
  const key = keys.find(({ kid }) => kid === read(head)['kid'])
  expect(read(head)['alg']).toBe('RS256')
  expect(verify('RSA-SHA256', Buffer.from(`${head}.${body}`), createPublicKey({ key: key!, format: 'jwk' }), Buffer.from(signature, 'base64url'))).toBe(true)
  expect(read(body)).toMatchObject({ aud: clientId, nonce, email, email_verified: true, sub: expect.any(String) })
})

test('a verifier that is another than the one the code was asked for with is refused there as we expect, and so is a code that was used', async () => {
  const code = await codeFor({ state: 's', nonce: 'n', codeVerifier: 'v'.repeat(43) })
  const exchange = (codeVerifier: string) => google.exchangeCode({ code, codeVerifier, redirectUri })
  await expect(exchange('w'.repeat(43))).rejects.toMatchObject({ name: 'GoogleRefusal', reason: 'bad-code' })
  expect(await exchange('v'.repeat(43))).toMatchObject({ accessToken: expect.any(String) })
  await expect(exchange('v'.repeat(43))).rejects.toMatchObject({ name: 'GoogleRefusal', reason: 'bad-code' })
})

test('mail is listed and read there with the calls that our sync makes', async () => {
  const ctx = await connected()
  const { messages } = await listMessages(ctx, { pageToken: null })
  expect(messages.filter(({ id }) => /^m\d$/.test(id)).toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual([
    { id: 'm1', threadId: 't1' },
    { id: 'm2', threadId: 't1' },
  ])
  // As the parts of our batches ask, one by one: the emulator has no batches.
  const read = async (id: string) => {
    const data = await callGoogle(ctx, { api: 'gmail', units: 20 }, (accessToken) =>
      gmail({ version: 'v1', ...clientOptions(ctx, accessToken) }).users.messages.get({
        userId: 'me',
        id,
        format: 'metadata',
        fields: messageFields,
        metadataHeaders: [...headerNames],
      }),
    )
    return readMessage(GmailJson.parse(data))
  }
  const first = await read('m1')
  expect(first).toMatchObject({ id: 'm1', threadId: 't1', hidden: false, at: expect.anything() })
  expect(first.participants.map(({ role, canonical }) => `${role} ${canonical}`).toSorted()).toEqual([
    'CC alan@example.com',
    'FROM grace@example.com',
    `TO ${email}`,
  ])
  expect(await read('m2')).toMatchObject({ labels: expect.arrayContaining(['SENT']) })
})

test('an event is put into the calendar there with the call that our scheduling makes, and is listed as we read it', async () => {
  const ctx = await connected()
  const time = (hour: number) => ({ dateTime: `2026-03-03T${hour}:00:00+01:00`, timeZone: 'Europe/Berlin' })
  const event = { summary: 'Lunch', start: time(12), end: time(13), attendees: [{ email: 'grace@example.com' }] }
  const made = await insertEvent(ctx, event, { invite: false })
  expect(made).toMatchObject({ summary: 'Lunch', id: expect.any(String) })
  const { events } = await listEvents(ctx, { pageToken: null, syncToken: null, pageSize: 250 })
  expect(events.filter(({ summary }) => summary === 'Lunch')).toEqual([
    expect.objectContaining({ id: made.id, attendees: [expect.objectContaining({ email: 'grace@example.com' })] }),
  ])
})
