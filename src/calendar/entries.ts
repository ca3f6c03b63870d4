import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { CalendarEntry } from '../db/generated/prisma/client.ts'
import { dropMeetings, meetingsOfSeries, putMeetings } from './meetings.ts'
import { type GoogleEvent, meetingOf, type Meeting } from './rules.ts'

/** How long what was deleted is remembered, so that a late answer of Google's does not bring it back. */
const tombstoneLife = { hours: 30 * 24 }

/** What the events of a page are judged by. */
export interface Reading {
  /** IANA: the calendar's zone. */
  timeZone: string
  /** The owner's own addresses. */
  own: ReadonlySet<string>
  /** The listing's number. */
  runId: number
}

type Known = Pick<CalendarEntry, 'eventId' | 'kind' | 'updated' | 'sequence' | 'deletedAt'>

/**
 * Takes in events as a list gives them, in an open transaction: each once, the last copy of several, and none that is older than what is known. Single
 * events and exceptions become meetings at once; a series that has changed, itself or by an exception, is asked for its occurrences later. Answers what
 * was counted, and why events were left out.
 */
export async function saveEvents(tx: Ctx, events: readonly GoogleEvent[], reading: Reading): Promise<Record<string, number>> {
  const copies = new Map(events.flatMap((event) => (event.id ? [[event.id, event] as const] : [])))
  const listed = [...copies.values()].toSorted((one, other) => (idOf(one) < idOf(other) ? -1 : 1))
  if (listed.length === 0) return {}
  const known = await knownOf(tx, listed.map(idOf))
  const fresh = listed.filter((event) => !isOlder(event, known.get(idOf(event))))
  const older = listed.filter((event) => isOlder(event, known.get(idOf(event))))

  const deleted = fresh.filter(isCancelled)
  // A series that was deleted, or has become a single event, has no occurrences any more.
  const ended = fresh.filter((event) => known.get(idOf(event))?.kind === 'SERIES' && (isCancelled(event) || !event.recurrence)).map(idOf)
  const none = [...deleted.map(idOf), ...(await meetingsOfSeries(tx, ended))]
  await buryExceptions(tx, ended)
  await upsertEntries(tx, fresh, reading.runId)
  await touchEntries(tx, older.map(idOf), reading.runId)
  await expandLater(
    tx,
    fresh.flatMap(({ recurringEventId, eventType }) => (recurringEventId && isPlain(eventType) ? [recurringEventId] : [])),
  )

  const meetings: Meeting[] = []
  const counts: Record<string, number> = { listed: listed.length, ...(older.length > 0 ? { 'skipped.older': older.length } : {}) }
  for (const event of fresh) {
    if (isCancelled(event)) continue
    // A series is no meeting itself, and a single event that has become one is none any more.
    const read = event.recurrence ? null : meetingOf(event, reading.timeZone, reading.own)
    if (read !== null && typeof read !== 'string') {
      meetings.push(read)
      continue
    }
    none.push(idOf(event))
    if (read !== null) counts[`skipped.${read}`] = (counts[`skipped.${read}`] ?? 0) + 1
  }
  const dropped = await dropMeetings(tx, none)
  const changed = await putMeetings(tx, meetings)
  return { ...counts, ...(deleted.length > 0 ? { deleted: deleted.length } : {}), ...(dropped + changed > 0 ? { meetings: dropped + changed } : {}) }
}

/** Takes in an event as an answer to its insertion gives it: not if it was deleted in the meantime. In an open transaction. */
export async function saveInserted(tx: Ctx, event: GoogleEvent, reading: Reading): Promise<void> {
  const known = (await knownOf(tx, [idOf(event)])).get(idOf(event))
  if (!known?.deletedAt) await saveEvents(tx, [event], reading)
}

/** Forgets what a complete listing has not seen; answers how much that was. In the transaction that moves the cursor. */
export async function sweepUnseen(tx: Ctx, runId: number): Promise<number> {
  const ownerId = ownerOf(tx)
  const unseen = await rows<{ eventId: string; kind: string }>(
    tx,
    sql`UPDATE calendar_entries SET "deletedAt" = ${toDate(tx.clock.now())}::timestamptz, "expandAt" = NULL
        WHERE "ownerId" = ${ownerId}::uuid AND "seenRun" < ${runId}::int AND "deletedAt" IS NULL RETURNING "eventId", kind`,
  )
  const series = unseen.filter(({ kind }) => kind === 'SERIES').map(({ eventId }) => eventId)
  await dropMeetings(tx, [...unseen.map(({ eventId }) => eventId), ...(await meetingsOfSeries(tx, series))])
  return unseen.length
}

