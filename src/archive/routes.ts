import { Readable } from 'node:stream'
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { InvalidInputError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { meterOf, rateLimitHeaders } from '../graphql/cost.ts'
import { requestIdHeader, routeCtx } from '../http/routeCtx.ts'
import { openDownload } from './download.ts'
import { maxArchiveBytes, pointsOf, receiveArchive, refuseLarger } from './receive.ts'

/** POST /privacy/archives: brings an archive back into an empty account. GET /privacy/archives/:token: an archive, for whoever holds a link that was not used yet. */
export function archiveRoutes(app: App): Hono {
  const routes = new Hono()
  routes.post('/privacy/archives', async (c) => {
    const ctx = await routeCtx(app, c.req.raw, 'privacy:write')
    const { body } = c.req.raw
    if (!body) throw new InvalidInputError({ path: ['body'], message: 'Send the archive as the body of the request.' })
    const announced = announcedBytes(c.req.header('content-length'))
    const charge = await meterOf(app).chargeWork(ctx, pointsOf(announced))
    const options = { dryRun: c.req.query('dryRun') !== undefined, requireSignature: c.req.query('signed') !== undefined }
    const { bytes, imported } = await receiveArchive(ctx, body, options)
    return c.json({ dryRun: options.dryRun, ...imported }, 200, rateLimitHeaders(charge.settle(pointsOf(bytes))))
  })
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

/** The size of a body as its sender says it; as large as a body may be where nothing is said. @throws InvalidInputError when that is too large */
function announcedBytes(contentLength: string | undefined): number {
  const bytes = Number(contentLength ?? maxArchiveBytes)
  refuseLarger(bytes)
  return bytes
}
