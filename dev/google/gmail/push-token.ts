import { generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import type { SigningKeys } from '../oauth/keys.ts'

/** What may be false about a push's token. */
export type Forgery = 'key' | 'unknown key' | 'audience' | 'email' | 'unverified' | 'issuer' | 'expired' | 'alg none' | 'missing'

/** The OIDC token of a service account with which Pub/Sub signs its pushes: RS256, an hour. Empty when it is missing. */
export function signPush(
  keys: SigningKeys,
  { iss, aud, email, now }: { iss: string; aud: string; email: string; now: Temporal.Instant },
  forgery: Forgery | null,
): string {
  if (forgery === 'missing') return ''
  const iat = Math.floor(now.epochMilliseconds / 1000) - (forgery === 'expired' ? 86_400 : 0)
  const token = keys.sign({
    aud: forgery === 'audience' ? 'https://elsewhere.example/push' : aud,
    azp: '100000000000000000001',
    email: forgery === 'email' ? 'somebody@elsewhere.iam.gserviceaccount.com' : email,
    email_verified: forgery !== 'unverified',
    exp: iat + 3600,
    iat,
    iss: forgery === 'issuer' ? 'https://accounts.elsewhere.example' : iss,
    sub: '100000000000000000001',
  })
  const [header = '', claims = ''] = token.split('.')
  if (forgery === 'alg none') return `${encoded({ alg: 'none', typ: 'JWT' })}.${claims}.`
  if (forgery === 'unknown key') return signedByStranger(encoded({ alg: 'RS256', kid: 'f'.repeat(40), typ: 'JWT' }), claims)
  return forgery === 'key' ? signedByStranger(header, claims) : token
}

let stranger: KeyObject | undefined

function signedByStranger(header: string, claims: string): string {
  stranger ??= generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey
  return `${header}.${claims}.${sign('RSA-SHA256', Buffer.from(`${header}.${claims}`), stranger).toString('base64url')}`
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString('base64url')
}
