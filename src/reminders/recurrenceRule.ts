import { InvalidInputError } from '../core/errors.ts'

/** How often a series repeats; RFC 5545 has finer ones, which no reminder needs. */
export type Frequency = 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'

/** The end of a series, inclusive: a day, a wall time of the series' zone, or an instant. */
export type Until = Temporal.PlainDate | Temporal.PlainDateTime | Temporal.Instant

/** An RFC 5545 recurrence rule, read and checked. Lists are sorted, and empty where the rule has none. */
export interface RecurrenceRule {
  freq: Frequency
  interval: number
  count: number | null
  until: Until | null
  byMonth: number[]
  byYearDay: number[]
  byMonthDay: number[]
  byDay: string[]
  bySetPos: number[]
  wkst: string
}

// Bounds of our own: far more than a reminder uses, and little enough that no rule is long at work.
const maxLength = 500
const maxInterval = 1000
const maxCount = 3660

const frequencies: readonly string[] = ['DAILY', 'WEEKLY', 'MONTHLY', 'YEARLY'] satisfies Frequency[]
/** The weekdays as RFC 5545 writes them, Monday first. */
export const weekdays: readonly string[] = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const names = ['FREQ', 'UNTIL', 'COUNT', 'INTERVAL', 'BYMONTH', 'BYYEARDAY', 'BYMONTHDAY', 'BYDAY', 'BYSETPOS', 'WKST']
// Days a period has at most, so that BYSETPOS has something to choose.
const longestPeriods: Record<Frequency, number> = { DAILY: 1, WEEKLY: 7, MONTHLY: 31, YEARLY: 366 }
const longestMonths = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31]

/** Reads an RFC 5545 recurrence rule, with or without `RRULE:` before it. @throws InvalidInputError saying which part cannot be taken */
export function parseRecurrence(text: string, path: string[] = []): RecurrenceRule {
  const fail = (message: string): never => {
    throw new InvalidInputError({ path, message })
  }
  const parts = split(text, fail)
  const numbers = (name: string, max: number, negative: boolean) => readNumbers(name, parts.get(name), max, negative, fail)
  const freq = parts.get('FREQ') ?? fail('A recurrence rule needs FREQ.')
  if (!isFrequency(freq)) return fail('FREQ must be DAILY, WEEKLY, MONTHLY or YEARLY.')
  const rule: RecurrenceRule = {
    freq,
    interval: readNumber('INTERVAL', parts.get('INTERVAL'), maxInterval, fail) ?? 1,
    count: readNumber('COUNT', parts.get('COUNT'), maxCount, fail),
    until: readUntil(parts.get('UNTIL'), fail),
    byMonth: numbers('BYMONTH', 12, false),
    byYearDay: numbers('BYYEARDAY', 366, true),
    byMonthDay: numbers('BYMONTHDAY', 31, true),
    byDay: readWeekdays(parts.get('BYDAY'), fail),
    bySetPos: numbers('BYSETPOS', 366, true),
    wkst: parts.get('WKST') ?? 'MO',
  }
  const fault = faultOf(rule)
  return fault === null ? rule : fail(fault)
}

/** Writes a rule in one fixed form, without `RRULE:` and without what goes without saying (INTERVAL=1, WKST=MO). */
export function formatRecurrence(rule: RecurrenceRule): string {
  const values: Record<string, string> = {
    FREQ: rule.freq,
    UNTIL: rule.until === null ? '' : formatUntil(rule.until),
    COUNT: rule.count === null ? '' : String(rule.count),
    INTERVAL: rule.interval === 1 ? '' : String(rule.interval),
    BYMONTH: rule.byMonth.join(','),
    BYYEARDAY: rule.byYearDay.join(','),
    BYMONTHDAY: rule.byMonthDay.join(','),
    BYDAY: rule.byDay.join(','),
    BYSETPOS: rule.bySetPos.join(','),
    WKST: rule.wkst === 'MO' ? '' : rule.wkst,
  }
  return names.flatMap((name) => (values[name] ? [`${name}=${values[name]}`] : [])).join(';')
}

type Fail = (message: string) => never

function split(text: string, fail: Fail): Map<string, string> {
  if (text.length > maxLength) fail(`A recurrence rule may have ${maxLength} characters at most.`)
  const line = text.trim().toUpperCase()
  if (/[\r\n]/.test(line) || /^(DTSTART|DTEND|EXDATE|EXRULE|RDATE)\b/.test(line))
    fail('Give the recurrence rule alone, in one line, without DTSTART, RDATE or EXDATE.')
  const parts = new Map<string, string>()
  for (const piece of line.replace(/^RRULE:/, '').split(';')) {
    const [name = '', value = '', ...rest] = piece.split('=')
    if (name === '' || value === '' || rest.length > 0) fail('Write a recurrence rule as FREQ=WEEKLY;BYDAY=MO,TH.')
    if (/^BY(HOUR|MINUTE|SECOND)$/.test(name)) fail(`${name} cannot be used: every occurrence has the time of day of the first.`)
    if (!names.includes(name)) fail(`${name.slice(0, 20)} is not a part of a recurrence rule that can be used here.`)
    if (parts.has(name)) fail(`${name} may stand only once.`)
    parts.set(name, value)
  }
  return parts
}

