import { RRuleTemporal } from 'rrule-temporal'
import { InvalidInputError } from '../core/errors.ts'
import { allDayInstant, instantOf, wallTimeOf, wallTimeYears } from '../core/wallTime.ts'
import { weekdays, type RecurrenceRule } from './recurrenceRule.ts'

/**
 * A reminder's series. `start` is its first due wall time in the IANA zone `zone` and always its first occurrence, which COUNT counts,
 * whether or not the rule would bring it; without a rule it is the only one. All-day series go out at `sendTime` on each of their days.
 */
export interface Series {
  start: Temporal.PlainDateTime
  zone: string
  rule: RecurrenceRule | null
  allDay: boolean
  sendTime: Temporal.PlainTime
}

/** One time of a series: the wall time its rule names (midnight if all-day), and the instant at which it is due. */
export interface Occurrence {
  local: Temporal.PlainDateTime
  at: Temporal.Instant
}

// Periods (FREQ times INTERVAL) a rule may pass without an occurrence before it counts as ended, and all the periods a rule
// with COUNT is followed for. Weekly rules need 40 years at most (29 February on one weekday): 2,088.
const maxBarrenPeriods = 3000
const maxCountedPeriods = 15_000
// A wall time moves by a day at most (a zone that crosses the date line), and an all-day series is due up to a day after its midnight.
const slack = { days: 2 }
const lastWallTime = new Temporal.PlainDateTime(wallTimeYears.last, 12, 31, 23, 59, 59)

/**
 * The first `count` occurrences of a series that are due after an instant, in order, no two at the same instant. Each keeps its wall time
 * across clock changes: one that does not exist moves forward by the gap, that time only, and one that comes twice is the first.
 */
export function occurrences(series: Series, after: Temporal.Instant, count: number): Occurrence[] {
  const found: Occurrence[] = []
  if (count < 1) return found
  for (const local of wallTimes(series, wallTimeOf(after, series.zone).subtract(slack))) {
    const at = dueInstant(series, local)
    if (ended(series, local, at)) break
    if (Temporal.Instant.compare(at, after) <= 0) continue
    const last = found.at(-1)
    // Where a zone skipped a day, that day's time and the next day's are one instant: it counts once, under the day that was.
    if (last?.at.equals(at)) found[found.length - 1] = { local, at }
    else if (found.length === count) break
    else found.push({ local, at })
  }
  return found
}

/** The first occurrence after all of the instants, or null when the series has come to its end: completing a reminder passes its due time and now. */
export function nextAfter(series: Series, ...instants: [Temporal.Instant, ...Temporal.Instant[]]): Occurrence | null {
  const latest = instants.reduce((a, b) => (Temporal.Instant.compare(a, b) >= 0 ? a : b))
  return occurrences(series, latest, 1)[0] ?? null
}

/** The first occurrence of a series, due at its start. */
export function firstOccurrence(series: Series): Occurrence {
  const local = startOf(series)
  return { local, at: dueInstant(series, local) }
}

/** Refuses a rule that, from this start, would end before it or never bring a second occurrence, unless COUNT=1 says so. @throws InvalidInputError */
export function checkSeries(series: Series, path: string[] = []): void {
  if (series.rule === null || series.rule.count === 1) return
  const first = firstOccurrence(series)
  if (ended(series, first.local, first.at)) throw new InvalidInputError({ path, message: 'UNTIL lies before the first due time.' })
  if (nextAfter(series, first.at) === null) throw new InvalidInputError({ path, message: 'From this due time on, the rule brings no second occurrence.' })
}

// The library counts in UTC, where every wall time exists once: dates come from the rule alone, and the zone is ours to apply.
function* wallTimes(series: Series, from: Temporal.PlainDateTime): Generator<Temporal.PlainDateTime> {
  const start = startOf(series)
  if (Temporal.PlainDateTime.compare(start, from) >= 0) yield start
  const rule = series.rule && compile(series.rule, start, series.zone)
  if (rule === null) return
  let cursor = Temporal.PlainDateTime.compare(start, from) >= 0 ? start : from
  for (;;) {
    const wall = next(rule, cursor)
    if (wall === null) return
    yield wall
    cursor = wall
  }
}

