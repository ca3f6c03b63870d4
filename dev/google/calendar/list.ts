import { sealToken } from '../sealed-token.ts'
import type { Simulation } from '../simulation.ts'
import type { Account } from '../world.ts'
import type { Calendar } from './calendar.ts'
import { instantOf, type CalendarEvent } from './event.ts'
import { readListRequest, type ListRequest, type PageToken, type SyncToken } from './list-request.ts'
import { readMaxResults, readView } from './query.ts'
import { isWithin, showEvent } from './view.ts'
import { written } from './written.ts'

/** events.list: one page of a calendar, all of it or what changed since a sync token. @throws ApiError */
export function listEvents(simulation: Simulation, account: Account, calendar: Calendar, query: URLSearchParams, emptyPage: boolean): object {
  const maxResults = readMaxResults(query)
  const view = readView(query)
  const request = readListRequest(simulation, account, calendar, query)
  const now = simulation.clock.now()
  const { start } = request
  const { listed, after, skip, more } = emptyPage
    ? { listed: [], after: start.after, skip: start.skip, more: true }
    : pageOf(calendar, request, (event) => isWanted(event, calendar, request, query), now, maxResults)
  const { since: _, after: __, skip: ___, ...line } = start
  return {
    kind: 'calendar#events',
    etag: `"p${calendar.lastChange()}"`,
    summary: calendar.summary,
    updated: now.toString(),
    timeZone: calendar.timeZone,
    accessRole: calendar.accessRole,
    defaultReminders: [{ method: 'popup', minutes: 10 }],
    ...(more && { nextPageToken: sealToken(simulation.seed, 'events.page', { ...start, after, skip } satisfies PageToken) }),
    // The token knows what the first page knew, so that changes made while pages were read come again.
    ...(!more && request.canSync && { nextSyncToken: sealToken(simulation.seed, 'events.sync', line satisfies SyncToken) }),
    items: listed.map((event) => showEvent(event, view)),
  }
}

interface Page extends Pick<PageToken, 'after' | 'skip'> {
  listed: CalendarEvent[]
  more: boolean
}

function pageOf(calendar: Calendar, request: ListRequest, wanted: (event: CalendarEvent) => boolean, now: Temporal.Instant, maxResults: number): Page {
  const { start, updatedMin, byStart } = request
  const entries = calendar
    .entries()
    .filter((entry) => entry.change > start.since && (!entry.deleted || wantsDeleted(request)))
    .filter(({ event }) => !updatedMin || Temporal.Instant.compare(event.updated ?? now.toString(), updatedMin) >= 0)
  const shown = function* () {
    for (const entry of entries)
      if (byStart || entry.change >= start.after) yield { change: entry.change, events: written(calendar, entry, request, now).filter(wanted) }
  }
  if (byStart) {
    const startOf = (event: CalendarEvent) => instantOf(event.start ?? event.originalStartTime ?? {}, calendar.timeZone).epochMilliseconds
    const all = [...shown()].flatMap(({ events }) => events).toSorted((one, other) => startOf(one) - startOf(other))
    const listed = all.slice(start.skip, start.skip + maxResults)
    const skip = start.skip + listed.length
    return { listed, after: 0, skip, more: all.length > skip }
  }
  const page: Page = { listed: [], after: start.after, skip: start.skip, more: false }
  for (const { change, events } of shown()) {
    const before = change === start.after ? start.skip : 0
    const rest = events.slice(before)
    const taken = rest.slice(0, maxResults - page.listed.length)
    if (taken.length > 0) {
      page.listed.push(...taken)
      page.after = change
      page.skip = before + taken.length
    }
    if (taken.length < rest.length) return { ...page, more: true }
  }
  return page
}

function wantsDeleted({ syncing, showDeleted, updatedMin }: ListRequest): boolean {
  return syncing || showDeleted || updatedMin !== null
}

function isWanted(event: CalendarEvent, calendar: Calendar, request: ListRequest, query: URLSearchParams): boolean {
  if (event.status === 'cancelled' && !wantsDeleted(request) && (request.single || !event.recurringEventId)) return false
  const types = query.getAll('eventTypes')
  if (types.length > 0 && event.eventType && !types.includes(event.eventType)) return false
  const text = query.get('q')?.toLowerCase()
  if (text && ![event.summary, event.description, event.location].some((field) => field?.toLowerCase().includes(text))) return false
  if (query.has('iCalUID') && event.iCalUID !== query.get('iCalUID')) return false
  for (const kind of ['private', 'shared'] as const)
    for (const property of query.getAll(`${kind}ExtendedProperty`)) {
      const [name = '', value] = property.split(/=(.*)/s)
      if (event.extendedProperties?.[kind]?.[name] !== value) return false
    }
  // What was deleted comes to whoever syncs, wherever it was; series have been looked through.
  if ((request.syncing && event.status === 'cancelled') || event.recurrence) return true
  return isWithin(event, calendar.timeZone, request.from, request.to)
}
