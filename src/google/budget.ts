import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { type Api, quotas } from './quota.ts'
import { Yield } from './yield.ts'

/** So much of a minute's allowance a bucket holds: a batch of 25 messages. A burst and the minute after it together stay within what Google counts in any minute. */
const burstPart = 1 / 12

/** Takes units of an API's quota from the owner's and the project's bucket, which all processes share. @throws Yield until they are there, with nothing taken */
export async function spend(ctx: Ctx, api: Api, units: number): Promise<void> {
  const allowance = quotas[ctx.app.config.googleQuota].allowance?.[api]
  if (!allowance) return
  const own = bucketOf(api, ownerOf(ctx), allowance.perUserMinute)
  const everybodys = bucketOf(api, 'project', allowance.perProjectMinute)
  const wait = await take(ctx, own, units)
  if (wait > 0) throw new Yield(ctx.clock.now().add({ milliseconds: Math.ceil(wait * 1000) }))
  const projectWait = await take(ctx, everybodys, units)
  if (projectWait === 0) return
  await execute(ctx, sql`UPDATE rate_limits SET spent = greatest(0, spent - ${units}::float8) WHERE key = ${own.key}`)
  throw new Yield(ctx.clock.now().add({ milliseconds: Math.ceil(projectWait * 1000) }))
}

/** So much of a bucket is left for the small calls that come before a large one: one that needed all of it would wait for ever behind them. */
const room = 1 / 10

/** The most units of an API that can be had at once without going beyond what a minute allows. */
export function mostAtOnce(ctx: Ctx, api: Api): number {
  const allowance = quotas[ctx.app.config.googleQuota].allowance?.[api]
  return allowance ? allowance.perUserMinute * burstPart * (1 - room) : Infinity
}

/** Google said that too much was asked for: the owner's bucket is empty, so that everything of theirs slows down. */
export async function drain(ctx: Ctx, api: Api): Promise<void> {
  const allowance = quotas[ctx.app.config.googleQuota].allowance?.[api]
  if (!allowance) return
  const { key, capacity } = bucketOf(api, ownerOf(ctx), allowance.perUserMinute)
  const at = toDate(ctx.clock.now())
  await execute(
    ctx,
    sql`INSERT INTO rate_limits (key, spent, granted, at) VALUES (${key}, ${capacity}::float8, 0, ${at}::timestamptz)
        ON CONFLICT (key) DO UPDATE SET spent = greatest(rate_limits.spent, excluded.spent), at = greatest(rate_limits.at, excluded.at)`,
  )
}

interface Bucket {
  key: string
  capacity: number
  perSecond: number
}

function bucketOf(api: Api, whose: string, perMinute: number): Bucket {
  return { key: `google ${api} ${whose}`, capacity: perMinute * burstPart, perSecond: (perMinute * (1 - burstPart)) / 60 }
}

/** Takes all units or none; answers how long to wait for them, seconds. What is more than a whole bucket may be taken from a full one. */
async function take(ctx: Ctx, { key, capacity, perSecond }: Bucket, units: number): Promise<number> {
  const now = toDate(ctx.clock.now())
  const spent = sql`greatest(0, b.spent - greatest(0, extract(epoch FROM ${now}::timestamptz - b.at)::float8) * ${perSecond}::float8)`
  const fits = sql`(${spent} = 0 OR ${spent} + ${units}::float8 <= ${capacity}::float8)`
  const [row] = await rows<{ spent: number; granted: number }>(
    ctx,
    sql`INSERT INTO rate_limits AS b (key, spent, granted, at) VALUES (${key}, ${units}::float8, ${units}::float8, ${now}::timestamptz)
        ON CONFLICT (key) DO UPDATE SET spent = CASE WHEN ${fits} THEN ${spent} + ${units}::float8 ELSE ${spent} END, granted = CASE WHEN ${fits} THEN ${units}::float8 ELSE 0 END, at = greatest(b.at, excluded.at)
        RETURNING spent, granted`,
  )
  if (!row || row.granted > 0 || units === 0) return 0
  return Math.max(0.05, Math.min(row.spent, row.spent + units - capacity) / perSecond)
}
