import { z } from 'zod'

/** A day of which a part may be unknown: a birthday without its year, a year alone, a month of a year. */
export interface PartialDate {
  year: number | null
  month: number | null
  day: number | null
}

/** A day on which a partial date comes round, and how many years it is then, when the year is known. */
export interface Anniversary {
  on: Temporal.PlainDate
  years: number | null
}

// With no year given, 29 February is a day like any other.
const leapYear = 2000

/** Why a partial date cannot be, or null when it can: a year, a year and month, a month and day (29 February too), or a whole real day. */
export function partialDateFault({ year, month, day }: PartialDate): string | null {
  if (year === null && month === null && day === null) return 'Give at least a year, or a month and a day.'
  if (year !== null && !whole(year, 1, 9999)) return 'The year must lie between 1 and 9999.'
  if (month !== null && !whole(month, 1, 12)) return 'The month must lie between 1 and 12.'
  if (day !== null && !whole(day, 1, 31)) return 'The day must lie between 1 and 31.'
  if (month === null) return day === null ? null : 'A day needs its month.'
  if (day === null) return year === null ? 'A month needs its day or its year.' : null
  return day <= new Temporal.PlainYearMonth(year ?? leapYear, month).daysInMonth ? null : 'There is no such day in the calendar.'
}

const part = z
  .int()
  .nullish()
  .transform((value) => value ?? null)

/** The zod schema of a partial date; an absent part is null. */
export const partialDateInput = z.object({ year: part, month: part, day: part }).check((context) => {
  const message = partialDateFault(context.value)
  if (message !== null) context.issues.push({ code: 'custom', message, input: context.value })
})

/**
 * The first day, `from` included, on which a partial date comes round, or null when its month and day are not known.
 * 29 February falls on 28 February in common years. A date that lies ahead first comes round on the day itself (years 0).
 */
export function nextOccurrence({ year, month, day }: PartialDate, from: Temporal.PlainDate): Anniversary | null {
  if (month === null || day === null) return null
  const inYear = (of: number) => Temporal.PlainDate.from({ year: of, month, day }, { overflow: 'constrain' })
  const first = Math.max(from.year, year ?? from.year)
  const on = Temporal.PlainDate.compare(inYear(first), from) >= 0 ? inYear(first) : inYear(first + 1)
  return { on, years: year === null ? null : on.year - year }
}

function whole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}