// What RFC 5545 rules out, and a few rare mixtures that rrule-temporal reads otherwise than the RFC: better refused than wrong.
function faultOf(rule: RecurrenceRule): string | null {
  const ordinals = rule.byDay.map((day) => Math.abs(Number.parseInt(day, 10))).filter((ordinal) => !Number.isNaN(ordinal))
  if (rule.count !== null && rule.until !== null) return 'COUNT and UNTIL cannot stand together.'
  if (!weekdays.includes(rule.wkst)) return 'WKST must be one of MO, TU, WE, TH, FR, SA, SU.'
  if (ordinals.length > 0 && rule.freq !== 'MONTHLY' && rule.freq !== 'YEARLY') return 'BYDAY takes a number (2MO, -1FR) only with FREQ=MONTHLY or YEARLY.'
  if (ordinals.length > 0 && rule.byMonthDay.length > 0) return 'BYDAY takes no number beside BYMONTHDAY.'
  const ofYear = rule.freq === 'YEARLY' && rule.byMonth.length === 0
  if (ofYear && ordinals.length > 0 && ordinals.length < rule.byDay.length) return 'In a year, BYDAY takes weekdays all with a number or all without.'
  if (ordinals.some((ordinal) => ordinal > 52)) return 'Not every year has 53 of a weekday: BYDAY goes from -52 to 52.'
  if (rule.byYearDay.length > 0 && [rule.byMonth, rule.byMonthDay, rule.byDay].some((list) => list.length > 0))
    return 'Beside BYYEARDAY only BYSETPOS can be used.'
  if (ordinals.some((ordinal) => ordinal > 5) && (rule.freq === 'MONTHLY' || rule.byMonth.length > 0))
    return 'A month has at most five of a weekday: BYDAY goes from -5 to 5.'
  if (rule.byMonthDay.length > 0 && rule.freq === 'WEEKLY') return 'BYMONTHDAY cannot be used with FREQ=WEEKLY.'
  // The library would look at one day in turn for each of many years.
  if (rule.byMonthDay.length > 0 && rule.freq === 'DAILY' && rule.interval > 1) return 'BYMONTHDAY cannot be used with FREQ=DAILY and an INTERVAL above 1.'
  if (rule.byYearDay.length > 0 && rule.freq !== 'YEARLY') return 'BYYEARDAY can be used only with FREQ=YEARLY.'
  const days = [rule.byMonth, rule.byYearDay, rule.byMonthDay, rule.byDay]
  if (rule.bySetPos.length > 0 && days.every((list) => list.length === 0)) return 'BYSETPOS needs another BY part to choose from.'
  if (rule.bySetPos.some((position) => Math.abs(position) > longestPeriods[rule.freq]))
    return `BYSETPOS goes from -${longestPeriods[rule.freq]} to ${longestPeriods[rule.freq]} with FREQ=${rule.freq}.`
  const possible = rule.byMonth.some((month) => rule.byMonthDay.some((day) => Math.abs(day) <= (longestMonths[month - 1] ?? 0)))
  if (rule.byMonth.length > 0 && rule.byMonthDay.length > 0 && !possible)
    return 'None of the months in BYMONTH has a day of BYMONTHDAY, so it would never occur.'
  return null
}

function readNumber(name: string, value: string | undefined, max: number, fail: Fail): number | null {
  if (value === undefined) return null
  const number = /^\d{1,6}$/.test(value) ? Number(value) : 0
  return number >= 1 && number <= max ? number : fail(`${name} must be a whole number from 1 to ${max}.`)
}

function readNumbers(name: string, value: string | undefined, max: number, negative: boolean, fail: Fail): number[] {
  if (value === undefined) return []
  const numbers = value.split(',').map((item) => {
    const number = /^[+-]?\d{1,3}$/.test(item) ? Number(item) : 0
    return number !== 0 && Math.abs(number) <= max && (negative || number > 0)
      ? number
      : fail(`${name} takes whole numbers from ${negative ? `-${max} to -1 and ` : ''}1 to ${max}.`)
  })
  return [...new Set(numbers)].sort((a, b) => a - b)
}

function readWeekdays(value: string | undefined, fail: Fail): string[] {
  if (value === undefined) return []
  const days = value.split(',').map((item) => {
    const match = /^([+-]?\d{1,2})?(MO|TU|WE|TH|FR|SA|SU)$/.exec(item)
    const [, ordinal, weekday = ''] = match ?? []
    if (!match || (ordinal !== undefined && Number(ordinal) === 0)) fail('BYDAY takes weekdays such as MO, or with a number, such as 2MO or -1FR.')
    return `${ordinal === undefined ? '' : Number(ordinal)}${weekday}`
  })
  return [...new Set(days)].sort(
    (a, b) => weekdays.indexOf(a.slice(-2)) - weekdays.indexOf(b.slice(-2)) || Number.parseInt(a, 10) - Number.parseInt(b, 10) || 0,
  )
}

function readUntil(value: string | undefined, fail: Fail): Until | null {
  if (value === undefined) return null
  const match = /^(\d{4})(\d\d)(\d\d)(?:T([01]\d|2[0-3])([0-5]\d)([0-5]\d)(Z?))?$/.exec(value)
  if (!match) return fail('UNTIL is a day (20271231), a local time (20271231T090000) or a time in UTC (20271231T090000Z).')
  const [, year, month, day, hour, minute, second, utc] = match.map((part) => part ?? '')
  try {
    const date = Temporal.PlainDate.from({ year: Number(year), month: Number(month), day: Number(day) }, { overflow: 'reject' })
    if (hour === '') return date
    const wall = date.toPlainDateTime({
      hour: Number(hour),
      minute: Number(minute),
      second: Number(second),
    })
    return utc === 'Z' ? wall.toZonedDateTime('UTC').toInstant() : wall
  } catch {
    return fail('UNTIL names a day that is not in the calendar.')
  }
}

function formatUntil(until: Until): string {
  if (until instanceof Temporal.PlainDate) return until.toString().replaceAll('-', '')
  return until.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')
}

function isFrequency(text: string): text is Frequency {
  return frequencies.includes(text)
}
