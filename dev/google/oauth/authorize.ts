import { Hono, type Context } from 'hono'
import type { Simulation, SimulatorEnv } from '../simulation.ts'
import type { Account } from '../world.ts'
import { allowsRedirect, type OAuthClient } from './clients.ts'
import { issuer } from './id-token.ts'
import { chooserPage, consentPage, errorPage } from './pages.ts'
import { isIdentity, readScopes } from './scopes.ts'

interface AuthorizationRequest {
  client: OAuthClient
  redirectUri: string
  scopes: string[]
  state: string | null
  nonce: string | undefined
  challenge: { method: 'S256' | 'plain'; value: string } | undefined
  offline: boolean
  includeGranted: boolean
  prompt: Set<string>
  loginHint: string | null
}

/**
 * The authorization endpoint: an account chooser, then a consent form, then back to the application with a code or with `access_denied`.
 * Tests may skip the pages: `simulate_account=<address>` answers for that account, `simulate_scopes=<scopes>` ticks only those boxes,
 * `simulate_deny=1` refuses.
 */
export function authorizeRoutes(simulation: Simulation): Hono<SimulatorEnv> {
  const { world, tokens, settings } = simulation
  const routes = new Hono<SimulatorEnv>()

  const sendBack = (c: Context<SimulatorEnv>, request: AuthorizationRequest, answer: Record<string, string>) => {
    const target = new URL(request.redirectUri)
    if (request.state !== null) target.searchParams.set('state', request.state)
    target.searchParams.set('iss', issuer)
    for (const [name, value] of Object.entries(answer)) target.searchParams.set(name, value)
    return c.redirect(target.href)
  }
  const missing = (request: AuthorizationRequest, account: Account) => {
    const granted = tokens.granted(account, request.client.id)
    return { scopes: request.scopes.filter((scope) => !granted.scopes.includes(scope)), offline: request.offline && !granted.offline }
  }
  const needsConsent = (request: AuthorizationRequest, account: Account) => {
    const { scopes, offline } = missing(request, account)
    return request.prompt.has('consent') || scopes.length > 0 || offline
  }
  const approve = (c: Context<SimulatorEnv>, request: AuthorizationRequest, account: Account, ticked: string[], consented: boolean) => {
    const before = request.includeGranted ? tokens.granted(account, request.client.id).scopes : []
    const scopes = [...new Set([...request.scopes.filter((scope) => isIdentity(scope) || ticked.includes(scope)), ...before])]
    const { client, redirectUri, nonce, challenge, offline } = request
    const code = tokens.issueCode({ account, clientId: client.id, redirectUri, scopes, nonce, challenge, offline, consented })
    c.set('account', account.email)
    return sendBack(c, request, { code, scope: scopes.join(' '), authuser: '0', prompt: consented ? 'consent' : 'none' })
  }

  routes.get('/o/oauth2/v2/auth', (c) => {
    c.set('operation', 'authorize')
    const url = new URL(c.req.url)
    const request = readRequest(simulation, url.searchParams)
    if ('error' in request) return c.html(errorPage(request.error, request.description), request.error === 'invalid_client' ? 401 : 400)

    const automatic = url.searchParams.get('simulate_account') ?? settings.autoApprove
    if (automatic !== null) {
      const account = world.find(automatic)
      if (!account) return c.html(errorPage('invalid_request', `There is no account ${automatic}.`), 400)
      if (url.searchParams.has('simulate_deny')) return sendBack(c, request, { error: 'access_denied' })
      const only = url.searchParams.get('simulate_scopes')
      return approve(c, request, account, only === null ? request.scopes : readScopes(only).valid, needsConsent(request, account))
    }

    const chosen = url.searchParams.get('account') ?? (request.prompt.has('select_account') ? null : request.loginHint)
    const account = chosen === null ? undefined : world.find(chosen)
    if (request.prompt.has('none')) {
      if (!account) return sendBack(c, request, { error: 'login_required' })
      return needsConsent(request, account) ? sendBack(c, request, { error: 'consent_required' }) : approve(c, request, account, request.scopes, false)
    }
    if (!account) {
      const hinted = (one: Account) => Number(one.email === request.loginHint || one.sub === request.loginHint)
      return c.html(
        chooserPage(
          request.client,
          world.accounts.toSorted((one, other) => hinted(other) - hinted(one)),
          url,
        ),
      )
    }
    if (!needsConsent(request, account)) return approve(c, request, account, request.scopes, false)
    const asked = request.prompt.has('consent') ? request.scopes : missing(request, account).scopes
    return c.html(consentPage(request.client, account, asked, url))
  })

  routes.post('/o/oauth2/v2/auth', async (c) => {
    c.set('operation', 'authorize.consent')
    const request = readRequest(simulation, new URL(c.req.url).searchParams)
    if ('error' in request) return c.html(errorPage(request.error, request.description), 400)
    const form = new URLSearchParams(await c.req.text())
    const account = world.find(form.get('account') ?? '')
    if (!account) return c.html(errorPage('invalid_request', 'No account was chosen.'), 400)
    c.set('account', account.email)
    if (form.get('decision') !== 'allow') return sendBack(c, request, { error: 'access_denied' })
    // What was granted before is not asked again, and stays.
    const asked = request.prompt.has('consent') ? request.scopes : missing(request, account).scopes
    const ticked = [...form.getAll('scope'), ...request.scopes.filter((scope) => !asked.includes(scope))]
    return approve(c, request, account, ticked, true)
  })
  return routes
}

function readRequest({ clients }: Simulation, query: URLSearchParams): AuthorizationRequest | { error: string; description: string } {
  const refuse = (error: string, description: string) => ({ error, description })
  const client = clients.find((one) => one.id === query.get('client_id'))
  if (!client) return refuse('invalid_client', 'The OAuth client was not found.')
  const redirectUri = query.get('redirect_uri') ?? ''
  if (!allowsRedirect(client, redirectUri)) return refuse('redirect_uri_mismatch', `The address ${redirectUri} is not registered for this client.`)
  if (query.get('response_type') !== 'code') return refuse('unsupported_response_type', 'Only response_type=code is served.')
  const { valid, invalid } = readScopes(query.get('scope') ?? '')
  if (invalid.length > 0) return refuse('invalid_scope', `Some requested scopes were invalid: ${invalid.join(', ')}`)
  if (valid.length === 0) return refuse('invalid_request', 'Missing required parameter: scope')
  const value = query.get('code_challenge')
  const method = query.get('code_challenge_method') ?? 'plain'
  if (method !== 'S256' && method !== 'plain') return refuse('invalid_request', `Invalid code_challenge_method: ${method}`)
  if (value !== null && !/^[\w.~-]{43,128}$/.test(value)) return refuse('invalid_request', 'Invalid code_challenge.')
  return {
    client,
    redirectUri,
    scopes: valid,
    state: query.get('state'),
    nonce: query.get('nonce') ?? undefined,
    challenge: value === null ? undefined : { method, value },
    offline: query.get('access_type') === 'offline',
    includeGranted: query.get('include_granted_scopes') === 'true',
    prompt: new Set(query.get('prompt')?.split(' ') ?? []),
    loginHint: query.get('login_hint'),
  }
}
