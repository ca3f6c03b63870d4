import { openToken } from '../sealed-token.ts'
import type { Simulation } from '../simulation.ts'
import type { Account } from '../world.ts'
import type { Calendar } from './calendar.ts'
import { fullSyncRequired, invalidValue, updatedMinTooLongAgo } from './errors.ts'
import { readTime } from './query.ts'

/** Deleted events are remembered this long by `updatedMin`; Google does not say how long, clients have met four weeks. */
const updatedMinDays = 28

/** What a sync token says. */
export interface SyncToken {
  sub: string
  calendar: string
  /** The first request's parameters, which every later one must repeat, and the times it was limited to, which it must not. */
  parameters: string
  timeMin: string | null
  timeMax: string | null
  /** Changes up to this one are known. */
  change: number
  atMs: number
  /** Of which life of the calendar: it has another after a restart. */
  bornAtMs: number
}

/** What a page token says. */
export interface PageToken extends SyncToken {
  /** Where the first page began; 0 for a full list. */
  since: number
  /** The last change listed, and how many events of it; ordered by start, only how many. */
  after: number
  skip: number
}

/** What a request for events asks for. */
export interface ListRequest {
  /** Occurrences instead of series. */
  single: boolean
  byStart: boolean
  /** Whether it goes on from a sync token. */
  syncing: boolean
  showDeleted: boolean
  updatedMin: Temporal.Instant | null
  from: Temporal.Instant | null
  to: Temporal.Instant | null
  start: PageToken
  /** Whether a sync token may end it: not after a search. */
  canSync: boolean
}

/** Parameters that must be the same with a sync token, and those that must not be there. */
const repeated = ['singleEvents', 'showDeleted', 'showHiddenInvitations', 'eventTypes', 'maxAttendees', 'alwaysIncludeEmail', 'timeZone']
const limiting = ['iCalUID', 'orderBy', 'privateExtendedProperty', 'q', 'sharedExtendedProperty', 'timeMin', 'timeMax', 'updatedMin']

/** Reads a request for events with its tokens. @throws ApiError 400, 410 */
export function readListRequest(simulation: Simulation, account: Account, calendar: Calendar, query: URLSearchParams): ListRequest {
  const single = query.get('singleEvents') === 'true'
  const byStart = query.get('orderBy') === 'startTime'
  if (byStart && !single) throw invalidValue('The requested ordering is not available for the particular query.', 'orderBy')
  const parameters = JSON.stringify(repeated.map((name) => query.getAll(name)))
  if (query.has('syncToken')) {
    const limit = limiting.find((name) => query.has(name))
    if (limit) throw invalidValue('Sync token cannot be used with query restrictions.', limit)
    if (query.get('showDeleted') === 'false') throw invalidValue('Deleted events cannot be left out of an incremental synchronization.', 'showDeleted')
  }
  const sync = open<SyncToken>(simulation, account, calendar, query, 'sync', parameters)
  const page = open<PageToken>(simulation, account, calendar, query, 'page', parameters)
  if (page && page.since !== (sync?.change ?? 0)) throw otherParameters('page')
  const now = simulation.clock.now()
  const updatedMin = readTime(query, 'updatedMin')
  if (updatedMin && updatedMin.until(now).total('hours') > updatedMinDays * 24) throw updatedMinTooLongAgo()
  const { timeMin, timeMax } = page ?? sync ?? { timeMin: textOf(readTime(query, 'timeMin')), timeMax: textOf(readTime(query, 'timeMax')) }
  const [from, to] = [timeMin && Temporal.Instant.from(timeMin), timeMax && Temporal.Instant.from(timeMax)].map((time) => time || null)
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
    bornAtMs: calendar.bornAt.epochMilliseconds,
  }
  return {
    single,
    byStart,
    syncing: sync !== undefined,
    showDeleted: query.get('showDeleted') === 'true',
    updatedMin,
    from: from ?? null,
    to: to ?? null,
    start,
    canSync: !limiting.some((name) => !['timeMin', 'timeMax'].includes(name) && query.has(name)),
  }
}

function open<Token extends SyncToken>(
  { seed, clock, settings }: Simulation,
  account: Account,
  calendar: Calendar,
  query: URLSearchParams,
  kind: 'page' | 'sync',
  parameters: string,
): Token | undefined {
  const value = query.get(`${kind}Token`)
  if (value === null) return undefined
  const token = openToken<Token>(seed, `events.${kind}`, value)
  if (token?.sub !== account.sub || token.calendar !== calendar.id) throw invalidValue(`Invalid ${kind} token value.`, `${kind}Token`)
  if (token.parameters !== parameters) throw otherParameters(kind)
  const restarted = token.bornAtMs !== calendar.bornAt.epochMilliseconds || token.change > calendar.lastChange()
  const old = clock.now().epochMilliseconds >= token.atMs + settings.calendarTokenDays * 86_400_000
  if (kind === 'sync' && (restarted || old || token.change < calendar.expiredBefore())) throw fullSyncRequired()
  return token
}

function otherParameters(kind: 'page' | 'sync') {
  return invalidValue(`The parameters differ from those of the request that returned the ${kind} token.`, `${kind}Token`)
}

function textOf(time: Temporal.Instant | null): string | null {
  return time?.toString() ?? null
}
