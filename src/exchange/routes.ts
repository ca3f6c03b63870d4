import { Readable } from 'node:stream'
import { Hono } from 'hono'
import type { App } from '../app.ts'
import { InvalidInputError } from '../core/errors.ts'
import { meterOf, rateLimitHeaders } from '../graphql/cost.ts'
import { encodeId } from '../graphql/globalIds.ts'
import { routeCtx } from '../http/routeCtx.ts'
import { countContacts, exportContacts } from './export.ts'
import { exportPoints, filePoints, routePoints } from './points.ts'
import type { Format } from './read.ts'
import { maxFileBytes, startImport } from './run.ts'

/** Address books as files: in by POST /contacts/import, out by GET /contacts/export.vcf and .csv. */
export function exchangeRoutes(app: App): Hono {
  const routes = new Hono()
  routes.post('/contacts/import', async (c) => {
    const ctx = await routeCtx(app, c.req.raw, 'contacts:write')
    const format = formatOf(c.req.header('content-type') ?? '', c.req.query('format'))
    const body = c.req.raw.body
    if (!body) throw new InvalidInputError({ path: ['body'], message: 'Send the file as the body of the request.' })
    // What is refused costs what was announced: the bytes have come all the same.
    const charge = await meterOf(app).chargeWork(ctx, routePoints + filePoints(announcedBytes(c.req.header('content-length'))))
    const run = await startImport(ctx, format, body)
    const id = encodeId('ContactsImportRun', run.id)
    const cost = charge.settle(routePoints + filePoints(run.bytes))
    return c.json({ id, state: run.state, bytes: run.bytes, message: 'Ask for node(id:) as ContactsImportRun to follow it.' }, 202, rateLimitHeaders(cost))
  })
  for (const [extension, format, type] of [
    ['vcf', 'VCARD', 'text/vcard; charset=utf-8'],
    ['csv', 'CSV', 'text/csv; charset=utf-8'],
  ] as const) {
    routes.get(`/contacts/export.${extension}`, async (c) => {
      const ctx = await routeCtx(app, c.req.raw, 'contacts:read')
      const points = routePoints + exportPoints(await countContacts(ctx))
      const cost = (await meterOf(app).chargeWork(ctx, points)).settle(points)
      return c.body(Readable.toWeb(Readable.from(encoded(exportContacts(ctx, format)))) as ReadableStream<Uint8Array<ArrayBuffer>>, 200, {
        'content-type': type,
        'content-disposition': `attachment; filename="contacts.${extension}"`,
        ...rateLimitHeaders(cost),
      })
    })
  }
  return routes
}

/** The size of a body as its sender says it; as large as a body may be where nothing is said. */
function announcedBytes(contentLength: string | undefined): number {
  return Math.min(contentLength === undefined ? maxFileBytes : Number(contentLength), maxFileBytes)
}

async function* encoded(texts: AsyncIterable<string>): AsyncGenerator<Uint8Array> {
  for await (const text of texts) yield Buffer.from(text)
}

/** What kind of file a request sends: as its `format` says, else by its content type. */
function formatOf(contentType: string, named: string | undefined): Format {
  const format = named?.toUpperCase()
  if (format === 'VCARD' || format === 'CSV') return format
  if (/vcard|directory/i.test(contentType)) return 'VCARD'
  if (/csv/i.test(contentType)) return 'CSV'
  throw new InvalidInputError({ path: ['format'], message: 'Send Content-Type: text/vcard or text/csv, or add ?format=vcard or ?format=csv.' })
}
