import { Hono } from 'hono'
import { html } from 'hono/html'
import type { App } from '../app.ts'
import { noticePage, page } from '../http/page.ts'
import { unsubscribe } from './unsubscribe.ts'

/** Leaving a mailing list: by one click in a mail program (RFC 8058), or on the page behind the link. Looking at the page changes nothing: programs that look after links open it too. */
export function deliveryRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/unsubscribe/:token', () =>
    page({
      title: 'Leave this list',
      body: html`<h1>Leave this list?</h1>
        <p>You get no more mails of this kind. Others, such as those about your account’s safety, still come.</p>
        <form method="post"><button type="submit">Leave the list</button></form>`,
    }),
  )
  // A mail provider sends it for its users, many from one address and without cookies: nothing is counted, and the token (256 bits) is all that is needed.
  routes.post('/unsubscribe/:token', async (c) => {
    // Whether the link is anybody's is not told.
    await unsubscribe(app, c.req.param('token'))
    if (!c.req.header('accept')?.includes('text/html')) return c.text('You are off the list.\n')
    return noticePage({ title: 'You are off the list', text: 'No more mails of this kind will come.' })
  })
  return routes
}
