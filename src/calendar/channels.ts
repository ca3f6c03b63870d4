import { createHash, randomBytes, randomUUID } from 'node:crypto'
import type { App } from '../app.ts'
import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { CalendarChannel } from '../db/generated/prisma/client.ts'
import { inTransaction, setOff } from '../events/service.ts'
import { GoogleFailure, GrantEnded } from '../google/failure.ts'
import { isSyncing } from '../google/schedule.ts'
import { Yield } from '../google/yield.ts'
import { refreshDue } from '../jobs/due.ts'
import { stopChannel, watchEvents } from './api.ts'
import { scheduleUpcoming } from './project.ts'

/** The kind under which the due directory keeps when an owner's channel is to be opened or renewed. */
export const watchDue = 'calendar.watch'
/** Where Google sends its messages. */
export const pushPath = '/google/calendar/push'

/** A channel is followed by another one so long before it ends: Google renews none. */
const renewBefore = { hours: 24 }
/** How long a channel lasts where Google does not say, less than it ever gives. */
const assumedLife = { hours: 48 }
/** After so long an answer to the opening of a channel does not come any more. */
const openingLife = { minutes: 5 }
/** When it is tried again after Google would not open a channel. Nothing waits for it: the calendar is looked at by itself. */
const retryAfter = { hours: 1 }

/** Whether Google could reach this server: over https, or as the simulator does. */
export function isReachable({ config }: App): boolean {
  return config.publicUrl.startsWith('https:') || config.google?.origin != null
}

/** Sees to it that a channel will be open, unless one is. In an open transaction. */
export async function openChannelSoon(tx: Ctx): Promise<void> {
  if (!isReachable(tx.app)) return
  if (!(await isOpenAfter(tx, tx.clock.now()))) setOff(tx, { kind: 'calendar.watch', payload: {} })
}

/** Opens a channel where none is open or the open one ends soon, and only then closes the old one: no news is lost between the two. Enters when the next one is due. */
export async function renewChannel(ctx: Ctx): Promise<void> {
  let next = ctx.clock.now().add(retryAfter)
  try {
    if (isReachable(ctx.app) && (await isSyncing(ctx, 'calendar'))) {
      await forgetFailed(ctx)
      if (!(await isOpenAfter(ctx, ctx.clock.now().add(renewBefore)))) await openChannel(ctx)
      await closeRetired(ctx)
    }
  } catch (error) {
    if (error instanceof Yield) next = error.until
    else if (!(error instanceof GoogleFailure || error instanceof GrantEnded)) throw error
    else ctx.app.log.info({ reason: error.message }, 'Google opens no channel for a calendar; it is looked at by itself.')
  }
  await scheduleWatch(ctx, next)
}

/** Enters in the due directory when the owner's channel is to be opened or renewed; not before an instant, if one is given. */
export async function scheduleWatch(ctx: Ctx, notBefore: Temporal.Instant = ctx.clock.now()): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, watchDue, ownerId, ownerId, async (tx) => {
    if (!isReachable(tx.app) || !(await isSyncing(tx, 'calendar'))) return null
    const [open] = await rows<{ at: Date | null }>(
      tx,
      sql`SELECT max("expiresAt") AS at FROM calendar_channels WHERE "ownerId" = ${ownerId}::uuid AND state = 'OPEN'`,
    )
    const renewal = open?.at ? toInstant(open.at).subtract(renewBefore) : notBefore
    return toDate(Temporal.Instant.compare(renewal, notBefore) > 0 ? renewal : notBefore)
  })
}

/** The calendar is disconnected: closes all channels, as far as Google can be reached, and forgets them; a message on one of them means nothing any more. What lies ahead counts no more either. */
export async function stopChannels(ctx: Ctx): Promise<void> {
  await execute(ctx, sql`UPDATE calendar_channels SET state = 'RETIRED' WHERE "ownerId" = ${ownerOf(ctx)}::uuid`)
  await closeRetired(ctx, { whatever: true })
  await scheduleWatch(ctx)
  await scheduleUpcoming(ctx)
}

/** By what a channel's secret is recognised; it is stored nowhere itself. It is 256 bits of chance, which need no key against guessing. */
export function tokenHash(token: string): Buffer {
  return createHash('sha256').update(token).digest()
}

