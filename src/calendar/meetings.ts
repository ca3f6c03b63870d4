import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import { setOff } from '../events/service.ts'
import { dropInteractions } from '../interactions/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { toDate } from '../core/clock.ts'
import { projectDue } from './project.ts'
import type { Meeting } from './rules.ts'

/** So many meetings are written at once. */
const chunk = 500

/** Brings meetings in step with what Google says of them; what is the same stays as it is. Those that have begun show as interactions. In an open transaction; answers how many are new or changed. */
export async function putMeetings(tx: Ctx, meetings: readonly Meeting[]): Promise<number> {
  const vault = await tx.app.vault.of(ownerOf(tx))
  const sorted = [...new Map(meetings.map((meeting) => [meeting.eventId, meeting])).values()].toSorted((one, other) => (one.eventId < other.eventId ? -1 : 1))
  let changed = 0
  for (let at = 0; at < sorted.length; at += chunk) changed += await putChunk(tx, vault, sorted.slice(at, at + chunk))
  if (changed > 0) await showMeetings(tx)
  return changed
}

/** Forgets meetings that are none any more. In an open transaction; answers how many there were. */
export async function dropMeetings(tx: Ctx, eventIds: readonly string[]): Promise<number> {
  if (eventIds.length === 0) return 0
  const dropped = await rows<{ eventId: string }>(
    tx,
    sql`DELETE FROM calendar_meetings WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "eventId" = ANY(${[...eventIds]}::text[]) RETURNING "eventId"`,
  )
  await dropInteractions(
    tx,
    'CALENDAR',
    dropped.map(({ eventId }) => eventId),
  )
  return dropped.length
}

/** The event ids of the meetings of some series; only those that begin at an instant or later, if one is given. */
export async function meetingsOfSeries(tx: Ctx, seriesIds: readonly string[], from: Date | null = null): Promise<string[]> {
  if (seriesIds.length === 0) return []
  const found = await rows<{ eventId: string }>(
    tx,
    sql`SELECT "eventId" FROM calendar_meetings WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "seriesId" = ANY(${[...seriesIds]}::text[]) AND (${from}::timestamptz IS NULL OR "startsAt" >= ${from}::timestamptz)`,
  )
  return found.map(({ eventId }) => eventId)
}

async function showMeetings(tx: Ctx): Promise<void> {
  await projectDue(tx)
  setOff(tx, { kind: 'calendar.upcoming', payload: {} })
}

async function putChunk(tx: Ctx, vault: OwnerVault, meetings: readonly Meeting[]): Promise<number> {
  const ownerId = ownerOf(tx)
  const known = new Map(
    (
      await rows<{ id: string; eventId: string; fingerprint: Uint8Array }>(
        tx,
        sql`SELECT id, "eventId", fingerprint FROM calendar_meetings WHERE "ownerId" = ${ownerId}::uuid AND "eventId" = ANY(${meetings.map(({ eventId }) => eventId)}::text[])`,
      )
    ).map((row) => [row.eventId, row]),
  )
  const entries = meetings.flatMap((meeting) => {
    const before = known.get(meeting.eventId)
    const fingerprint = vault.hash('calendar meeting', JSON.stringify(meeting))
    if (before && Buffer.compare(before.fingerprint, fingerprint) === 0) return []
    return [{ meeting, fingerprint, id: before?.id ?? newId(tx.clock), isNew: !before }]
  })
  if (entries.length === 0) return 0
  const base64 = (bytes: Uint8Array | null): string | null => bytes && Buffer.from(bytes).toString('base64')
  const sealed = (column: 'summary' | 'location', id: string, text: string | null): string | null =>
    base64(text === null ? null : vault.seal(`CalendarMeeting.${column}`, id, text))
  const recordset = entries.map(({ id, fingerprint, meeting }) => ({
    ...meeting,
    attendees: undefined,
    id,
    summary: sealed('summary', id, meeting.summary),
    location: sealed('location', id, meeting.location),
    fingerprint: base64(fingerprint),
  }))
  await execute(
    tx,
    sql`INSERT INTO calendar_meetings ("ownerId", id, "eventId", "seriesId", "startsAt", "endsAt", "startDate", "endDate", "timeZone", summary, location, fingerprint, projected)
        SELECT ${ownerId}::uuid, r.id, r."eventId", r."seriesId", r."startsAt", r."endsAt", r."startDate", r."endDate", r."timeZone", decode(r.summary, 'base64'), decode(r.location, 'base64'), decode(r.fingerprint, 'base64'), false
        FROM json_to_recordset(${JSON.stringify(recordset)}::json) AS r(id uuid, "eventId" text, "seriesId" text, "startsAt" timestamptz, "endsAt" timestamptz, "startDate" date, "endDate" date, "timeZone" text, summary text, location text, fingerprint text)
        ON CONFLICT ("ownerId", "eventId") DO UPDATE SET "seriesId" = excluded."seriesId", "startsAt" = excluded."startsAt", "endsAt" = excluded."endsAt", "startDate" = excluded."startDate", "endDate" = excluded."endDate",
          "timeZone" = excluded."timeZone", summary = excluded.summary, location = excluded.location, fingerprint = excluded.fingerprint, projected = false`,
  )
  const old = entries.filter(({ isNew }) => !isNew)
  if (old.length > 0)
    await execute(tx, sql`DELETE FROM calendar_attendees WHERE "ownerId" = ${ownerId}::uuid AND "meetingId" = ANY(${old.map(({ id }) => id)}::uuid[])`)
  const attendees = entries.flatMap(({ id, meeting }) => meeting.attendees.map((attendee, position) => ({ ...attendee, meetingId: id, position })))
  await execute(
    tx,
    sql`INSERT INTO calendar_attendees ("ownerId", "meetingId", position, role, address, canonical, name)
        SELECT ${ownerId}::uuid, r."meetingId", r.position, r.role, r.address, r.canonical, r.name
        FROM json_to_recordset(${JSON.stringify(attendees)}::json) AS r("meetingId" uuid, position integer, role text, address text, canonical text, name text)`,
  )
  // One that was moved to a later time has not happened yet.
  const now = toDate(tx.clock.now())
  await dropInteractions(
    tx,
    'CALENDAR',
    old.filter(({ meeting }) => meeting.startsAt > now).map(({ meeting }) => meeting.eventId),
  )
  return entries.length
}
