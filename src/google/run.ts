import { isPermitted } from '../consent/service.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { GoogleSyncState } from '../db/generated/prisma/client.ts'
import { inTransaction } from '../events/service.ts'
import { type Feature, type FeatureStatus, purposeOfFeature, type Resource } from './features.ts'
import { Yield } from './yield.ts'

/** Longer than a page takes, with all the time Google may take for it; each step renews it. A worker that was killed holds its run up so long. */
const lease = { seconds: 120 }
/** How long what runs did can be looked up; the policy of GoogleSyncRun says the same. */
const keepRuns = { hours: 30 * 24 }
/** How long a run goes on before it lets those of others go first. */
const turn = { seconds: 20 }

/** What a run has counted so far: names such as `created` or `skipped.deleted`, never values. */
export type Tally = Readonly<Record<string, number>>

/** How far a run has come; committed with what it has done so far. */
export interface Place {
  /** What it is at, in the sync's own words, such as `list`; null before it has begun. */
  phase: string | null
  pageToken: string | null
  /** What `pageToken` and the cursor were asked for with. */
  paramsHash: string | null
  /** Read at Google before the listing began. */
  baselineCursor: string | null
  /** Counts the listings: what one has seen bears its number. */
  runId: number
  processed: number
  total: number | null
  tally: Tally
  /** How often in a row a fresh cursor was refused. */
  loops: number
}

/** The run of one resource that a worker holds, and where it stands. */
export interface Run extends Place {
  readonly id: string
  readonly feature: Feature
  readonly resource: Resource
  readonly fence: number
  /** Failures in a row before this run. */
  failures: number
  /** Where incremental runs begin; null before a listing has ever ended. */
  cursor: string | null
  cursorAt: Date | null
  lastFullAt: Date | null
  /** The owner wants everything listed anew. */
  readonly fullWanted: boolean
  readonly startedAt: Date
  /** When this worker lets go of it. */
  readonly turnEndsAt: Temporal.Instant
}

/** The run was taken over, or its feature was connected anew or disconnected: nothing more may be written for it. */
export class LeaseLost extends Error {
  override name = 'LeaseLost'
  constructor() {
    super('Another run has taken over.')
  }
}

/** Takes hold of a run that is due, or that a worker has let go of by ending; null when there is nothing to do. From now on whoever held it before can write nothing. */
export async function claimRun(ctx: Ctx, stateId: string): Promise<Run | null> {
  const now = ctx.clock.now()
  const at = toDate(now)
  const [state] = await rows<GoogleSyncState>(
    ctx,
    sql`UPDATE google_sync_states SET status = 'SYNCING', "leaseOwner" = ${ctx.requestId}, "leaseUntil" = ${toDate(now.add(lease))}::timestamptz, fence = fence + 1, "nextRunAt" = NULL,
          dirty = false, "startedAt" = CASE WHEN phase IS NULL OR "startedAt" IS NULL THEN ${at}::timestamptz ELSE "startedAt" END,
          processed = CASE WHEN phase IS NULL THEN 0 ELSE processed END, tally = CASE WHEN phase IS NULL THEN '{}' ELSE tally END, "updatedAt" = ${at}::timestamptz
        WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${stateId}::uuid AND ("leaseUntil" IS NULL OR "leaseUntil" <= ${at}::timestamptz) AND ("notBefore" IS NULL OR "notBefore" <= ${at}::timestamptz)
          AND ((status = 'SYNCING' AND ("nextRunAt" IS NULL OR "nextRunAt" <= ${at}::timestamptz)) OR (status IN ('PENDING', 'IDLE', 'FAILED') AND "nextRunAt" <= ${at}::timestamptz))
        RETURNING *`,
  )
  if (!state) return null
  return {
    ...state,
    feature: state.feature as Feature,
    resource: state.resource as Resource,
    tally: state.tally as Tally,
    startedAt: state.startedAt ?? at,
    turnEndsAt: now.add(turn),
  }
}

/**
 * One transaction of a run. Its first statement writes down how far the run has come and keeps hold of it, so that nothing commits for a run that was taken
 * over; `work` may add to the tally what it finds out. The run stands at its new place once it has committed. @throws LeaseLost; Yield when the run has had its turn, after the commit
 */
