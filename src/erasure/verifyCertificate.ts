import { createHash } from 'node:crypto'
import { jsonPart, type PublicJwk, readJws } from '../vault/jws.ts'
import { certificateType, type CertificateBody } from './certificate.ts'

/**
 * Reads a certificate and checks who has signed it, without asking anybody: only its text and the controller's published keys are needed.
 * @throws Error saying what is wrong
 */
export function verifyCertificate(text: string, keys: readonly PublicJwk[]): CertificateBody {
  const jws = readJws(text)
  if (jws?.header.typ !== certificateType) throw new Error('That is no certificate of an erasure.')
  const key = keys.find((each) => each.kty === 'OKP' && each.crv === 'Ed25519' && thumbprint(each) === jws.header.kid)
  if (!key) throw new Error('None of the given keys is the one that it names.')
  if (!jws.isBy(key)) throw new Error('The signature does not fit: it was changed, or signed by somebody else.')
  const read = bodyOf(jws.payload)
  if (read.version !== 1) throw new Error('It is of a version that this program does not know.')
  return read
}

/** The id of a certificate that is known to be genuine. */
export function certificateId(text: string): string {
  return bodyOf(text.split('.')[1] ?? '').id
}

function bodyOf(payload: string): CertificateBody {
  const read = jsonPart(payload)
  if (typeof read !== 'object' || read === null) throw new Error('That is no certificate: a part of it cannot be read.')
  return read as CertificateBody
}

/** RFC 7638. */
function thumbprint({ crv, kty, x }: PublicJwk): string {
  return createHash('sha256').update(JSON.stringify({ crv, kty, x })).digest('base64url')
}
