import { foldLine } from './foldLine.ts'

/** A property of an iCalendar object (RFC 5545): its name with parameters, and its value, escaped where it is a text. */
export type CalendarLine = readonly [name: string, value: string]

/** A component with its properties, and those within it. */
export function component(name: string, lines: readonly CalendarLine[], within = ''): string {
  return `BEGIN:${name}\r\n${lines.map(([key, value]) => foldLine(`${key}:${value}`)).join('')}${within}END:${name}\r\n`
}

/** What every calendar file begins and ends with. */
export const calendarHead = 'BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kith//Kith//EN\r\nCALSCALE:GREGORIAN\r\n'
/** The end of a calendar file. */
export const calendarEnd = 'END:VCALENDAR\r\n'

/** A text as a value (RFC 5545, 3.3.11): line ends become `\n`, other control characters go. */
export function calendarText(text: string): string {
  return text
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f]/g, '')
    .replaceAll(/[\\,;]/g, '\\$&')
    .replaceAll('\n', '\\n')
}

/** A parameter's value, in quotes, which it cannot hold itself. */
export function quotedParam(text: string): string {
  return `"${text.replaceAll(/[\u0000-\u001f\u007f"]/g, ' ')}"`
}

/** An instant as a value: `20260504T100000Z`. */
export function calendarInstant(date: Date): string {
  return date.toISOString().replaceAll(/[-:]|\.\d+/g, '')
}

/** A wall time, `YYYY-MM-DDTHH:MM[:SS]`, as a value: of the day alone, or without a zone. */
export function calendarWall(local: string, dayOnly: boolean): string {
  const wall = Temporal.PlainDateTime.from(local)
  const text = wall.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, '')
  return dayOnly ? text.slice(0, 8) : text
}

/** A zone of the IANA database with each change of its offset in the given years, as RFC 5545 wants it beside every time that names it. */
export function timeZoneComponent(zone: string, firstYear: number, lastYear: number): string {
  const observances: string[] = []
  let at = Temporal.PlainDateTime.from({ year: firstYear, month: 1, day: 1 }).toZonedDateTime(zone)
  observances.push(observance(at, at.offset))
  for (let next = at.getTimeZoneTransition('next'); next && next.year <= lastYear; next = next.getTimeZoneTransition('next')) {
    observances.push(observance(next, at.offset))
    at = next
  }
  return component('VTIMEZONE', [['TZID', zone]], observances.join(''))
}

function observance(at: Temporal.ZonedDateTime, before: string): string {
  // The change is told in the wall time that held until then.
  const wall = at.toInstant().toZonedDateTimeISO(before).toPlainDateTime()
  const isAhead = at.offsetNanoseconds > Temporal.Instant.from(`2000-01-01T00:00${before}`).toZonedDateTimeISO(before).offsetNanoseconds
  return component(isAhead ? 'DAYLIGHT' : 'STANDARD', [
    ['DTSTART', calendarWall(wall.toString({ smallestUnit: 'second' }), false)],
    ['TZOFFSETFROM', before.replaceAll(':', '')],
    ['TZOFFSETTO', at.offset.replaceAll(':', '')],
  ])
}