export async function step<T>(ctx: Ctx, run: Run, place: Partial<Place>, work: (tx: Ctx, count: Count) => Promise<T>): Promise<T> {
  const { done, reached } = await inTransaction(ctx, (tx) => advance(tx, run, place, work))
  Object.assign(run, reached, { failures: 0 })
  await ctx.app.afterStep?.(run.resource)
  if (Temporal.Instant.compare(ctx.clock.now(), run.turnEndsAt) > 0) throw new Yield(ctx.clock.now())
  return done
}

/** Adds to what a run has counted. */
export type Count = (more: Tally) => void
/** Moves the cursor in the transaction of a step, before the run has ended: from now on incremental runs begin there. The run is told once it has committed. */
export async function moveCursor(tx: Ctx, run: Run, cursor: string): Promise<void> {
  const at = toDate(tx.clock.now())
  await execute(tx, sql`UPDATE google_sync_states SET cursor = ${cursor}, "cursorAt" = ${at}::timestamptz WHERE ${heldBy(tx, run)}`)
}

/** How a run ended well. */
export interface Ending {
  /** Where the next one begins. */
  cursor: string
  /** Whether everything was listed, so that the cursor is as fresh as can be. */
  full: boolean
  /** How long after this run the next one comes by itself, seconds, spread by a quarter either way. */
  everySeconds: number
  place?: Partial<Place>
}

/** Ends a run in one last transaction: the cursor moves with what `work` writes. What changed at Google meanwhile is fetched at once. @throws LeaseLost */
export async function finish(
  ctx: Ctx,
  run: Run,
  { cursor, full, everySeconds, place = {} }: Ending,
  work: (tx: Ctx, count: Count) => Promise<void> = async () => {},
): Promise<void> {
  const last = await inTransaction(ctx, async (tx) => {
    const { reached } = await advance(tx, run, place, work)
    const now = tx.clock.now()
    const at = toDate(now)
    await execute(
      tx,
      sql`UPDATE google_sync_states SET status = 'IDLE', phase = NULL, "pageToken" = NULL, "baselineCursor" = NULL, cursor = ${cursor}, "cursorAt" = ${at}::timestamptz, "lastSuccessAt" = ${at}::timestamptz,
            "lastFullAt" = CASE WHEN ${full} THEN ${at}::timestamptz ELSE "lastFullAt" END, "fullWanted" = "fullWanted" AND NOT ${full}, failures = 0, "errorCode" = NULL,
            "nextRunAt" = CASE WHEN dirty THEN ${at}::timestamptz ELSE ${toDate(now.add({ seconds: spread(everySeconds) }))}::timestamptz END,
            "notBefore" = NULL, "leaseOwner" = NULL, "leaseUntil" = NULL, "updatedAt" = ${at}::timestamptz
          WHERE ${heldBy(tx, run)}`,
    )
    const { tally } = reached
    if (full || Object.values(tally).some((count) => count > 0)) await keepRun(tx, run, { tally, full, outcome: 'SUCCEEDED', errorCode: null })
    return reached
  })
  Object.assign(run, last)
  await ctx.app.afterStep?.(run.resource)
}

/** How a run that failed goes on. */
export interface Setback {
  status: FeatureStatus
  errorCode: string
  /** Null: not before the owner does something. */
  nextRunAt: Temporal.Instant | null
  failures: number
  /** Begins the listing anew, because Google does not know the place in it any more. */
  restart?: boolean
}

/** Lets go of a run that failed, and writes down why and when it goes on; answers false when it had been taken over before. */
export async function pauseRun(ctx: Ctx, run: Run, { status, errorCode, nextRunAt, failures, restart = false }: Setback): Promise<boolean> {
  const next = nextRunAt && toDate(nextRunAt)
  return inTransaction(ctx, async (tx) => {
    const held = await execute(
      tx,
      sql`UPDATE google_sync_states SET status = ${status}, "errorCode" = ${errorCode}, "nextRunAt" = ${next}::timestamptz, "notBefore" = ${next}::timestamptz, failures = ${failures}::int,
            phase = CASE WHEN ${restart} THEN NULL ELSE phase END, processed = CASE WHEN ${restart} THEN 0 ELSE processed END, "pageToken" = CASE WHEN ${restart} THEN NULL ELSE "pageToken" END, "baselineCursor" = CASE WHEN ${restart} THEN NULL ELSE "baselineCursor" END,
            "fullWanted" = "fullWanted" OR ${restart}, "leaseOwner" = NULL, "leaseUntil" = NULL, "updatedAt" = ${toDate(ctx.clock.now())}::timestamptz
          WHERE ${heldBy(tx, run)}`,
    )
    if (held === 0) return false
    await keepRun(tx, run, { tally: run.tally, full: run.cursor === null || run.fullWanted, outcome: 'PAUSED', errorCode })
    return true
  })
}

