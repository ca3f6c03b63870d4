import { createHash } from 'node:crypto'
import type { Clock } from '../../../src/core/clock.ts'
import { OAuthError } from '../errors.ts'
import { hashedName } from '../random.ts'
import { openToken, sealToken } from '../sealed-token.ts'
import type { Account, World } from '../world.ts'

/** What a person agreed to, waiting to be exchanged for tokens. */
export interface Authorization {
  account: Account
  clientId: string
  redirectUri: string
  scopes: string[]
  nonce?: string | undefined
  /** PKCE: the S256 (or, if plain, literal) challenge. */
  challenge?: { method: 'S256' | 'plain'; value: string } | undefined
  offline: boolean
  /** Whether a consent page was shown; only then does Google issue a refresh token. */
  consented: boolean
}

/** A live access token. */
export interface AccessToken {
  value: string
  account: Account
  clientId: string
  /** Those it was issued with and that are still granted. */
  scopes: string[]
  offline: boolean
  expiresAt: Temporal.Instant
}

/** Tokens as issued, before they are written as an answer. */
export interface Issued {
  access: AccessToken
  refreshToken?: string
  nonce?: string | undefined
}

/** What accounts have granted to clients, and the codes and tokens that came of it. */
export interface TokenStore {
  /** Scopes this account has granted this client, and whether offline access was among them. */
  granted(account: Account, clientId: string): { scopes: string[]; offline: boolean }
  /** Records the grant and returns a one-use authorization code. */
  issueCode(authorization: Authorization): string
  /** @throws OAuthError when code, client, redirect or verifier do not fit; a second use also kills the tokens of the first */
  redeemCode(request: { code: string; clientId: string; redirectUri: string; verifier: string | undefined }): Issued
  /** @throws OAuthError invalid_grant */
  refresh(refreshToken: string, clientId: string): Issued
  /** The live access token with this value. */
  access(value: string): AccessToken | undefined
  /** Withdraws the whole grant a token belongs to, as the revocation endpoint does; false when there is no such token. */
  revoke(token: string): boolean
  /** Withdraws everything an account has granted, as its owner may at any time. */
  revokeAccount(email: string): void
  /** Takes single scopes back; tokens live on without them. */
  withdrawScopes(email: string, scopes: readonly string[]): void
  /** Every access token of the account is from now on expired. */
  expireAccessTokens(email: string): void
}

/** Codes are exchanged at once or not at all. */
const codeMinutes = 10
/** The oldest refresh token of a client and account dies silently when there are more (Google's documented limit). */
const maxRefreshTokens = 100

interface Grant {
  account: Account
  clientId: string
  scopes: Set<string>
  offline: boolean
  refreshTokens: string[]
}

interface RefreshContent {
  sub: string
  clientId: string
  scopes: string[]
  n: number
  at: number
}

