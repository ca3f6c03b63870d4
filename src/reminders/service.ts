import { z } from 'zod'
import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { line, text } from '../core/text.ts'
import { holdContacts } from '../contacts/atHand.ts'
import { allDayInstant, formatWallTime, parseSendTime, parseTimeZone, parseWallDate, parseWallTime, wallTimeYears } from '../core/wallTime.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { Reminder } from '../db/generated/prisma/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { checkSeries, firstOccurrence, nextAfter, type Occurrence, type Series } from './recurrence.ts'
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
  const { contactId, title, details, dueAt, timeZone, allDay, recurrence } = parse(ReminderCreate, input)
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    if (contactId != null) await holdContacts(tx, [contactId])
    const account = await accountOf(tx)
    const id = newId(tx.clock)
    const now = toDate(tx.clock.now())
    const timing = readTiming({ dueAt, timeZone: timeZone ?? account.timeZone, allDay: allDay ?? false, recurrence: recurrence ?? null }, account.sendTime)
    const reminder = await tx.db.reminder.create({
      data: {
        ownerId,
        id,
        contactId: contactId ?? null,
        title: vault.seal('Reminder.title', id, title),
        details: details ? vault.seal('Reminder.details', id, details) : null,
        ...timing,
        accountZone: timeZone == null,
        state: 'OPEN',
        fireAt: timing.dueAt,
        createdAt: now,
        updatedAt: now,
      },
    })
    commitChange(tx, id, 'reminder.created', ['title', 'dueAt', ...(details ? ['details'] : []), ...(contactId ? ['contact'] : [])])
    return reminder
  })
}

/**
 * Changes a reminder; what the input leaves out stays. Null clears details and recurrence, and gives the account's zone back; elsewhere it changes nothing.
 * A change of when starts the series anew and opens the reminder again. @throws InvalidInputError, NotFoundError
 */
export async function updateReminder(ctx: Ctx, id: string, input: z.input<typeof ReminderUpdate>): Promise<Reminder> {
  const change = parse(ReminderUpdate, input)
  const { title, details, dueAt, timeZone, allDay, recurrence } = change
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    const reminder = await reminderAtHand(tx, id)
    const account = await accountOf(tx)
    // A series whose end has come near is not judged anew by a change of its words.
    const retimed = (['dueAt', 'timeZone', 'allDay', 'recurrence'] as const).some(
      (field) => change[field] !== undefined && change[field] !== reminder[field === 'dueAt' ? 'dueLocal' : field],
    )
    const wanted = !retimed
      ? reminder
      : readTiming(
          {
            dueAt: dueAt ?? reminder.dueLocal,
            timeZone: timeZone === undefined ? reminder.timeZone : (timeZone ?? account.timeZone),
            allDay: allDay ?? reminder.allDay,
            recurrence: recurrence === undefined ? reminder.recurrence : recurrence,
          },
          account.sendTime,
        )
    // Whoever sends a whole form back, with the due time as it stands, does not want to be reminded of it again.
    const when = (['dueLocal', 'timeZone', 'allDay', 'recurrence'] as const).filter((column) => wanted[column] !== reminder[column])
    const detailsNow = vault.openMaybe('Reminder.details', id, reminder.details)
    const texts = {
      ...(title && title !== vault.open('Reminder.title', id, reminder.title) ? { title: vault.seal('Reminder.title', id, title) } : {}),
      ...(details !== undefined && (details || null) !== detailsNow ? { details: details ? vault.seal('Reminder.details', id, details) : null } : {}),
    }
    const accountZone = timeZone === undefined ? reminder.accountZone : timeZone === null
    const changed = [
      ...Object.keys(texts),
      ...when.map((column) => (column === 'dueLocal' ? 'dueAt' : column)),
      ...(accountZone === reminder.accountZone ? [] : ['timeZone']),
    ]
    if (changed.length === 0) return reminder
    commitChange(tx, id, 'reminder.updated', [...new Set(changed)])
    return tx.db.reminder.update({
      where: { ownerId_id: { ownerId, id } },
      data: {
        ...texts,
        accountZone,
        ...(when.length === 0 ? {} : { ...wanted, fireAt: wanted.dueAt, state: 'OPEN', snoozedUntil: null, completedAt: null }),
        updatedAt: toDate(tx.clock.now()),
      },
    })
  })
}

/** Completes a reminder: one that recurs moves on to the first occurrence after both its due time and now, any other is done. @throws NotFoundError */
export async function completeReminder(ctx: Ctx, id: string): Promise<Reminder> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const reminder = await reminderAtHand(tx, id)
    if (reminder.state === 'DONE') return reminder
    const now = tx.clock.now()
    const next = await nextOf(tx, reminder, toInstant(reminder.dueAt), now)
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
  if (until.getUTCFullYear() > wallTimeYears.last) throw new InvalidInputError({ path: ['until'], message: `Not after ${wallTimeYears.last}.` })
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
  await execute(
    tx,
    sql`UPDATE reminders SET "hiddenAt" = ${at}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ANY(${[...contactIds]}::uuid[])`,
  )
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

