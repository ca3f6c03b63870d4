import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { normalizeEmail } from '../contacts/normalize.ts'
import { execute, rows, type Sql, sql } from '../db/client.ts'
import type { CalendarAttendee, CalendarMeeting } from '../db/generated/prisma/client.ts'
import { inTransaction } from '../events/service.ts'
import { putInteractions, type SyncedInteraction } from '../interactions/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { ownAddresses } from './own.ts'

/** The kind under which the due directory keeps when an owner's next meeting begins. */
export const upcomingDue = 'calendar.upcoming'

/** So many meetings become interactions at once. */
const batchSize = 500

/** Lets every meeting that has begun by our clock show as an interaction, if it does not yet. In an open transaction. */
export async function projectDue(tx: Ctx): Promise<void> {
  while ((await projectBatch(tx)) === batchSize) continue
}

/**
 * Meetings have begun: they count from now on, whether or not Google has anything to say, and also while its grant has ended. Of a calendar that was
 * disconnected nobody knows any more what takes place: what began since then does not count. Enters when the next one begins.
 */
export async function meetingsBegin(ctx: Ctx): Promise<void> {
  while ((await inTransaction(ctx, async (tx) => ((await isConnected(tx)) ? projectBatch(tx) : 0))) === batchSize) continue
  await scheduleUpcoming(ctx)
}

/** Enters in the due directory when the owner's next meeting begins. */
export async function scheduleUpcoming(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, upcomingDue, ownerId, ownerId, async (tx) => {
    if (!(await isConnected(tx))) return null
    const [next] = await rows<{ at: Date | null }>(
      tx,
      sql`SELECT min("startsAt") AS at FROM calendar_meetings WHERE "ownerId" = ${ownerId}::uuid AND NOT projected`,
    )
    return next?.at
  })
}

/** Matches the meetings that have begun and that these addresses take part in anew. In an open transaction. */
export async function rematchMeetings(tx: Ctx, canonical: readonly string[]): Promise<void> {
  const ownerId = ownerOf(tx)
  let after = '00000000-0000-0000-0000-000000000000'
  for (let more = true; more;) {
    const meetings = await rows<CalendarMeeting>(
      tx,
      sql`SELECT m.* FROM calendar_meetings AS m WHERE m."ownerId" = ${ownerId}::uuid AND m.projected AND m.id > ${after}::uuid
            AND m.id IN (SELECT a."meetingId" FROM calendar_attendees AS a WHERE a."ownerId" = ${ownerId}::uuid AND a.canonical = ANY(${[...canonical]}::text[]))
          ORDER BY m.id LIMIT ${batchSize}::int`,
    )
    await project(tx, meetings)
    after = meetings.at(-1)?.id ?? after
    more = meetings.length === batchSize
  }
}

async function isConnected(tx: Ctx): Promise<boolean> {
  const [state] = await rows(tx, sql`SELECT 1 FROM google_sync_states WHERE "ownerId" = ${ownerOf(tx)}::uuid AND resource = 'calendar' FOR SHARE`)
  return state !== undefined
}

async function projectBatch(tx: Ctx): Promise<number> {
  const meetings = await meetingsWhere(
    tx,
    sql`NOT projected AND "startsAt" <= ${toDate(tx.clock.now())}::timestamptz ORDER BY "startsAt", id LIMIT ${batchSize}::int FOR UPDATE`,
  )
  if (meetings.length === 0) return 0
  await project(tx, meetings)
  await execute(
    tx,
    sql`UPDATE calendar_meetings SET projected = true WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${meetings.map(({ id }) => id)}::uuid[])`,
  )
  return meetings.length
}

function meetingsWhere(tx: Ctx, condition: Sql): Promise<CalendarMeeting[]> {
  return rows<CalendarMeeting>(tx, sql`SELECT * FROM calendar_meetings WHERE "ownerId" = ${ownerOf(tx)}::uuid AND ${condition}`)
}

/** Meetings as interactions with those who took part and are not known to be the owner by now. */
async function project(tx: Ctx, meetings: readonly CalendarMeeting[]): Promise<void> {
  if (meetings.length === 0) return
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const attendees = Map.groupBy(
    await rows<CalendarAttendee>(
      tx,
      sql`SELECT * FROM calendar_attendees WHERE "ownerId" = ${ownerId}::uuid AND "meetingId" = ANY(${meetings.map(({ id }) => id)}::uuid[]) ORDER BY "meetingId", position`,
    ),
    ({ meetingId }) => meetingId,
  )
  const own = await ownAddresses(tx)
  await putInteractions(
    tx,
    'CALENDAR',
    meetings.map(({ id, eventId, startsAt, endsAt, summary, location }): SyncedInteraction => ({
      externalId: eventId,
      threadId: null,
      kind: 'MEETING',
      direction: 'MUTUAL',
      occurredAt: startsAt,
      endedAt: endsAt,
      subject: vault.openMaybe('CalendarMeeting.summary', id, summary),
      location: vault.openMaybe('CalendarMeeting.location', id, location),
      participants: (attendees.get(id) ?? [])
        .filter(({ canonical }) => !own.has(canonical))
        .map(({ role, address, canonical, name }) => ({
          role: role as 'ORGANIZER' | 'ATTENDEE',
          address,
          normalized: normalizeEmail(address)?.normalized ?? canonical,
          canonical,
          name,
          counts: true,
        })),
    })),
  )
}
