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
import { chosenLanguage, type Language, languageOf, languageParameter } from '../http/language.ts'
import { noticePage } from '../http/page.ts'
import { requireSameOrigin } from '../http/sameOrigin.ts'
import { ageMarkerSeconds, readAge } from './age.ts'
import { acknowledgePolicy, currentPolicy } from '../policies/service.ts'
import { guessSettings } from './guess.ts'
import { createAccount } from './service.ts'
import { endSession, type NewSession } from './sessions.ts'
import { AccountClosedError, signIn } from './signIn.ts'
import { welcomePage } from './routes/welcomePage.ts'
import { accountWords, type AccountWords } from './routes/words.ts'

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
      beginFlow(app, {
        purpose: 'sign-in',
        scopes: ['openid', 'email', 'profile'],
        data: { returnTo: localPath(c.req.query('return')), language: chosenLanguage(c.req.raw) ?? '' },
      })
    )
  })

  routes.get('/auth/google/callback', async (c) => {
    const refused = await tooManyAttempts(app, c)
    if (refused) return refused
    try {
      return await finishFlow(app, c.req.raw)
    } catch (error) {
      return refusalPage(app, c.req.raw, error)
    }
  })

  routes.get('/welcome', async (c) => {
    const pending = pendingOf(app, c.req.raw)
    if (!pending) return c.redirect('/', 303)
    if (wasTurnedAway(app, c.req.raw)) return turnAway(app, c.req.raw)
    return welcomePage(app, c.req.raw, {
      ...pending,
      policy: await policyHash(app),
      values: guessSettings(c.req.header('accept-language') ?? null, pending.locale),
    })
  })

  routes.post('/welcome', bodyLimit({ maxSize: maxFormBytes }), async (c) => {
    requireSameOrigin(app, c.req.raw)
    const refused = await tooManyAttempts(app, c)
    if (refused) return refused
    const pending = pendingOf(app, c.req.raw)
    if (!pending) return said(app, c.req.raw, (words) => words.tooLate, 400)
    const form = new URLSearchParams(await c.req.text())
    if (form.get('decision') === 'cancel') return withCookies(c.redirect('/', 303), cookieLine(app, 'welcome', '', 0))
    const values = { locale: form.get('locale') ?? '', timeZone: form.get('timeZone') ?? '', region: form.get('region') ?? '' }
    const policy = await policyHash(app)
    // The page was opened before another version began to hold, or was not read at all.
    const unseen = policy !== null && form.get('policy') !== policy
    const birthDate = form.get('birthDate') ?? ''
    if (unseen)
      return welcomePage(app, c.req.raw, {
        ...pending,
        policy,
        values,
        birthDate,
        issues: [{ path: ['policy'], message: accountWords[languageOf(app, c.req.raw)].policyIssue }],
      })
    const { subject, email, name } = pending
    const age = readAge(birthDate, app.clock.now().toZonedDateTimeISO(app.config.timeZone).toPlainDate())
    // Before anything of the person is written down anywhere.
    if (age === 'TOO_YOUNG' || wasTurnedAway(app, c.req.raw)) return turnAway(app, c.req.raw)
    if (age === 'NO_DATE')
      return welcomePage(app, c.req.raw, {
        ...pending,
        policy,
        values,
        birthDate,
        issues: [{ path: ['birthDate'], message: '' }],
      })
    try {
      await createAccount(app, { subject, email, name, ...values })
    } catch (error) {
      if (error instanceof InvalidInputError) return welcomePage(app, c.req.raw, { ...pending, policy, values, birthDate, issues: error.issues })
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
    return outcome.error === 'access_denied' ? said(app, request, (words) => words.denied, 200) : said(app, request, (words) => words.ended, 400)
  }
  const { idToken } = await app.google.exchangeCode({ code: outcome.code, codeVerifier: flow.codeVerifier, redirectUri })
  if (idToken === null) throw new GoogleRefusal('bad-token', 'Google sent no id token.')
  const identity = await app.google.identify(idToken, flow.nonce)
  const returnTo = localPath(flow.data['returnTo'])
  const session = await signIn(app, identity, browserOf(app, request))
  if (session) return withCookies(redirectTo(returnTo), sessionCookie(app, session), ...(await joinBrowser(app, request, session)))
  const { subject, email, name, locale } = identity
  const pending: Pending = { subject, email, name: name?.slice(0, 200) ?? null, locale, returnTo }
  const chosen = flow.data['language']
  return withCookies(
    redirectTo(chosen ? `/welcome?${languageParameter}=${chosen}` : '/welcome'),
    cookieLine(app, 'welcome', sealCookie(app, 'welcome', pending, pendingSeconds), pendingSeconds),
  )
})

/** A notice in the language that somebody reads, with a way to begin anew. */
function said(app: App, request: Request, notice: (words: AccountWords) => { title: string; text: string }, status: number): Promise<Response> {
  const language = languageOf(app, request)
  const words = accountWords[language]
  return noticePage({ ...notice(words), status, language, action: again(language) })
}

function again(language: Language): { href: string; label: string } {
  return { href: '/auth/google', label: accountWords[language].again }
}

const statusOf: Readonly<Record<GoogleRefusal['reason'], number>> = { unavailable: 503, 'bad-code': 400, 'bad-token': 400, 'bad-client': 502, unverified: 403 }

/** What is said when a sign-in comes to nothing. No account, session or pending sign-up comes of it. */
async function refusalPage(app: App, request: Request, error: unknown): Promise<Response> {
  if (error instanceof AccountClosedError) {
    const language = languageOf(app, request)
    const { follow, ...notice } = accountWords[language].closed
    return noticePage({ ...notice, status: 403, language, ...(error.link && { action: { href: error.link, label: follow } }) })
  }
  if (!(error instanceof FlowError || error instanceof GoogleRefusal)) throw error
  app.log[error instanceof GoogleRefusal && error.reason === 'bad-client' ? 'error' : 'info']({ reason: error.message }, 'A sign-in came to nothing.')
  if (error instanceof FlowError) {
    // Why is told by the flow itself in English; what is said in another language covers all of it.
    const isEnglish = languageOf(app, request) === 'en'
    return said(app, request, ({ broken }) => ({ ...broken, text: isEnglish ? `${error.message} ${broken.text}` : broken.text }), 400)
  }
  const { reason } = error
  return withCookies(await said(app, request, ({ refusals }) => refusals[reason], statusOf[reason]), cookieLine(app, 'flow', '', 0))
}

/** Says that no account can be made, and nothing of why; forgets who it was, and remembers in the browser alone, for a day, that it was said. */
async function turnAway(app: App, request: Request): Promise<Response> {
  const language = languageOf(app, request)
  const answer = await noticePage({ ...accountWords[language].turnedAway, status: 403, language })
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