/** Works out anew when all-day reminders are due, after the account's send time or zone has changed. None fires twice for one day. */
export async function refreshAllDayReminders(tx: Ctx): Promise<void> {
  const ownerId = ownerOf(tx)
  const account = await accountOf(tx)
  const found = await rows<Reminder>(
    tx,
    sql`SELECT * FROM reminders WHERE "ownerId" = ${ownerId}::uuid AND "allDay" AND state <> 'DONE' ORDER BY id FOR UPDATE`,
  )
  const moved = found.flatMap((reminder) => {
    const zone = reminder.accountZone ? account.timeZone : reminder.timeZone
    const onDay = (day: Temporal.PlainDate): Date => toDate(allDayInstant(day, account.sendTime, zone))
    const dueAt = onDay(parseWallTime(reminder.dueLocal).toPlainDate())
    // Nobody moves a snooze but its owner; any other time to fire is that of a day.
    const fireAt =
      reminder.state === 'SNOOZED' || !reminder.fireAt ? reminder.fireAt : onDay(toInstant(reminder.fireAt).toZonedDateTimeISO(reminder.timeZone).toPlainDate())
    const stays = zone === reminder.timeZone && dueAt.getTime() === reminder.dueAt.getTime() && fireAt?.getTime() === reminder.fireAt?.getTime()
    return stays ? [] : [{ id: reminder.id, zone, dueAt, fireAt }]
  })
  if (moved.length === 0) return
  await execute(
    tx,
    sql`UPDATE reminders AS r SET "timeZone" = m.zone, "dueAt" = m.due, "fireAt" = m.fire
        FROM unnest(${moved.map(({ id }) => id)}::uuid[], ${moved.map(({ zone }) => zone)}::text[], ${moved.map(({ dueAt }) => dueAt)}::timestamptz[], ${moved.map(({ fireAt }) => fireAt)}::timestamptz[])
          AS m(id, zone, due, fire) WHERE r."ownerId" = ${ownerId}::uuid AND r.id = m.id`,
  )
  for (const { id } of moved) setOff(tx, { kind: 'reminder.schedule', payload: { reminderId: id } })
}

/** The first occurrence of a reminder's series after both instants, of an all-day one on a later day than the first's; null where none follows. */
export async function nextOf(tx: Ctx, reminder: Reminder, from: Temporal.Instant, now: Temporal.Instant): Promise<Occurrence | null> {
  const { sendTime } = await accountOf(tx)
  // The send time may have moved to a later hour since, and the day's occurrence is not to come again with it.
  const bound = reminder.allDay ? allDayInstant(from.toZonedDateTimeISO(reminder.timeZone).toPlainDate(), sendTime, reminder.timeZone) : from
  return nextAfter(seriesOf(reminder, sendTime), from, bound, now)
}

/** The series that a reminder's row describes. */
export function seriesOf(reminder: Pick<Reminder, 'startLocal' | 'timeZone' | 'recurrence' | 'allDay'>, sendTime: Temporal.PlainTime): Series {
  const { startLocal, timeZone, recurrence, allDay } = reminder
  return { start: parseWallTime(startLocal), zone: timeZone, rule: recurrence === null ? null : parseRecurrence(recurrence), allDay, sendTime }
}

// What of the account reminders go by; held until the open transaction ends, so that none is made by a send time that is just being changed.
async function accountOf(tx: Ctx): Promise<{ timeZone: string; sendTime: Temporal.PlainTime }> {
  const [account] = await rows<{ timeZone: string; sendTime: string }>(
    tx,
    sql`SELECT "timeZone", "sendTime" FROM accounts WHERE "ownerId" = ${ownerOf(tx)}::uuid FOR SHARE`,
  )
  if (!account) throw new NotFoundError('There is no account any more.')
  return { timeZone: account.timeZone, sendTime: parseSendTime(account.sendTime) }
}

function readTiming(due: { dueAt: string; timeZone: string; allDay: boolean; recurrence: string | null }, sendTime: Temporal.PlainTime) {
  const zone = parseTimeZone(due.timeZone, ['timeZone'])
  const start = due.allDay ? parseWallDate(due.dueAt, ['dueAt']).toPlainDateTime() : parseWallTime(due.dueAt, ['dueAt'])
  const rule = due.recurrence === null || due.recurrence.trim() === '' ? null : parseRecurrence(due.recurrence, ['recurrence'])
  const series = { start, zone, rule, allDay: due.allDay, sendTime }
  checkSeries(series, ['recurrence'])
  const first = firstOccurrence(series)
  const local = formatWallTime(first.local)
  return { startLocal: local, dueLocal: local, timeZone: zone, allDay: due.allDay, recurrence: rule && formatRecurrence(rule), dueAt: toDate(first.at) }
}

async function reminderAtHand(tx: Ctx, id: string): Promise<Reminder> {
  const [reminder] = await rows<Reminder>(tx, sql`SELECT * FROM reminders WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ${id}::uuid FOR UPDATE`)
  if (!reminder || reminder.hiddenAt) throw new NotFoundError('There is no reminder with that id.')
  return reminder
}

function commitChange(tx: Ctx, id: string, type: `reminder.${string}`, changed: string[] = []): void {
  record(tx, { type, entityType: 'Reminder', entityId: id, changed })
  setOff(tx, { kind: 'reminder.schedule', payload: { reminderId: id } })
}
