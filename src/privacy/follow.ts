import type { App } from '../app.ts'
import { isId } from '../core/ids.ts'
import { sameBytes } from '../vault/master.ts'

const use = 'follow a privacy request'

/** What lets somebody without an account follow their request: its id with a mark that only this server can make. Nothing of it is stored. */
export function followToken(app: App, requestId: string): string {
  return `${requestId}.${app.vault.master.mac(use, requestId).toString('base64url')}`
}

/** The request that a token is for; null for a token that is not ours. The work is the same either way. */
export function requestOfToken(app: App, token: string): string | null {
  const [requestId = '', mark = ''] = token.slice(0, 200).split('.')
  const given = Buffer.from(mark, 'base64url')
  const good = app.vault.master.macs(use, requestId).map((mac) => sameBytes(mac, given))
  return good.includes(true) && isId(requestId) ? requestId : null
}

/** Where somebody without an account follows their request. */
export function followLink(app: App, requestId: string): string {
  return `${app.config.publicUrl}/privacy/requests/follow?token=${followToken(app, requestId)}`
}

/** Where the certificate of an erasure is fetched. */
export function certificateLink(app: App, requestId: string): string {
  return `${app.config.publicUrl}/privacy/certificate?token=${followToken(app, requestId)}`
}
