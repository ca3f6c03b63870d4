import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { CalendarScheduling } from '../db/generated/prisma/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { GoogleFailure, GrantEnded } from '../google/failure.ts'
import { isSyncing } from '../google/schedule.ts'
import { Yield } from '../google/yield.ts'
import { refreshDue } from '../jobs/due.ts'
import { getEvent, insertEvent } from './api.ts'
import { saveInserted } from './entries.ts'
import { ownAddresses } from './own.ts'
import type { GoogleEvent } from './rules.ts'

/** What is asked of Google, sealed until it has been. */
export interface SendRequest {
  event: GoogleEvent
  /** Whether Google sends invitations by mail; the event stands in the guests' calendars either way. */
  invite: boolean
}

/** The kind under which the due directory keeps when an event is to be sent, or its conference looked for. */
export const sendDue = 'calendar.send'

/** Longer than a call to Google may take: who was at it and is not heard of any more has ended. */
const lease = { seconds: 90 }
/** An event that cannot be sent for so long is given up, and says so. */
const patience = { hours: 24 }
/** Waits between tries, seconds: doubled from the first to the longest. */
const waits = { first: 5, longest: 3600 }
/** So often a conference that is still being made is looked for. */
const mostLooks = 12

/** Puts an event that was asked for into the calendar, or looks whether its conference is there by now. It is put there once, however often this is called and whatever failed before. */
export async function sendScheduled(ctx: Ctx, id: string): Promise<void> {
  const scheduling = await claim(ctx, id)
  if (scheduling) {
    try {
      // What was asked for before the calendar was disconnected is not wanted there any more.
      if (!(await isSyncing(ctx, 'calendar'))) throw new GrantEnded()
      const event = scheduling.state === 'WAITING' ? await sentEvent(ctx, scheduling) : await getEvent(ctx, scheduling.eventId)
      await keep(ctx, scheduling, event)
    } catch (error) {
      await setBack(ctx, scheduling, error)
    }
  }
  await scheduleSending(ctx, id)
}

/** Enters in the due directory when an event is to be looked at next. */
export async function scheduleSending(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, sendDue, ownerId, id, async (tx) => {
    const [next] = await rows<Pick<CalendarScheduling, 'notBefore' | 'leaseUntil'>>(
      tx,
      sql`SELECT "notBefore", "leaseUntil" FROM calendar_schedulings WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid`,
    )
    if (!next?.notBefore) return null
    return next.leaseUntil && next.leaseUntil > next.notBefore ? next.leaseUntil : next.notBefore
  })
}

async function claim(ctx: Ctx, id: string): Promise<CalendarScheduling | null> {
  const now = ctx.clock.now()
  const [mine] = await rows<CalendarScheduling>(
    ctx,
    sql`UPDATE calendar_schedulings SET "leaseUntil" = ${toDate(now.add(lease))}::timestamptz, attempts = attempts + 1
        WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${id}::uuid AND "notBefore" <= ${toDate(now)}::timestamptz AND ("leaseUntil" IS NULL OR "leaseUntil" <= ${toDate(now)}::timestamptz)
        RETURNING *`,
  )
  return mine ?? null
}

/** The event as it stands in the calendar, where it is put unless it is there. After a try whose end is not known, Google is asked first: it does not promise to notice that an id is taken. */
async function sentEvent(ctx: Ctx, { id, eventId, attempts, request }: CalendarScheduling): Promise<GoogleEvent> {
  const vault = await ctx.app.vault.of(ownerOf(ctx))
  const { event, invite } = JSON.parse(vault.openMaybe('CalendarScheduling.request', id, request) ?? '{}') as SendRequest
  const known = attempts > 1 ? await found(ctx, eventId) : null
  if (known) return known
  try {
    return await insertEvent(ctx, event, { invite })
  } catch (error) {
    if (!(error instanceof GoogleFailure)) throw error
    // 409: it is there already. No answer, or one of a server in trouble: it may be.
    const there = error.kind === 'duplicate' || error.kind === 'unavailable' ? await found(ctx, eventId) : null
    if (!there) throw error
    return there
  }
}

async function found(ctx: Ctx, eventId: string): Promise<GoogleEvent | null> {
  try {
    return await getEvent(ctx, eventId)
  } catch (error) {
    if (error instanceof GoogleFailure && error.kind === 'missing') return null
    throw error
  }
}

