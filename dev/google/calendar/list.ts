import { openToken, sealToken } from '../sealed-token.ts'
import type { Simulation } from '../simulation.ts'
import type { Account } from '../world.ts'
import { cancelledOccurrence, type Calendar, type EventEntry } from './calendar.ts'
import { fullSyncRequired, invalidValue, updatedMinTooLongAgo } from './errors.ts'
import { instantOf, type CalendarEvent } from './event.ts'
import { instanceOf, originalStarts } from './occurrences.ts'
import { readMaxResults, readTime, readView } from './query.ts'
import { isWithin, showEvent } from './view.ts'

/** Deleted events are remembered this long by `updatedMin`; Google does not say how long, clients have met four weeks. */
export const updatedMinDays = 28
/** Google writes out series without an end until the 2030s; so far from now. */
const endlessYears = 10
/** How far from now the occurrences of what is no more are written out as cancelled. */
const cancelledMonths = 6

interface SyncToken {
  sub: string
  calendar: string
  /** The first request's parameters, which every later one must repeat, and the times it was limited to, which it must not. */
  parameters: string
  timeMin: string | null
  timeMax: string | null
  /** Changes up to this one are known. */
  change: number
  atMs: number
}

interface PageToken extends SyncToken {
  /** Where the first page began; 0 for a full list. */
  since: number
  /** The last change listed, and how many events of it; ordered by start, only how many. */
  after: number
  skip: number
}

/** Parameters that must be the same with a sync token, and those that must not be there. */
const repeated = ['singleEvents', 'showDeleted', 'showHiddenInvitations', 'eventTypes', 'maxAttendees', 'alwaysIncludeEmail', 'timeZone']
const limiting = ['iCalUID', 'orderBy', 'privateExtendedProperty', 'q', 'sharedExtendedProperty', 'timeMin', 'timeMax', 'updatedMin']

/** events.list: one page of a calendar, all of it or what changed since a sync token. @throws ApiError */
export function listEvents({ seed, clock, settings }: Simulation, account: Account, calendar: Calendar, query: URLSearchParams, emptyPage: boolean): object {
  const maxResults = readMaxResults(query)
  const view = readView(query)
  const single = query.get('singleEvents') === 'true'
  const byStart = query.get('orderBy') === 'startTime'
  if (byStart && !single) throw invalidValue('The requested ordering is not available for the particular query.', 'orderBy')
  const types = query.getAll('eventTypes')
  const parameters = JSON.stringify(repeated.map((name) => query.getAll(name)))
  const now = clock.now()

  const open = <Token extends SyncToken>(kind: 'page' | 'sync'): Token | undefined => {
    const value = query.get(`${kind}Token`)
    if (value === null) return undefined
    const token = openToken<Token>(seed, `events.${kind}`, value)
    if (token?.sub !== account.sub || token.calendar !== calendar.id) throw invalidValue(`Invalid ${kind} token value.`, `${kind}Token`)
    if (token.parameters !== parameters) throw invalidValue(`The parameters differ from those of the request that returned the ${kind} token.`, `${kind}Token`)
    // A change that has not happened: the token is from before a restart.
    const expired = token.change < calendar.expiredBefore() || token.change > calendar.lastChange()
    if (kind === 'sync' && (expired || now.epochMilliseconds >= token.atMs + settings.calendarTokenDays * 86_400_000)) throw fullSyncRequired()
    return token
  }
  if (query.has('syncToken')) {
    const limit = limiting.find((name) => query.has(name))
    if (limit) throw invalidValue('Sync token cannot be used with query restrictions.', limit)
    if (query.get('showDeleted') === 'false') throw invalidValue('Deleted events cannot be left out of an incremental synchronization.', 'showDeleted')
  }
  const sync = open<SyncToken>('sync')
  const page = open<PageToken>('page')
  if (page && page.since !== (sync?.change ?? 0))
    throw invalidValue('The parameters differ from those of the request that returned the page token.', 'pageToken')
  const updatedMin = readTime(query, 'updatedMin')
  if (updatedMin && updatedMin.until(now).total('hours') > updatedMinDays * 24) throw updatedMinTooLongAgo()
  const { timeMin, timeMax } = page ??
    sync ?? { timeMin: readTime(query, 'timeMin')?.toString() ?? null, timeMax: readTime(query, 'timeMax')?.toString() ?? null }
  const [from, to] = [timeMin, timeMax].map((text) => (text === null ? null : Temporal.Instant.from(text))) as [
    Temporal.Instant | null,
    Temporal.Instant | null,
  ]
  if (from && to && Temporal.Instant.compare(from, to) >= 0) throw invalidValue('The specified time range is empty.', 'timeMax', 'timeRangeEmpty')
  const start: PageToken = page ?? {
    sub: account.sub,
    calendar: calendar.id,
    parameters,
    timeMin,
    timeMax,
    change: calendar.lastChange(),
    since: sync?.change ?? 0,
    after: 0,
    skip: 0,
    atMs: now.epochMilliseconds,
  }

  const showDeleted = query.get('showDeleted') === 'true'
  const wantsDeleted = sync !== undefined || updatedMin !== null || showDeleted
  const matches = (event: CalendarEvent) => {
    if (event.status === 'cancelled' && !wantsDeleted && (single || !event.recurringEventId)) return false
    if (types.length > 0 && event.eventType && !types.includes(event.eventType)) return false
    const text = query.get('q')?.toLowerCase()
    if (text && ![event.summary, event.description, event.location].some((field) => field?.toLowerCase().includes(text))) return false
    if (query.has('iCalUID') && event.iCalUID !== query.get('iCalUID')) return false
    for (const kind of ['private', 'shared'] as const)
      for (const property of query.getAll(`${kind}ExtendedProperty`)) {
        const [name = '', value] = property.split(/=(.*)/s)
        if (event.extendedProperties?.[kind]?.[name] !== value) return false
      }
    // What was deleted comes to whoever syncs, wherever it was.
    return (sync && event.status === 'cancelled') || isWithin(event, calendar.timeZone, from, to)
  }
  const horizon = { from: from ?? Temporal.Instant.fromEpochMilliseconds(0), to: to ?? now.toZonedDateTimeISO('UTC').add({ years: endlessYears }).toInstant() }
  const write = (entry: EventEntry): CalendarEvent[] => {
    if (single && entry.event.recurrence) return writeOut(calendar, entry, start.since, horizon, now, wantsDeleted)
    if (!single && entry.event.recurrence && !entry.deleted) return originalStartsWithin(calendar, entry.event, from, to) ? [entry.event] : []
    // The reference promises no more than the id of what was deleted, unless it is asked for.
    return [entry.deleted && !showDeleted ? deletedForm(entry.event) : entry.event]
  }

  const candidates = calendar.entries().filter((entry) => entry.change > start.since && (!entry.deleted || wantsDeleted))
  const recent = updatedMin ? candidates.filter(({ event }) => Temporal.Instant.compare(event.updated ?? now.toString(), updatedMin) >= 0) : candidates
  const listed: CalendarEvent[] = []
  let [after, skip, more] = [start.after, start.skip, emptyPage]
  if (byStart) {
    const startOf = (event: CalendarEvent) => instantOf(event.start ?? event.originalStartTime ?? {}, calendar.timeZone).epochMilliseconds
    const all = recent.flatMap(write).filter(matches)
    const sorted = all.toSorted((one, other) => startOf(one) - startOf(other))
    listed.push(...sorted.slice(skip, emptyPage ? skip : skip + maxResults))
    skip += listed.length
    more ||= sorted.length > skip
  } else if (!emptyPage) {
    for (const entry of recent) {
      if (entry.change < start.after) continue
      const shown = write(entry).filter(matches)
      const rest = entry.change === start.after ? shown.slice(start.skip) : shown
      if (rest.length === 0) continue
      const room = maxResults - listed.length
      if (room === 0) {
        more = true
        break
      }
      listed.push(...rest.slice(0, room))
      skip = shown.length - rest.length + Math.min(room, rest.length)
      after = entry.change
      if (rest.length > room) {
        more = true
        break
      }
    }
  }
  const { since: _, after: __, skip: ___, ...line } = start
  const canSync = !limiting.some((name) => !['timeMin', 'timeMax'].includes(name) && query.has(name))
  return {
    kind: 'calendar#events',
    etag: `"p${calendar.lastChange()}"`,
    summary: calendar.summary,
    updated: now.toString(),
    timeZone: calendar.timeZone,
    accessRole: calendar.accessRole,
    defaultReminders: [{ method: 'popup', minutes: 10 }],
    ...(more && { nextPageToken: sealToken(seed, 'events.page', { ...start, after, skip } satisfies PageToken) }),
    // The token knows what the first page knew, so that changes made while pages were read come again.
    ...(!more && canSync && { nextSyncToken: sealToken(seed, 'events.sync', line satisfies SyncToken) }),
    items: listed.map((event) => showEvent(event, view)),
  }
}