/** Whether a channel is open beyond an instant, or being opened. */
async function isOpenAfter(ctx: Ctx, instant: Temporal.Instant): Promise<boolean> {
  const [open] = await rows(
    ctx,
    sql`SELECT 1 FROM calendar_channels WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND (state = 'OPENING' OR (state = 'OPEN' AND "expiresAt" > ${toDate(instant)}::timestamptz)) LIMIT 1`,
  )
  return open !== undefined
}

async function openChannel(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  const now = ctx.clock.now()
  const id = randomUUID()
  const token = randomBytes(32).toString('base64url')
  // Known before Google is asked: its first message may be here before its answer.
  await inTransaction(ctx, async (tx) => {
    await execute(
      tx,
      sql`INSERT INTO calendar_channels ("ownerId", id, state, "tokenHash", "createdAt") VALUES (${ownerId}::uuid, ${id}::uuid, 'OPENING', ${tokenHash(token)}::bytea, ${toDate(now)}::timestamptz)`,
    )
    await execute(tx, sql`INSERT INTO directory_channels ("channelId", "ownerId") VALUES (${id}::uuid, ${ownerId}::uuid)`)
  })
  const opened = await watchEvents(ctx, { id, token, address: new URL(pushPath, ctx.app.config.publicUrl).href }).catch(async (error: unknown) => {
    await forgetChannels(ctx, [id])
    throw error
  })
  const isWanted = await inTransaction(ctx, async (tx) => {
    const expiresAt = toDate(opened.expiresAt ?? now.add(assumedLife))
    const known = await execute(
      tx,
      sql`UPDATE calendar_channels SET state = 'OPEN', "resourceId" = ${opened.resourceId}, "expiresAt" = ${expiresAt}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid AND state = 'OPENING'`,
    )
    if (known > 0)
      await execute(tx, sql`UPDATE calendar_channels SET state = 'RETIRED' WHERE "ownerId" = ${ownerId}::uuid AND state = 'OPEN' AND id <> ${id}::uuid`)
    return known > 0
  })
  // It was disconnected meanwhile: nobody waits for this channel's news.
  if (!isWanted) await stopChannel(ctx, { id, resourceId: opened.resourceId })
}

/** Closes what is not needed any more. What Google does not know is closed; what it cannot be told now is tried again, unless it is to be forgotten whatever happens. */
async function closeRetired(ctx: Ctx, { whatever = false } = {}): Promise<void> {
  const retired = await rows<CalendarChannel>(
    ctx,
    sql`SELECT * FROM calendar_channels WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND state = 'RETIRED' ORDER BY "expiresAt" NULLS FIRST`,
  )
  for (const { id, resourceId, expiresAt } of retired) {
    const isOver = expiresAt !== null && expiresAt <= toDate(ctx.clock.now())
    try {
      if (resourceId && !isOver) await stopChannel(ctx, { id, resourceId })
    } catch (error) {
      if (!whatever && !(error instanceof GoogleFailure && ['missing', 'refused'].includes(error.kind))) throw error
    }
    await forgetChannels(ctx, [id])
  }
}

/** Forgets channels whose opening came to no end: the server went down meanwhile. Should Google have opened one, its messages are refused until it ends. */
async function forgetFailed(ctx: Ctx): Promise<void> {
  const bound = toDate(ctx.clock.now().subtract(openingLife))
  const failed = await rows<{ id: string }>(
    ctx,
    sql`SELECT id FROM calendar_channels WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND state = 'OPENING' AND "createdAt" < ${bound}::timestamptz`,
  )
  await forgetChannels(
    ctx,
    failed.map(({ id }) => id),
  )
}

async function forgetChannels(ctx: Ctx, ids: readonly string[]): Promise<void> {
  if (ids.length === 0) return
  await inTransaction(ctx, async (tx) => {
    await execute(tx, sql`DELETE FROM calendar_channels WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${[...ids]}::uuid[])`)
    await execute(tx, sql`DELETE FROM directory_channels WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "channelId" = ANY(${[...ids]}::uuid[])`)
  })
}
