import { Hono } from 'hono'
import { bearerOf } from '../bearer.ts'
import { OAuthError } from '../errors.ts'
import type { Simulation, SimulatorEnv } from '../simulation.ts'
import { issuer, profileClaims } from './id-token.ts'
import { scopes } from './scopes.ts'

/** How long certificates may be cached, seconds. Google's answers vary around this. */
const certificateSeconds = 21_600

/** Discovery, certificates, userinfo and tokeninfo. */
export function identityRoutes({ clock, tokens, keys, origin }: Simulation): Hono<SimulatorEnv> {
  const routes = new Hono<SimulatorEnv>()
  const cached = { 'cache-control': `public, max-age=${certificateSeconds}, must-revalidate, no-transform` }

  routes.get('/.well-known/openid-configuration', (c) => {
    c.set('operation', 'discovery')
    return c.json(
      {
        issuer,
        authorization_endpoint: `${origin()}/o/oauth2/v2/auth`,
        token_endpoint: `${origin()}/token`,
        userinfo_endpoint: `${origin()}/v1/userinfo`,
        revocation_endpoint: `${origin()}/revoke`,
        jwks_uri: `${origin()}/oauth2/v3/certs`,
        response_types_supported: ['code'],
        response_modes_supported: ['query'],
        subject_types_supported: ['public'],
        id_token_signing_alg_values_supported: ['RS256'],
        scopes_supported: ['openid', 'email', 'profile'],
        token_endpoint_auth_methods_supported: ['client_secret_post', 'client_secret_basic'],
        claims_supported: ['aud', 'email', 'email_verified', 'exp', 'family_name', 'given_name', 'iat', 'iss', 'locale', 'name', 'picture', 'sub'],
        code_challenge_methods_supported: ['plain', 'S256'],
        grant_types_supported: ['authorization_code', 'refresh_token'],
        authorization_response_iss_parameter_supported: true,
      },
      200,
      cached,
    )
  })
  routes.get('/oauth2/v1/certs', (c) => {
    c.set('operation', 'certs.pem')
    return c.json(keys.pem(), 200, cached)
  })
  routes.get('/oauth2/v3/certs', (c) => {
    c.set('operation', 'certs.jwks')
    return c.json(keys.jwks(), 200, cached)
  })

  routes.on(['GET', 'POST'], ['/v1/userinfo', '/oauth2/v3/userinfo'], (c) => {
    c.set('operation', 'userinfo')
    const token = bearerOf(tokens, c.req.raw)
    if (!token) throw new OAuthError(401, 'invalid_request', 'Invalid Credentials')
    if (![scopes.openid, scopes.email, scopes.profile].some((scope) => token.scopes.includes(scope)))
      throw new OAuthError(403, 'insufficient_scope', 'Request had insufficient authentication scopes.')
    return c.json(profileClaims(token, origin()))
  })

  routes.on(['GET', 'POST'], '/tokeninfo', async (c) => {
    c.set('operation', 'tokeninfo')
    const value = c.req.query('access_token') ?? new URLSearchParams(await c.req.text()).get('access_token')
    const token = value ? tokens.access(value) : bearerOf(tokens, c.req.raw)
    if (!token) throw new OAuthError(400, 'invalid_token', 'Invalid Value')
    const { account, clientId, scopes: granted, expiresAt, offline } = token
    return c.json({
      azp: clientId,
      aud: clientId,
      sub: account.sub,
      scope: granted.join(' '),
      exp: String(Math.floor(expiresAt.epochMilliseconds / 1000)),
      expires_in: String(Math.floor(clock.now().until(expiresAt).total('seconds'))),
      ...(granted.includes(scopes.email) && { email: account.email, email_verified: String(account.emailVerified) }),
      access_type: offline ? 'offline' : 'online',
    })
  })
  return routes
}
