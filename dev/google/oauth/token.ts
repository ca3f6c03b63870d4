import { Hono, type Context } from 'hono'
import { OAuthError } from '../errors.ts'
import type { Simulation, SimulatorEnv } from '../simulation.ts'
import { sameSecret } from './clients.ts'
import { idTokenClaims } from './id-token.ts'
import { scopes } from './scopes.ts'
import type { Issued } from './tokens.ts'

/** The token and revocation endpoints. */
export function tokenRoutes(simulation: Simulation): Hono<SimulatorEnv> {
  const { clock, tokens, keys, origin } = simulation
  const routes = new Hono<SimulatorEnv>()

  const answer = (c: Context<SimulatorEnv>, { access, refreshToken, nonce }: Issued) => {
    c.set('account', access.account.email)
    const claims = access.scopes.includes(scopes.openid) && idTokenClaims(access, { origin: origin(), now: clock.now(), nonce })
    return c.json(
      {
        access_token: access.value,
        expires_in: Math.round(clock.now().until(access.expiresAt).total('seconds')),
        ...(refreshToken && { refresh_token: refreshToken }),
        scope: access.scopes.join(' '),
        token_type: 'Bearer',
        ...(claims && { id_token: keys.sign(claims) }),
      },
      200,
      { 'cache-control': 'no-cache, no-store, max-age=0, must-revalidate', pragma: 'no-cache' },
    )
  }

  routes.post('/token', async (c) => {
    c.set('operation', 'token')
    const form = new URLSearchParams(await c.req.text())
    const grantType = form.get('grant_type')
    if (grantType === 'authorization_code' || grantType === 'refresh_token') c.set('operation', `token.${grantType}`)
    const clientId = authenticate(simulation, c, form)
    const need = (name: string) => {
      const value = form.get(name)
      if (!value) throw new OAuthError(400, 'invalid_request', `Missing required parameter: ${name}`)
      return value
    }
    if (grantType === 'authorization_code') {
      const verifier = form.get('code_verifier') ?? undefined
      return answer(c, tokens.redeemCode({ code: need('code'), clientId, redirectUri: need('redirect_uri'), verifier }))
    }
    if (grantType === 'refresh_token') return answer(c, tokens.refresh(need('refresh_token'), clientId))
    throw new OAuthError(400, 'unsupported_grant_type', `Invalid grant_type: ${grantType ?? ''}`)
  })

  routes.on(['GET', 'POST'], '/revoke', async (c) => {
    c.set('operation', 'revoke')
    const token = c.req.query('token') ?? new URLSearchParams(await c.req.text()).get('token')
    if (!token) throw new OAuthError(400, 'invalid_request', 'Missing required parameter: token')
    const access = tokens.access(token)
    if (access) c.set('account', access.account.email)
    if (!tokens.revoke(token)) throw new OAuthError(400, 'invalid_token', 'Token expired or revoked')
    return c.json({})
  })
  return routes
}

function authenticate({ clients }: Simulation, c: Context<SimulatorEnv>, form: URLSearchParams): string {
  const basic = /^Basic (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1]
  const [id, secret] = basic ? Buffer.from(basic, 'base64').toString().split(':').map(decodeURIComponent) : [form.get('client_id'), form.get('client_secret')]
  if (!id) throw new OAuthError(400, 'invalid_request', 'Could not determine client ID from request.')
  const client = clients.find((one) => one.id === id)
  if (!client) throw new OAuthError(401, 'invalid_client', 'The OAuth client was not found.')
  if (!secret) throw new OAuthError(400, 'invalid_request', 'client_secret is missing.')
  if (!sameSecret(secret, client.secret)) throw new OAuthError(401, 'invalid_client', 'Unauthorized')
  return client.id
}
