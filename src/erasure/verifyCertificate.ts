import { createHash, createPublicKey, verify } from 'node:crypto'
import { certificateType, type CertificateBody } from './certificate.ts'

/** A public key as the list of signing keys gives it (RFC 8037). */
export interface PublicJwk {
  kty: string
  crv: string
  x: string
}

/**
 * Reads a certificate and checks who has signed it, without asking anybody: only its text and the controller's published keys are needed.
 * @throws Error saying what is wrong
 */
export function verifyCertificate(text: string, keys: readonly PublicJwk[]): CertificateBody {
  const [head = '', body = '', signature = '', ...more] = text.trim().split('.')
  if (signature === '' || more.length > 0) throw new Error('That is no certificate: it does not have three parts.')
  const header = parse(head) as { alg?: unknown; kid?: unknown; typ?: unknown; crit?: unknown }
  if (header.alg !== 'EdDSA' || header.typ !== certificateType || header.crit !== undefined) throw new Error('That is no certificate of an erasure.')
  const key = keys.find((each) => each.kty === 'OKP' && each.crv === 'Ed25519' && thumbprint(each) === header.kid)
  if (!key) throw new Error('None of the given keys is the one that it names.')
  const publicKey = createPublicKey({ key: { kty: key.kty, crv: key.crv, x: key.x }, format: 'jwk' })
  if (!verify(null, Buffer.from(`${head}.${body}`), publicKey, Buffer.from(signature, 'base64url')))
    throw new Error('The signature does not fit: it was changed, or signed by somebody else.')
  const read = parse(body) as CertificateBody
  if (read.version !== 1) throw new Error('It is of a version that this program does not know.')
  return read
}

/** The id of a certificate that is known to be genuine. */
export function certificateId(text: string): string {
  return (parse(text.split('.')[1] ?? '') as CertificateBody).id
}

function parse(part: string): unknown {
  try {
    return JSON.parse(Buffer.from(part, 'base64url').toString())
  } catch {
    throw new Error('That is no certificate: a part of it cannot be read.')
  }
}

/** RFC 7638. */
function thumbprint({ crv, kty, x }: PublicJwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
}
