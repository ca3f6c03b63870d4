import { Hono } from 'hono'
import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { ConflictError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { tooManyAttempts } from '../http/attempts.ts'
import { browserActor } from '../http/authenticate.ts'
import { beginFlow, type Callback, GoogleRefusal, onCallback } from '../http/googleFlow.ts'
import { noticePage } from '../http/page.ts'
import { connect, connectLink, consentRequest, readConnectLink } from './connect.ts'
import { type Feature, isFeature } from './features.ts'

/** Connecting Google: the owner's browser begins at /google/connect and comes back where every trip to Google ends. */
export function googleRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/google/connect', async (c) => {
    const refused = await tooManyAttempts(app, c)
    if (refused) return refused
    const link = readConnectLink(app, c.req.query('for') ?? '')
    if (!link)
      return noticePage({
        title: 'This link is not good any more',
        text: 'A link to connect Google works for ten minutes. Ask for another one with googleConnect.',
        status: 400,
      })
    const ctx = await ctxOf(app, c.req.raw)
    if (!ctx) {
      const { pathname, search } = new URL(c.req.url)
      return noticePage({
        title: 'Sign in first',
        text: 'Sign in to the account that you want to connect; you come back here.',
        status: 401,
        action: { href: `/auth/google?${new URLSearchParams({ return: pathname + search })}`, label: 'Sign in with Google' },
      })
    }
    if (ctx.ownerId !== link.ownerId) return noticePage({ ...strangers, status: 403 })
    try {
      return await beginFlow(app, {
        purpose,
        data: { ownerId: link.ownerId, features: link.features.join(' '), suggestions: String(link.suggestions) },
        ...(await consentRequest(ctx, link)),
      })
    } catch (error) {
      if (error instanceof GoogleRefusal) return refusalPage(app, error, null)
      throw error
    }
  })
  return routes
}

const purpose = 'connect'

onCallback(purpose, async (app, request, { flow, outcome, redirectUri }: Callback) => {
  const features = (flow.data['features'] ?? '').split(' ').filter(isFeature)
  const wish = { features, suggestions: flow.data['suggestions'] === 'true' }
  const ctx = await ctxOf(app, request)
  // Whoever sits at this browser by now is not whoever began.
  if (ctx?.ownerId !== flow.data['ownerId'] || !ctx) return noticePage({ ...strangers, status: 403 })
  const again = { href: connectLink(ctx, wish), label: 'Try again' }
  if ('error' in outcome) {
    return outcome.error === 'access_denied'
      ? noticePage({ title: 'Nothing was connected', text: 'You told Google not to go on, and nothing was passed to Kith.', action: again })
      : noticePage({ title: 'Nothing was connected', text: 'Google ended this without saying why. Try again in a while.', status: 400, action: again })
  }
  try {
    const tokens = await app.google.exchangeCode({ code: outcome.code, codeVerifier: flow.codeVerifier, redirectUri })
    if (tokens.idToken === null) throw new GoogleRefusal('bad-token', 'Google sent no id token.')
    const identity = await app.google.identify(tokens.idToken, flow.nonce)
    const { allowed, missing } = await connect(ctx, wish, identity, tokens)
    if (missing.length === 0) {
      return noticePage({
        title: 'Connected',
        text: `Your ${namesOf(allowed)} come in now. How far that has come, and whether anything is amiss, stands in viewer.google.features.`,
        action: { href: '/graphql', label: 'Open GraphiQL' },
      })
    }
    return noticePage({
      title: 'Not everything is connected',
      text: `You left the box for your ${namesOf(missing)} unticked, so Kith cannot see them. Try again and tick it if that was not what you meant.`,
      action: again,
    })
  } catch (error) {
    if (error instanceof ConflictError) {
      return noticePage({
        title: 'That is another Google account',
        text: 'Kith connects the Google account that you sign in with, and you chose another one. Nothing was connected; choose your own to go on.',
        status: 409,
        action: again,
      })
    }
    if (error instanceof GoogleRefusal) return refusalPage(app, error, again)
    throw error
  }
})

const strangers = {
  title: 'You are signed in to another account',
  text: 'This link belongs to an account that this browser is not signed in to. Nothing was connected.',
}

const names: Record<Feature, string> = { CONTACTS: 'contacts', GMAIL: 'mail headers', CALENDAR: 'meetings' }

function namesOf(features: readonly Feature[]): string {
  return new Intl.ListFormat('en').format(features.map((feature) => names[feature]))
}

function refusalPage(app: App, error: GoogleRefusal, again: { href: string; label: string } | null): Promise<Response> {
  const ours = error.reason === 'bad-client'
  app.log[ours ? 'error' : 'info']({ reason: error.message }, 'Connecting Google came to nothing.')
  const text = ours
    ? 'Google does not know this server as it is configured. Whoever runs it can find out more with “kith doctor”.'
    : error.reason === 'unavailable'
      ? 'Google does not answer. Try again in a moment.'
      : 'What came back from Google cannot be used, so nothing was done with it.'
  return noticePage({
    title: 'Nothing was connected',
    text,
    status: ours ? 502 : error.reason === 'unavailable' ? 503 : 400,
    ...(again ? { action: again } : {}),
  })
}

/** The signed-in browser's ctx; null when nobody is signed in. An API token has no browser and cannot get here. */
async function ctxOf(app: App, request: Request): Promise<(Ctx & { ownerId: string }) | null> {
  const actor = await browserActor(app, request.headers)
  return actor.kind === 'anonymous' ? null : { app, db: app.database.prisma, clock: app.clock, actor, requestId: newId(app.clock), ownerId: actor.ownerId }
}