/** Writes down that the event is in the calendar, and takes it in as a sync would; neither where the calendar was disconnected meanwhile. */
async function keep(ctx: Ctx, scheduling: CalendarScheduling, event: GoogleEvent): Promise<void> {
  const { id, eventId, attempts } = scheduling
  const ownerId = ownerOf(ctx)
  const own = await ownAddresses(ctx)
  const conference = conferenceOf(scheduling, event)
  await inTransaction(ctx, async (tx) => {
    const now = tx.clock.now()
    const isConnected = await isSyncing(tx, 'calendar')
    const look = conference.state === 'PENDING' && isConnected ? toDate(now.add({ seconds: waitOf(attempts) })) : null
    const held = await execute(
      tx,
      sql`UPDATE calendar_schedulings SET state = 'SCHEDULED', request = NULL, url = ${event.htmlLink ?? null}, conference = ${conference.state}, "conferenceUrl" = ${conference.url},
            "leaseUntil" = NULL, "notBefore" = ${look}::timestamptz, "errorCode" = NULL, "updatedAt" = ${toDate(now)}::timestamptz
          WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid AND state = ${scheduling.state}`,
    )
    if (held === 0 || !isConnected) return
    if (scheduling.state === 'WAITING')
      record(tx, { type: 'calendar.eventScheduled', entityType: 'CalendarScheduling', entityId: id, changed: ['state', 'url'] })
    const [sync] = await rows<{ runId: number }>(tx, sql`SELECT "runId" FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND resource = 'calendar'`)
    await saveInserted(tx, { ...event, id: eventId }, { timeZone: event.start?.timeZone ?? 'UTC', own, runId: sync?.runId ?? 0 })
  })
}

function conferenceOf(
  { conference, attempts }: CalendarScheduling,
  { hangoutLink, conferenceData, status }: GoogleEvent,
): { state: string; url: string | null } {
  if (conference === 'NONE') return { state: 'NONE', url: null }
  const url = hangoutLink ?? conferenceData?.entryPoints?.find(({ entryPointType }) => entryPointType === 'video')?.uri ?? null
  if (url !== null) return { state: 'READY', url }
  const isMade = conferenceData?.createRequest?.status?.statusCode === 'pending' && status !== 'cancelled' && attempts < mostLooks
  return { state: isMade ? 'PENDING' : 'FAILED', url: null }
}

async function setBack(ctx: Ctx, { id, state, attempts, createdAt }: CalendarScheduling, error: unknown): Promise<void> {
  const now = ctx.clock.now()
  const isOver = Temporal.Instant.compare(toInstant(createdAt).add(patience), now) < 0
  const asked = error instanceof GoogleFailure ? (error.retryAfterSeconds ?? 0) : 0
  const later = error instanceof Yield ? error.until : now.add({ seconds: Math.max(asked, waitOf(attempts)) })
  const mayPass =
    error instanceof Yield ||
    (!(error instanceof GrantEnded) && !(error instanceof GoogleFailure && ['refused', 'missing', 'scope', 'disabled'].includes(error.kind)))
  const goesOn = mayPass && !isOver
  // Of an event that is in the calendar, only the conference is left to be known.
  const [failed, what] = state === 'WAITING' ? (['FAILED', 'state'] as const) : (['SCHEDULED', 'conference'] as const)
  await execute(
    ctx,
    sql`UPDATE calendar_schedulings SET "leaseUntil" = NULL, "notBefore" = ${goesOn ? toDate(later) : null}::timestamptz, "errorCode" = ${goesOn && error instanceof Yield ? null : codeOf(error)},
          state = ${goesOn ? state : failed}, conference = CASE WHEN ${!goesOn} AND conference = 'PENDING' THEN 'FAILED' ELSE conference END, request = CASE WHEN ${goesOn} THEN request END, "updatedAt" = ${toDate(now)}::timestamptz
        WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${id}::uuid AND state = ${state}`,
  )
  if (error instanceof Yield) return
  const said = { schedulingId: id, attempts, goesOn, what }
  if (error instanceof GoogleFailure || error instanceof GrantEnded)
    ctx.app.log.info({ ...said, reason: error.message }, 'An event could not be sent to Google.')
  else ctx.app.log.error({ ...said, err: error }, 'An event could not be sent to Google for a reason of our own.')
}

function codeOf(error: unknown): string {
  if (error instanceof GrantEnded) return 'NEEDS_REAUTHORIZATION'
  if (!(error instanceof GoogleFailure)) return 'INTERNAL'
  const codes = { rate: 'RATE_LIMITED', daily: 'RATE_LIMITED', scope: 'SCOPE_MISSING', disabled: 'API_DISABLED', client: 'CLIENT_REJECTED' } as const
  return error.kind in codes ? codes[error.kind as keyof typeof codes] : error.kind === 'refused' || error.kind === 'missing' ? 'REFUSED' : 'UNAVAILABLE'
}

function waitOf(attempts: number): number {
  return Math.min(waits.longest, waits.first * 2 ** Math.min(Math.max(attempts - 1, 0), 20))
}
