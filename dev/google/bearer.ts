import type { Context } from 'hono'
import { ApiError } from './errors.ts'
import type { AccessToken, TokenStore } from './oauth/tokens.ts'
import type { Simulation, SimulatorEnv } from './simulation.ts'
import type { Account } from './world.ts'

/** The access token a request carries, if it is live. */
export function bearerOf(tokens: TokenStore, request: Request): AccessToken | undefined {
  const header = /^Bearer (\S+)$/i.exec(request.headers.get('authorization') ?? '')?.[1]
  const value = header ?? new URL(request.url).searchParams.get('access_token')
  return value ? tokens.access(value) : undefined
}

/** The account a request acts for: its access token must be live and hold one of the scopes. Names the operation for the ledger. @throws ApiError 401, 403 */
export function authorize({ tokens }: Simulation, c: Context<SimulatorEnv>, operation: string, method: string, anyOf: readonly string[]): Account {
  c.set('operation', operation)
  const service = serviceOf(method)
  const token = bearerOf(tokens, c.req.raw)
  if (!token) {
    const sent = c.req.header('authorization') !== undefined || c.req.query('access_token') !== undefined
    throw new ApiError(
      401,
      'UNAUTHENTICATED',
      sent
        ? 'Request had invalid authentication credentials. Expected OAuth 2 access token, login cookie or other valid authentication credential.'
        : 'Request is missing required authentication credential.',
      { reason: sent ? 'ACCESS_TOKEN_EXPIRED' : 'CREDENTIALS_MISSING', metadata: { service, method } },
      { 'www-authenticate': `Bearer realm="https://accounts.google.com/"${sent ? ', error="invalid_token"' : ''}` },
    )
  }
  if (!anyOf.some((scope) => token.scopes.includes(scope))) {
    throw new ApiError(
      403,
      'PERMISSION_DENIED',
      'Request had insufficient authentication scopes.',
      { reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT', metadata: { service, method } },
      { 'www-authenticate': `Bearer realm="https://accounts.google.com/", error="insufficient_scope", scope="${anyOf.join(' ')}"` },
    )
  }
  return token.account
}

/** `google.people.v1.PeopleService.ListConnections` is served by `people.googleapis.com`, `calendar.v3.Events.List` by an older kind of service. */
function serviceOf(method: string): string {
  if (method.startsWith('calendar.')) return 'calendar-json.googleapis.com'
  return `${method.split('.')[1] ?? 'people'}.googleapis.com`
}
