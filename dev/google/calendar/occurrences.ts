import { RRuleTemporal } from 'rrule-temporal'
import { completeTime, instantOf, movedTo, writeInstant, type CalendarEvent, type EventTime } from './event.ts'

/** The original starts of a series' occurrences that begin within the window, in order. Wall times that a clock change skips move forward. */
export function originalStarts(master: CalendarEvent, zone: string, { from, to }: { from: Temporal.Instant; to: Temporal.Instant }): EventTime[] {
  const series = readSeries(master, zone)
  const walls = new Set<string>()
  const [first, last] = [from, to].map((instant) => instant.toZonedDateTimeISO(series.zone).toPlainDateTime()) as [
    Temporal.PlainDateTime,
    Temporal.PlainDateTime,
  ]
  // The library counts in UTC, where every wall time exists once.
  for (const rule of series.rules)
    for (const found of rule.between(utc(first.subtract({ days: 1 })), utc(last.add({ days: 1 })), true))
      walls.add(Temporal.Instant.fromEpochMilliseconds(found.epochMilliseconds).toZonedDateTimeISO('UTC').toPlainDateTime().toString())
  for (const date of series.added) walls.add(date)
  for (const date of series.removed) walls.delete(date)
  return [...walls]
    .sort()
    .map((wall): EventTime => {
      if (series.allDay) return { date: wall.slice(0, 10) }
      return { dateTime: writeInstant(Temporal.PlainDateTime.from(wall).toZonedDateTime(series.zone).toInstant(), series.zone), timeZone: series.zone }
    })
    .filter((start) => {
      const at = instantOf(start, zone)
      return Temporal.Instant.compare(at, from) >= 0 && Temporal.Instant.compare(at, to) < 0
    })
}

/** Whether a series has an occurrence with exactly this original start. */
export function hasOccurrence(master: CalendarEvent, zone: string, start: EventTime): boolean {
  if (Boolean(start.date) !== Boolean(master.start?.date)) return false
  const at = instantOf(start, zone)
  return originalStarts(master, zone, { from: at, to: at.add({ seconds: 1 }) }).length > 0
}

/** An occurrence as `events.instances` shows it, where nobody has changed it. */
export function instanceOf(master: CalendarEvent, originalStart: EventTime, zone: string): CalendarEvent {
  const { recurrence: _, ...rest } = master
  const startZone = master.start?.timeZone ?? zone
  const { start, end } = movedTo(originalStart, master)
  return {
    ...rest,
    id: instanceId(master.id ?? '', originalStart, zone),
    recurringEventId: master.id ?? '',
    originalStartTime: completeTime(originalStart, startZone),
    start: completeTime(start, startZone),
    end: completeTime(end, startZone),
  }
}

/** `base_YYYYMMDDTHHMMSSZ`, or `base_YYYYMMDD` for whole days. */
export function instanceId(masterId: string, originalStart: EventTime, zone: string): string {
  if (originalStart.date) return `${masterId}_${originalStart.date.replaceAll('-', '')}`
  return `${masterId}_${compact(instantOf(originalStart, zone))}`
}

/** The series and the original start an instance's id names. */
export function readInstanceId(id: string): { masterId: string; start: EventTime } | undefined {
  const [, masterId, day, time] = /^(.+)_(\d{8})(?:T(\d{6})Z)?$/.exec(id) ?? []
  if (!masterId || !day) return undefined
  const date = `${day.slice(0, 4)}-${day.slice(4, 6)}-${day.slice(6)}`
  if (!time) return { masterId, start: { date } }
  return { masterId, start: { dateTime: `${date}T${time.slice(0, 2)}:${time.slice(2, 4)}:${time.slice(4)}Z` } }
}

/** An instant as RFC 5545 writes it in UTC. */
export function compact(instant: Temporal.Instant): string {
  return instant.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')
}

interface Series {
  zone: string
  allDay: boolean
  rules: RRuleTemporal[]
  /** Wall times, as text. */
  added: string[]
  removed: string[]
}

const read = new WeakMap<CalendarEvent, Series>()

// Stored events are replaced and never changed, so what was read of one stays true.
function readSeries(master: CalendarEvent, calendarZone: string): Series {
  const known = read.get(master)
  if (known) return known
  const allDay = Boolean(master.start?.date)
  const zone = master.start?.timeZone ?? calendarZone
  const start = wallTime(master.start ?? {}, zone)
  const series: Series = { zone, allDay, rules: [], added: [], removed: [] }
  for (const line of master.recurrence ?? []) {
    const [, name = '', parameters = '', value = ''] = /^([A-Z]+)((?:;[^:]*)?):(.*)$/i.exec(line.trim()) ?? []
    const dates = () => value.split(',').map((date) => readDate(date, /TZID=([^;]+)/i.exec(parameters)?.[1] ?? zone, zone))
    if (/^RRULE$/i.test(name)) series.rules.push(...compile(value, start, zone))
    else if (/^RDATE$/i.test(name)) series.added.push(...dates())
    else if (/^EXDATE$/i.test(name)) series.removed.push(...dates())
    else throw new RangeError(`"${line}" is no line of a recurrence`)
  }
  if (!master.recurrence?.some((line) => /^RRULE/i.test(line))) series.added.push(start.toString())
  read.set(master, series)
  return series
}

// UNTIL in UTC is an instant; as the library counts wall times, so must UNTIL.
function compile(written: string, start: Temporal.PlainDateTime, zone: string): RRuleTemporal[] {
  const text = written.replace(/UNTIL=(\d{8})T(\d{6})Z/i, (_, day: string, time: string) => {
    const instant = Temporal.Instant.from(`${day}T${time}Z`)
    return `UNTIL=${compactWall(instant.toZonedDateTimeISO(zone).toPlainDateTime())}Z`
  })
  const dated = text.replace(/UNTIL=(\d{8})(?=;|$)/i, 'UNTIL=$1T235959Z')
  const rule = new RRuleTemporal({ rruleString: `DTSTART:${compactWall(start)}Z\nRRULE:${dated}`, includeDtstart: true })
  const { until } = rule.options()
  // The library would give the start even after UNTIL.
  return until && until.epochMilliseconds < utc(start).epochMilliseconds ? [] : [rule]
}

function readDate(text: string, zone: string, into: string): string {
  const [, day = '', time, utcMark] = /^(\d{8})(?:T(\d{6})(Z?))?$/.exec(text.trim()) ?? []
  if (!day) throw new RangeError(`"${text}" is no date of a recurrence`)
  if (!time) return Temporal.PlainDate.from(day).toPlainDateTime().toString()
  const wall = Temporal.PlainDateTime.from(`${day}T${time}`)
  return wall
    .toZonedDateTime(utcMark ? 'UTC' : zone)
    .withTimeZone(into)
    .toPlainDateTime()
    .toString()
}

function wallTime(time: EventTime, zone: string): Temporal.PlainDateTime {
  return time.date ? Temporal.PlainDate.from(time.date).toPlainDateTime() : instantOf(time, zone).toZonedDateTimeISO(zone).toPlainDateTime()
}

function compactWall(wall: Temporal.PlainDateTime): string {
  return wall.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')
}

function utc(wall: Temporal.PlainDateTime): Temporal.ZonedDateTime {
  return wall.toZonedDateTime('UTC')
}
