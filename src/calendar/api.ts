import { calendar, type calendar_v3 } from 'googleapis/build/src/apis/calendar/index.js'
import { createHash } from 'node:crypto'
import type { Ctx } from '../core/ctx.ts'
import { callGoogle, clientOptions } from '../google/call.ts'
import type { GoogleEvent } from './rules.ts'

/** The owner's own calendar: the scope that Kith asks for does not reach a list of others (docs/adr). */
const calendarId = 'primary'
/** The most events that Google lists at once. */
export const largestPage = 2500
/** An events.insert costs more of the quota than a read does, in requests. */
const writeUnits = 3

/** One page of a calendar, or of a series. */
export interface EventsPage {
  events: GoogleEvent[]
  /** IANA: in which whole days are meant. */
  timeZone: string
  /** Absent on the last page only; a page before it may be empty. */
  nextPageToken: string | null
  /** On the last page of a calendar: with it, later calls say only what has changed. */
  nextSyncToken: string | null
}

/** Which parameters page and sync tokens are good for: Google takes them back only with the same ones. */
export function paramsHashOf(pageSize: number): string {
  return createHash('sha256').update(`events ${calendarId} singleEvents=false ${pageSize}`).digest('base64url').slice(0, 16)
}

/** One page of the calendar: all of it, or with a sync token what has changed since, series as one event each and without bounds of time. @throws GoogleFailure */
export async function listEvents(
  ctx: Ctx,
  { pageToken, syncToken, pageSize }: { pageToken: string | null; syncToken: string | null; pageSize: number },
): Promise<EventsPage> {
  const page = await callCalendar(ctx, 1, (api) =>
    api.events.list({
      calendarId,
      singleEvents: false,
      maxResults: pageSize,
      ...(syncToken === null ? {} : { syncToken }),
      ...(pageToken === null ? {} : { pageToken }),
    }),
  )
  return pageOf(page)
}

/** One page of a series' occurrences that end after one instant and begin before another. @throws GoogleFailure */
export async function listInstances(
  ctx: Ctx,
  { seriesId, from, to, pageToken }: { seriesId: string; from: Temporal.Instant; to: Temporal.Instant; pageToken: string | null },
): Promise<EventsPage> {
  const page = await callCalendar(ctx, 1, (api) =>
    api.events.instances({
      calendarId,
      eventId: seriesId,
      timeMin: from.toString(),
      timeMax: to.toString(),
      showDeleted: true,
      maxResults: largestPage,
      ...(pageToken === null ? {} : { pageToken }),
    }),
  )
  return pageOf(page)
}

/** One event. @throws GoogleFailure */
export function getEvent(ctx: Ctx, eventId: string): Promise<GoogleEvent> {
  return callCalendar(ctx, 1, (api) => api.events.get({ calendarId, eventId }))
}

/** Puts an event with an id of our own into the calendar. @throws GoogleFailure, a `duplicate` where it is there already */
export function insertEvent(ctx: Ctx, event: GoogleEvent, { invite }: { invite: boolean }): Promise<GoogleEvent> {
  return callCalendar(ctx, writeUnits, (api) =>
    api.events.insert({ calendarId, conferenceDataVersion: 1, sendUpdates: invite ? 'all' : 'none', requestBody: event }),
  )
}

/** Asks Google to say on a channel that the calendar has changed. @throws GoogleFailure */
export async function watchEvents(
  ctx: Ctx,
  { id, token, address }: { id: string; token: string; address: string },
): Promise<{ resourceId: string; expiresAt: Temporal.Instant | null }> {
  const channel = await callCalendar(ctx, writeUnits, (api) => api.events.watch({ calendarId, requestBody: { id, type: 'web_hook', address, token } }))
  const expires = Number(channel.expiration)
  return { resourceId: channel.resourceId ?? '', expiresAt: expires > 0 ? Temporal.Instant.fromEpochMilliseconds(expires) : null }
}

/** Closes a channel. @throws GoogleFailure */
export async function stopChannel(ctx: Ctx, { id, resourceId }: { id: string; resourceId: string }): Promise<void> {
  await callCalendar(ctx, 1, async (api) => {
    await api.channels.stop({ requestBody: { id, resourceId } })
    return { data: {} }
  })
}

function pageOf({ items, timeZone, nextPageToken, nextSyncToken }: calendar_v3.Schema$Events): EventsPage {
  return { events: items ?? [], timeZone: timeZone ?? 'UTC', nextPageToken: nextPageToken || null, nextSyncToken: nextSyncToken || null }
}

function callCalendar<Data extends object>(ctx: Ctx, units: number, call: (api: calendar_v3.Calendar) => Promise<{ data: Data }>): Promise<Data> {
  return callGoogle(ctx, { api: 'calendar', units }, (accessToken) => call(calendar({ version: 'v3', ...clientOptions(ctx, accessToken) })))
}
