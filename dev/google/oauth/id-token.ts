import { createHash } from 'node:crypto'
import { scopes } from './scopes.ts'
import type { AccessToken } from './tokens.ts'

/** Who Google says it is; the simulator says the same, since clients check for it. */
export const issuer = 'https://accounts.google.com'

/** The claims about an account that a set of scopes opens. */
export function profileClaims({ account, scopes: granted }: AccessToken, origin: string): object {
  return {
    sub: account.sub,
    ...(granted.includes(scopes.email) && { email: account.email, email_verified: account.emailVerified }),
    ...(granted.includes(scopes.profile) && {
      name: account.name,
      given_name: account.givenName,
      family_name: account.familyName,
      picture: `${origin}/photos/${account.pictureId}=s96`,
      locale: account.locale,
    }),
  }
}

/** All claims of an id_token for this access token. */
export function idTokenClaims(access: AccessToken, { origin, now, nonce }: { origin: string; now: Temporal.Instant; nonce?: string | undefined }): object {
  const iat = Math.floor(now.epochMilliseconds / 1000)
  return {
    iss: issuer,
    azp: access.clientId,
    aud: access.clientId,
    ...profileClaims(access, origin),
    at_hash: createHash('sha256').update(access.value).digest().subarray(0, 16).toString('base64url'),
    ...(nonce !== undefined && { nonce }),
    iat,
    exp: iat + 3600,
  }
}
