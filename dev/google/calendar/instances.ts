import { openToken, sealToken } from '../sealed-token.ts'
import type { Simulation } from '../simulation.ts'
import type { Calendar } from './calendar.ts'
import { eventNotFound, invalidValue } from './errors.ts'
import { instantOf, type CalendarEvent } from './event.ts'
import { instanceId, instanceOf, originalStarts } from './occurrences.ts'
import { readMaxResults, readTime, readView } from './query.ts'
import { isWithin, showEvent } from './view.ts'

/** A series without an end is written out so far from now. */
const endlessYears = 10
/** A moved occurrence may begin this long before or after the time its series gave it, and still be found by the window it was moved into. */
const movedDays = 400

/** events.instances: the occurrences of a series in a window, changed ones as they are now. @throws ApiError 404 */
export function listInstances({ seed, clock }: Simulation, calendar: Calendar, masterId: string, query: URLSearchParams, emptyPage: boolean): object {
  const maxResults = readMaxResults(query)
  const view = readView(query)
  const entry = calendar.entry(masterId)
  if (!entry) throw eventNotFound()
  const [from, to] = [readTime(query, 'timeMin'), readTime(query, 'timeMax')]
  const showDeleted = query.get('showDeleted') === 'true'
  const original = query.get('originalStart')
  const all = entry.deleted
    ? []
    : occurrencesOf(calendar, entry.event, from, to ?? clock.now().toZonedDateTimeISO('UTC').add({ years: endlessYears }).toInstant())
  const shown = all
    .filter((event) => showDeleted || event.status !== 'cancelled')
    .filter((event) => isWithin(event, calendar.timeZone, from, to))
    .filter(
      ({ originalStartTime }) =>
        original === null || instantOf(originalStartTime ?? {}, calendar.timeZone).equals(instantOf({ dateTime: original }, calendar.timeZone)),
    )
  const token = query.get('pageToken')
  const page = token === null ? { masterId, offset: 0 } : openToken<{ masterId: string; offset: number }>(seed, 'instances.page', token)
  if (page?.masterId !== masterId) throw invalidValue('Invalid page token value.', 'pageToken')
  const listed = shown.slice(page.offset, emptyPage ? page.offset : page.offset + maxResults)
  const offset = page.offset + listed.length
  return {
    kind: 'calendar#events',
    etag: `"p${calendar.lastChange()}"`,
    summary: calendar.summary,
    updated: clock.now().toString(),
    timeZone: calendar.timeZone,
    accessRole: calendar.accessRole,
    defaultReminders: [{ method: 'popup', minutes: 10 }],
    ...((emptyPage || offset < shown.length) && { nextPageToken: sealToken(seed, 'instances.page', { masterId, offset }) }),
    items: listed.map((event) => showEvent(event, view)),
  }
}

function occurrencesOf(calendar: Calendar, master: CalendarEvent, from: Temporal.Instant | null, to: Temporal.Instant): CalendarEvent[] {
  const zone = calendar.timeZone
  const begin = instantOf(master.start ?? {}, zone)
  const wide = { hours: 24 * movedDays }
  const window = { from: from ? from.subtract(wide) : begin, to: to.add(wide) }
  if (!from && Temporal.Instant.compare(begin, window.to) >= 0) return []
  return originalStarts(master, zone, window).map((start) => calendar.entry(instanceId(master.id ?? '', start, zone))?.event ?? instanceOf(master, start, zone))
}