/** Removes tombstones that have served. */
export async function forgetTombstones(tx: Ctx): Promise<void> {
  const bound = toDate(tx.clock.now().subtract(tombstoneLife))
  await execute(tx, sql`DELETE FROM calendar_entries WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "deletedAt" < ${bound}::timestamptz`)
}

function idOf(event: GoogleEvent): string {
  return event.id ?? ''
}

function isCancelled({ status }: GoogleEvent): boolean {
  return status === 'cancelled'
}

function isPlain(eventType: string | null | undefined): boolean {
  return eventType == null || eventType === 'default'
}

/** Whether a copy says less than what is known. Of what was cancelled Google may send no more than the id: that counts as new. */
function isOlder({ updated, sequence }: GoogleEvent, known: Known | undefined): boolean {
  if (!updated || !known?.updated) return false
  const at = Date.parse(updated)
  if (Number.isNaN(at)) return false
  return at < known.updated.getTime() || (at === known.updated.getTime() && (sequence ?? 0) < known.sequence)
}

async function knownOf(tx: Ctx, eventIds: readonly string[]): Promise<Map<string, Known>> {
  const found = await rows<Known>(
    tx,
    sql`SELECT "eventId", kind, updated, sequence, "deletedAt" FROM calendar_entries WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "eventId" = ANY(${[...eventIds]}::text[])`,
  )
  return new Map(found.map((entry) => [entry.eventId, entry]))
}

async function upsertEntries(tx: Ctx, events: readonly GoogleEvent[], runId: number): Promise<void> {
  const now = toDate(tx.clock.now())
  const at = (text: string | null | undefined): number => (text ? Date.parse(text) : NaN)
  const entries = events.map((event) => ({
    id: newId(tx.clock),
    eventId: idOf(event),
    kind: event.recurrence ? 'SERIES' : event.recurringEventId ? 'EXCEPTION' : 'SINGLE',
    seriesId: event.recurringEventId ?? null,
    updated: Number.isNaN(at(event.updated)) ? null : new Date(at(event.updated)),
    sequence: event.sequence ?? 0,
    deletedAt: isCancelled(event) ? now : null,
    expandAt: event.recurrence && !isCancelled(event) && isPlain(event.eventType) ? now : null,
  }))
  // Of what was deleted it stays known what it was, and how new the last copy of it: the notice of its end may say neither.
  await execute(
    tx,
    sql`INSERT INTO calendar_entries AS e ("ownerId", id, "eventId", kind, "seriesId", updated, sequence, "seenRun", "deletedAt", "expandAt")
        SELECT ${ownerOf(tx)}::uuid, r.id, r."eventId", r.kind, r."seriesId", r.updated, r.sequence, ${runId}::int, r."deletedAt", r."expandAt"
        FROM json_to_recordset(${JSON.stringify(entries)}::json) AS r(id uuid, "eventId" text, kind text, "seriesId" text, updated timestamptz, sequence integer, "deletedAt" timestamptz, "expandAt" timestamptz)
        ON CONFLICT ("ownerId", "eventId") DO UPDATE SET kind = CASE WHEN excluded."deletedAt" IS NULL THEN excluded.kind ELSE e.kind END,
          "seriesId" = COALESCE(excluded."seriesId", CASE WHEN excluded."deletedAt" IS NOT NULL THEN e."seriesId" END), updated = COALESCE(excluded.updated, e.updated),
          sequence = CASE WHEN excluded.updated IS NULL THEN e.sequence ELSE excluded.sequence END, "seenRun" = excluded."seenRun", "deletedAt" = excluded."deletedAt", "expandAt" = excluded."expandAt"`,
  )
}

async function touchEntries(tx: Ctx, eventIds: readonly string[], runId: number): Promise<void> {
  if (eventIds.length === 0) return
  await execute(
    tx,
    sql`UPDATE calendar_entries SET "seenRun" = ${runId}::int WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "eventId" = ANY(${[...eventIds]}::text[])`,
  )
}

async function expandLater(tx: Ctx, seriesIds: readonly string[]): Promise<void> {
  if (seriesIds.length === 0) return
  await execute(
    tx,
    sql`UPDATE calendar_entries SET "expandAt" = ${toDate(tx.clock.now())}::timestamptz
        WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "eventId" = ANY(${[...new Set(seriesIds)]}::text[]) AND kind = 'SERIES' AND "deletedAt" IS NULL`,
  )
}

async function buryExceptions(tx: Ctx, seriesIds: readonly string[]): Promise<void> {
  if (seriesIds.length === 0) return
  await execute(
    tx,
    sql`UPDATE calendar_entries SET "deletedAt" = ${toDate(tx.clock.now())}::timestamptz WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "seriesId" = ANY(${[...seriesIds]}::text[]) AND "deletedAt" IS NULL`,
  )
}
