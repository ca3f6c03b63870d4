import { createPublicKey, verify } from 'node:crypto'

/** The public half of an Ed25519 key as a JWK (RFC 8037). */
export interface PublicJwk {
  kty: string
  crv: string
  x: string
}

/** A JWS in its compact form (RFC 7515), taken apart and not yet verified. */
export interface Jws {
  header: { alg?: unknown; kid?: unknown; typ?: unknown; crit?: unknown }
  /** As it stands there, in base64url; empty where the payload is elsewhere (RFC 7515, appendix F). */
  payload: string
  /** Whether a key made its signature over the payload, which is also given in base64url. */
  isBy(key: PublicJwk, payload?: string): boolean
}

/** Takes a JWS apart; null where the text is none that Ed25519 (RFC 8037) signs. */
export function readJws(text: string): Jws | null {
  const [head = '', payload = '', signature = '', ...more] = text.trim().split('.')
  if (signature === '' || more.length > 0) return null
  const header = jsonPart(head)
  if (typeof header !== 'object' || header === null || !('alg' in header) || header.alg !== 'EdDSA' || 'crit' in header) return null
  return {
    header,
    payload,
    isBy: ({ kty, crv, x }, signed = payload) =>
      verify(null, Buffer.from(`${head}.${signed}`), createPublicKey({ key: { kty, crv, x }, format: 'jwk' }), Buffer.from(signature, 'base64url')),
  }
}

/** What a part of a JWS says; undefined where it is no JSON. */
export function jsonPart(part: string): unknown {
  try {
    const read: unknown = JSON.parse(Buffer.from(part, 'base64url').toString())
    return read
  } catch {
    return undefined
  }
}
