import { Hono, type Context } from 'hono'
import { authorize } from '../bearer.ts'
import { scopes } from '../oauth/scopes.ts'
import { openToken, sealToken } from '../sealed-token.ts'
import type { Simulation, SimulatorEnv } from '../simulation.ts'
import type { Account } from '../world.ts'
import type { Calendar } from './calendar.ts'
import { settleConferences } from './conference.ts'
import { calendarError, eventNotFound, invalidValue, withReasons } from './errors.ts'
import type { CalendarEvent } from './event.ts'
import { listInstances } from './instances.ts'
import { listEvents } from './list.ts'
import { readMaxResults, readView } from './query.ts'
import { showEvent } from './view.ts'
import { deleteEvent, insertEvent, patchEvent } from './writes.ts'

const anyCalendar = [scopes.calendarEvents]
const ownCalendars = [...anyCalendar, scopes.calendarEventsOwned]
/** What a patch costs, in requests (Google's advice is get and update instead). */
const patchUnits = 3
const writers = ['owner', 'writer']

/** The Calendar API. */
export function calendarRoutes(simulation: Simulation): Hono<SimulatorEnv> {
  const { seed } = simulation
  const routes = new Hono<SimulatorEnv>()
  const base = '/calendar/v3/calendars/:calendar/events'

  const enter = (c: Context<SimulatorEnv>, method: string): { account: Account; calendar: Calendar; query: URLSearchParams } => {
    const name = `calendar.events.${method.charAt(0).toLowerCase()}${method.slice(1)}`
    c.set('units', method === 'Patch' ? patchUnits : 1)
    const account = withReasons(() => authorize(simulation, c, name, `calendar.v3.Events.${method}`, ownCalendars))
    const calendar = account.calendars.find(c.req.param('calendar') ?? '')
    if (!calendar) throw eventNotFound()
    // What is shared by others needs the wider scope.
    if (calendar.accessRole !== 'owner') withReasons(() => authorize(simulation, c, name, `calendar.v3.Events.${method}`, anyCalendar))
    return { account, calendar, query: new URL(c.req.url).searchParams }
  }
  const mayWrite = (calendar: Calendar) => {
    if (!writers.includes(calendar.accessRole))
      throw calendarError(403, 'requiredAccessLevel', 'You need to have writer access to this calendar.', { domain: 'calendar' })
  }

  routes.get('/calendar/v3/users/me/calendarList', (c) => {
    const needed = [scopes.calendarListReadonly]
    const account = withReasons(() => authorize(simulation, c, 'calendar.calendarList.list', 'calendar.v3.CalendarList.List', needed))
    const query = new URL(c.req.url).searchParams
    const token = query.get('pageToken')
    const page = token === null ? { offset: 0 } : openToken<{ offset: number }>(seed, 'calendarList.page', token)
    if (!page) throw invalidValue('Invalid page token value.', 'pageToken')
    const all = account.calendars.all()
    const listed = all.slice(page.offset, page.offset + Math.min(readMaxResults(query), 250))
    const offset = page.offset + listed.length
    return c.json({
      kind: 'calendar#calendarList',
      etag: `"p${all.length}"`,
      ...(offset < all.length && { nextPageToken: sealToken(seed, 'calendarList.page', { offset }) }),
      items: listed.map(({ id, summary, timeZone, accessRole, primary, selected }) => ({
        kind: 'calendar#calendarListEntry',
        etag: `"${id.length}"`,
        id,
        summary,
        timeZone,
        accessRole,
        defaultReminders: [],
        ...(selected && { selected }),
        ...(primary && { primary }),
      })),
    })
  })

  routes.get(base, (c) => {
    const { account, calendar, query } = enter(c, 'List')
    settleConferences(simulation, calendar)
    return c.json(listEvents(simulation, account, calendar, query, c.get('emptyPage')))
  })
  routes.post(base, async (c) => {
    const { account, calendar, query } = enter(c, 'Insert')
    mayWrite(calendar)
    return c.json(insertEvent(simulation, account, calendar, { query, body: (await readBody(c)) as CalendarEvent }))
  })
  routes.post(`${base}/watch`, async (c) => {
    const { account, calendar } = enter(c, 'Watch')
    const uri = new URL(c.req.url)
    const resourceUri = `${simulation.origin()}${uri.pathname.replace(/\/watch$/, '')}?alt=json`
    return c.json(simulation.channels.watch(account, calendar, await readBody(c), resourceUri))
  })
  routes.post('/calendar/v3/channels/stop', async (c) => {
    const account = withReasons(() => authorize(simulation, c, 'calendar.channels.stop', 'calendar.v3.Channels.Stop', ownCalendars))
    simulation.channels.stop(account, await readBody(c))
    return c.body(null, 204)
  })
  routes.get(`${base}/:event/instances`, (c) => {
    const { calendar, query } = enter(c, 'Instances')
    return c.json(listInstances(simulation, calendar, c.req.param('event'), query, c.get('emptyPage')))
  })
  routes.get(`${base}/:event`, (c) => {
    const { calendar, query } = enter(c, 'Get')
    settleConferences(simulation, calendar, c.req.param('event'))
    const event = calendar.find(c.req.param('event'))
    if (!event) throw eventNotFound()
    return c.json(showEvent(event, readView(query)))
  })
  routes.patch(`${base}/:event`, async (c) => {
    const { account, calendar, query } = enter(c, 'Patch')
    mayWrite(calendar)
    return c.json(patchEvent(simulation, account, calendar, c.req.param('event'), { query, body: (await readBody(c)) as CalendarEvent }))
  })
  routes.delete(`${base}/:event`, (c) => {
    const { account, calendar, query } = enter(c, 'Delete')
    mayWrite(calendar)
    deleteEvent(simulation, account, calendar, c.req.param('event'), query)
    return c.body(null, 204)
  })
  return routes
}

async function readBody(c: Context<SimulatorEnv>): Promise<object> {
  const body: unknown = await c.req.json().catch(() => null)
  if (typeof body !== 'object' || body === null || Array.isArray(body)) throw calendarError(400, 'parseError', 'Parse Error')
  return body
}
