import { createHash, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'

interface SigningKey {
  kid: string
  privateKey: KeyObject
  publicKey: KeyObject
}

/** The keys that sign id_tokens: the current one and, still published, the one before. */
export interface SigningKeys {
  /** By key id, SPKI in PEM, as /oauth2/v1/certs serves them. */
  pem(): Record<string, string>
  /** JSON Web Key Set, as /oauth2/v3/certs serves it. */
  jwks(): { keys: object[] }
  /** A compact RS256 JWT. */
  sign(claims: object): string
  /** A new key signs from now on; the one before the last is no longer published. */
  rotate(): void
}

// Making an RSA key takes longer than everything else at the start, and tests start many simulators; keys of equal rank are shared in a process.
const made: SigningKey[] = []

/** A fresh line of keys. */
export function createSigningKeys(): SigningKeys {
  let rank = 0
  const published = () => [keyOf(rank), ...(rank > 0 ? [keyOf(rank - 1)] : [])]
  return {
    pem: () => Object.fromEntries(published().map(({ kid, publicKey }) => [kid, publicKey.export({ type: 'spki', format: 'pem' }).toString()])),
    jwks: () => ({ keys: published().map(({ kid, publicKey }) => ({ ...publicKey.export({ format: 'jwk' }), kid, alg: 'RS256', use: 'sig' })) }),
    sign: (claims) => {
      const { kid, privateKey } = keyOf(rank)
      const text = [{ alg: 'RS256', kid, typ: 'JWT' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.')
      return `${text}.${sign('RSA-SHA256', Buffer.from(text), privateKey).toString('base64url')}`
    },
    rotate: () => void rank++,
  }
}

function keyOf(rank: number): SigningKey {
  const existing = made[rank]
  if (existing) return existing
  const { privateKey, publicKey } = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const kid = createHash('sha1')
    .update(publicKey.export({ type: 'spki', format: 'der' }))
    .digest('hex')
  return (made[rank] = { kid, privateKey, publicKey })
}
