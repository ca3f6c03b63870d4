import { Hono } from 'hono'
import type { App } from '../app.ts'
import { pushPath } from './channels.ts'
import { receivePush } from './push.ts'

/** Where Google says that a calendar has changed: headers only, and no body is read. */
export function calendarRoutes(app: App): Hono {
  const routes = new Hono()
  routes.post(pushPath, async (c) => {
    const header = (name: string): string => c.req.header(`x-goog-${name}`) ?? ''
    try {
      const taken = await receivePush(app, {
        channelId: header('channel-id'),
        token: header('channel-token'),
        state: header('resource-state'),
        number: header('message-number'),
      })
      return c.body(null, taken ? 204 : 404)
    } catch (error) {
      app.log.error({ err: error }, 'A message of Google’s about a calendar could not be taken in; Google sends it again.')
      return c.body(null, 503)
    }
  })
  return routes
}
