import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import type { App } from '../app.ts'
import { GoogleRefusal } from '../google/client.ts'
import { jsonOf } from './json.ts'
import { takeNotice } from './notices.ts'

/** Many times what a notice of Pub/Sub's needs, bytes. */
const maxBytes = 64 * 1024

/** Where Pub/Sub brings Gmail's notices. An answer but 2xx makes it come again. */
export function gmailRoutes(app: App): Hono {
  const routes = new Hono()
  const { gmailPush } = app.config
  if (!gmailPush) return routes
  routes.post('/google/gmail/push', bodyLimit({ maxSize: maxBytes }), async (c) => {
    try {
      await app.google.verifyPush(/^Bearer (\S+)$/i.exec(c.req.header('authorization') ?? '')?.[1] ?? '', gmailPush)
    } catch (error) {
      if (!(error instanceof GoogleRefusal)) throw error
      app.log.info({ reason: error.message }, 'A notice was refused.')
      return c.body(null, error.reason === 'unavailable' ? 503 : 401)
    }
    const notice = Notice.safeParse(await c.req.json().catch(() => null))
    // Sent again it would be the same.
    if (!notice.success) {
      app.log.warn('A notice of Gmail’s cannot be read.')
      return c.body(null, 204)
    }
    try {
      await takeNotice(app, notice.data)
    } catch (error) {
      app.log.error({ err: error }, 'A notice of Gmail’s could not be taken in and will come again.')
      return c.body(null, 503)
    }
    return c.body(null, 204)
  })
  return routes
}

const Data = z.object({ emailAddress: z.string().max(320) })

const Notice = z
  .object({ message: z.object({ messageId: z.string().min(1).max(200), data: z.string() }) })
  .transform(({ message: { messageId, data } }, context) => {
    // Both alphabets of base64 are read.
    const read = Data.safeParse(jsonOf(Buffer.from(data, 'base64').toString()))
    if (read.success) return { messageId, email: read.data.emailAddress }
    context.addIssue('no data')
    return z.NEVER
  })
