import type { Context } from 'hono'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { readSignals } from '../../consent/service.ts'
import type { Ctx } from '../../core/ctx.ts'
import { DomainError } from '../../core/errors.ts'
import { newId } from '../../core/ids.ts'
import { tooManyAttempts } from '../../http/attempts.ts'
import { browserActor } from '../../http/authenticate.ts'
import { readCookie } from '../../http/cookies.ts'
import { cookieNotice } from '../../http/frame.ts'
import { type Language, languageLines, languageOf } from '../../http/language.ts'
import { languageLinks, withLanguage } from '../../http/languageLinks.ts'
import { type Html, page } from '../../http/page.ts'
import { requestIdHeader } from '../../http/routeCtx.ts'
import { requireSameOrigin } from '../../http/sameOrigin.ts'
import { dateWords, type Words, words } from '../words/words.ts'

/** Somebody who looks at a page: who they are as far as the browser says it, and how they read. */
export interface Visit {
  app: App
  c: Context
  request: Request
  ctx: Ctx
  signedIn: boolean
  language: Language
  words: Words
  /** A path of ours that hands a chosen language on. */
  to: (path: string) => string
  /** A day, or with `time` an instant, in the visitor's language. */
  day: (at: Date | Temporal.Instant, time?: boolean) => string
}

/** What a page shows. */
export interface Shown {
  title: string
  body: Html
  status?: number
  wide?: boolean
  /** Whether the address of the page opens something, so that it is passed on to no other page, not even of ours. */
  secretAddress?: boolean
  /** Whether the browser is asked about cookies, where it has not decided; not on pages that ask for something else. */
  asks?: boolean
}

/** Who looks at a page. Their browser's signals hold for their account from here on. */
export async function visitOf(app: App, c: Context): Promise<Visit> {
  const request = c.req.raw
  const language = languageOf(app, request)
  const actor = await browserActor(app, request.headers)
  const requestId = request.headers.get(requestIdHeader) ?? newId(app.clock)
  return {
    app,
    c,
    request,
    ctx: { app, db: app.database.prisma, clock: app.clock, actor, requestId, signals: readSignals(request.headers) },
    signedIn: actor.kind === 'user',
    language,
    words: words[language],
    to: (path) => withLanguage(request, path),
    day: (at, time) => dateWords(language, at, app.config.timeZone, time),
  }
}

/** Shows a page of the centre, with the other languages that it can be read in. */
export async function show(visit: Visit, { title, body, status = 200, wide = true, secretAddress = false, asks = true }: Shown): Promise<Response> {
  const { app, request, language, to } = visit
  const { pathname } = new URL(request.url)
  const undecided = readCookie(app, request.headers, 'choices') === undefined
  const answer = await page({
    title,
    body,
    status,
    wide,
    language,
    query: to(''),
    above: languageLinks(request, language),
    below: asks && undecided && !secretAddress && request.method === 'GET' ? cookieNotice(language, to(''), pathname) : '',
    // Only ever the origin: a form may still be told from one of another site.
    headers: { 'content-language': language, ...(secretAddress ? { 'referrer-policy': 'strict-origin' } : {}) },
  })
  for (const line of languageLines(app, request)) answer.headers.append('set-cookie', line)
  return answer
}

/** Does what a form of ours asks for: not one of another site, and not too many of one address. What is refused is said on a page. */
export async function posted(app: App, c: Context, work: (visit: Visit, form: URLSearchParams) => Promise<Response>): Promise<Response> {
  requireSameOrigin(app, c.req.raw)
  const refused = await tooManyAttempts(app, c)
  if (refused) return refused
  return shown(app, c, async (visit) => work(visit, new URLSearchParams(await c.req.text())))
}

/** Shows what somebody looks at; what is refused is said on a page. */
export async function shown(app: App, c: Context, work: (visit: Visit) => Promise<Response>): Promise<Response> {
  const visit = await visitOf(app, c)
  try {
    return await work(visit)
  } catch (error) {
    if (error instanceof DomainError) return refusal(visit, error)
    throw error
  }
}

/** Asks to sign in, and leads back to where one was. `again`: although one is signed in. */
export function askToSignIn(visit: Visit, path: string, again = false): Promise<Response> {
  const { words: said, to } = visit
  const { title, text } = again ? said.signInAgain : said.signInFirst
  return show(visit, {
    title,
    status: again ? 403 : 401,
    wide: false,
    asks: false,
    body: html`<h1>${title}</h1>
      <p>${text}</p>
      <div class="actions"><a class="button" href="${signInLink(visit, path)}">${said.signIn}</a></div>
      <p><a href="${to('/privacy')}">${said.back}</a></p>`,
  })
}

/** Where signing in begins that leads back to a page of ours. */
export function signInLink({ to }: Visit, path: string): string {
  return to(`/auth/google?${new URLSearchParams({ return: to(path) })}`)
}

/** Says that something was done. */
export function doneNote(text: string | null): Html | string {
  return text === null ? '' : html`<p class="done" role="status">${text}</p>`
}

const statusOf = { NOT_FOUND: 404, CONFLICT: 409, FORBIDDEN: 403, INVALID_INPUT: 422 } as const

function refusal(visit: Visit, { code }: DomainError): Promise<Response> {
  const { refused, back } = visit.words
  return show(visit, {
    title: refused.title,
    status: statusOf[code],
    wide: false,
    asks: false,
    secretAddress: true,
    body: html`<h1>${refused.title}</h1>
      <p>${refused[code]}</p>
      <p><a class="button" href="${visit.to('/privacy')}">${back}</a></p>`,
  })
}
