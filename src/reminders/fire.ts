import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { Reminder } from '../db/generated/prisma/client.ts'
import { planDelivery } from '../deliveries/service.ts'
import { inTransaction, record } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { isRestricted } from '../privacy/service.ts'
import { nextOf } from './service.ts'

/** Plans the message of a reminder that has fallen due, once per occurrence, and says when it fires next: one left undone still fires its later occurrences. */
export async function fireReminder(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  // It is handed out again until it may: nothing that is only stored is mailed.
  if (await isHeldBack(ctx, id)) return
  const vault = await ctx.app.vault.of(ownerId)
  await inTransaction(ctx, async (tx) => {
    const [reminder] = await rows<Reminder>(tx, sql`SELECT * FROM reminders WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid FOR UPDATE`)
    const now = tx.clock.now()
    if (!reminder?.fireAt || reminder.hiddenAt || reminder.state === 'DONE' || reminder.fireAt > toDate(now)) return
    const contact =
      reminder.contactId === null
        ? null
        : await tx.db.contact.findUnique({ where: { ownerId_id: { ownerId, id: reminder.contactId } }, select: { displayName: true } })
    const title = vault.open('Reminder.title', id, reminder.title)
    const details = vault.openMaybe('Reminder.details', id, reminder.details)
    const lines = [title, ...(contact ? [`With: ${contact.displayName}`] : []), `Due: ${dueText(reminder, reminder.fireAt)}`, ...(details ? ['', details] : [])]
    await planDelivery(tx, {
      kind: 'REMINDER',
      entityId: id,
      occurrenceAt: reminder.fireAt,
      subject: contact ? `${title} (${contact.displayName})` : title,
      text: `${lines.join('\n')}\n\n${tx.app.config.publicUrl}\n`,
    })
    const snoozed = reminder.state === 'SNOOZED'
    // Occurrences missed while nothing ran are not told one by one: the next to fire lies ahead.
    const next = await nextOf(tx, reminder, toInstant(snoozed ? reminder.dueAt : reminder.fireAt), now)
    await tx.db.reminder.update({
      where: { ownerId_id: { ownerId, id } },
      data: { fireAt: next && toDate(next.at), ...(snoozed ? { state: 'OPEN', snoozedUntil: null } : {}) },
    })
    record(tx, { type: 'reminder.fired', entityType: 'Reminder', entityId: id, changed: snoozed ? ['state', 'snoozedUntil'] : [] })
  })
  await scheduleReminder(ctx, id)
}

/** Puts the next time a reminder fires into the due directory, or takes it out. */
export async function scheduleReminder(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, 'reminder', ownerId, id, async (tx) => {
    const reminder = await tx.db.reminder.findUnique({ where: { ownerId_id: { ownerId, id } }, select: { fireAt: true, hiddenAt: true } })
    return reminder?.hiddenAt ? null : reminder?.fireAt
  })
}

/** Whether the account's data, or that of the person the reminder is about, may only be stored. */
async function isHeldBack(ctx: Ctx, id: string): Promise<boolean> {
  if (await isRestricted(ctx)) return true
  const found = await rows(
    ctx,
    sql`SELECT 1 FROM reminders AS r JOIN contacts AS c ON c."ownerId" = r."ownerId" AND c.id = r."contactId"
        WHERE r."ownerId" = ${ownerOf(ctx)}::uuid AND r.id = ${id}::uuid AND c."restrictedAt" IS NOT NULL AND r."hiddenAt" IS NULL`,
  )
  return found.length > 0
}

/** The wall time of the occurrence that fires; of a snoozed reminder the one that was put off. */
function dueText({ state, allDay, dueLocal, timeZone }: Reminder, fireAt: Date): string {
  const local = state === 'SNOOZED' ? dueLocal : toInstant(fireAt).toZonedDateTimeISO(timeZone).toPlainDateTime().toString({ smallestUnit: 'minute' })
  return allDay ? local.slice(0, 'YYYY-MM-DD'.length) : `${local.replace('T', ' ')} (${timeZone})`
}
