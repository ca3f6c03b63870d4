import type { App } from '../app.ts'

/** A request that another site may have made a signed-in browser send: refused with 403. */
export class CrossSiteError extends Error {
  override name = 'CrossSiteError'
  readonly code = 'FORBIDDEN'
  readonly status = 403
}

// What a form on any page can send without the browser asking us first.
const formTypes = new Set(['application/x-www-form-urlencoded', 'multipart/form-data', 'text/plain'])

/** Refuses what does not come from our own pages. Reads may also be typed into the address bar. @throws CrossSiteError */
export function requireSameOrigin(app: Pick<App, 'config'>, request: Request): void {
  const site = request.headers.get('sec-fetch-site')
  const origin = request.headers.get('origin')
  if (request.method === 'GET' || request.method === 'HEAD') {
    if (site === null || site === 'same-origin' || site === 'none') return
  } else if (site === null ? origin === new URL(app.config.publicUrl).origin : site === 'same-origin') return
  throw new CrossSiteError('This request does not come from a page of Kith. Programs send an API token in the Authorization header instead of a cookie.')
}

/** Refuses a write whose body a form of another site could have sent. @throws CrossSiteError */
export function refuseFormBody(request: Request): void {
  if (request.method === 'GET' || request.method === 'HEAD') return
  const type = request.headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type === '' || formTypes.has(type)) throw new CrossSiteError('With a cookie, send JSON.')
}
