import { randomBytes } from 'node:crypto'
import { CodeChallengeMethod, OAuth2Client } from 'google-auth-library'
import { calendar, type calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js'
import { people, type people_v1 } from 'googleapis/build/src/apis/people/index.js'
import type { GoogleSimulator } from '../../dev/google/simulator.ts'

/** Where the tests' application asks people to be sent back to. Nothing listens there. */
export const redirectUri = 'http://127.0.0.1:4000/auth/google/callback'

/** Google's own OAuth client, pointed at the simulator. */
export function oauthClient({ origin, client }: GoogleSimulator): OAuth2Client {
  return new OAuth2Client({
    clientId: client.id,
    clientSecret: client.secret,
    redirectUri,
    endpoints: {
      oauth2AuthBaseUrl: `${origin}/o/oauth2/v2/auth`,
      oauth2TokenUrl: `${origin}/token`,
      oauth2RevokeUrl: `${origin}/revoke`,
      tokenInfoUrl: `${origin}/tokeninfo`,
      oauth2FederatedSignonPemCertsUrl: `${origin}/oauth2/v1/certs`,
      oauth2FederatedSignonJwkCertsUrl: `${origin}/oauth2/v3/certs`,
    },
    transporterOptions: { retry: false },
  })
}

/** An authorization address with PKCE, state and nonce, and the secrets behind it. */
export async function authorization(client: OAuth2Client, options: Parameters<OAuth2Client['generateAuthUrl']>[0] = {}) {
  const { codeVerifier, codeChallenge = '' } = await client.generateCodeVerifierAsync()
  const [state, nonce] = [randomBytes(16).toString('base64url'), randomBytes(16).toString('base64url')]
  const url = client.generateAuthUrl({
    scope: 'openid email profile',
    state,
    nonce,
    code_challenge: codeChallenge,
    code_challenge_method: CodeChallengeMethod.S256,
    ...options,
  })
  return { url, state, nonce, codeVerifier }
}

/** Signs in through the pages and exchanges the code. */
export async function signIn(simulator: GoogleSimulator, account: string, options: Parameters<OAuth2Client['generateAuthUrl']>[0] = {}, untick: string[] = []) {
  const client = oauthClient(simulator)
  const { url, nonce, codeVerifier } = await authorization(client, options)
  const callback = await simulator.consent(url, { account, untick })
  const { tokens } = await client.getToken({ code: callback.searchParams.get('code') ?? '', codeVerifier })
  client.setCredentials(tokens)
  return { client, tokens, nonce, callback }
}

/** Google's own People client, pointed at the simulator, for an account that has connected its contacts. */
export function peopleClient(
  simulator: GoogleSimulator,
  account: string,
  scopes = ['openid', 'https://www.googleapis.com/auth/contacts.readonly'],
): people_v1.People {
  const auth = oauthClient(simulator)
  auth.setCredentials({ access_token: simulator.issueTokens({ account, scopes }).accessToken })
  return people({ version: 'v1', auth, rootUrl: `${simulator.origin}/`, retry: false })
}

/** An answer by which Google refuses; `data` is the OAuth error or the API's error. */
export interface Refusal {
  status: number
  data: { error: unknown }
  headers: Headers
}

/** How Google refuses this call. */
export async function refusal(call: Promise<unknown>): Promise<Refusal> {
  try {
    await call
  } catch (error) {
    const { response } = error as { response?: Refusal }
    if (response) return response
    throw error
  }
  throw new Error('the call was not refused')
}

/** Google's own Calendar client, pointed at the simulator, for an account that has connected its own calendars. */
export function calendarClient(
  simulator: GoogleSimulator,
  account: string,
  scopes = ['openid', 'https://www.googleapis.com/auth/calendar.events.owned'],
): calendar_v3.Calendar {
  const auth = oauthClient(simulator)
  auth.setCredentials({ access_token: simulator.issueTokens({ account, scopes }).accessToken })
  return calendar({ version: 'v3', auth, rootUrl: `${simulator.origin}/`, retry: false })
}

/** Every page of a calendar. */
export async function listEvents(client: calendar_v3.Calendar, options: calendar_v3.Params$Resource$Events$List = {}) {
  const all: calendar_v3.Schema$Event[] = []
  const request: calendar_v3.Params$Resource$Events$List = { calendarId: 'primary', ...options }
  for (let pages = 1; ; pages++) {
    const { data } = await client.events.list(request)
    all.push(...(data.items ?? []))
    if (!data.nextPageToken) return { all, pages, syncToken: data.nextSyncToken ?? '' }
    if (data.nextSyncToken) throw new Error('a sync token before the last page')
    request.pageToken = data.nextPageToken
  }
}
