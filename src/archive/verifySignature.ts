import { createPublicKey, verify } from 'node:crypto'
import type { App } from '../app.ts'
import { jwkOf } from '../vault/signing.ts'
import { type OpenedBag, refuse } from './readBag.ts'

/** What its signature says of an archive: made here and unchanged, made with a key that is not of this server, or not signed at all. */
export type SignatureVerdict = 'OURS' | 'FOREIGN' | 'NONE'

/** Checks the signature over the tag manifest, on which all else hangs. @throws InvalidInputError when it is there, by a key of ours, and wrong */
export async function verdictOnSignature(app: App, bag: OpenedBag): Promise<SignatureVerdict> {
  if (!bag.paths.includes('manifest.jws')) return 'NONE'
  const [header = '', payload, signature = '', ...more] = (await bag.text('manifest.jws')).trim().split('.')
  const { alg, kid } = headerOf(header)
  if (payload !== '' || more.length > 0 || alg !== 'EdDSA' || typeof kid !== 'string') refuse('its signature cannot be read')
  const key = (await app.signing.publicKeys()).find(({ id }) => id === kid)
  if (!key) return 'FOREIGN'
  const signed = Buffer.from(`${header}.${Buffer.from(await bag.text('tagmanifest-sha256.txt')).toString('base64url')}`)
  const good = verify(null, signed, createPublicKey({ key: jwkOf(key), format: 'jwk' }), Buffer.from(signature, 'base64url'))
  return good ? 'OURS' : refuse('its signature does not fit: it was changed after it was made')
}

function headerOf(header: string): { alg?: unknown; kid?: unknown } {
  try {
    const read: unknown = JSON.parse(Buffer.from(header, 'base64url').toString('utf8'))
    return typeof read === 'object' && read !== null ? read : {}
  } catch {
    return refuse('its signature cannot be read')
  }
}
