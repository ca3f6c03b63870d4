import { Hono } from 'hono'
import type { App } from '../app.ts'
import { jwkOf } from '../vault/signing.ts'

/** Where the public halves of the signing keys stand, as a JWK Set (RFC 7517). */
export function signingRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/.well-known/jwks.json', async (c) => {
    const keys = await app.signing.publicKeys()
    return c.body(JSON.stringify({ keys: keys.map((key) => ({ ...jwkOf(key), kid: key.id, alg: 'EdDSA', use: 'sig' })) }), 200, {
      'content-type': 'application/jwk-set+json',
      // An hour: a new key is published when something is first signed with it.
      'cache-control': 'public, max-age=3600',
    })
  })
  return routes
}
