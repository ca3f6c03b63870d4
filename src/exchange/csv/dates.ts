import { isPartialDate, parsePartialDate, type PartialDate } from '../../core/partialDate.ts'

/** Reads a date as spreadsheets write it: as in vCards, or 4/15/1980, 15.4.1980, 1980/4/15. Which of two small numbers is the day, `dayFirst` says where dots do not. */
export function parseCsvDate(text: string, dayFirst: boolean): PartialDate | undefined {
  const plain = parsePartialDate(text)
  if (plain) return plain
  const [, year, month, day] = /^(\d{4})\/(\d{1,2})\/(\d{1,2})(?: .*)?$/.exec(text) ?? []
  if (year !== undefined) return checked(year, month, day)
  const [, first, mark, second, last] = /^(\d{1,2})([/.-])(\d{1,2})\2(\d{4})(?: .*)?$/.exec(text) ?? []
  if (last === undefined) return undefined
  const isDayFirst = mark === '.' || dayFirst || Number(first) > 12
  return isDayFirst && Number(second) <= 12 ? checked(last, second, first) : checked(last, first, second)
}

function checked(year: string, month: string | undefined, day: string | undefined): PartialDate | undefined {
  const date = { year: Number(year), month: Number(month), day: Number(day) }
  return isPartialDate(date) ? date : undefined
}