/** A deleted event with no more than the reference promises. */
function deletedForm(event: CalendarEvent): CalendarEvent {
  if (event.recurringEventId) return cancelledOccurrence(event)
  const { kind, etag, id } = event as { kind: string; etag: string; id: string }
  return { kind, etag, id, status: 'cancelled' }
}

function originalStartsWithin(calendar: Calendar, master: CalendarEvent, from: Temporal.Instant | null, to: Temporal.Instant | null): boolean {
  if (!from && !to) return true
  const begins = instantOf(master.start ?? {}, calendar.timeZone)
  if (to && Temporal.Instant.compare(begins, to) >= 0) return false
  if (!from) return true
  const length = begins.until(instantOf(master.end ?? master.start ?? {}, calendar.timeZone))
  const end = to ?? from.toZonedDateTimeISO('UTC').add({ years: endlessYears }).toInstant()
  return originalStarts(master, calendar.timeZone, { from: from.subtract(length), to: end }).length > 0
}

/** A series as its occurrences: those nobody has changed, and as cancelled those that were and are no more. */
function writeOut(
  calendar: Calendar,
  { event, deleted, former }: EventEntry,
  since: number,
  horizon: { from: Temporal.Instant; to: Temporal.Instant },
  now: Temporal.Instant,
  wantsDeleted: boolean,
): CalendarEvent[] {
  const zone = calendar.timeZone
  const here = deleted ? [] : originalStarts(event, zone, horizon).map((start) => instanceOf(event, start, zone))
  const known = new Set(here.map((instance) => instance.id))
  const utcNow = now.toZonedDateTimeISO('UTC')
  const near = { from: utcNow.subtract({ months: cancelledMonths }).toInstant(), to: utcNow.add({ months: cancelledMonths }).toInstant() }
  const past = wantsDeleted ? [...former.filter((shape) => shape.until > since).map((shape) => shape.event), ...(deleted ? [event] : [])] : []
  for (const shape of past)
    for (const start of originalStarts(shape, zone, near)) {
      const instance = cancelledOccurrence(instanceOf(shape, start, zone))
      if (known.has(instance.id)) continue
      known.add(instance.id)
      here.push(instance)
    }
  return here.filter((instance) => !calendar.entry(instance.id ?? ''))
}
