import { createHash, randomBytes } from 'node:crypto'
import { flowSeconds, openFlow, takeFlow } from '../accounts/flows.ts'
import type { App } from '../app.ts'
import { type AuthorizationRequest, googleIssuer } from '../google/client.ts'
import { sameBytes } from '../vault/master.ts'
import { cookieLine, openCookie, readCookie, sealCookie } from './cookies.ts'

/** What a callback fails with when Google, or what it sent, cannot be used. */
export { GoogleRefusal } from '../google/client.ts'

/** A trip to Google and back, as the browser that makes it carries it: sealed, for ten minutes. */
export interface Flow {
  /** What it is for; says who takes care of its callback. */
  purpose: string
  state: string
  nonce: string
  codeVerifier: string
  /** What the callback needs to know. */
  data: Record<string, string>
}

/** A browser has come back: with a code, or with Google's word for why not. */
export interface Callback {
  flow: Flow
  outcome: { code: string } | { error: string }
  redirectUri: string
}

/** Takes care of a callback. */
export type CallbackHandler = (app: App, request: Request, callback: Callback) => Promise<Response>

/** A callback that cannot be taken up: it is not this browser's, too late, or was taken before. */
export class FlowError extends Error {
  override name = 'FlowError'
}

const handlers = new Map<string, CallbackHandler>()

/** Registers who takes care of the callbacks of a purpose. */
export function onCallback(purpose: string, handler: CallbackHandler): void {
  handlers.set(purpose, handler)
}

/** Where Google sends browsers back to; registered there, character by character. */
export function redirectUriOf(app: Pick<App, 'config'>): string {
  return `${app.config.publicUrl}/auth/google/callback`
}

/** Sends a browser to Google, and remembers in it what the answer must fit. */
export async function beginFlow(
  app: App,
  {
    purpose,
    data = {},
    ...request
  }: { purpose: string; data?: Record<string, string> } & Omit<AuthorizationRequest, 'redirectUri' | 'state' | 'nonce' | 'codeChallenge'>,
): Promise<Response> {
  const flow: Flow = { purpose, data, state: secret(), nonce: secret(), codeVerifier: secret() }
  const location = app.google.authorizationUrl({
    ...request,
    redirectUri: redirectUriOf(app),
    state: flow.state,
    nonce: flow.nonce,
    codeChallenge: createHash('sha256').update(flow.codeVerifier).digest('base64url'),
  })
  await openFlow(app, flow.state)
  return new Response(null, {
    status: 302,
    headers: { location, 'set-cookie': cookieLine(app, 'flow', sealCookie(app, 'flow', flow, flowSeconds), flowSeconds) },
  })
}

/** Takes a browser back from Google and hands it to whoever sent it there. The flow is used up, whatever comes of it. @throws FlowError */
export async function finishFlow(app: App, request: Request): Promise<Response> {
  const answer = new URL(request.url).searchParams
  const flow = openCookie<Flow>(app, 'flow', readCookie(app, request.headers, 'flow'))
  if (!flow) throw new FlowError('This browser has not begun to sign in, or more than ten minutes ago.')
  if (!sameBytes(Buffer.from(flow.state), Buffer.from(answer.get('state') ?? ''))) throw new FlowError('That answer belongs to another attempt.')
  if (!(await takeFlow(app, flow.state))) throw new FlowError('That answer was used before, or comes too late.')
  // RFC 9207: an answer of another provider must not be mixed up with Google's.
  if (![null, googleIssuer].includes(answer.get('iss'))) throw new FlowError('That answer does not come from Google.')
  const handler = handlers.get(flow.purpose)
  const code = answer.get('code')
  const error = answer.get('error') ?? (code === null ? 'no_code' : null)
  if (!handler) throw new FlowError(`Nobody takes care of ${flow.purpose}.`)
  const response = await handler(app, request, { flow, outcome: error === null ? { code: code ?? '' } : { error }, redirectUri: redirectUriOf(app) })
  response.headers.append('set-cookie', cookieLine(app, 'flow', '', 0))
  return response
}

function secret(): string {
  return randomBytes(32).toString('base64url')
}
