import { Hono } from 'hono'
import type { App } from '../app.ts'
import { optOutOfSale } from '../http/choices.ts'
import { noticePage } from '../http/page.ts'

/** When what Kith does with Global Privacy Control last changed. */
const gpcLastUpdate = '2026-12-01'

/** What is no page: that Global Privacy Control is honoured, and the opt-out of selling and sharing. */
export function consentRoutes(app: App): Hono {
  const routes = new Hono()
  routes.get('/.well-known/gpc.json', (c) => c.json({ gpc: true, lastUpdate: gpcLastUpdate }))

  // From wherever it is sent: it only ever takes permissions away, so nobody has to prove anything.
  routes.post('/privacy/do-not-sell', async (c) => {
    const lines = await optOutOfSale(app, c.req.raw)
    const at = app.clock.now().toString()
    const answer = c.req.header('accept')?.includes('text/html')
      ? await noticePage({
          title: 'Done: your data are not sold or shared',
          text: 'You have opted out. It holds from now on, in this browser and, if you are signed in, for your account. Nobody asks you again for twelve months.',
        })
      : c.json({ optedOut: true, at })
    for (const line of lines) answer.headers.append('set-cookie', line)
    return answer
  })
  return routes
}
