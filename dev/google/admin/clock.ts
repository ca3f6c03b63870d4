import { systemClock, type Clock } from '../../../src/core/clock.ts'

/** A clock that can be put forward, or anywhere. */
export type MovableClock = Clock & { set(to: Temporal.Instant | string): void; advance(by: Temporal.DurationLike | string): void }

/** A clock that goes like the machine's and can be moved. Begins at `start`, or now. */
export function movableClock(start?: Temporal.Instant | string): MovableClock {
  let offset = Temporal.Duration.from({ milliseconds: 0 })
  const now = () => systemClock.now().add(offset)
  const set = (to: Temporal.Instant | string) => void (offset = systemClock.now().until(Temporal.Instant.from(to)))
  if (start !== undefined) set(start)
  return { now, set, advance: (by) => set(now().toZonedDateTimeISO('UTC').add(by).toInstant()) }
}

/** Whether a clock can be moved; the tests' fixed clock can as well. */
export function isMovable(clock: Clock): clock is MovableClock {
  return 'set' in clock && 'advance' in clock
}
