import { Hono } from 'hono'

/** When what Kith does with Global Privacy Control last changed. */
const gpcLastUpdate = '2026-12-01'

/** That Global Privacy Control is honoured, for programs that ask. */
export function consentRoutes(): Hono {
  const routes = new Hono()
  routes.get('/.well-known/gpc.json', (c) => c.json({ gpc: true, lastUpdate: gpcLastUpdate }))
  return routes
}
