import { sessionVerdict } from '../accounts/sessions.ts'
import type { App } from '../app.ts'
import type { Actor } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { tokenVerdict } from '../tokens/service.ts'
import { readCookie } from './cookies.ts'
import { refuseFormBody, requireSameOrigin } from './sameOrigin.ts'
import { heeding } from './signals.ts'

export { CrossSiteError } from './sameOrigin.ts'

/** No credential where one is needed, or one that is malformed, unknown, expired or revoked: refused with 401 and a challenge (RFC 6750). */
export class CredentialError extends Error {
  override name = 'CredentialError'
  readonly code = 'UNAUTHENTICATED'
  readonly status = 401
  /** The WWW-Authenticate header of the answer. */
  readonly challenge: string
  constructor(message: string, error: 'invalid_request' | 'invalid_token' | null) {
    super(message)
    this.challenge = error === null ? 'Bearer realm="Kith"' : `Bearer realm="Kith", error="${error}"`
  }
}

const bearer = /^Bearer +([\x21-\x7e]+) *$/i

/** Says who sends a request, by its Authorization header, else by its session cookie. @throws CredentialError (401), CrossSiteError (403) */
export async function authenticate(app: App, request: Request): Promise<Actor> {
  const authorization = request.headers.get('authorization')
  if (authorization !== null) {
    const [, token] = bearer.exec(authorization) ?? []
    if (token === undefined) throw new CredentialError('Send "Authorization: Bearer" and an API token.', 'invalid_request')
    const verdict = await tokenVerdict(app, token)
    if (!verdict) throw new CredentialError('That API token is not valid: it is mistyped, expired or revoked.', 'invalid_token')
    return verdict.actor
  }
  const secret = readCookie(app, request.headers, 'session')
  if (secret === undefined) return { kind: 'anonymous' }
  requireSameOrigin(app, request)
  refuseFormBody(request)
  const verdict = await sessionVerdict(app, secret)
  if (!verdict) throw new CredentialError('Your session has ended: sign in again.', 'invalid_token')
  return verdict.actor
}

/** Who looks at a page: the browser's session, or nobody known. For pages that change nothing when they are opened, wherever the link stood. */
export async function browserActor(app: App, headers: Headers): Promise<Actor> {
  const secret = readCookie(app, headers, 'session')
  const verdict = secret === undefined ? null : await sessionVerdict(app, secret)
  if (!verdict) return { kind: 'anonymous' }
  await heeding({ app, db: app.database.prisma, clock: app.clock, actor: verdict.actor, requestId: newId(app.clock) }, headers)
  return verdict.actor
}
