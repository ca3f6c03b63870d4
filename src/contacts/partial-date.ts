/** A date of which some parts may be unknown: a year, a month of a year, a month and day without a year, … */
export interface PartialDate {
  year?: number | undefined
  month?: number | undefined
  day?: number | undefined
}

// A leap year, so that 29 February is possible while the year is unknown.
const anyYear = 2000

/** Whether the parts make a date that exists. A year with a day but no month is none, as RFC 6350 (4.3.1) cannot say it either. */
export function isPartialDate({ year, month, day }: PartialDate): boolean {
  if (year === undefined && month === undefined && day === undefined) return false
  if (year !== undefined && !(Number.isInteger(year) && year >= 1 && year <= 9999)) return false
  if (month !== undefined && !(Number.isInteger(month) && month >= 1 && month <= 12)) return false
  if (day === undefined) return true
  if (!Number.isInteger(day) || day < 1) return false
  if (month === undefined) return year === undefined && day <= 31
  return day <= daysInMonth(year ?? anyYear, month)
}

function daysInMonth(year: number, month: number): number {
  if (month === 2) return (year % 4 === 0 && year % 100 !== 0) || year % 400 === 0 ? 29 : 28
  return month === 4 || month === 6 || month === 9 || month === 11 ? 30 : 31
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
  if (year !== undefined) {
    const start = String(year).padStart(4, '0')
    if (month === undefined) return start
    return day === undefined ? `${start}-${two(month)}` : `${start}${hyphen}${two(month)}${hyphen}${two(day)}`
  }
  if (month === undefined) return `---${two(day ?? 0)}`
  return day === undefined ? `--${two(month)}` : `--${two(month)}${hyphen}${two(day)}`
}