/** Lets go of a run that goes on at its time: nothing went wrong. What the last step found that there is to do is written down. */
export async function yieldRun(ctx: Ctx, run: Run, until: Temporal.Instant): Promise<void> {
  await execute(
    ctx,
    sql`UPDATE google_sync_states SET "nextRunAt" = ${toDate(until)}::timestamptz, total = ${run.total}::int, "leaseOwner" = NULL, "leaseUntil" = NULL, "updatedAt" = ${toDate(ctx.clock.now())}::timestamptz WHERE ${heldBy(ctx, run)}`,
  )
}

/** The tally with some more counted. */
export function counted(tally: Tally, more: Readonly<Record<string, number>>): Tally {
  const sum: Record<string, number> = { ...tally }
  for (const [name, count] of Object.entries(more)) if (count !== 0) sum[name] = (sum[name] ?? 0) + count
  return sum
}

async function advance<T>(tx: Ctx, run: Run, place: Partial<Place>, work: (tx: Ctx, count: Count) => Promise<T>): Promise<{ done: T; reached: Place }> {
  const before = placeOf({ ...run, ...place })
  await keep(tx, run, before)
  // Each step is a use of its own: a consent that is gone by now stops the run here.
  if (!(await isPermitted(tx, purposeOfFeature[run.feature]))) throw new LeaseLost()
  let { tally } = before
  const done = await work(tx, (more) => {
    if (Object.values(more).some((number) => number !== 0)) tally = counted(tally, more)
  })
  const reached = { ...before, tally }
  if (tally !== before.tally) await keep(tx, run, reached)
  return { done, reached }
}

async function keep(tx: Ctx, run: Run, place: Place): Promise<void> {
  const now = tx.clock.now()
  const { phase, pageToken, paramsHash, baselineCursor, runId, processed, total, tally, loops } = place
  const held = await execute(
    tx,
    sql`UPDATE google_sync_states SET phase = ${phase}, "pageToken" = ${pageToken}, "paramsHash" = ${paramsHash}, "baselineCursor" = ${baselineCursor}, "runId" = ${runId}::int, processed = ${processed}::int, total = ${total}::int,
          tally = ${JSON.stringify(tally)}::jsonb, loops = ${loops}::int, failures = 0, "errorCode" = NULL, "leaseUntil" = ${toDate(now.add(lease))}::timestamptz, "updatedAt" = ${toDate(now)}::timestamptz
        WHERE ${heldBy(tx, run)}`,
  )
  if (held === 0) throw new LeaseLost()
}

function placeOf({ phase, pageToken, paramsHash, baselineCursor, runId, processed, total, tally, loops }: Place): Place {
  return { phase, pageToken, paramsHash, baselineCursor, runId, processed, total, tally, loops }
}

function heldBy(ctx: Ctx, run: Run) {
  return sql`"ownerId" = ${ownerOf(ctx)}::uuid AND id = ${run.id}::uuid AND fence = ${run.fence}::int AND status = 'SYNCING'`
}

interface Ended {
  tally: Tally
  full: boolean
  outcome: 'SUCCEEDED' | 'PAUSED'
  errorCode: string | null
}

async function keepRun(tx: Ctx, run: Run, { tally, full, outcome, errorCode }: Ended): Promise<void> {
  const forgotten = toDate(tx.clock.now().subtract(keepRuns))
  await execute(
    tx,
    sql`DELETE FROM google_sync_runs WHERE "ownerId" = ${ownerOf(tx)}::uuid AND feature = ${run.feature} AND "endedAt" < ${forgotten}::timestamptz`,
  )
  await execute(
    tx,
    sql`INSERT INTO google_sync_runs ("ownerId", id, feature, resource, mode, "startedAt", "endedAt", outcome, "errorCode", tally)
        VALUES (${ownerOf(tx)}::uuid, ${newId(tx.clock)}::uuid, ${run.feature}, ${run.resource}, ${full ? 'FULL' : 'INCREMENTAL'}, ${run.startedAt}::timestamptz, ${toDate(tx.clock.now())}::timestamptz, ${outcome}, ${errorCode}, ${JSON.stringify(tally)}::jsonb)`,
  )
}

/** A quarter either way is left to chance, so that those who began together do not stay together. */
function spread(seconds: number, random: () => number = Math.random): number {
  return Math.round(seconds * (0.75 + random() / 2))
}
