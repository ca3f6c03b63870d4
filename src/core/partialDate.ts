import { z } from 'zod'

/** A day of which a part may be unknown, absent or null: a birthday without its year, a year alone, a month of a year. */
export interface PartialDate {
  year?: number | null | undefined
  month?: number | null | undefined
  day?: number | null | undefined
}

/** A day on which a partial date comes round, and how many years it is then, when the year is known. */
export interface Anniversary {
  on: Temporal.PlainDate
  years: number | null
}

// With no year given, 29 February is a day like any other.
const leapYear = 2000

/** Why a partial date cannot be, or null when it can. It may be all that an address book can bring (RFC 6350, 4.3.1), a month or a day of the month alone too: a client must be able to send back what it read. */
export function partialDateFault({ year, month, day }: PartialDate): string | null {
  if (year == null && month == null && day == null) return 'Give at least a year, a month or a day.'
  if (year != null && !whole(year, 1, 9999)) return 'The year must lie between 1 and 9999.'
  if (month != null && !whole(month, 1, 12)) return 'The month must lie between 1 and 12.'
  if (day == null) return null
  if (!whole(day, 1, 31)) return 'The day must lie between 1 and 31.'
  if (month == null) return year == null ? null : 'A day of a year needs its month.'
  return day <= new Temporal.PlainYearMonth(year ?? leapYear, month).daysInMonth ? null : 'There is no such day in the calendar.'
}

/** Whether the parts make a date that exists. */
export function isPartialDate(date: PartialDate): boolean {
  return partialDateFault(date) === null
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
  if (month == null || day == null) return null
  const inYear = (of: number) => Temporal.PlainDate.from({ year: of, month, day }, { overflow: 'constrain' })
  const first = Math.max(from.year, year ?? from.year)
  const on = Temporal.PlainDate.compare(inYear(first), from) >= 0 ? inYear(first) : inYear(first + 1)
  return { on, years: year == null ? null : on.year - year }
}

const basic = /^(?:(\d{4})(\d{2})(\d{2})|(\d{4})-(\d{1,2})(?:-(\d{1,2}))?|(\d{4}))$/
const truncated = /^--(?:(\d{2})-?(\d{2})|(\d{2})|-(\d{2}))$/

/** Reads a date in the writings of vCard 2.1 to 4.0 and ISO 8601, a time of day ignored: 19960415, 1996-04-15, 1996-04, 1996, --0415, --04-15, --04, ---15. */
export function parsePartialDate(text: string): PartialDate | undefined {
  const [written = ''] = text.trim().split(/[T ]/i)
  const full = basic.exec(written)
  if (full) return checked(full[1] ?? full[4] ?? full[7], full[2] ?? full[5], full[3] ?? full[6])
  const part = truncated.exec(written)
  if (part) return checked(undefined, part[1] ?? part[3], part[2] ?? part[4])
  return undefined
}

function checked(year: string | undefined, month: string | undefined, day: string | undefined): PartialDate | undefined {
  const date: PartialDate = {}
  // Some address books write the year 0000 for "unknown".
  if (year !== undefined && Number(year) !== 0) date.year = Number(year)
  if (month !== undefined) date.month = Number(month)
  if (day !== undefined) date.day = Number(day)
  return isPartialDate(date) ? date : undefined
}

/** Writes a date as RFC 6350 wants it (19960415, 1996-04, --0415, ---15), or with hyphens as ISO 8601 and Apple do. */
export function formatPartialDate({ year, month, day }: PartialDate, style: 'basic' | 'extended'): string {
  const two = (part: number) => String(part).padStart(2, '0')
  const hyphen = style === 'extended' ? '-' : ''
  if (year != null) {
    const start = String(year).padStart(4, '0')
    if (month == null) return start
    return day == null ? `${start}-${two(month)}` : `${start}${hyphen}${two(month)}${hyphen}${two(day)}`
  }
  if (month == null) return `---${two(day ?? 0)}`
  return day == null ? `--${two(month)}` : `--${two(month)}${hyphen}${two(day)}`
}

function whole(value: number, min: number, max: number): boolean {
  return Number.isInteger(value) && value >= min && value <= max
}
