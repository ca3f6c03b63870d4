import { Hono } from 'hono'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { adminRoutes } from './admin/routes.ts'
import { bearerOf } from './bearer.ts'
import { calendarRoutes } from './calendar/routes.ts'
import { ApiError, OAuthError } from './errors.ts'
import { changesAnswer } from './faults.ts'
import { shownQuery } from './ledger.ts'
import { authorizeRoutes } from './oauth/authorize.ts'
import { identityRoutes } from './oauth/identity.ts'
import { tokenRoutes } from './oauth/token.ts'
import { peopleRoutes } from './people/routes.ts'
import type { Simulation, SimulatorEnv } from './simulation.ts'
import { strike } from './strike.ts'

/** All routes of the simulator, with the ledger around everything and faults around the routes. */
export function createSimulatorApp(simulation: Simulation): Hono<SimulatorEnv> {
  const { clock, tokens, ledger, faults } = simulation
  const app = new Hono<SimulatorEnv>()

  app.use(async (c, next) => {
    const url = new URL(c.req.url)
    // Who moves the world does not stand in its ledger, and meets no fault.
    if (url.pathname.startsWith('/admin/')) return next()
    const at = clock.now()
    c.set('operation', null)
    c.set('account', bearerOf(tokens, c.req.raw)?.account.email ?? null)
    c.set('units', 0)
    const part = c.env.part ?? null
    const rules = faults.match({ method: c.req.method, url, account: c.get('account'), inBatch: part !== null })
    c.set(
      'emptyPage',
      rules.some((rule) => rule.emptyPage),
    )
    await strike(c, rules, next)
    const cut = c.res === RESPONSE_ALREADY_SENT
    const status = cut ? 0 : c.res.status
    ledger.add({
      at,
      method: c.req.method,
      path: url.pathname,
      query: shownQuery(url),
      operation: c.get('operation'),
      account: c.get('account'),
      status,
      faulty: rules.some(changesAnswer),
      units: c.get('units'),
      part,
    })
  })

  app.route('/', authorizeRoutes(simulation))
  app.route('/', tokenRoutes(simulation))
  app.route('/', identityRoutes(simulation))
  app.route('/', peopleRoutes(simulation))
  app.route('/', calendarRoutes(simulation))
  app.route('/', adminRoutes(simulation))

  app.notFound((c) => c.json(new ApiError(404, 'NOT_FOUND', `The simulator serves nothing at ${c.req.path}.`).body, 404))
  app.onError((error, c) => {
    if (error instanceof ApiError) return Response.json(error.body, { status: error.httpStatus, headers: error.headers })
    if (error instanceof OAuthError) return Response.json(error.body, { status: error.httpStatus })
    return c.json(new ApiError(500, 'INTERNAL', error.message).body, 500)
  })
  return app
}
