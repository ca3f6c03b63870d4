import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { Named } from './api.ts'
import type { Wanted } from './plan.ts'

/** Before everything that a listing has found. */
export const first = -1
/** After it. */
export const last = 2_000_000_000

/** Queues messages whose metadata is to be fetched; one that waits already keeps the better place. The lowest place is fetched first, and of one place the newest. */
export async function enqueue(tx: Ctx, messages: readonly Named[], { place, runId }: { place: number; runId: number }): Promise<void> {
  if (messages.length === 0) return
  await execute(
    tx,
    sql`INSERT INTO gmail_fetches AS f ("ownerId", id, "threadId", place, "runId", "notBefore")
        SELECT DISTINCT ON (id) ${ownerOf(tx)}::uuid, id, "threadId", ${place}::int, ${runId}::int, ${toDate(tx.clock.now())}::timestamptz
        FROM unnest(${messages.map(({ id }) => id)}::text[], ${messages.map(({ threadId }) => threadId)}::text[]) AS n(id, "threadId") ORDER BY id
        ON CONFLICT ("ownerId", id) DO UPDATE SET place = least(f.place, excluded.place), "runId" = excluded."runId"
        WHERE (f."runId", f.place) IS DISTINCT FROM (excluded."runId", least(f.place, excluded.place))`,
  )
}

/** The messages to fetch next, those of one conversation together: `count` at least, if so many wait. */
export function nextWanted(ctx: Ctx, count: number): Promise<Wanted[]> {
  const ownerId = ownerOf(ctx)
  const due = sql`"ownerId" = ${ownerId}::uuid AND "notBefore" <= ${toDate(ctx.clock.now())}::timestamptz`
  return rows<Wanted>(
    ctx,
    sql`SELECT id, "threadId", attempts FROM gmail_fetches
        WHERE ${due} AND "threadId" IN (SELECT "threadId" FROM (SELECT "threadId" FROM gmail_fetches WHERE ${due} ORDER BY place, id DESC LIMIT ${count}::int) AS head)
        ORDER BY place, id DESC LIMIT ${4 * count}::int`,
  )
}

/** Which of these wait to be fetched. */
export async function waitingOf(tx: Ctx, ids: readonly string[]): Promise<Set<string>> {
  if (ids.length === 0) return new Set()
  const waiting = await rows<{ id: string }>(tx, sql`SELECT id FROM gmail_fetches WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${[...ids]}::text[])`)
  return new Set(waiting.map(({ id }) => id))
}

/** Takes messages out of the queue. */
export async function dequeue(tx: Ctx, ids: readonly string[]): Promise<void> {
  if (ids.length > 0) await execute(tx, sql`DELETE FROM gmail_fetches WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ANY(${[...ids]}::text[])`)
}

/** Takes out what a complete listing has not seen. */
export async function dequeueUnseen(tx: Ctx, runId: number): Promise<void> {
  const ownerId = ownerOf(tx)
  await execute(
    tx,
    sql`DELETE FROM gmail_fetches AS f WHERE f."ownerId" = ${ownerId}::uuid AND f."runId" < ${runId}::int
        AND NOT EXISTS (SELECT 1 FROM gmail_messages AS m WHERE m."ownerId" = ${ownerId}::uuid AND m.id = f.id AND m."seenRun" >= ${runId}::int)`,
  )
}

/** Puts messages off that could not be had, each for as long as is said. */
export async function putOff(tx: Ctx, messages: readonly { id: string; seconds: number }[]): Promise<void> {
  if (messages.length === 0) return
  await execute(
    tx,
    sql`UPDATE gmail_fetches AS f SET attempts = f.attempts + 1, "notBefore" = ${toDate(tx.clock.now())}::timestamptz + p.seconds * interval '1 second'
        FROM unnest(${messages.map(({ id }) => id)}::text[], ${messages.map(({ seconds }) => seconds)}::int[]) AS p(id, seconds) WHERE f."ownerId" = ${ownerOf(tx)}::uuid AND f.id = p.id`,
  )
}

/** When the first of those that were put off is to be tried again; null when none waits. */
export async function nextTry(ctx: Ctx): Promise<Temporal.Instant | null> {
  const [found] = await rows<{ at: Date | null }>(ctx, sql`SELECT min("notBefore") AS at FROM gmail_fetches WHERE "ownerId" = ${ownerOf(ctx)}::uuid`)
  return found?.at ? toInstant(found.at) : null
}
