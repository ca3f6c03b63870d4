import type { Clock } from '../../../src/core/clock.ts'
import { hashedName } from '../random.ts'
import { completeEvent, completeTime, movedTo, type CalendarEvent, type EventChanges, type EventTime } from './event.ts'
import { hasOccurrence, instanceId, instanceOf, readInstanceId } from './occurrences.ts'
import { cutRecurrence, followingId } from './series.ts'

/** An event, a series or a changed occurrence of one, with its place in the order of changes. */
export interface EventEntry {
  /** Grows with every change of the calendar; the newest has the highest. */
  change: number
  event: CalendarEvent
  /** Gone, and only of interest to who knew it. A cancelled occurrence of a living series is not: the series needs it. */
  deleted: boolean
  /** What a series was before each change of it, oldest first. */
  former: { until: number; event: CalendarEvent }[]
}

/** What is needed to make a calendar; the rest has defaults. */
export interface CalendarInput {
  /** E-mail address of the calendar; the primary one has the account's. */
  id?: string
  summary: string
  /** IANA. Default: UTC. */
  timeZone?: string
  accessRole?: 'owner' | 'writer' | 'reader' | 'freeBusyReader'
  primary?: boolean
  /** Whether it is shown in the owner's list of calendars. */
  selected?: boolean
}

/** One calendar and the operations that change it as people would. All throw RangeError for an event that is not there. */
export interface Calendar extends Required<CalendarInput> {
  /** All that is or was in it, the least recently changed first. */
  entries(): EventEntry[]
  entry(id: string): EventEntry | undefined
  /** Any event by id, also an occurrence that only its series' rule makes. */
  find(id: string): CalendarEvent | undefined
  /** The number of the last change. */
  lastChange(): number
  /** Sync tokens that know less than this change are expired. */
  expiredBefore(): number
  /** Lets all sync tokens given out so far expire, and those of a former calendar of this name that counted so far. */
  expireTokens(counted?: number): void
  /** When the simulator made it: what was said of a calendar before is not to be relied on. */
  readonly bornAt: Temporal.Instant
  /** Events whose video meeting is still being made. */
  readonly pending: Map<string, { since: Temporal.Instant; gets: number }>
  /** Without an id one is made. A `recurrence` makes it a series. */
  add(event: CalendarEvent): CalendarEvent
  /** Edits an event, a whole series, or one occurrence, which thereby becomes an exception. */
  edit(id: string, changes: EventChanges): CalendarEvent
  /** Moves to another start; without an end it lasts as long as before. */
  move(id: string, start: EventTime, end?: EventTime): CalendarEvent
  /** Deletes an event, a whole series, or one occurrence. */
  cancel(id: string): void
  /** "This and following events": ends the series before this occurrence and begins a new one with it, which is returned. */
  split(instance: string, changes?: EventChanges): CalendarEvent
  /** Deletes this occurrence and all after it. */
  end(instance: string): void
}

interface Kept extends EventEntry {
  created: Temporal.Instant
}