function compile(given: RecurrenceRule, start: Temporal.PlainDateTime, zone: string): RRuleTemporal | null {
  const rule = byYear(given)
  const lists = { byMonth: rule.byMonth, byYearDay: rule.byYearDay, byMonthDay: rule.byMonthDay, byDay: rule.byDay, bySetPos: rule.bySetPos }
  const options = {
    freq: rule.freq,
    interval: rule.interval,
    wkst: rule.wkst,
    ...Object.fromEntries(Object.entries(lists).filter(([, list]) => list.length > 0)),
    dtstart: start.toZonedDateTime('UTC'),
    until: horizon(rule, zone).toZonedDateTime('UTC'),
    maxIterations: maxBarrenPeriods,
  }
  if (rule.count === null) return new RRuleTemporal(options)
  const startFits = next(new RRuleTemporal(options), start.subtract({ seconds: 1 }))?.equals(start) ?? false
  const count = startFits ? rule.count : rule.count - 1
  return count === 0 ? null : new RRuleTemporal({ ...options, count, maxIterations: maxCountedPeriods })
}

// A rule that sieves every day is the same rule over years, which takes a step a year instead of one a day.
function byYear(rule: RecurrenceRule): RecurrenceRule {
  if (rule.freq !== 'DAILY') return rule
  const sieved: RecurrenceRule = { ...rule, bySetPos: [] }
  if (rule.interval > 1 || (rule.byMonth.length === 0 && rule.byMonthDay.length === 0)) return sieved
  return { ...sieved, freq: 'YEARLY', byDay: rule.byDay.length > 0 || rule.byMonthDay.length > 0 ? rule.byDay : [...weekdays] }
}

function next(rule: RRuleTemporal, after: Temporal.PlainDateTime): Temporal.PlainDateTime | null {
  try {
    const found = rule.next(after.toZonedDateTime('UTC'))
    return found === null ? null : Temporal.Instant.fromEpochMilliseconds(found.epochMilliseconds).toZonedDateTimeISO('UTC').toPlainDateTime()
  } catch (error) {
    if (error instanceof Error && error.message.startsWith('Maximum iterations')) return null
    throw error
  }
}

function horizon(rule: RecurrenceRule, zone: string): Temporal.PlainDateTime {
  const { until } = rule
  if (until === null) return lastWallTime
  const wall = until instanceof Temporal.PlainDate ? until.toPlainDateTime() : until instanceof Temporal.Instant ? wallTimeOf(until, zone) : until
  const end = wall.add(slack)
  return Temporal.PlainDateTime.compare(end, lastWallTime) < 0 ? end : lastWallTime
}

function ended(series: Series, local: Temporal.PlainDateTime, at: Temporal.Instant): boolean {
  const until = series.rule?.until ?? null
  if (until === null) return false
  if (until instanceof Temporal.PlainDate) return Temporal.PlainDate.compare(local, until) > 0
  // An all-day occurrence has no hour to compare: the day of UNTIL is the last.
  if (series.allDay) return Temporal.PlainDate.compare(local, until instanceof Temporal.Instant ? wallTimeOf(until, series.zone) : until) > 0
  return until instanceof Temporal.Instant ? Temporal.Instant.compare(at, until) > 0 : Temporal.PlainDateTime.compare(local, until) > 0
}

function startOf(series: Series): Temporal.PlainDateTime {
  return series.allDay ? series.start.toPlainDate().toPlainDateTime() : series.start
}

function dueInstant(series: Series, local: Temporal.PlainDateTime): Temporal.Instant {
  return series.allDay ? allDayInstant(local.toPlainDate(), series.sendTime, series.zone) : instantOf(local, series.zone)
}
