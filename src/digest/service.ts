import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { parseSendTime } from '../core/wallTime.ts'
import { rows, sql } from '../db/client.ts'
import type { Account, Reminder } from '../db/generated/prisma/client.ts'
import { planDelivery } from '../deliveries/service.ts'
import { inTransaction } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { isRestricted } from '../privacy/service.ts'
import { anniversariesAhead } from './ahead.ts'

/** At most so many lines of a kind; a digest is read, not studied. */
const maxLines = 50

/** Tells the owner what the week brings, until the next Monday: follow-ups due, reminders, birthdays and anniversaries. A week that brings nothing gets no mail. */
export async function sendDigest(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  const account = await ctx.db.account.findUnique({ where: { ownerId } })
  if (!account?.weeklyDigest) return scheduleDigest(ctx)
  // It is handed out again until it may: nothing that is only stored is mailed.
  if (await isRestricted(ctx)) return
  const now = ctx.clock.now().toZonedDateTimeISO(account.timeZone)
  const today = now.toPlainDate()
  const monday = today.subtract({ days: today.dayOfWeek - 1 })
  const isTime = Temporal.Instant.compare(now.toInstant(), sendInstant(monday, account)) >= 0
  if (isTime) await inTransaction(ctx, (tx) => planDigest(tx, account, today, monday))
  await scheduleDigest(ctx)
}

async function planDigest(tx: Ctx, account: Account, today: Temporal.PlainDate, monday: Temporal.PlainDate): Promise<void> {
  const { ownerId, timeZone } = account
  const days = monday.add({ days: 7 }).since(today).days
  const until = toDate(today.add({ days }).toZonedDateTime(timeZone).toInstant())
  const followUps = await tx.db.contact.findMany({
    where: { ownerId, deletedAt: null, archivedAt: null, restrictedAt: null, followUpDueAt: { lt: until } },
    orderBy: [{ followUpDueAt: 'asc' }, { id: 'asc' }],
    take: maxLines,
    select: { displayName: true, followUpDueAt: true },
  })
  const vault = await tx.app.vault.of(ownerId)
  const reminders = await remindersUntil(tx, ownerId, until)
  const dates = await datesIn(tx, ownerId, today, days)
  const ahead = anniversariesAhead(
    dates.map((each) => ({ ...each, date: { year: each.year, month: each.month, day: each.day } })),
    today,
    days,
  ).slice(0, maxLines)
  const sections = [
    section(
      'Get in touch',
      followUps.map((contact) => `${dayOf(contact.followUpDueAt, timeZone)}  ${contact.displayName}`),
    ),
    section(
      'Reminders',
      reminders.map(
        (reminder) =>
          `${whenOf(reminder, timeZone)}  ${vault.open('Reminder.title', reminder.id, reminder.title)}${reminder.displayName ? ` (${reminder.displayName})` : ''}`,
      ),
    ),
    section(
      'Birthdays and anniversaries',
      ahead.map(({ on, years, entry }) => `${on.toString()}  ${entry.displayName}: ${occasion(entry.kind, entry.label, years)}`),
    ),
  ].filter((part) => part !== null)
  if (sections.length === 0) return
  await planDelivery(tx, {
    kind: 'DIGEST',
    entityId: account.id,
    // One a week, whenever in it.
    occurrenceAt: toDate(monday.toZonedDateTime('UTC').toInstant()),
    subject: `Your week from ${today.toString()}`,
    text: `${sections.join('\n\n')}\n\n${tx.app.config.publicUrl}\n`,
  })
}

/** Puts the next digest into the due directory: Monday at the account's send time, for an account that wants one. */
export async function scheduleDigest(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  const known = await ctx.db.account.findUnique({ where: { ownerId }, select: { id: true } })
  if (!known) return
  await refreshDue(ctx, 'digest', ownerId, known.id, async (tx) => {
    const account = await tx.db.account.findUnique({ where: { ownerId } })
    return account?.weeklyDigest ? toDate(nextMonday(tx.clock.now(), account)) : null
  })
}

