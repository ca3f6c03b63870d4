import type { App } from '../app.ts'
import type { Ctx, Scope } from '../core/ctx.ts'
import { ForbiddenError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { authenticate, CredentialError } from './authenticate.ts'
import { heeding } from './signals.ts'

/** The header that names a request, in the answer and in the log; the server sets it on each request before anyone reads it. */
export const requestIdHeader = 'x-request-id'

/** The ctx of a request to a route, for a caller who is signed in and, with a token, has the scope. @throws CredentialError (401), CrossSiteError, ForbiddenError (403) */
export async function routeCtx(app: App, request: Request, scope: Scope): Promise<Ctx> {
  const actor = await authenticate(app, request)
  if (actor.kind === 'anonymous') throw new CredentialError('Sign in, or send an API token in the Authorization header.', null)
  if (actor.kind === 'token' && !actor.scopes.has(scope)) throw new ForbiddenError(`The token lacks the scope ${scope}.`)
  const requestId = request.headers.get(requestIdHeader) ?? newId(app.clock)
  return heeding({ app, db: app.database.prisma, clock: app.clock, actor, requestId }, request.headers)
}
