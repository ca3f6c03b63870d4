import { Hono } from 'hono'
import { html } from 'hono/html'
import type { App } from '../../app.ts'
import { consentOf, deviceStanding } from '../../consent/service.ts'
import { choicesOf, optOutOfSale } from '../../http/choices.ts'
import { doneNote, show, shown, type Visit } from './visit.ts'

/** /privacy/do-not-sell: says no to selling and sharing, without signing in or proving anything. */
export function doNotSellRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/privacy/do-not-sell', (c) =>
    shown(app, c, async (visit) => {
      const { title, lead, button, opted, gpc, more } = visit.words.sale
      const out = await hasOptedOut(visit)
      return show(visit, {
        title,
        wide: false,
        asks: false,
        body: html`<h1>${title}</h1>
          <p>${lead}</p>
          ${doneNote(out ? opted : null)} ${visit.ctx.signals?.gpc ? html`<p>${gpc}</p>` : ''}
          <form method="post" action="${visit.to('/privacy/do-not-sell')}" class="actions"><button type="submit">${button}</button></form>
          <p class="soft"><a href="${visit.to('/privacy/requests/new?type=LIMIT_SENSITIVE')}">${more}</a></p>`,
      })
    }),
  )

  // From wherever it is sent: it only ever takes permissions away, so nobody has to prove anything.
  routes.post('/privacy/do-not-sell', async (c) => {
    const lines = await optOutOfSale(app, c.req.raw)
    const answer = c.req.header('accept')?.includes('text/html')
      ? await shown(app, c, (visit) => {
          const { doneTitle, done } = visit.words.sale
          const body = html`<h1>${doneTitle}</h1>
            <p class="done" role="status">${done}</p>
            <p><a class="button" href="${visit.to('/privacy')}">${visit.words.back}</a></p>`
          return show(visit, { title: doneTitle, body, wide: false })
        })
      : c.json({ optedOut: true, at: app.clock.now().toString() })
    for (const line of lines) answer.headers.append('set-cookie', line)
    return answer
  })
  return routes
}

async function hasOptedOut({ app, request, ctx, signedIn }: Visit): Promise<boolean> {
  const { state } = deviceStanding(choicesOf(app, request.headers), 'SALE_OR_SHARING', app.clock.now())
  if (state === 'REFUSED') return true
  if (!signedIn) return false
  const account = await consentOf(ctx, 'SALE_OR_SHARING')
  return account.state === 'REFUSED' || account.state === 'WITHDRAWN'
}
