import { nextOccurrence, type Anniversary, type PartialDate } from '../core/partialDate.ts'

/**
 * The birthdays and anniversaries among `entries` that come round on one of the `days` days that begin with `from`, soonest first.
 * The day after the last is left out, so that digests sent every seven days neither repeat nor miss one.
 */
export function anniversariesAhead<T extends { date: PartialDate }>(
  entries: readonly T[],
  from: Temporal.PlainDate,
  days: number,
): (Anniversary & { entry: T })[] {
  const end = from.add({ days })
  return entries
    .flatMap((entry) => {
      const next = nextOccurrence(entry.date, from)
      return next !== null && Temporal.PlainDate.compare(next.on, end) < 0 ? [{ ...next, entry }] : []
    })
    .sort((a, b) => Temporal.PlainDate.compare(a.on, b.on))
}
