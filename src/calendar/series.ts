import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, send, sql } from '../db/client.ts'
import { GoogleFailure } from '../google/failure.ts'
import { listInstances } from './api.ts'
import type { Reading } from './entries.ts'
import { dropMeetings, meetingsOfSeries, putMeetings } from './meetings.ts'
import { type GoogleEvent, meetingOf } from './rules.ts'

/** Which occurrences of a series are known: so far back and so far ahead (specification 1.6). */
const window = { backMonths: 24, aheadMonths: 3 }
/** A series is asked again when so much of what lies ahead is used up: long before an occurrence that is not known could begin. */
const renewAfter = { hours: 30 * 24 }

/** So many series are asked for one after the other and written at once, unless they come to more occurrences than that before, or take longer, seconds: the run's lease is renewed with what is written. */
const [seriesAtOnce, occurrencesAtOnce, secondsAtOnce] = [20, 1000, 10]

/** The occurrences of a series as they are now. */
interface Series {
  seriesId: string
  /** Null: the series is not in this calendar. */
  events: GoogleEvent[] | null
  timeZone: string
}

/** The occurrences of some series. */
export interface Occurrences {
  series: readonly Series[]
  /** Those that ended before are not among them. */
  from: Temporal.Instant
  /** Why Google was asked for no more of them. */
  stopped: unknown
}

/** Asks Google for the occurrences of some of the series that are to be asked for by now, those that were changed or cancelled by themselves as they are; null when there is none. @throws GoogleFailure, GrantEnded, Yield when there is none to be had */
export async function readOccurrences(ctx: Ctx): Promise<Occurrences | null> {
  const due = await rows<{ eventId: string }>(
    ctx,
    sql`SELECT "eventId" FROM calendar_entries WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "expandAt" <= ${toDate(ctx.clock.now())}::timestamptz ORDER BY "expandAt", "eventId" LIMIT ${seriesAtOnce}::int`,
  )
  if (due.length === 0) return null
  const now = ctx.clock.now().toZonedDateTimeISO('UTC')
  const from = now.subtract({ months: window.backMonths }).toInstant()
  const to = now.add({ months: window.aheadMonths }).toInstant()
  const until = ctx.clock.now().add({ seconds: secondsAtOnce })
  const series: Series[] = []
  let found = 0
  for (const { eventId: seriesId } of due) {
    try {
      series.push({ seriesId, ...(await readSeries(ctx, seriesId, from, to)) })
    } catch (error) {
      // What has come by then is not asked for again.
      if (series.length === 0) throw error
      return { series, from, stopped: error }
    }
    found += series.at(-1)?.events?.length ?? 0
    if (found >= occurrencesAtOnce || Temporal.Instant.compare(ctx.clock.now(), until) >= 0) break
  }
  return { series, from, stopped: null }
}

async function readSeries(ctx: Ctx, seriesId: string, from: Temporal.Instant, to: Temporal.Instant): Promise<Omit<Series, 'seriesId'>> {
  const events: GoogleEvent[] = []
  let timeZone = 'UTC'
  let pageToken: string | null = null
  do {
    let page
    try {
      page = await listInstances(ctx, { seriesId, from, to, pageToken })
    } catch (error) {
      if (error instanceof GoogleFailure && (error.kind === 'missing' || error.kind === 'expired')) return { events: null, timeZone }
      throw error
    }
    events.push(...page.events)
    ;({ timeZone, nextPageToken: pageToken } = page)
  } while (pageToken !== null)
  return { events, timeZone }
}

/** Replaces what is known of the occurrences of some series, in one transaction. What lies before the window stays as it was: meetings of long ago do not vanish because time goes on. Answers how many meetings came, changed or went. */
export async function replaceOccurrences(tx: Ctx, { series, from }: Occurrences, reading: Pick<Reading, 'own'>): Promise<number> {
  const there = series.filter(({ events }) => events !== null).map(({ seriesId }) => seriesId)
  const away = series.filter(({ events }) => events === null).map(({ seriesId }) => seriesId)
  send(
    tx,
    sql`UPDATE calendar_entries SET "expandAt" = CASE WHEN "eventId" = ANY(${there}::text[]) THEN ${toDate(tx.clock.now().add(renewAfter))}::timestamptz END
        WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "eventId" = ANY(${[...there, ...away]}::text[]) AND "expandAt" IS NOT NULL`,
  )
  const meetings = series.flatMap(({ seriesId, events, timeZone }) =>
    (events ?? []).flatMap((event) => {
      const read = meetingOf(event, timeZone, reading.own)
      return typeof read === 'string' ? [] : [{ ...read, seriesId }]
    }),
  )
  const wanted = new Set(meetings.map(({ eventId }) => eventId))
  const known = await meetingsOfSeries(tx, there, toDate(from))
  // Of a series that is not in the calendar, its owner may still be invited to single occurrences: those are exceptions that were listed.
  const dropped = await dropMeetings(tx, [...known.filter((eventId) => !wanted.has(eventId)), ...(await occurrencesByRule(tx, away))])
  return dropped + (await putMeetings(tx, meetings))
}

async function occurrencesByRule(tx: Ctx, seriesIds: readonly string[]): Promise<string[]> {
  if (seriesIds.length === 0) return []
  const ownerId = ownerOf(tx)
  const found = await rows<{ eventId: string }>(
    tx,
    sql`SELECT m."eventId" FROM calendar_meetings AS m WHERE m."ownerId" = ${ownerId}::uuid AND m."seriesId" = ANY(${[...seriesIds]}::text[])
          AND NOT EXISTS (SELECT 1 FROM calendar_entries AS e WHERE e."ownerId" = ${ownerId}::uuid AND e."eventId" = m."eventId" AND e."deletedAt" IS NULL)`,
  )
  return found.map(({ eventId }) => eventId)
}
