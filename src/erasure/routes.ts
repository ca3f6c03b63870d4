import { Hono } from 'hono'
import type { App } from '../app.ts'
import { nothingHere } from '../http/problem.ts'
import { systemCtx } from '../jobs/relay.ts'
import { controllerId } from '../privacy/service.ts'
import { certificateByToken } from './service.ts'

/** GET /privacy/certificate?token=…: the certificate of an erasure, for whoever follows its request. */
export function certificateRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/privacy/certificate', async (c) => {
    const certificate = await certificateByToken(systemCtx(app, controllerId, 'certificate'), c.req.query('token') ?? '')
    if (!certificate) return nothingHere(c.req.raw)
    return c.body(certificate.jws, 200, {
      'content-type': 'application/jose',
      'content-disposition': `attachment; filename="erasure-${certificate.requestId}.jws"`,
      'cache-control': 'no-store',
    })
  })
  return routes
}
