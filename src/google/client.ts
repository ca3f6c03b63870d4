import { CodeChallengeMethod, gaxios, OAuth2Client } from 'google-auth-library'
import { z } from 'zod'
import type { Config, Secrets } from '../config.ts'
import { systemClock } from '../core/clock.ts'

/** Who Google says it is in its id tokens and in the addresses it sends browsers back to. */
export const googleIssuer = 'https://accounts.google.com'

/** How long Google may take to answer a request of the sign-in, milliseconds. */
const timeoutMs = 10_000

/** Google's keys are fetched anew for a push once in this time at most. */
const keysRenewedEvery = { minutes: 1 }

/** What a browser is sent to Google with. */
export interface AuthorizationRequest {
  redirectUri: string
  scopes: readonly string[]
  state: string
  nonce: string
  /** PKCE, S256. */
  codeChallenge: string
  /** Asks for a refresh token too. */
  offline?: boolean
  includeGrantedScopes?: boolean
  prompt?: 'consent' | 'select_account'
  loginHint?: string
}

/** What Google gives for a code. */
export interface GrantedTokens {
  idToken: string | null
  accessToken: string
  refreshToken: string | null
  /** How long the access token lasts from now, seconds. */
  expiresInSeconds: number
  scopes: string[]
}

/** Whom an id token names, with a verified address. */
export interface Identity {
  /** Google's `sub`: never changes, never given to another. */
  subject: string
  email: string
  name: string | null
  locale: string | null
}

/** Google's side of signing in as this server uses it; one origin switches all endpoints to the simulator. */
export interface GoogleClient {
  /** Null for Google itself. */
  readonly origin: string | null
  readonly clientId: string
  /** The address that asks a person for consent. */
  authorizationUrl(request: AuthorizationRequest): string
  /** Exchanges a code. @throws GoogleRefusal */
  exchangeCode(request: { code: string; codeVerifier: string; redirectUri: string }): Promise<GrantedTokens>
  /** Whom an id token names; issuer, audience, expiry, signature, nonce and the address are checked. @throws GoogleRefusal */
  identify(idToken: string, nonce: string): Promise<Identity>
  /** Ends a grant by its refresh token; one that has ended already is as good. @throws GoogleRefusal */
  revoke(refreshToken: string): Promise<void>
  /** Checks that a push was signed by Pub/Sub: issuer, expiry and signature, for whom and as which service account. @throws GoogleRefusal */
  verifyPush(token: string, expected: { audience: string; account: string }): Promise<void>
  /** The library's client, for calls to Google's APIs. */
  oauth(): OAuth2Client
}

/** Google, or what it sent, cannot be used. The message holds no token, code or address. */
export class GoogleRefusal extends Error {
  override name = 'GoogleRefusal'
  readonly reason: 'unavailable' | 'bad-code' | 'bad-token' | 'bad-client' | 'unverified'
  constructor(reason: GoogleRefusal['reason'], message: string) {
    super(message)
    this.reason = reason
  }
}

/** The client for the configured Google, or the simulator's origin. */
export function createGoogleClient(config: Config, secrets: Secrets): GoogleClient {
  const clientId = config.google?.clientId ?? ''
  const origin = config.google?.origin ?? null
  const make = (): OAuth2Client =>
    new OAuth2Client({
      clientId,
      clientSecret: secrets.googleClientSecret ?? '',
      transporter: transporter(),
      ...(origin === null ? {} : { endpoints: endpointsAt(origin) }),
    })
  let verifier = make()
  let renewedAt: Temporal.Instant | null = null

  const verify = (idToken: string, audience = clientId) => verifier.verifyIdToken({ idToken, audience })
  /** Google changes its keys; the library keeps the old ones until their time is up. Whoever sends made-up tokens does not make us fetch them each time. */
  const renewKeys = (): boolean => {
    const now = systemClock.now()
    if (renewedAt && Temporal.Instant.compare(now, renewedAt.add(keysRenewedEvery)) < 0) return false
    renewedAt = now
    verifier = make()
    return true
  }
  return {
    origin,
    clientId,
    oauth: make,
    authorizationUrl: (request) => {
      if (!clientId) throw new GoogleRefusal('bad-client', 'No Google client is configured.')
      const url = make().generateAuthUrl({
        redirect_uri: request.redirectUri,
        scope: [...request.scopes],
        state: request.state,
        code_challenge: request.codeChallenge,
        code_challenge_method: CodeChallengeMethod.S256,
        access_type: request.offline ? 'offline' : 'online',
        ...(request.includeGrantedScopes ? { include_granted_scopes: true } : {}),
        ...(request.prompt ? { prompt: request.prompt } : {}),
        ...(request.loginHint ? { login_hint: request.loginHint } : {}),
      })
      return `${url}&${new URLSearchParams({ nonce: request.nonce })}`
    },
    exchangeCode: async ({ code, codeVerifier, redirectUri }) => {
      let answer: unknown
      try {
        answer = (await make().getToken({ code, codeVerifier, redirect_uri: redirectUri })).res?.data
      } catch (error) {
        throw tokenRefusal(error)
      }
      const tokens = TokenAnswer.safeParse(answer)
      if (!tokens.success) throw new GoogleRefusal('unavailable', 'Google’s answer to the code cannot be read.')
      const { access_token: accessToken, refresh_token: refreshToken, id_token: idToken, expiry_date: expiresAt, scope } = tokens.data
      // The library turns the lifetime into an instant of its own clock.
      const expiresInSeconds = Math.max(0, Math.round((expiresAt - systemClock.now().epochMilliseconds) / 1000))
      return { accessToken, refreshToken: refreshToken ?? null, idToken: idToken ?? null, expiresInSeconds, scopes: scope.split(' ').filter(Boolean) }
    },
    revoke: async (refreshToken) => {
      const url = origin === null ? 'https://oauth2.googleapis.com/revoke' : `${origin}/revoke`
      // In the body: the library would put the token into the address, and so into logs on the way.
      const answer = await fetch(url, { method: 'POST', body: new URLSearchParams({ token: refreshToken }), signal: AbortSignal.timeout(timeoutMs) }).catch(
        () => null,
      )
      const said = (await answer?.json().catch(() => null)) as { error?: unknown } | null | undefined
      if (answer?.ok || said?.error === 'invalid_token') return
      throw new GoogleRefusal('unavailable', `revoke ${answer?.status ?? 'without an answer'}`)
    },
    identify: async (idToken, nonce) => {
      let payload
      try {
        const ticket = await verify(idToken).catch((error: unknown) => {
          // Google changes its keys; the library keeps the old ones until their time is up.
          if (!String((error as Error).message).startsWith('No pem found')) throw error
          verifier = make()
          return verify(idToken)
        })
        payload = ticket.getPayload()
      } catch (error) {
        throw idTokenRefusal(error)
      }
      const claims = Claims.safeParse(payload)
      if (!claims.success) throw new GoogleRefusal('bad-token', 'The id token lacks a claim.')
      const { sub, email, email_verified: verified, azp, name, locale, nonce: told } = claims.data
      if (told !== nonce) throw new GoogleRefusal('bad-token', 'The id token was made for another sign-in.')
      if (azp !== undefined && azp !== clientId) throw new GoogleRefusal('bad-token', 'The id token was made for another application.')
      if (verified !== true || email === undefined) throw new GoogleRefusal('unverified', 'Google has not verified the address.')
      return { subject: sub, email, name: name ?? null, locale: locale ?? null }
    },
    verifyPush: async (token, { audience, account }) => {
      let payload
      try {
        const ticket = await verify(token, audience).catch((error: unknown) => {
          if (!String((error as Error).message).startsWith('No pem found') || !renewKeys()) throw error
          return verify(token, audience)
        })
        payload = ticket.getPayload()
      } catch (error) {
        throw idTokenRefusal(error)
      }
      const claims = PushClaims.safeParse(payload)
      if (!claims.success || claims.data.email !== account) throw new GoogleRefusal('bad-token', 'The push was not signed by the service account.')
    },
  }
}

