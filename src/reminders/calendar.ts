import { type Ctx, ownerOf } from '../core/ctx.ts'
import { calendarEnd, calendarHead, calendarInstant, type CalendarLine, calendarText, calendarWall, component, timeZoneComponent } from '../core/iCalendar.ts'
import { rows, sql } from '../db/client.ts'
import type { Reminder } from '../db/generated/prisma/client.ts'
import type { OwnerVault } from '../vault/vault.ts'

const pageSize = 250
/** Offsets are told for so many years ahead; who reads the file knows the zone by its name for those behind. */
const yearsAhead = 10

/** The owner's reminders as an iCalendar file: a VTODO each, with an alarm when it is due. */
export async function* remindersCalendar(ctx: Ctx): AsyncGenerator<string> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  yield calendarHead
  const zones = await rows<{ timeZone: string; year: number }>(
    ctx,
    sql`SELECT "timeZone", min(left("startLocal", 4))::int AS year FROM reminders WHERE "ownerId" = ${ownerId}::uuid AND NOT "allDay" GROUP BY 1 ORDER BY 1`,
  )
  const lastYear = ctx.clock.now().toZonedDateTimeISO('UTC').year + yearsAhead
  for (const { timeZone, year } of zones) yield timeZoneComponent(timeZone, year, Math.max(lastYear, year))
  let after = '00000000-0000-0000-0000-000000000000'
  for (let more = true; more;) {
    const page = await rows<Reminder & { name: string | null }>(
      ctx,
      sql`SELECT r.*, c."displayName" AS name FROM reminders AS r LEFT JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = r."contactId"
          WHERE r."ownerId" = ${ownerId}::uuid AND r.id > ${after}::uuid AND r."hiddenAt" IS NULL AND c."restrictedAt" IS NULL ORDER BY r.id LIMIT ${pageSize}`,
    )
    yield page.map((reminder) => todo(vault, reminder)).join('')
    after = page.at(-1)?.id ?? after
    more = page.length === pageSize
  }
  yield calendarEnd
}

function todo(vault: OwnerVault, reminder: Reminder & { name: string | null }): string {
  const { id, timeZone, allDay, recurrence, completedAt, state } = reminder
  const title = calendarText(vault.open('Reminder.title', id, reminder.title))
  const details = vault.openMaybe('Reminder.details', id, reminder.details)
  const at = (name: string, local: string): CalendarLine =>
    allDay ? [`${name};VALUE=DATE`, calendarWall(local, true)] : [`${name};TZID=${timeZone}`, calendarWall(local, false)]
  // A series is told from its start; one occurrence of it is what is due.
  const times: CalendarLine[] = recurrence === null ? [at('DUE', reminder.dueLocal)] : [at('DTSTART', reminder.startLocal), ['RRULE', recurrence]]
  const alarm = component('VALARM', [
    ['ACTION', 'DISPLAY'],
    ['DESCRIPTION', title],
    [recurrence === null ? 'TRIGGER;RELATED=END' : 'TRIGGER', 'PT0S'],
  ])
  return component(
    'VTODO',
    [
      ['UID', id],
      ['DTSTAMP', calendarInstant(reminder.updatedAt)],
      ['CREATED', calendarInstant(reminder.createdAt)],
      ['LAST-MODIFIED', calendarInstant(reminder.updatedAt)],
      ['SUMMARY', title],
      ...(details === null ? [] : [['DESCRIPTION', calendarText(details)] as const]),
      ...times,
      ['STATUS', state === 'DONE' ? 'COMPLETED' : 'NEEDS-ACTION'],
      ...(completedAt === null ? [] : [['COMPLETED', calendarInstant(completedAt)] as const]),
      ...(reminder.name === null ? [] : [['CONTACT', calendarText(reminder.name)] as const]),
    ],
    alarm,
  )
}