/** The first Monday's send time after an instant, in the account's zone. */
export function nextMonday(after: Temporal.Instant, account: Pick<Account, 'timeZone' | 'sendTime'>): Temporal.Instant {
  const today = after.toZonedDateTimeISO(account.timeZone).toPlainDate()
  const monday = today.add({ days: (8 - today.dayOfWeek) % 7 })
  const at = sendInstant(monday, account)
  return Temporal.Instant.compare(at, after) > 0 ? at : sendInstant(monday.add({ days: 7 }), account)
}

function sendInstant(day: Temporal.PlainDate, { timeZone, sendTime }: Pick<Account, 'timeZone' | 'sendTime'>): Temporal.Instant {
  return day.toZonedDateTime({ timeZone, plainTime: parseSendTime(sendTime) }).toInstant()
}

type ReminderRow = Pick<Reminder, 'id' | 'title' | 'allDay' | 'dueLocal' | 'dueAt' | 'snoozedUntil'> & { displayName: string | null }

function remindersUntil(tx: Ctx, ownerId: string, until: Date): Promise<ReminderRow[]> {
  return rows<ReminderRow>(
    tx,
    sql`SELECT r.id, r.title, r."allDay", r."dueLocal", r."dueAt", r."snoozedUntil", c."displayName"
        FROM reminders AS r LEFT JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = r."contactId"
        WHERE r."ownerId" = ${ownerId}::uuid AND c."restrictedAt" IS NULL AND r."hiddenAt" IS NULL AND r.state <> 'DONE' AND COALESCE(r."snoozedUntil", r."dueAt") < ${until}::timestamptz
        ORDER BY COALESCE(r."snoozedUntil", r."dueAt"), r.id LIMIT ${maxLines}`,
  )
}

interface DateRow {
  kind: string
  label: string | null
  year: number | null
  month: number | null
  day: number | null
  displayName: string
}

// Of the months that the days lie in; a 29 February that falls on the 28th stays within its month.
function datesIn(tx: Ctx, ownerId: string, from: Temporal.PlainDate, days: number): Promise<DateRow[]> {
  const months = [...new Set([from.month, from.add({ days }).month])]
  return rows<DateRow>(
    tx,
    sql`SELECT d.kind, d.label, d.year, d.month, d.day, c."displayName" FROM contact_dates AS d JOIN contacts AS c ON c."ownerId" = d."ownerId" AND c.id = d."contactId"
        WHERE d."ownerId" = ${ownerId}::uuid AND d.month = ANY(${months}::int[]) AND d.day IS NOT NULL AND c."deletedAt" IS NULL AND c."archivedAt" IS NULL AND c."restrictedAt" IS NULL
        ORDER BY c."sortName", d.id`,
  )
}

function section(title: string, lines: string[]): string | null {
  return lines.length === 0 ? null : `${title}\n${lines.map((line) => `- ${line}`).join('\n')}`
}

function dayOf(at: Date | null, zone: string): string {
  return at ? toInstant(at).toZonedDateTimeISO(zone).toPlainDate().toString() : ''
}

/** An all-day reminder is for its day wherever its owner is; any other for the hour on the owner's clock. */
function whenOf({ allDay, dueLocal, dueAt, snoozedUntil }: ReminderRow, zone: string): string {
  if (allDay && !snoozedUntil) return dueLocal.slice(0, 'YYYY-MM-DD'.length)
  return toInstant(snoozedUntil ?? dueAt)
    .toZonedDateTimeISO(zone)
    .toPlainDateTime()
    .toString({ smallestUnit: 'minute' })
    .replace('T', ' ')
}

function occasion(kind: string, label: string | null, years: number | null): string {
  const name = kind === 'BIRTHDAY' ? 'birthday' : (label ?? 'anniversary')
  return years !== null && years > 0 ? `${name} (${years})` : name
}