const TokenAnswer = z.object({
  access_token: z.string().min(1),
  refresh_token: z.string().min(1).optional(),
  id_token: z.string().min(1).optional(),
  expiry_date: z.number(),
  scope: z.string().default(''),
})
const PushClaims = z.object({ email: z.string(), email_verified: z.literal(true) })
const Claims = z.object({
  sub: z.string().min(1).max(255),
  email: z.email().max(320).optional(),
  email_verified: z.boolean().optional(),
  azp: z.string().optional(),
  nonce: z.string().optional(),
  name: z.string().max(1000).optional().catch(undefined),
  locale: z.string().max(50).optional().catch(undefined),
})

/** One try each: a code that was exchanged by a request whose answer got lost cannot be exchanged again. */
function transporter(): gaxios.Gaxios {
  const made = new gaxios.Gaxios()
  const request = made.request.bind(made)
  // The library's own retryConfig makes it try again, whatever `retry` says.
  made.request = (options = {}) => request({ timeout: timeoutMs, ...options, retry: false, retryConfig: { retry: 0 } })
  return made
}

function endpointsAt(origin: string): NonNullable<ConstructorParameters<typeof OAuth2Client>[0] & object>['endpoints'] & object {
  return {
    oauth2AuthBaseUrl: `${origin}/o/oauth2/v2/auth`,
    oauth2TokenUrl: `${origin}/token`,
    oauth2RevokeUrl: `${origin}/revoke`,
    tokenInfoUrl: `${origin}/tokeninfo`,
    oauth2FederatedSignonPemCertsUrl: `${origin}/oauth2/v1/certs`,
    oauth2FederatedSignonJwkCertsUrl: `${origin}/oauth2/v3/certs`,
  }
}

/** What the library throws holds the code and the client's secret: only Google's error code goes on. */
function tokenRefusal(error: unknown): GoogleRefusal {
  const answer = (error as { response?: { status?: number; data?: { error?: unknown } } }).response
  const code = typeof answer?.data?.error === 'string' ? answer.data.error.replaceAll(/[^a-z_]/g, '').slice(0, 40) : null
  if (answer === undefined || (answer.status ?? 500) >= 500 || code === null)
    return new GoogleRefusal('unavailable', `Google did not answer the code (${answer?.status ?? 'no answer'}).`)
  if (code === 'invalid_client' || code === 'unauthorized_client' || code === 'redirect_uri_mismatch')
    return new GoogleRefusal('bad-client', `Google does not know this server as it is configured (${code}).`)
  return new GoogleRefusal('bad-code', `Google refused the code (${code}).`)
}

// The library's messages begin with one of these and go on with the token.
const tokenFaults = [
  'Wrong number of segments',
  "Can't parse token",
  'No pem found',
  'Invalid token signature',
  'No issue time',
  'No expiration time',
  'Expiration time too far',
  'Token used too early',
  'Token used too late',
  'Invalid issuer',
  'Wrong recipient',
]

function idTokenRefusal(error: unknown): GoogleRefusal {
  const message = error instanceof Error ? error.message : ''
  if (message.startsWith('Failed to retrieve verification certificates')) return new GoogleRefusal('unavailable', 'Google’s certificates cannot be had.')
  return new GoogleRefusal('bad-token', `The id token is not good (${tokenFaults.find((fault) => message.startsWith(fault)) ?? 'unreadable'}).`)
}
