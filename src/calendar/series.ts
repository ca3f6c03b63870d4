import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { GoogleFailure } from '../google/failure.ts'
import { listInstances } from './api.ts'
import type { Reading } from './entries.ts'
import { dropMeetings, meetingsOfSeries, putMeetings } from './meetings.ts'
import { type GoogleEvent, meetingOf } from './rules.ts'

/** Which occurrences of a series are known: so far back and so far ahead (specification 1.6). */
const window = { backMonths: 24, aheadMonths: 3 }
/** A series is asked again when so much of what lies ahead is used up: long before an occurrence that is not known could begin. */
const renewAfter = { hours: 30 * 24 }

/** The occurrences of a series as they are now. */
export interface Occurrences {
  seriesId: string
  /** Those that ended before are not among them. */
  from: Temporal.Instant
  /** Null: the series is not in this calendar. */
  events: GoogleEvent[] | null
  timeZone: string
}

/** The series that is to be asked for its occurrences next, if any is by now. */
export async function nextSeries(ctx: Ctx): Promise<string | null> {
  const [next] = await rows<{ eventId: string }>(
    ctx,
    sql`SELECT "eventId" FROM calendar_entries WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "expandAt" <= ${toDate(ctx.clock.now())}::timestamptz ORDER BY "expandAt", "eventId" LIMIT 1`,
  )
  return next?.eventId ?? null
}

/** Asks Google for the occurrences of a series, those that were changed or cancelled by themselves as they are. @throws GoogleFailure */
export async function readOccurrences(ctx: Ctx, seriesId: string): Promise<Occurrences> {
  const now = ctx.clock.now().toZonedDateTimeISO('UTC')
  const from = now.subtract({ months: window.backMonths }).toInstant()
  const to = now.add({ months: window.aheadMonths }).toInstant()
  const events: GoogleEvent[] = []
  let timeZone = 'UTC'
  let pageToken: string | null = null
  do {
    let page
    try {
      page = await listInstances(ctx, { seriesId, from, to, pageToken })
    } catch (error) {
      if (error instanceof GoogleFailure && (error.kind === 'missing' || error.kind === 'expired')) return { seriesId, from, events: null, timeZone }
      throw error
    }
    events.push(...page.events)
    ;({ timeZone, nextPageToken: pageToken } = page)
  } while (pageToken !== null)
  return { seriesId, from, events, timeZone }
}

/** Replaces what is known of a series' occurrences, in one transaction. What lies before the window stays as it was: meetings of long ago do not vanish because time goes on. Answers how many meetings came, changed or went. */
export async function replaceOccurrences(tx: Ctx, { seriesId, from, events, timeZone }: Occurrences, reading: Pick<Reading, 'own'>): Promise<number> {
  const again = events === null ? null : toDate(tx.clock.now().add(renewAfter))
  await execute(
    tx,
    sql`UPDATE calendar_entries SET "expandAt" = ${again}::timestamptz WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "eventId" = ${seriesId} AND "expandAt" IS NOT NULL`,
  )
  // Of a series that is not in the calendar, its owner may still be invited to single occurrences: those are exceptions that were listed.
  if (events === null) return dropMeetings(tx, await occurrencesByRule(tx, seriesId))
  const meetings = events.map((event) => meetingOf(event, timeZone, reading.own)).filter((read) => typeof read !== 'string')
  const wanted = new Set(meetings.map(({ eventId }) => eventId))
  const known = await meetingsOfSeries(tx, [seriesId], toDate(from))
  const dropped = await dropMeetings(
    tx,
    known.filter((eventId) => !wanted.has(eventId)),
  )
  return (
    dropped +
    (await putMeetings(
      tx,
      meetings.map((meeting) => ({ ...meeting, seriesId })),
    ))
  )
}

async function occurrencesByRule(tx: Ctx, seriesId: string): Promise<string[]> {
  const ownerId = ownerOf(tx)
  const found = await rows<{ eventId: string }>(
    tx,
    sql`SELECT m."eventId" FROM calendar_meetings AS m WHERE m."ownerId" = ${ownerId}::uuid AND m."seriesId" = ${seriesId}
          AND NOT EXISTS (SELECT 1 FROM calendar_entries AS e WHERE e."ownerId" = ${ownerId}::uuid AND e."eventId" = m."eventId" AND e."deletedAt" IS NULL)`,
  )
  return found.map(({ eventId }) => eventId)
}
