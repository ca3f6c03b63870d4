import { InvalidInputError } from './errors.ts'

/** The years a wall time may lie in: bounded, so that sums stay within what an ISO 8601 text of four-digit years holds. */
export const wallTimeYears = { first: 1900, last: 2999 } as const

const wallTimePattern = /^\d{4}-\d{2}-\d{2}T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?$/
const datePattern = /^\d{4}-\d{2}-\d{2}$/
const offsetPattern = /T.*(Z|[+-]\d{2}(:?\d{2})?|\])$/i
const timeZonePattern = /^[A-Za-z][A-Za-z0-9_+\-/]*$/
const sendTimePattern = /^([01]\d|2[0-3]):[0-5]\d$/

/** Reads a wall time such as `2027-03-28T02:30`, what a clock on the wall shows; seconds may follow, an offset may not. @throws InvalidInputError */
export function parseWallTime(text: string, path: string[] = []): Temporal.PlainDateTime {
  if (offsetPattern.test(text)) throw refuse(path, 'A wall time has no offset and no Z: write 2027-03-28T02:30 and give the time zone beside it.')
  if (!wallTimePattern.test(text)) throw refuse(path, 'Write a wall time as 2027-03-28T02:30, with seconds if you like.')
  return inRange(
    exists(() => Temporal.PlainDateTime.from(text, { overflow: 'reject' }), path),
    path,
  )
}

/** Reads the day of something that lasts all day: `2027-03-28`, or a wall time, whose hours are then left out. @throws InvalidInputError */
export function parseWallDate(text: string, path: string[] = []): Temporal.PlainDate {
  if (text.includes('T')) return parseWallTime(text, path).toPlainDate()
  if (!datePattern.test(text)) throw refuse(path, 'Write a day as 2027-03-28.')
  return inRange(
    exists(() => Temporal.PlainDate.from(text, { overflow: 'reject' }), path),
    path,
  )
}

/** Writes a wall time as parseWallTime reads it, without seconds where there are none. */
export function formatWallTime(wall: Temporal.PlainDateTime): string {
  return wall.toString({ smallestUnit: wall.second === 0 ? 'minute' : 'second' })
}

/** Whether a text names a zone of the IANA database, by its canonical or by a link name (`Asia/Kathmandu`, `Asia/Katmandu`); offsets do not count. */
export function isTimeZone(text: string): boolean {
  return canonicalCase(text) !== null
}

/** Reads an IANA zone name and gives it its usual letter case; link names stay what they are. @throws InvalidInputError */
export function parseTimeZone(text: string, path: string[] = []): string {
  const zone = canonicalCase(text)
  if (zone === null) throw refuse(path, 'Name a time zone of the IANA database, such as Europe/Berlin; an offset is not one.')
  return zone
}

/** Reads the local time of day, `09:00`, at which an account wants its all-day reminders and alerts. @throws InvalidInputError */
export function parseSendTime(text: string, path: string[] = []): Temporal.PlainTime {
  if (!sendTimePattern.test(text)) throw refuse(path, 'Write a time of day as 09:00, from 00:00 to 23:59.')
  return Temporal.PlainTime.from(text)
}

/** The instant of a wall time in a zone: one that does not exist moves forward by the gap, one that comes twice is the first. */
export function instantOf(wall: Temporal.PlainDateTime, zone: string): Temporal.Instant {
  return wall.toZonedDateTime(zone, { disambiguation: 'compatible' }).toInstant()
}

/** What the clock in a zone shows at an instant. */
export function wallTimeOf(instant: Temporal.Instant, zone: string): Temporal.PlainDateTime {
  return instant.toZonedDateTimeISO(zone).toPlainDateTime()
}

/** The instant at which something that lasts all day is announced: the account's send time on that day, in the zone. */
export function allDayInstant(date: Temporal.PlainDate, sendTime: Temporal.PlainTime, zone: string): Temporal.Instant {
  return instantOf(date.toPlainDateTime(sendTime), zone)
}

function canonicalCase(text: string): string | null {
  if (!timeZonePattern.test(text)) return null
  try {
    return new Temporal.ZonedDateTime(0n, text).timeZoneId
  } catch {
    return null
  }
}

function exists<T>(make: () => T, path: string[]): T {
  try {
    return make()
  } catch {
    throw refuse(path, 'There is no such day in the calendar.')
  }
}

function inRange<T extends { year: number }>(value: T, path: string[]): T {
  if (value.year < wallTimeYears.first || value.year > wallTimeYears.last)
    throw refuse(path, `The year must lie between ${wallTimeYears.first} and ${wallTimeYears.last}.`)
  return value
}

function refuse(path: string[], message: string): InvalidInputError {
  return new InvalidInputError({ path, message })
}
