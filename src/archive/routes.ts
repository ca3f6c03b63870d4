import { Readable } from 'node:stream'
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { newId } from '../core/ids.ts'
import { requestIdHeader } from '../http/routeCtx.ts'
import { openDownload } from './download.ts'

/** GET /privacy/archives/:token: an archive, for whoever holds a link that was not used yet. */
export function archiveRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/privacy/archives/:token', async (c) => {
    const ctx = {
      app,
      db: app.database.prisma,
      clock: app.clock,
      actor: { kind: 'anonymous' } as const,
      requestId: c.req.header(requestIdHeader) ?? newId(app.clock),
    }
    const { bytes, fileName, content } = await openDownload(ctx, c.req.param('token'))
    return c.body(Readable.toWeb(Readable.from(content, { objectMode: false })) as ReadableStream<Uint8Array<ArrayBuffer>>, 200, {
      'content-type': 'application/zip',
      'content-length': String(bytes),
      'content-disposition': `attachment; filename="${fileName}"`,
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff',
      'referrer-policy': 'no-referrer',
    })
  })
  return routes
}