/** An empty calendar of this account. */
export function createCalendar(input: Required<CalendarInput>, { seed, clock, owner }: { seed: string; clock: Clock; owner: string }): Calendar {
  const entries = new Map<string, Kept>()
  const zone = input.timeZone
  let change = 0
  let numbers = 0
  let expiredBefore = 0

  const put = (id: string, kept: Omit<Kept, 'change'>) => {
    entries.delete(id) // a Map keeps the place of a key that is set again; the order of changes must not
    entries.set(id, { ...kept, change })
    return kept.event
  }
  const store = (id: string, event: CalendarEvent, before?: Kept) => {
    const created = before?.created ?? clock.now()
    const completed = completeEvent(event, { id, calendarId: input.id, account: owner, timeZone: zone, created, updated: clock.now(), change: ++change })
    return put(id, { event: completed, created, deleted: false, former: formerOf(before) })
  }
  const formerOf = (before?: Kept) => (before?.event.recurrence ? [...before.former, { until: change, event: before.event }] : (before?.former ?? []))
  const present = (id: string) => {
    const entry = entries.get(id)
    return entry && !entry.deleted ? entry : undefined
  }
  const absent = (id: string) => new RangeError(`the calendar ${input.id} has no event ${id}`)
  /** The series an occurrence belongs to and when it was to start. */
  const placeOf = (id: string) => {
    const place = readInstanceId(id)
    const master = place && present(place.masterId)
    if (!place || !master?.event.recurrence || !hasOccurrence(master.event, zone, place.start)) return undefined
    const start = completeTime(place.start.date ? place.start : { ...place.start, timeZone: master.event.start?.timeZone ?? zone }, zone)
    return { master, start }
  }
  const find = (id: string): CalendarEvent | undefined => {
    const entry = entries.get(id)
    if (entry) return entry.event
    const place = placeOf(id)
    if (place) return instanceOf(place.master.event, place.start, zone)
    const gone = entries.get(readInstanceId(id)?.masterId ?? '')
    const start = readInstanceId(id)?.start
    return gone?.deleted && gone.event.recurrence && start && hasOccurrence(gone.event, zone, start)
      ? cancelledOccurrence(instanceOf(gone.event, start, zone))
      : undefined
  }
  const exceptionsOf = (masterId: string) => [...entries.values()].filter((entry) => entry.event.recurringEventId === masterId)
  /** Exceptions whose place in the series is no more go with it; where a place is again, nothing is left of what went. */
  const dropStrays = (master: CalendarEvent) => {
    for (const { event, deleted, created } of exceptionsOf(master.id ?? '')) {
      const id = event.id ?? ''
      const fits = hasOccurrence(master, zone, event.originalStartTime ?? {})
      if (deleted && fits) entries.delete(id)
      if (deleted || fits) continue
      change++
      put(id, { event: cancelledOccurrence(event), created, deleted: true, former: [] })
    }
  }
  const edit = (id: string, changes: EventChanges) => {
    const entry = present(id)
    const place = placeOf(id)
    const current = entry?.event.status === 'cancelled' && place ? instanceOf(place.master.event, place.start, zone) : (entry?.event ?? find(id))
    if (!current || (!entry && !place)) throw absent(id)
    const event = Object.fromEntries(Object.entries({ ...current, ...changes }).filter(([, value]) => value !== null)) as CalendarEvent
    const moved = ['start', 'end', 'recurrence', 'location'].some((field) => field in changes)
    const stored = store(id, { ...event, sequence: (current.sequence ?? 0) + (moved ? 1 : 0) }, entry)
    if (stored.recurrence && moved) dropStrays(stored)
    return stored
  }
  const cancel = (id: string) => {
    const entry = present(id)
    const place = placeOf(id)
    const current = entry?.event ?? (place && instanceOf(place.master.event, place.start, zone))
    if (!current || (current.recurringEventId && current.status === 'cancelled')) throw absent(id)
    change++
    const created = entry?.created ?? clock.now()
    if (current.recurringEventId) return void put(id, { event: cancelledOccurrence(current), created, deleted: false, former: [] })
    for (const exception of exceptionsOf(id)) entries.delete(exception.event.id ?? '')
    const stamp = { id, calendarId: input.id, account: owner, timeZone: zone, created, updated: clock.now(), change }
    put(id, { event: completeEvent({ ...current, status: 'cancelled' }, stamp), created, deleted: true, former: formerOf(entry) })
  }
  const cut = (instance: string) => {
    const place = placeOf(instance)
    if (!place) throw absent(instance)
    const master = place.master.event
    return { ...place, master, isFirst: instanceId(master.id ?? '', master.start ?? {}, zone) === instance, parts: cutRecurrence(master, place.start, zone) }
  }

  return {
    ...input,
    expiredBefore: () => expiredBefore,
    expireTokens: (counted = 0) => {
      change = Math.max(change, counted) + 1
      expiredBefore = change
    },
    bornAt: clock.now(),
    pending: new Map(),
    entries: () => [...entries.values()],
    entry: (id) => entries.get(id),
    find,
    lastChange: () => change,
    add: (event) => {
      const id = event.id ?? idOf(seed, input.id, numbers++)
      if (entries.has(id)) throw new RangeError(`the calendar ${input.id} already has an event ${id}`)
      return store(id, event)
    },
    edit,
    move: (id, start, end) => {
      const current = find(id)
      if (!current) throw absent(id)
      return edit(id, end ? { start, end } : movedTo(start.date || start.timeZone ? start : { ...start, timeZone: current.start?.timeZone ?? zone }, current))
    },
    cancel,
    split: (instance, changes = {}) => {
      const { master, start, isFirst, parts } = cut(instance)
      if (isFirst) return edit(master.id ?? '', changes)
      edit(master.id ?? '', { recurrence: parts.before })
      const { id: _, iCalUID: __, htmlLink: ___, etag: ____, ...rest } = master
      const named = followingId(master.id ?? '', start, zone)
      const following = { ...rest, ...movedTo(start, master), recurrence: parts.after, sequence: 0, ...changes }
      // A series that was cut here before keeps its name and its exceptions.
      return store(
        entries.has(named) ? idOf(seed, input.id, numbers++) : named,
        Object.fromEntries(Object.entries(following).filter(([, value]) => value !== null)) as CalendarEvent,
      )
    },
    end: (instance) => {
      const { master, isFirst, parts } = cut(instance)
      if (isFirst) cancel(master.id ?? '')
      else edit(master.id ?? '', { recurrence: parts.before })
    },
  }
}

/** What is left of a cancelled occurrence: no more than the reference promises. */
export function cancelledOccurrence({ id, etag, recurringEventId, originalStartTime }: CalendarEvent): CalendarEvent {
  return {
    kind: 'calendar#event',
    ...(etag !== undefined && { etag }),
    ...(id !== undefined && { id }),
    status: 'cancelled',
    ...(recurringEventId !== undefined && { recurringEventId }),
    ...(originalStartTime !== undefined && { originalStartTime }),
  }
}

// Ids are base32hex in lower case, as clients must write theirs.
function idOf(seed: string, calendarId: string, number: number): string {
  return BigInt(`0x${Buffer.from(hashedName(24, seed, 'event', calendarId, number), 'latin1').toString('hex')}`)
    .toString(32)
    .slice(0, 26)
}
