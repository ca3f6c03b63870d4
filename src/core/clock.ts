/** Tells the time. Injected everywhere, so that a test or a replay can set it; nothing else reads the system's clock. */
export interface Clock {
  now(): Temporal.Instant
}

/** The machine's clock, in whole milliseconds, as PostgreSQL's `timestamptz(3)` columns hold them. */
export const systemClock: Clock = {
  now: () => Temporal.Instant.fromEpochMilliseconds(Date.now()),
}

/** A clock that stands still until it is moved. Tests use it. */
export function fixedClock(
  start: Temporal.Instant | string,
): Clock & { set(to: Temporal.Instant | string): void; advance(by: Temporal.DurationLike | string): void } {
  let instant = Temporal.Instant.from(start)
  return {
    now: () => instant,
    set: (to) => void (instant = Temporal.Instant.from(to)),
    advance: (by) => void (instant = Temporal.Instant.fromEpochMilliseconds(instant.toZonedDateTimeISO('UTC').add(by).epochMilliseconds)),
  }
}

/** For the database driver, which speaks `Date`. */
export function toDate(instant: Temporal.Instant): Date {
  return new Date(instant.epochMilliseconds)
}

/** From the database driver, which speaks `Date`. */
export function toInstant(date: Date): Temporal.Instant {
  return Temporal.Instant.fromEpochMilliseconds(date.getTime())
}
