/** What an RRULE says, as far as calendars of people use it. */
interface Rule {
  freq: 'DAILY' | 'WEEKLY' | 'MONTHLY' | 'YEARLY'
  interval: number
  count: number
  /** Wall time in the series' zone; the last moment of the day for a date. */
  until: Temporal.PlainDateTime | null
  /** ISO weekday, and which of the month it is; 0 for all. */
  byDay: { nth: number; weekday: number }[]
  byMonthDay: number[]
  byMonth: number[]
}

/** Periods that are walked through at most: a daily series for a lifetime. */
const maxPeriods = 40_000
const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']

/**
 * The wall times of a series up to a wall time, by walking day by day through each period: slow, plain, and nothing in common with the library
 * the API's answers come from. The start is always the first; weeks begin on Monday. @throws RangeError for parts it does not know
 */
export function wallTimes(rule: string, start: Temporal.PlainDateTime, zone: string, to: Temporal.PlainDateTime): Temporal.PlainDateTime[] {
  const { freq, interval, count, until, byDay, byMonthDay, byMonth } = readRule(rule, zone)
  const found = [start]
  const ends = (wall: Temporal.PlainDateTime) =>
    Temporal.PlainDateTime.compare(wall, to) > 0 || (until !== null && Temporal.PlainDateTime.compare(wall, until) > 0) || found.length >= count
  if (until !== null && Temporal.PlainDateTime.compare(start, until) > 0) return []
  const day = start.toPlainDate()
  for (let period = 0; period < maxPeriods; period++) {
    const days = daysOf(freq, day, period * interval)
      .filter((each) => byMonth.length === 0 || byMonth.includes(each.month))
      .filter((each) => byMonthDay.length === 0 || byMonthDay.some((number) => (number > 0 ? number : each.daysInMonth + 1 + number) === each.day))
      .filter((each) => byDay.length === 0 || byDay.some(({ nth, weekday }) => each.dayOfWeek === weekday && isNth(each, nth)))
      .filter((each) => isOwnDay(freq, each, day, { byDay, byMonthDay, byMonth }))
    for (const each of days) {
      const wall = each.toPlainDateTime(start.toPlainTime())
      if (Temporal.PlainDateTime.compare(wall, start) <= 0) continue
      if (ends(wall)) return found
      found.push(wall)
    }
    if (days.length === 0 && Temporal.PlainDate.compare(daysOf(freq, day, period * interval)[0] ?? day, to.toPlainDate()) > 0) return found
  }
  return found
}

function daysOf(freq: Rule['freq'], start: Temporal.PlainDate, periods: number): Temporal.PlainDate[] {
  const run = (first: Temporal.PlainDate, count: number) => Array.from({ length: count }, (_, index) => first.add({ days: index }))
  if (freq === 'DAILY') return [start.add({ days: periods })]
  if (freq === 'WEEKLY') return run(start.subtract({ days: start.dayOfWeek - 1 }).add({ weeks: periods }), 7)
  if (freq === 'MONTHLY') {
    const first = start.with({ day: 1 }).add({ months: periods })
    return run(first, first.daysInMonth)
  }
  const first = Temporal.PlainDate.from({ year: start.year + periods, month: 1, day: 1 })
  return run(first, first.daysInYear)
}

/** Where a rule does not say which day of the period, it is the start's. */
function isOwnDay(freq: Rule['freq'], day: Temporal.PlainDate, start: Temporal.PlainDate, { byDay, byMonthDay, byMonth }: Partial<Rule>): boolean {
  if (byDay?.length || byMonthDay?.length || freq === 'DAILY') return true
  if (freq === 'WEEKLY') return day.dayOfWeek === start.dayOfWeek
  if (freq === 'MONTHLY' || byMonth?.length) return day.day === start.day
  return day.day === start.day && day.month === start.month
}

function isNth(day: Temporal.PlainDate, nth: number): boolean {
  if (nth === 0) return true
  return nth > 0 ? Math.ceil(day.day / 7) === nth : Math.ceil((day.daysInMonth - day.day + 1) / 7) === -nth
}

function readRule(text: string, zone: string): Rule {
  const rule: Rule = { freq: 'DAILY', interval: 1, count: Infinity, until: null, byDay: [], byMonthDay: [], byMonth: [] }
  for (const part of text.split(';')) {
    const [name = '', value = ''] = part.split('=')
    if (name === 'FREQ' && /^(DAILY|WEEKLY|MONTHLY|YEARLY)$/.test(value)) rule.freq = value as Rule['freq']
    else if (name === 'INTERVAL') rule.interval = Number(value)
    else if (name === 'COUNT') rule.count = Number(value)
    else if (name === 'UNTIL') rule.until = readUntil(value, zone)
    else if (name === 'BYMONTHDAY') rule.byMonthDay = value.split(',').map(Number)
    else if (name === 'BYMONTH') rule.byMonth = value.split(',').map(Number)
    else if (name === 'BYDAY') rule.byDay = value.split(',').map((day) => ({ nth: Number(day.slice(0, -2)), weekday: weekdays.indexOf(day.slice(-2)) + 1 }))
    else if (name !== 'WKST' || value !== 'MO') throw new RangeError(`the oracle does not know ${part}`)
  }
  // In a year an ordinal counts within the year, unless months are named; calendars do not ask for the first.
  if (rule.freq === 'YEARLY' && rule.byMonth.length === 0 && rule.byDay.some((day) => day.nth !== 0)) throw new RangeError(`the oracle does not know ${text}`)
  return rule
}

function readUntil(value: string, zone: string): Temporal.PlainDateTime {
  if (!value.includes('T')) return Temporal.PlainDate.from(value).toPlainDateTime('23:59:59')
  if (value.endsWith('Z')) return Temporal.Instant.from(value).toZonedDateTimeISO(zone).toPlainDateTime()
  return Temporal.PlainDateTime.from(value)
}
