import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto'
import { parse, serialize } from 'hono/utils/cookie'
import type { App } from '../app.ts'
import { type CookieUse, cookieRegistry } from '../consent/service.ts'

export type { CookieUse }

/** A cookie's name: `__Host-kith…` on https; else with the port, because browsers do not keep cookies of different ports apart. */
export function cookieName(app: Pick<App, 'config'>, use: CookieUse): string {
  const { protocol, port } = new URL(app.config.publicUrl)
  if (protocol === 'https:') return use === 'session' ? '__Host-kith' : `__Host-kith-${use}`
  return `kith_${use}_${port || '80'}`
}

/** What a request's cookie of that use holds; undefined when there is none. */
export function readCookie(app: Pick<App, 'config'>, headers: Headers, use: CookieUse): string | undefined {
  const header = headers.get('cookie')
  const name = cookieName(app, use)
  return header === null ? undefined : parse(header, name)[name]
}

/** The Set-Cookie line that keeps a value in the browser for some seconds, out of scripts' reach and no longer than the registry says; 0 seconds removes it. */
export function cookieLine(app: Pick<App, 'config'>, use: CookieUse, value: string, maxAgeSeconds: number): string {
  const secure = new URL(app.config.publicUrl).protocol === 'https:'
  // Lax, not Strict: the browser comes back from Google by a navigation that another site began.
  return serialize(cookieName(app, use), value, {
    httpOnly: true,
    sameSite: 'Lax',
    path: '/',
    secure,
    maxAge: Math.min(cookieRegistry[use].maxAgeSeconds, Math.max(0, Math.floor(maxAgeSeconds))),
  })
}

/** Seals what a cookie carries between two requests of one browser, so that it can be neither read nor changed there. */
export function sealCookie(app: Pick<App, 'vault' | 'clock'>, use: CookieUse, content: object, lifeSeconds: number): string {
  const nonce = randomBytes(12)
  const cipher = createCipheriv('aes-256-gcm', app.vault.master.mac('cookie', use), nonce)
  const until = app.clock.now().epochMilliseconds + lifeSeconds * 1000
  return Buffer.concat([nonce, cipher.update(JSON.stringify({ until, content })), cipher.final(), cipher.getAuthTag()]).toString('base64url')
}

/** What a sealed cookie says; undefined when it is not ours, was changed, or is too old. */
export function openCookie<Content extends object>(app: Pick<App, 'vault' | 'clock'>, use: CookieUse, sealed: string | undefined): Content | undefined {
  if (sealed === undefined) return undefined
  const bytes = Buffer.from(sealed, 'base64url')
  for (const key of app.vault.master.macs('cookie', use)) {
    try {
      const decipher = createDecipheriv('aes-256-gcm', key, bytes.subarray(0, 12)).setAuthTag(bytes.subarray(-16))
      const { until, content } = JSON.parse(decipher.update(bytes.subarray(12, -16), undefined, 'utf8') + decipher.final('utf8')) as {
        until: number
        content: Content
      }
      return app.clock.now().epochMilliseconds < until ? content : undefined
    } catch {
      // Sealed with another key, or not by us: the next key may open it.
    }
  }
  return undefined
}
