import { z } from 'zod'
import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { line, text } from '../core/text.ts'
import { formatWallTime, parseSendTime, parseTimeZone, parseWallDate, parseWallTime } from '../core/wallTime.ts'
import { execute, sql } from '../db/client.ts'
import type { Reminder } from '../db/generated/prisma/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { checkSeries, firstOccurrence, nextAfter, type Series } from './recurrence.ts'
import { formatRecurrence, parseRecurrence } from './recurrenceRule.ts'

/** How a reminder stands. */
export const reminderStates = ['OPEN', 'SNOOZED', 'DONE'] as const

const Title = line(500).refine((title): title is string => title !== null, 'Say what to be reminded of.')
const Details = text({ max: 20_000, multiline: true })
const ReminderCreate = z.object({
  contactId: z.string().nullish(),
  title: Title,
  details: Details.nullish(),
  dueAt: z.string(),
  timeZone: z.string().nullish(),
  allDay: z.boolean().nullish(),
  recurrence: z.string().nullish(),
})
const ReminderUpdate = ReminderCreate.omit({ contactId: true }).extend({ title: Title.nullish(), dueAt: z.string().nullish() })

/** Adds a reminder, due at a wall time in a zone. @throws InvalidInputError, NotFoundError */
export async function createReminder(ctx: Ctx, input: z.input<typeof ReminderCreate>): Promise<Reminder> {
  const { contactId, title, details, ...due } = parse(ReminderCreate, input)
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    const account = await accountOf(tx)
    if (contactId != null) {
      const contact = await tx.db.contact.findUnique({ where: { ownerId_id: { ownerId, id: contactId } }, select: { deletedAt: true } })
      if (!contact || contact.deletedAt) throw new NotFoundError('There is no contact with that id.')
    }
    const id = newId(tx.clock)
    const now = toDate(tx.clock.now())
    const timing = startOf(readSeries({ ...due, timeZone: due.timeZone ?? account.timeZone, allDay: due.allDay ?? false, recurrence: due.recurrence ?? null }, account.sendTime))
    const reminder = await tx.db.reminder.create({
      data: {
        ownerId,
        id,
        contactId: contactId ?? null,
        title: vault.seal('Reminder.title', id, title),
        details: details ? vault.seal('Reminder.details', id, details) : null,
        ...timing,
        state: 'OPEN',
        createdAt: now,
        updatedAt: now,
      },
    })
    commitChange(tx, id, 'reminder.created', ['title', 'dueAt', ...(details ? ['details'] : []), ...(contactId ? ['contact'] : [])])
    return reminder
  })
}

/** Changes a reminder; what the input leaves out stays, null clears. A change of when starts the series anew and opens the reminder again. @throws InvalidInputError, NotFoundError */
export async function updateReminder(ctx: Ctx, id: string, input: z.input<typeof ReminderUpdate>): Promise<Reminder> {
  const change = parse(ReminderUpdate, input)
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    const reminder = await reminderAtHand(tx, id)
    const account = await accountOf(tx)
    const when = (['dueAt', 'timeZone', 'allDay', 'recurrence'] as const).filter((field) => change[field] !== undefined)
    const timing =
      when.length === 0
        ? {}
        : {
            ...startOf(
              readSeries(
                {
                  dueAt: change.dueAt ?? reminder.dueLocal,
                  timeZone: change.timeZone ?? reminder.timeZone,
                  allDay: change.allDay ?? reminder.allDay,
                  recurrence: change.recurrence === undefined ? reminder.recurrence : change.recurrence,
                },
                account.sendTime,
              ),
            ),
            state: 'OPEN',
            snoozedUntil: null,
            completedAt: null,
          }
    const texts = {
      ...(change.title ? { title: vault.seal('Reminder.title', id, change.title) } : {}),
      ...(change.details === undefined ? {} : { details: change.details ? vault.seal('Reminder.details', id, change.details) : null }),
    }
    commitChange(tx, id, 'reminder.updated', [...Object.keys(texts), ...when])
    return tx.db.reminder.update({ where: { ownerId_id: { ownerId, id } }, data: { ...texts, ...timing, updatedAt: toDate(tx.clock.now()) } })
  })
}

/** Completes a reminder: one that recurs moves on to the first occurrence after both its due time and now, any other is done. @throws NotFoundError */
export async function completeReminder(ctx: Ctx, id: string): Promise<Reminder> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const reminder = await reminderAtHand(tx, id)
    if (reminder.state === 'DONE') return reminder
    const now = tx.clock.now()
    const next = nextAfter(await seriesOf(tx, reminder), toInstant(reminder.dueAt), now)
    commitChange(tx, id, 'reminder.completed', ['state'])
    return tx.db.reminder.update({
      where: { ownerId_id: { ownerId, id } },
      data: {
        ...(next ? { state: 'OPEN', dueLocal: formatWallTime(next.local), dueAt: toDate(next.at), fireAt: toDate(next.at) } : { state: 'DONE', fireAt: null }),
        snoozedUntil: null,
        completedAt: toDate(now),
        updatedAt: toDate(now),
      },
    })
  })
}

/** Puts a reminder off until an instant; it is due then, whenever it was due before. @throws InvalidInputError, NotFoundError */
export async function snoozeReminder(ctx: Ctx, id: string, until: Date): Promise<Reminder> {
  const ownerId = ownerOf(ctx)
  const now = toDate(ctx.clock.now())
  if (until <= now) throw new InvalidInputError({ path: ['until'], message: 'Snooze until a time that lies ahead.' })
  return inTransaction(ctx, async (tx) => {
    const reminder = await reminderAtHand(tx, id)
    if (reminder.state === 'DONE') throw new InvalidInputError({ path: ['id'], message: 'This reminder is done; give it a new due time instead.' })
    commitChange(tx, id, 'reminder.snoozed', ['snoozedUntil'])
    return tx.db.reminder.update({ where: { ownerId_id: { ownerId, id } }, data: { state: 'SNOOZED', snoozedUntil: until, fireAt: until, updatedAt: now } })
  })
}

