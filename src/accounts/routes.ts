import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { InvalidInputError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { tooManyAttempts } from '../http/attempts.ts'
import { joinBrowser } from '../http/choices.ts'
import { cookieLine, openCookie, readCookie, sealCookie } from '../http/cookies.ts'
import { beginFlow, type Callback, finishFlow, FlowError, GoogleRefusal, onCallback } from '../http/googleFlow.ts'
import { localPath } from '../http/localPath.ts'
import { noticePage } from '../http/page.ts'
import { requireSameOrigin } from '../http/sameOrigin.ts'
import { ageMarkerSeconds, readAge } from './age.ts'
import { acknowledgePolicy, currentPolicy } from '../policies/service.ts'
import { guessSettings } from './guess.ts'
import { createAccount } from './service.ts'
import { endSession, type NewSession } from './sessions.ts'
import { AccountClosedError, signIn } from './signIn.ts'
import { welcomePage } from './routes/welcomePage.ts'

/** Someone whom Google has named and who has no account: nothing is written down about them but in their own browser, for ten minutes. */
interface Pending {
  subject: string
  email: string
  name: string | null
  locale: string | null
  returnTo: string
}

const pendingSeconds = 600
/** What a form of ours may hold, bytes. */
const maxFormBytes = 16 * 1024

/** Signing in with Google, making an account, and signing out. */
export function accountRoutes(app: App): Hono {
  const routes = new Hono()

  routes.get('/auth/google', async (c) => {
    return (
      (await tooManyAttempts(app, c)) ??
      beginFlow(app, { purpose: 'sign-in', scopes: ['openid', 'email', 'profile'], data: { returnTo: localPath(c.req.query('return')) } })
    )
  })

  routes.get('/auth/google/callback', async (c) => {
    const refused = await tooManyAttempts(app, c)
    if (refused) return refused
    try {
      return await finishFlow(app, c.req.raw)
    } catch (error) {
      return refusalPage(app, error)
    }
  })

  routes.get('/welcome', async (c) => {
    const pending = pendingOf(app, c.req.raw)
    if (!pending) return c.redirect('/', 303)
    if (wasTurnedAway(app, c.req.raw)) return turnAway(app)
    return welcomePage({ ...pending, policy: await policyHash(app), values: guessSettings(c.req.header('accept-language') ?? null, pending.locale) })
  })

  routes.post('/welcome', bodyLimit({ maxSize: maxFormBytes }), async (c) => {
    requireSameOrigin(app, c.req.raw)
    const refused = await tooManyAttempts(app, c)
    if (refused) return refused
    const pending = pendingOf(app, c.req.raw)
    if (!pending)
      return noticePage({
        title: 'That took too long',
        text: 'More than ten minutes have passed since you came back from Google. Nothing was kept; sign in again to go on.',
        status: 400,
        action: again,
      })
    const form = new URLSearchParams(await c.req.text())
    if (form.get('decision') === 'cancel') return withCookies(c.redirect('/', 303), cookieLine(app, 'welcome', '', 0))
    const values = { locale: form.get('locale') ?? '', timeZone: form.get('timeZone') ?? '', region: form.get('region') ?? '' }
    const policy = await policyHash(app)
    // The page was opened before another version began to hold, or was not read at all.
    const unseen = policy !== null && form.get('policy') !== policy
    const birthDate = form.get('birthDate') ?? ''
    if (unseen)
      return welcomePage({
        ...pending,
        policy,
        values,
        birthDate,
        issues: [{ path: ['policy'], message: 'This is the policy that holds now; look at it, then go on.' }],
      })
    const { subject, email, name } = pending
    const age = readAge(birthDate, app.clock.now().toZonedDateTimeISO(app.config.timeZone).toPlainDate())
    // Before anything of the person is written down anywhere.
    if (age === 'TOO_YOUNG' || wasTurnedAway(app, c.req.raw)) return turnAway(app)
    if (age === 'NO_DATE')
      return welcomePage({
        ...pending,
        policy,
        values,
        birthDate,
        issues: [{ path: ['birthDate'], message: 'Give the day, month and year you were born on.' }],
      })
    try {
      await createAccount(app, { subject, email, name, ...values })
    } catch (error) {
      if (error instanceof InvalidInputError) return welcomePage({ ...pending, policy, values, birthDate, issues: error.issues })
      throw error
    }
    const session = await signIn(app, pending, browserOf(app, c.req.raw))
    if (!session) throw new Error('An account that was just made cannot be found.')
    if (policy !== null) await acknowledgePolicy(ctxOf(app, session), { hash: policy, method: 'sign-up' })
    const joined = await joinBrowser(app, c.req.raw, session)
    return withCookies(c.redirect(pending.returnTo, 303), sessionCookie(app, session), cookieLine(app, 'welcome', '', 0), ...joined)
  })

  routes.post('/auth/sign-out', async (c) => {
    requireSameOrigin(app, c.req.raw)
    const secret = readCookie(app, c.req.raw.headers, 'session')
    if (secret !== undefined) await endSession(app, secret)
    return withCookies(c.redirect('/', 303), cookieLine(app, 'session', '', 0))
  })

  return routes
}

onCallback('sign-in', async (app, request, { flow, outcome, redirectUri }: Callback) => {
  if ('error' in outcome) {
    return outcome.error === 'access_denied'
      ? noticePage({ title: 'You have not signed in', text: 'You told Google not to go on, and nothing was passed to Kith.', action: again })
      : noticePage({
          title: 'Google did not let you in',
          text: 'Google ended the sign-in without saying who you are. Try again in a while.',
          status: 400,
          action: again,
        })
  }
  const { idToken } = await app.google.exchangeCode({ code: outcome.code, codeVerifier: flow.codeVerifier, redirectUri })
  if (idToken === null) throw new GoogleRefusal('bad-token', 'Google sent no id token.')
  const identity = await app.google.identify(idToken, flow.nonce)
  const returnTo = localPath(flow.data['returnTo'])
  const session = await signIn(app, identity, browserOf(app, request))
  if (session) return withCookies(redirectTo(returnTo), sessionCookie(app, session), ...(await joinBrowser(app, request, session)))
  const { subject, email, name, locale } = identity
  const pending: Pending = { subject, email, name: name?.slice(0, 200) ?? null, locale, returnTo }
  return withCookies(redirectTo('/welcome'), cookieLine(app, 'welcome', sealCookie(app, 'welcome', pending, pendingSeconds), pendingSeconds))
})

const again = { href: '/auth/google', label: 'Try again' }

const refusals: Record<GoogleRefusal['reason'], { title: string; text: string; status: number }> = {
  unavailable: { title: 'Google does not answer', text: 'Google could not be asked who you are. Try again in a moment.', status: 503 },
  'bad-code': {
    title: 'That sign-in is not good any more',
    text: 'Google does not know the answer that your browser brought, or it was used before.',
    status: 400,
  },
  'bad-token': { title: 'That sign-in cannot be trusted', text: 'What came back does not belong to this sign-in, so nothing was done with it.', status: 400 },
  'bad-client': {
    title: 'Kith is not set up for Google',
    text: 'Google does not know this server as it is configured. Whoever runs it can find out more with “kith doctor”.',
    status: 502,
  },
  unverified: {
    title: 'Your address is not verified',
    text: 'Google has not verified that the address of this account is yours. Verify it with Google, then come back.',
    status: 403,
  },
}

/** What is said when a sign-in comes to nothing. No account, session or pending sign-up comes of it. */
async function refusalPage(app: App, error: unknown): Promise<Response> {
  if (error instanceof AccountClosedError)
    return noticePage({
      title: 'This account is closed',
      text: error.message,
      status: 403,
      ...(error.link && { action: { href: error.link, label: 'Follow it, or call it back' } }),
    })
  if (!(error instanceof FlowError || error instanceof GoogleRefusal)) throw error
  app.log[error instanceof GoogleRefusal && error.reason === 'bad-client' ? 'error' : 'info']({ reason: error.message }, 'A sign-in came to nothing.')
  if (error instanceof FlowError)
    return noticePage({ title: 'That sign-in cannot go on', text: `${error.message} Nothing was done with it.`, status: 400, action: again })
  return withCookies(await noticePage({ ...refusals[error.reason], action: again }), cookieLine(app, 'flow', '', 0))
}

/** Says that no account can be made, and nothing of why; forgets who it was, and remembers in the browser alone, for a day, that it was said. */
async function turnAway(app: App): Promise<Response> {
  const answer = await noticePage({ title: 'We cannot make an account for you', text: 'Nothing that you entered was kept.', status: 403 })
  return withCookies(answer, cookieLine(app, 'welcome', '', 0), cookieLine(app, 'age', sealCookie(app, 'age', {}, ageMarkerSeconds), ageMarkerSeconds))
}

function wasTurnedAway(app: App, request: Request): boolean {
  return openCookie(app, 'age', readCookie(app, request.headers, 'age')) !== undefined
}

/** The version of the privacy policy that holds, by its hash; null before there is one. */
async function policyHash(app: App): Promise<string | null> {
  const policy = await currentPolicy(app)
  return policy && Buffer.from(policy.hash).toString('hex')
}

function ctxOf(app: App, { ownerId, sessionId }: NewSession): Ctx {
  return { app, db: app.database.prisma, clock: app.clock, actor: { kind: 'user', ownerId, sessionId }, requestId: newId(app.clock) }
}

function pendingOf(app: App, request: Request): Pending | undefined {
  return openCookie<Pending>(app, 'welcome', readCookie(app, request.headers, 'welcome'))
}

function browserOf(app: App, request: Request): { userAgent: string | null; replaces: string | undefined } {
  return { userAgent: request.headers.get('user-agent'), replaces: readCookie(app, request.headers, 'session') }
}

function sessionCookie(app: App, { secret, expiresAt }: NewSession): string {
  return cookieLine(app, 'session', secret, app.clock.now().until(expiresAt).total('seconds'))
}

function redirectTo(path: string): Response {
  return new Response(null, { status: 303, headers: { location: path } })
}

function withCookies(response: Response, ...lines: string[]): Response {
  for (const line of lines) response.headers.append('set-cookie', line)
  return response
}
