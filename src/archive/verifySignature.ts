import type { App } from '../app.ts'
import { readJws } from '../vault/jws.ts'
import { jwkOf } from '../vault/signing.ts'
import { type OpenedBag, refuse } from './readBag.ts'

/** What its signature says of an archive: made here and unchanged, made with a key that is not of this server, or not signed at all. */
export type SignatureVerdict = 'OURS' | 'FOREIGN' | 'NONE'

/** Checks the signature over the tag manifest, on which all else hangs. @throws InvalidInputError when it is there, by a key of ours, and wrong */
export async function verdictOnSignature(app: App, bag: OpenedBag): Promise<SignatureVerdict> {
  if (!bag.paths.includes('manifest.jws')) return 'NONE'
  const jws = readJws(await bag.text('manifest.jws'))
  if (jws === null || jws.payload !== '' || typeof jws.header.kid !== 'string') return refuse('its signature cannot be read')
  const key = (await app.signing.publicKeys()).find(({ id }) => id === jws.header.kid)
  if (!key) return 'FOREIGN'
  const signed = Buffer.from(await bag.text('tagmanifest-sha256.txt')).toString('base64url')
  return jws.isBy(jwkOf(key), signed) ? 'OURS' : refuse('its signature does not fit: it was changed after it was made')
}
