import type { RecurrenceRule } from '../../src/reminders/recurrenceRule.ts'

/** First and last day the oracle knows. */
export const oracleDays = { first: Temporal.PlainDate.from('2022-12-26'), last: Temporal.PlainDate.from('2037-12-31') }

const weekdays = ['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU']
const everyDay = Array.from({ length: oracleDays.first.until(oracleDays.last).days + 1 }, (_, index) => {
  const date = oracleDays.first.add({ days: index })
  return {
    date,
    text: date.toString(),
    index,
    year: date.year,
    month: date.month,
    day: date.day,
    weekday: weekdays[date.dayOfWeek - 1]!,
    yearDay: date.dayOfYear,
    monthDays: date.daysInMonth,
    yearDays: date.daysInYear,
  }
})
type Day = (typeof everyDay)[number]

/** The days of a rule in its plainest reading: look at every day in turn, keep those that meet every part. Knows all parts but COUNT and UNTIL. */
export function oracle(rule: RecurrenceRule, start: Temporal.PlainDate): string[] {
  const startDay = everyDay[oracleDays.first.until(start).days]!
  const weekStart = weekdays.indexOf(rule.wkst)
  const period = (day: Day): number => {
    if (rule.freq === 'DAILY') return day.index
    if (rule.freq === 'WEEKLY') return Math.floor((day.index - weekStart + 7) / 7)
    return rule.freq === 'MONTHLY' ? day.year * 12 + day.month : day.year
  }
  const groups = new Map<number, Day[]>()
  for (const day of everyDay) {
    const key = period(day)
    if (key < period(startDay) || (key - period(startDay)) % rule.interval !== 0 || !fits(rule, day, startDay)) continue
    const group = groups.get(key)
    if (group) group.push(day)
    else groups.set(key, [day])
  }
  const chosen = [...groups.values()].flatMap((days) => {
    if (rule.bySetPos.length === 0) return days
    return days.filter((_, index) => rule.bySetPos.includes(index + 1) || rule.bySetPos.includes(index - days.length))
  })
  return [startDay, ...chosen.filter((day) => day.index > startDay.index)].map((day) => day.text)
}

function fits(rule: RecurrenceRule, day: Day, start: Day): boolean {
  const { freq, byMonth, byMonthDay, byYearDay, byDay } = rule
  if (byMonth.length > 0 && !byMonth.includes(day.month)) return false
  if (byMonthDay.length > 0 && !byMonthDay.includes(day.day) && !byMonthDay.includes(day.day - day.monthDays - 1)) return false
  if (byYearDay.length > 0 && !byYearDay.includes(day.yearDay) && !byYearDay.includes(day.yearDay - day.yearDays - 1)) return false
  if (byDay.length > 0) return byDay.some((token) => fitsWeekday(token, day, freq === 'MONTHLY' || byMonth.length > 0))
  if (freq === 'WEEKLY') return day.weekday === start.weekday
  if (byMonthDay.length > 0 || byYearDay.length > 0 || freq === 'DAILY') return true
  return day.day === start.day && (freq === 'MONTHLY' || byMonth.length > 0 || day.month === start.month)
}

function fitsWeekday(token: string, day: Day, inMonth: boolean): boolean {
  if (token.slice(-2) !== day.weekday) return false
  if (token.length === 2) return true
  const [position, size] = inMonth ? [day.day, day.monthDays] : [day.yearDay, day.yearDays]
  const ordinal = Number(token.slice(0, -2))
  return ordinal === (ordinal > 0 ? Math.ceil(position / 7) : -Math.ceil((size - position + 1) / 7))
}