/** Deletes a reminder at once; answers what it was. @throws NotFoundError */
export async function deleteReminder(ctx: Ctx, id: string): Promise<Reminder> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const reminder = await reminderAtHand(tx, id)
    await tx.db.reminder.delete({ where: { ownerId_id: { ownerId, id } } })
    commitChange(tx, id, 'reminder.deleted')
    return reminder
  })
}

/** Hides the reminders of contacts that go into the bin (they do not fire there), or shows them again (null). Called in the transaction that moves the contacts. */
export async function hideReminders(tx: Ctx, contactIds: readonly string[], at: Date | null): Promise<void> {
  const ownerId = ownerOf(tx)
  await execute(tx, sql`UPDATE reminders SET "hiddenAt" = ${at}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ANY(${[...contactIds]}::uuid[])`)
  const moved = await tx.db.reminder.findMany({ where: { ownerId, contactId: { in: [...contactIds] } }, select: { id: true } })
  setOff(tx, ...moved.map(({ id }) => ({ kind: 'reminder.schedule', payload: { reminderId: id } })))
}

/** Deletes the reminders of contacts that are purged. Called in the transaction that purges them, before they go. */
export async function purgeReminders(tx: Ctx, contactIds: readonly string[]): Promise<void> {
  const ownerId = ownerOf(tx)
  const gone = await tx.db.reminder.findMany({ where: { ownerId, contactId: { in: [...contactIds] } }, select: { id: true } })
  await tx.db.reminder.deleteMany({ where: { ownerId, contactId: { in: [...contactIds] } } })
  setOff(tx, ...gone.map(({ id }) => ({ kind: 'reminder.schedule', payload: { reminderId: id } })))
}

/** Works out anew when all-day reminders are due, after the account's send time has changed. */
export async function refreshAllDayReminders(tx: Ctx): Promise<void> {
  const ownerId = ownerOf(tx)
  const account = await accountOf(tx)
  for (const reminder of await tx.db.reminder.findMany({ where: { ownerId, allDay: true, state: { not: 'DONE' } } })) {
    const at = firstOccurrence({ start: parseWallTime(reminder.dueLocal), zone: reminder.timeZone, rule: null, allDay: true, sendTime: account.sendTime }).at
    if (toDate(at).getTime() === reminder.dueAt.getTime()) continue
    const wasWaiting = reminder.fireAt?.getTime() === reminder.dueAt.getTime()
    await tx.db.reminder.update({ where: { ownerId_id: { ownerId, id: reminder.id } }, data: { dueAt: toDate(at), ...(wasWaiting ? { fireAt: toDate(at) } : {}) } })
    setOff(tx, { kind: 'reminder.schedule', payload: { reminderId: reminder.id } })
  }
}

/** The series that a reminder's row describes. */
export async function seriesOf(ctx: Ctx, reminder: Pick<Reminder, 'startLocal' | 'timeZone' | 'recurrence' | 'allDay'>): Promise<Series> {
  const { sendTime } = await accountOf(ctx)
  return { start: parseWallTime(reminder.startLocal), zone: reminder.timeZone, rule: reminder.recurrence === null ? null : parseRecurrence(reminder.recurrence), allDay: reminder.allDay, sendTime }
}

function readSeries(due: { dueAt: string; timeZone: string; allDay: boolean; recurrence: string | null }, sendTime: Temporal.PlainTime): Series {
  const zone = parseTimeZone(due.timeZone, ['timeZone'])
  const start = due.allDay ? parseWallDate(due.dueAt, ['dueAt']).toPlainDateTime() : parseWallTime(due.dueAt, ['dueAt'])
  const rule = due.recurrence === null || due.recurrence.trim() === '' ? null : parseRecurrence(due.recurrence, ['recurrence'])
  const series = { start, zone, rule, allDay: due.allDay, sendTime }
  checkSeries(series, ['recurrence'])
  return series
}

function startOf(series: Series) {
  const first = firstOccurrence(series)
  const local = formatWallTime(first.local)
  return { startLocal: local, dueLocal: local, timeZone: series.zone, allDay: series.allDay, recurrence: series.rule && formatRecurrence(series.rule), dueAt: toDate(first.at), fireAt: toDate(first.at) }
}

async function accountOf(ctx: Ctx): Promise<{ timeZone: string; sendTime: Temporal.PlainTime }> {
  const account = await ctx.db.account.findUniqueOrThrow({ where: { ownerId: ownerOf(ctx) }, select: { timeZone: true, sendTime: true } })
  return { timeZone: account.timeZone, sendTime: parseSendTime(account.sendTime) }
}

async function reminderAtHand(tx: Ctx, id: string): Promise<Reminder> {
  const reminder = await tx.db.reminder.findUnique({ where: { ownerId_id: { ownerId: ownerOf(tx), id } } })
  if (!reminder || reminder.hiddenAt) throw new NotFoundError('There is no reminder with that id.')
  return reminder
}

function commitChange(tx: Ctx, id: string, type: `reminder.${string}`, changed: string[] = []): void {
  record(tx, { type, entityType: 'Reminder', entityId: id, changed })
  setOff(tx, { kind: 'reminder.schedule', payload: { reminderId: id } })
}
