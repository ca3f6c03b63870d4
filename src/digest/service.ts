import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { parseSendTime } from '../core/wallTime.ts'
import { rows, sql } from '../db/client.ts'
import type { Account } from '../db/generated/prisma/client.ts'
import { planDelivery } from '../deliveries/service.ts'
import { inTransaction } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { anniversariesAhead } from './ahead.ts'

/** How many days a digest looks ahead: until the next one. */
const daysAhead = 7
/** At most so many lines of a kind; a digest is read, not studied. */
const maxLines = 50

/** Tells the owner what the week brings: follow-ups due, reminders, birthdays and anniversaries. A week that brings nothing gets no mail. */
export async function sendDigest(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const account = await ctx.db.account.findUnique({ where: { ownerId } })
  if (!account?.weeklyDigest) return scheduleDigest(ctx)
  const today = ctx.clock.now().toZonedDateTimeISO(account.timeZone).toPlainDate()
  const until = toDate(today.add({ days: daysAhead }).toZonedDateTime(account.timeZone).toInstant())
  await inTransaction(ctx, async (tx) => {
    const followUps = await tx.db.contact.findMany({
      where: { ownerId, deletedAt: null, archivedAt: null, followUpDueAt: { lt: until } },
      orderBy: [{ followUpDueAt: 'asc' }, { id: 'asc' }],
      take: maxLines,
      select: { displayName: true, followUpDueAt: true },
    })
    const reminders = await tx.db.reminder.findMany({ where: { ownerId, hiddenAt: null, state: { not: 'DONE' }, dueAt: { lt: until } }, orderBy: [{ dueAt: 'asc' }, { id: 'asc' }], take: maxLines })
    const dates = await datesOf(tx, ownerId)
    const ahead = anniversariesAhead(
      dates.map((each) => ({ ...each, date: { year: each.year, month: each.month, day: each.day } })),
      today,
      daysAhead,
    ).slice(0, maxLines)
    const sections = [
      section('Get in touch', followUps.map((contact) => `${dayOf(contact.followUpDueAt, account)}  ${contact.displayName}`)),
      section('Reminders', reminders.map((reminder) => `${dayOf(reminder.dueAt, account)}  ${vault.open('Reminder.title', reminder.id, reminder.title)}`)),
      section('Birthdays and anniversaries', ahead.map(({ on, years, entry }) => `${on.toString()}  ${entry.displayName}: ${occasion(entry.kind, entry.label, years)}`)),
    ].filter((part) => part !== null)
    if (sections.length === 0) return
    await planDelivery(tx, {
      kind: 'DIGEST',
      entityId: account.id,
      occurrenceAt: toDate(today.toZonedDateTime(account.timeZone).toInstant()),
      subject: `Your week from ${today.toString()}`,
      text: `${sections.join('\n\n')}\n\n${tx.app.config.publicUrl}\n`,
    })
  })
  await scheduleDigest(ctx)
}

/** Puts the next digest into the due directory: Monday at the account's send time, for an account that wants one. */
export async function scheduleDigest(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  const { id } = await ctx.db.account.findUniqueOrThrow({ where: { ownerId }, select: { id: true } })
  await refreshDue(ctx, 'digest', ownerId, id, async (tx) => {
    const account = await tx.db.account.findUniqueOrThrow({ where: { ownerId } })
    return account.weeklyDigest ? toDate(nextMonday(tx.clock.now(), account)) : null
  })
}

/** The first Monday's send time after an instant, in the account's zone. */
export function nextMonday(after: Temporal.Instant, account: Pick<Account, 'timeZone' | 'sendTime'>): Temporal.Instant {
  const local = after.toZonedDateTimeISO(account.timeZone)
  const monday = local.toPlainDate().add({ days: (8 - local.dayOfWeek) % 7 })
  const at = (date: Temporal.PlainDate): Temporal.Instant => date.toZonedDateTime({ timeZone: account.timeZone, plainTime: parseSendTime(account.sendTime) }).toInstant()
  return Temporal.Instant.compare(at(monday), after) > 0 ? at(monday) : at(monday.add({ days: 7 }))
}

interface DateRow {
  kind: string
  label: string | null
  year: number | null
  month: number | null
  day: number | null
  displayName: string
}

function datesOf(tx: Ctx, ownerId: string): Promise<DateRow[]> {
  return rows<DateRow>(
    tx,
    sql`SELECT d.kind, d.label, d.year, d.month, d.day, c."displayName" FROM contact_dates AS d JOIN contacts AS c ON c."ownerId" = d."ownerId" AND c.id = d."contactId"
        WHERE d."ownerId" = ${ownerId}::uuid AND c."deletedAt" IS NULL AND c."archivedAt" IS NULL AND d.month IS NOT NULL AND d.day IS NOT NULL`,
  )
}

function section(title: string, lines: string[]): string | null {
  return lines.length === 0 ? null : `${title}\n${lines.map((line) => `- ${line}`).join('\n')}`
}

function dayOf(at: Date | null, account: Account): string {
  return at ? toInstant(at).toZonedDateTimeISO(account.timeZone).toPlainDate().toString() : ''
}

function occasion(kind: string, label: string | null, years: number | null): string {
  const name = kind === 'BIRTHDAY' ? 'birthday' : (label ?? 'anniversary')
  return years !== null && years > 0 ? `${name} (${years})` : name
}
