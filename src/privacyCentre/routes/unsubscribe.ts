import { Hono } from 'hono'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { unsubscribe } from '../../deliveries/service.ts'
import { show, shown } from './visit.ts'

/** Leaving a mailing list: by one click in a mail program (RFC 8058), or on the page behind the link. Looking at the page changes nothing: programs that look after links open it too. */
export function unsubscribeRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/unsubscribe/:token', (c) =>
    shown(app, c, (visit) => {
      const { title, text, button } = visit.words.unsubscribe
      const body = html`<h1>${title}</h1>
        <p>${text}</p>
        <form method="post"><button type="submit">${button}</button></form>`
      return show(visit, { title, body, wide: false, secretAddress: true })
    }),
  )
  // A mail provider sends it for its users, many from one address and without cookies: nothing is counted, and the token (256 bits) is all that is needed.
  routes.post('/unsubscribe/:token', async (c) => {
    // Whether the link is anybody's is not told.
    await unsubscribe(app, c.req.param('token'))
    if (!c.req.header('accept')?.includes('text/html')) return c.text('You are off the list.\n')
    return shown(app, c, (visit) => {
      const { doneTitle, done } = visit.words.unsubscribe
      const body = html`<h1>${doneTitle}</h1>
        <p role="status">${done}</p>`
      return show(visit, { title: doneTitle, body, wide: false, secretAddress: true })
    })
  })
  return routes
}