/** A store in which nobody has granted anything. Access tokens last as long as `accessTokenSeconds` says at the time. */
export function createTokenStore({
  seed,
  clock,
  world,
  accessTokenSeconds,
}: {
  seed: string
  clock: Clock
  world: World
  accessTokenSeconds: () => number
}): TokenStore {
  const grants = new Map<string, Grant>()
  const codes = new Map<string, Authorization & { expiresAt: Temporal.Instant; issued?: Issued }>()
  const accessTokens = new Map<string, AccessToken>()
  const deadRefreshTokens = new Set<string>()
  let count = 0

  const grantOf = (account: Account, clientId: string): Grant => {
    const key = `${account.sub} ${clientId}`
    const grant = grants.get(key) ?? { account, clientId, scopes: new Set(), offline: false, refreshTokens: [] }
    grants.set(key, grant)
    return grant
  }
  const isLive = (token: AccessToken) => Temporal.Instant.compare(clock.now(), token.expiresAt) < 0
  const issueAccess = (account: Account, clientId: string, scopes: string[], offline: boolean): AccessToken => {
    const value = `ya29.${hashedName(60, seed, 'access', account.sub, clientId, clock.now().epochMilliseconds, count++)}`
    const access: AccessToken = { value, account, clientId, scopes, offline, expiresAt: clock.now().add({ seconds: accessTokenSeconds() }) }
    accessTokens.set(value, access)
    return access
  }
  const issueRefresh = (grant: Grant, scopes: string[]): string => {
    const content: RefreshContent = { sub: grant.account.sub, clientId: grant.clientId, scopes, n: count++, at: clock.now().epochMilliseconds }
    const token = `1//${sealToken(seed, 'refresh', content)}`
    grant.refreshTokens.push(token)
    if (grant.refreshTokens.length > maxRefreshTokens) deadRefreshTokens.add(grant.refreshTokens.shift() as string)
    return token
  }
  const openRefresh = (token: string) => {
    if (!token.startsWith('1//') || deadRefreshTokens.has(token)) return undefined
    const content = openToken<RefreshContent>(seed, 'refresh', token.slice(3))
    const account = content && world.find(content.sub)
    return account && { account, ...content }
  }
  const withdraw = (grant: Grant) => {
    for (const token of grant.refreshTokens) deadRefreshTokens.add(token)
    for (const [value, token] of accessTokens) if (token.account === grant.account && token.clientId === grant.clientId) accessTokens.delete(value)
    for (const [code, waiting] of codes) if (waiting.account === grant.account && waiting.clientId === grant.clientId) codes.delete(code)
    grants.delete(`${grant.account.sub} ${grant.clientId}`)
  }
  const invalid = (description: string) => new OAuthError(400, 'invalid_grant', description)

  return {
    granted: (account, clientId) => {
      const grant = grantOf(account, clientId)
      return { scopes: [...grant.scopes], offline: grant.offline }
    },
    issueCode: (authorization) => {
      const grant = grantOf(authorization.account, authorization.clientId)
      for (const scope of authorization.scopes) grant.scopes.add(scope)
      grant.offline ||= authorization.offline
      const code = `4/0${hashedName(70, seed, 'code', authorization.account.sub, clock.now().epochMilliseconds, count++)}`
      codes.set(code, { ...authorization, expiresAt: clock.now().add({ minutes: codeMinutes }) })
      return code
    },
    redeemCode: ({ code, clientId, redirectUri, verifier }) => {
      const waiting = codes.get(code)
      if (!waiting) throw invalid('Malformed auth code.')
      if (waiting.clientId !== clientId) throw new OAuthError(401, 'unauthorized_client', 'The code was issued to another client.')
      if (waiting.issued) {
        accessTokens.delete(waiting.issued.access.value)
        if (waiting.issued.refreshToken) deadRefreshTokens.add(waiting.issued.refreshToken)
        throw invalid('Code was already redeemed.')
      }
      if (Temporal.Instant.compare(clock.now(), waiting.expiresAt) >= 0) throw invalid('Code has expired.')
      if (waiting.redirectUri !== redirectUri) throw new OAuthError(400, 'redirect_uri_mismatch', 'Bad Request')
      if (waiting.challenge && !verifier) throw invalid('Missing code verifier.')
      if (waiting.challenge && challengeOf(waiting.challenge.method, verifier ?? '') !== waiting.challenge.value) throw invalid('Invalid code verifier.')
      if (!waiting.challenge && verifier) throw invalid('code_verifier or verifier is not needed.')
      const access = issueAccess(waiting.account, clientId, waiting.scopes, waiting.offline)
      const refreshToken = waiting.offline && waiting.consented ? issueRefresh(grantOf(waiting.account, clientId), waiting.scopes) : undefined
      waiting.issued = { access, nonce: waiting.nonce, ...(refreshToken && { refreshToken }) }
      return waiting.issued
    },
    refresh: (refreshToken, clientId) => {
      const opened = openRefresh(refreshToken)
      if (!opened) throw invalid('Token has been expired or revoked.')
      if (opened.clientId !== clientId) throw new OAuthError(401, 'unauthorized_client', 'Unauthorized')
      const grant = grantOf(opened.account, clientId)
      if (!grant.refreshTokens.includes(refreshToken)) {
        // Issued before a restart: the token says what had been granted.
        grant.refreshTokens.push(refreshToken)
        grant.offline = true
        for (const scope of opened.scopes) grant.scopes.add(scope)
      }
      return {
        access: issueAccess(
          opened.account,
          clientId,
          opened.scopes.filter((scope) => grant.scopes.has(scope)),
          true,
        ),
      }
    },
    access: (value) => {
      const token = accessTokens.get(value)
      if (!token || !isLive(token)) return undefined
      const grant = grantOf(token.account, token.clientId)
      return { ...token, scopes: token.scopes.filter((scope) => grant.scopes.has(scope)) }
    },
    revoke: (token) => {
      const live = accessTokens.get(token)
      const owner = (live && isLive(live) ? live : undefined) ?? openRefresh(token)
      if (!owner) return false
      deadRefreshTokens.add(token)
      withdraw(grantOf(owner.account, owner.clientId))
      return true
    },
    revokeAccount: (email) => {
      for (const grant of grants.values()) if (grant.account === world.account(email)) withdraw(grant)
    },
    withdrawScopes: (email, scopes) => {
      for (const grant of grants.values()) if (grant.account === world.account(email)) for (const scope of scopes) grant.scopes.delete(scope)
    },
    expireAccessTokens: (email) => {
      for (const [value, token] of accessTokens) if (token.account === world.account(email)) accessTokens.delete(value)
    },
  }
}

function challengeOf(method: 'S256' | 'plain', verifier: string): string {
  return method === 'plain' ? verifier : createHash('sha256').update(verifier).digest('base64url')
}
