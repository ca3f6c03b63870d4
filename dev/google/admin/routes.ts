import { Hono, type Context } from 'hono'
import * as z from 'zod'
import { ApiError, invalidArgument, notFound } from '../errors.ts'
import { expectedOccurrences } from '../oracle/calendar.ts'
import { expectedPeople } from '../oracle/people.ts'
import type { Simulation, SimulatorEnv } from '../simulation.ts'
import { isMovable } from './clock.ts'
import { FaultInput, faultRule, type AdminFault } from './faults.ts'
import { LedgerFilter, readLedger } from './ledger.ts'
import { loopbackOnly } from './loopback.ts'
import { operationNames, Operations, runOperations } from './operations.ts'
import { changeSettings, SettingsInput } from './settings.ts'

const ClockInput = z.union([z.strictObject({ set: z.iso.datetime() }), z.strictObject({ advance: z.string() })])
const OracleQuery = z.strictObject({ from: z.iso.datetime().optional(), to: z.iso.datetime().optional() })
/** What the oracle shows of calendars around now, unless asked otherwise: the window of a synchronization. */
const [oracleMonthsBack, oracleMonthsAhead] = [24, 3]

/** The side from which tests and people at the console move the world. In JSON, on the loopback interface only. */
export function adminRoutes(simulation: Simulation): Hono<SimulatorEnv> {
  const { world, faults, ledger, clock, settings, channels } = simulation
  const routes = new Hono<SimulatorEnv>()
  const set: AdminFault[] = []
  let numbers = 0
  routes.use('/admin/*', loopbackOnly)

  routes.get('/admin/operations', (c) => c.json({ operations: operationNames(simulation) }))
  routes.post('/admin/operations', async (c) => c.json({ results: inJson(runOperations(simulation, await readJson(c, Operations))) }))

  const shown = ({ id, rule, fault }: AdminFault) => ({ id, hits: fault.hits, rule })
  routes.get('/admin/faults', (c) => c.json({ faults: set.map(shown) }))
  routes.post('/admin/faults', async (c) => {
    const rule = await readJson(c, FaultInput)
    const added = { id: `f${++numbers}`, rule, fault: faults.add(faultRule(simulation, rule)) }
    set.push(added)
    return c.json(shown(added), 201)
  })
  routes.delete('/admin/faults/:id', (c) => {
    const index = set.findIndex((each) => each.id === c.req.param('id'))
    const [found] = index < 0 ? [] : set.splice(index, 1)
    if (!found) throw notFound()
    found.fault.remove()
    return c.body(null, 204)
  })
  routes.delete('/admin/faults', (c) => {
    set.splice(0)
    faults.clear()
    return c.body(null, 204)
  })

  routes.get('/admin/settings', (c) => c.json(settings))
  routes.post('/admin/settings', async (c) => c.json(changeSettings(settings, await readJson(c, SettingsInput))))

  routes.get('/admin/clock', (c) => c.json({ now: clock.now().toString(), movable: isMovable(clock) }))
  routes.post('/admin/clock', async (c) => {
    const input = await readJson(c, ClockInput)
    if (!isMovable(clock)) throw new ApiError(409, 'FAILED_PRECONDITION', 'The clock cannot be moved. Start the simulator with --movable-clock.')
    try {
      if ('set' in input) clock.set(input.set)
      else clock.advance(input.advance)
    } catch (error) {
      if (error instanceof RangeError) throw invalidArgument(`advance: ${error.message}`)
      throw error
    }
    return c.json({ now: clock.now().toString(), movable: true })
  })

  routes.get('/admin/ledger', (c) => c.json(readLedger(ledger.entries, read(LedgerFilter, c.req.query()))))
  routes.delete('/admin/ledger', (c) => {
    ledger.clear()
    return c.body(null, 204)
  })

  routes.get('/admin/oracle/:account', (c) => {
    const account = world.find(c.req.param('account'))
    if (!account) throw notFound()
    const query = read(OracleQuery, c.req.query())
    const now = clock.now().toZonedDateTimeISO('UTC')
    const from = query.from ? Temporal.Instant.from(query.from) : now.subtract({ months: oracleMonthsBack }).toInstant()
    const to = query.to ? Temporal.Instant.from(query.to) : now.add({ months: oracleMonthsAhead }).toInstant()
    return c.json({
      account: account.email,
      ...expectedPeople(account),
      occurrences: expectedOccurrences(account, { from, to }),
      mails: account.calendars.mails,
    })
  })

  routes.post('/admin/deliver', async (c) => c.json({ notifications: await channels.deliver() }))
  routes.post('/admin/reset', (c) => {
    if (!simulation.reset()) throw new ApiError(409, 'FAILED_PRECONDITION', 'The world was given from outside; only who made it can make it again.')
    set.splice(0)
    return c.body(null, 204)
  })
  return routes
}

/** Numbers of 64 bits, as Gmail's are, become text. */
function inJson(results: unknown[]): unknown {
  return JSON.parse(JSON.stringify(results, (_, value: unknown) => (typeof value === 'bigint' ? String(value) : value)))
}

async function readJson<Shape extends z.ZodType>(c: Context<SimulatorEnv>, shape: Shape): Promise<z.output<Shape>> {
  if (!c.req.header('content-type')?.startsWith('application/json')) throw invalidArgument('Send JSON, with content-type: application/json.')
  const body: unknown = await c.req.json().catch(() => undefined)
  if (body === undefined) throw invalidArgument('The body is no JSON.')
  return read(shape, body)
}

function read<Shape extends z.ZodType>(shape: Shape, value: unknown): z.output<Shape> {
  const result = shape.safeParse(value)
  if (!result.success) throw invalidArgument(z.prettifyError(result.error))
  return result.data
}
