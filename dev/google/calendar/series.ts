import { instantOf, type CalendarEvent, type EventTime } from './event.ts'
import { compact, originalStarts } from './occurrences.ts'

/**
 * Cuts a series in two, as "this and following events" does: the first ends on the day before, the second begins with this occurrence.
 * COUNT is shared out; dates added or taken out go to the part they lie in.
 */
export function cutRecurrence(master: CalendarEvent, at: EventTime, zone: string): { before: string[]; after: string[] } {
  const cut = instantOf(at, zone)
  const seriesZone = master.start?.timeZone ?? zone
  const until = at.date
    ? Temporal.PlainDate.from(at.date).subtract({ days: 1 }).toString().replaceAll('-', '')
    : compact(cut.toZonedDateTimeISO(seriesZone).startOfDay().toInstant().subtract({ seconds: 1 }))
  const begun = instantOf(master.start ?? {}, zone)
  const [before, after]: [string[], string[]] = [[], []]
  for (const line of master.recurrence ?? []) {
    if (/^RRULE:/i.test(line)) {
      const open = line.replace(/;?(UNTIL|COUNT)=[^;]*/gi, '').replace(/^(RRULE:);/i, '$1')
      before.push(`${open};UNTIL=${until}`)
      const count = Number(/COUNT=(\d+)/i.exec(line)?.[1] ?? 0)
      const past = count > 0 ? originalStarts({ ...master, recurrence: [line] }, zone, { from: begun, to: cut }).length : 0
      after.push(count > 0 ? `${open};COUNT=${count - past}` : line)
      continue
    }
    const [, head = '', dates = ''] = /^([^:]*:)(.*)$/.exec(line) ?? []
    const lineZone = /TZID=([^;:]+)/i.exec(head)?.[1] ?? seriesZone
    const isBefore = (date: string) => Temporal.Instant.compare(instantOfDate(date, lineZone), cut) < 0
    const [early, late] = [dates.split(',').filter(isBefore), dates.split(',').filter((date) => !isBefore(date))]
    if (early.length > 0) before.push(head + early.join(','))
    if (late.length > 0) after.push(head + late.join(','))
  }
  return { before, after }
}

/** The id of the series that begins with this occurrence: `base_RYYYYMMDDTHHMMSS`. */
export function followingId(masterId: string, at: EventTime, zone: string): string {
  const base = masterId.replace(/_R\d{8}(T\d{6})?$/, '')
  return `${base}_R${at.date ? at.date.replaceAll('-', '') : compact(instantOf(at, zone)).slice(0, -1)}`
}

function instantOfDate(text: string, zone: string): Temporal.Instant {
  if (text.endsWith('Z')) return Temporal.Instant.from(text)
  return Temporal.PlainDateTime.from(text.includes('T') ? text : `${text}T000000`)
    .toZonedDateTime(zone)
    .toInstant()
}
