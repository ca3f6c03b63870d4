import { InvalidInputError } from './errors.ts'

const pattern = /^P(?=\d)(?:(\d{1,4})Y)?(?:(\d{1,4})M)?(?:(\d{1,4})W)?(?:(\d{1,4})D)?$/

// Periods of months differ in length with the month they begin in; one fixed day makes the order of any two the same every day.
const reference = Temporal.PlainDate.from('2001-01-01')
const longest = reference.add({ years: 10 })

/** Reads an ISO 8601 period of whole days, weeks, months or years, such as P2W, P3M or P1M2W: longer than nothing, ten years at most. @throws InvalidInputError */
export function parsePeriod(text: string, path: string[] = []): Temporal.Duration {
  const match = pattern.exec(text)
  if (!match)
    throw new InvalidInputError({
      path,
      message: 'Write a period as ISO 8601 does, in years, months, weeks or days: P1W, P3M, P10D, P1M2W.',
    })
  const [years = 0, months = 0, weeks = 0, days = 0] = match.slice(1).map((digits) => Number(digits ?? 0))
  const period = Temporal.Duration.from({ years, months, weeks, days })
  if (period.blank) throw new InvalidInputError({ path, message: 'A period must be longer than nothing.' })
  if (Temporal.PlainDate.compare(reference.add(period), longest) > 0)
    throw new InvalidInputError({ path, message: 'A period may last ten years (P10Y) at most.' })
  return period
}

/** Writes a period as ISO 8601 does; parts of no length are left out, and none is turned into another (P14D stays P14D). */
export function formatPeriod(period: Temporal.Duration): string {
  return period.toString()
}

/** Orders periods by length: negative if `a` is the shorter, measured from 1 January 2001 (so P30D is shorter than P1M, and P90D as long as P3M). */
export function comparePeriods(a: Temporal.Duration, b: Temporal.Duration): number {
  return Temporal.PlainDate.compare(reference.add(a), reference.add(b))
}

/** The shortest of several periods, the first of equals; null of none. */
export function shortestPeriod<T extends { every: Temporal.Duration }>(entries: readonly T[]): T | null {
  let shortest: T | null = null
  for (const entry of entries) if (shortest === null || comparePeriods(entry.every, shortest.every) < 0) shortest = entry
  return shortest
}

/** The local day a period after an instant, on the zone's calendar; a day the month lacks is its last (31 January + P1M is 28 or 29 February). */
export function dayAfterPeriod(from: Temporal.Instant, period: Temporal.Duration, zone: string): Temporal.PlainDate {
  return from.toZonedDateTimeISO(zone).toPlainDate().add(period)
}
