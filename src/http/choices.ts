import type { App } from '../app.ts'
import {
  allowsCategory,
  type Choices,
  choose,
  type CookieUse,
  cookieRegistry,
  type DevicePurpose,
  giveConsent,
  heedSignals,
  joinChoices,
  readChoices,
  readSignals,
  withdrawConsent,
  writeChoices,
} from '../consent/service.ts'
import type { Ctx } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { browserActor } from './authenticate.ts'
import { cookieLine, readCookie } from './cookies.ts'
import { requestIdHeader } from './routeCtx.ts'

/** What a browser has decided about cookies and about selling and sharing. */
export function choicesOf(app: App, headers: Headers): Choices {
  return readChoices(readCookie(app, headers, 'choices'))
}

/**
 * Takes over what somebody has chosen on a page: the browser keeps it, and so does the account if one is signed in. `told` is for whoever knows that
 * their browser sends Global Privacy Control and says yes all the same. Answers the Set-Cookie lines, among them those that remove what was refused.
 */
export async function setChoices(
  app: App,
  request: Request,
  wanted: Partial<Record<DevicePurpose, boolean>>,
  { told = false, method = 'page', language }: { told?: boolean; method?: string; language?: string } = {},
): Promise<string[]> {
  const ctx = await browserCtx(app, request)
  const signals = readSignals(request.headers)
  // A browser alone says no to selling and sharing, and cannot say yes.
  const choices = choose(choicesOf(app, request.headers), wanted.SALE_OR_SHARING ? { ...wanted, SALE_OR_SHARING: undefined } : wanted, app.clock.now(), told)
  if (ctx.actor.kind !== 'anonymous') {
    for (const [key, yes] of Object.entries(wanted)) {
      const how = { source: 'UI', method, ...(language === undefined ? {} : { language }), despiteSignal: told } as const
      await (yes ? giveConsent({ ...ctx, signals }, key, how) : withdrawConsent({ ...ctx, signals }, key, how))
    }
  }
  return choiceLines(app, choices, request.headers)
}

/** Opts out of selling and sharing: of this browser, and of the account if one is signed in. Nobody has to sign in or to prove anything, and it holds from this answer on. */
export function optOutOfSale(app: App, request: Request): Promise<string[]> {
  return setChoices(app, request, { SALE_OR_SHARING: false }, { method: 'do not sell' })
}

/** Brings what a browser has chosen together with the account that it has just signed in to; answers the Set-Cookie lines. */
export async function joinBrowser(app: App, request: Request, account: { ownerId: string; sessionId: string }): Promise<string[]> {
  const signals = readSignals(request.headers)
  const ctx = { ...(await browserCtx(app, request)), actor: { kind: 'user', ownerId: account.ownerId, sessionId: account.sessionId }, signals } as const
  await heedSignals(ctx, signals)
  const before = choicesOf(app, request.headers)
  const after = await joinChoices(ctx, before)
  return writeChoices(after) === writeChoices(before) ? [] : choiceLines(app, after, request.headers)
}

function choiceLines(app: App, choices: Choices, headers: Headers): string[] {
  const now = app.clock.now()
  const signals = readSignals(headers)
  const uses = Object.keys(cookieRegistry) as CookieUse[]
  const gone = uses.filter((use) => !allowsCategory(cookieRegistry[use].category, choices, signals, now) && readCookie(app, headers, use) !== undefined)
  return [cookieLine(app, 'choices', writeChoices(choices), cookieRegistry.choices.maxAgeSeconds), ...gone.map((use) => cookieLine(app, use, '', 0))]
}

async function browserCtx(app: App, request: Request): Promise<Ctx> {
  const actor = await browserActor(app, request.headers)
  return { app, db: app.database.prisma, clock: app.clock, actor, requestId: request.headers.get(requestIdHeader) ?? newId(app.clock) }
}
