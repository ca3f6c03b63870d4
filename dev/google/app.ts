import { Hono, type Context } from 'hono'
import { setTimeout as wait } from 'node:timers/promises'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { adminRoutes } from './admin/routes.ts'
import { bearerOf } from './bearer.ts'
import { calendarRoutes } from './calendar/routes.ts'
import { ApiError, OAuthError } from './errors.ts'
import { touchesAnswer, type FaultRule } from './faults.ts'
import { shownQuery } from './ledger.ts'
import { authorizeRoutes } from './oauth/authorize.ts'
import { identityRoutes } from './oauth/identity.ts'
import { tokenRoutes } from './oauth/token.ts'
import { peopleRoutes } from './people/routes.ts'
import type { Simulation, SimulatorEnv } from './simulation.ts'

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
    const request = { method: c.req.method, url, account: c.get('account') }
    const rules = faults.match(request)
    const fault = rules.find(touchesAnswer)
    c.set('emptyPage', fault?.emptyPage ?? false)
    for (const rule of rules) await rule.during?.before?.(request)
    if (fault) await strike(c, fault, next)
    else await next()
    for (const rule of rules) await rule.during?.after?.(request)
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
      faulty: fault !== undefined,
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

async function strike(c: Context<SimulatorEnv>, fault: FaultRule, next: () => Promise<void>): Promise<void> {
  if (fault.delayMs) await wait(fault.delayMs, undefined, { ref: false })
  const answers = fault.status !== undefined || fault.body !== undefined
  if (fault.after || fault.truncateBytes !== undefined || (!answers && !fault.reset)) await next()
  if (fault.reset) return cut(c)
  if (fault.truncateBytes !== undefined) return truncate(c, fault.truncateBytes)
  if (fault.without) return leaveOut(c, fault.without)
  if (!answers) return
  const plain = typeof fault.body === 'string' || fault.body instanceof Uint8Array
  const body = plain ? (fault.body as string) : fault.body === undefined ? '' : JSON.stringify(fault.body)
  c.res = undefined // or the headers of the real answer would be merged in
  c.res = new Response(body, {
    status: fault.status ?? 200,
    headers: { 'content-type': plain ? 'text/plain' : 'application/json; charset=UTF-8', ...fault.headers },
  })
}

async function leaveOut(c: Context<SimulatorEnv>, fields: readonly string[]): Promise<void> {
  const { status, headers } = c.res
  const whole = (await c.res.json()) as object
  const shown = Object.fromEntries(Object.entries(whole).filter(([field]) => !fields.includes(field)))
  const kept = new Headers(headers)
  kept.delete('content-length')
  c.res = undefined
  c.res = new Response(JSON.stringify(shown), { status, headers: kept })
}

function cut(c: Context<SimulatorEnv>): void {
  c.env.incoming.socket.resetAndDestroy()
  answered(c)
}

async function truncate(c: Context<SimulatorEnv>, bytes: number): Promise<void> {
  const body = Buffer.from(await c.res.arrayBuffer())
  c.env.outgoing.writeHead(c.res.status, { ...Object.fromEntries(c.res.headers), 'content-length': body.length })
  await new Promise<void>((resolve) => void c.env.outgoing.write(body.subarray(0, bytes), () => resolve()))
  c.env.outgoing.destroy()
  answered(c)
}

function answered(c: Context<SimulatorEnv>): void {
  c.res = undefined
  c.res = RESPONSE_ALREADY_SENT
}
