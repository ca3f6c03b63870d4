import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { GoogleSyncState } from '../db/generated/prisma/client.ts'
import { refreshDue } from '../jobs/due.ts'
import type { FeatureStatus } from './features.ts'

/** The kinds under which the due directory keeps when a feature's next run is due. */
export const syncDue = 'google.contacts'

/** Longer than a page takes, with all the time Google may take for it; each page renews it. A worker that was killed holds its run up so long. */
const lease = { seconds: 120 }

/** The run of one feature that a worker holds. */
export type Run = Pick<GoogleSyncState, 'id' | 'fence' | 'runId' | 'pageToken' | 'processed' | 'total' | 'failures' | 'paramsHash'>

/** The run was taken over, or its feature was connected anew: nothing more may be written for it. */
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
  const [run] = await rows<Run>(
    ctx,
    sql`UPDATE google_sync_states SET status = 'SYNCING', phase = 'list', "leaseOwner" = ${ctx.requestId}, "leaseUntil" = ${toDate(now.add(lease))}::timestamptz, fence = fence + 1, "nextRunAt" = NULL, "updatedAt" = ${at}::timestamptz
        WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${stateId}::uuid AND ("leaseUntil" IS NULL OR "leaseUntil" <= ${at}::timestamptz) AND ("notBefore" IS NULL OR "notBefore" <= ${at}::timestamptz)
          AND (status = 'SYNCING' OR (status IN ('PENDING', 'IDLE', 'FAILED') AND "nextRunAt" <= ${at}::timestamptz))
        RETURNING id, fence, "runId", "pageToken", processed, total, failures, "paramsHash"`,
  )
  return run ?? null
}

/** How far a run has come. */
export interface Progress {
  processed: number
  total: number | null
  pageToken: string | null
  paramsHash: string | null
  runId: number
}

/** Writes down how far a run has come and keeps hold of it: the first statement of every transaction of a run, so that none of a run that was taken over commits. @throws LeaseLost */
export async function advance(tx: Ctx, run: Run, progress: Progress): Promise<void> {
  const now = tx.clock.now()
  const { processed, total, pageToken, paramsHash, runId } = progress
  const held = await execute(
    tx,
    sql`UPDATE google_sync_states SET processed = ${processed}::int, total = ${total}::int, "pageToken" = ${pageToken}, "paramsHash" = ${paramsHash}, "runId" = ${runId}::int,
          failures = 0, "errorCode" = NULL, "leaseUntil" = ${toDate(now.add(lease))}::timestamptz, "updatedAt" = ${toDate(now)}::timestamptz
        WHERE ${heldBy(tx, run)}`,
  )
  if (held === 0) throw new LeaseLost()
}

/** Ends a run that has come to its end. The cursor is where the next one begins. @throws LeaseLost */
export async function completeRun(tx: Ctx, run: Run, cursor: string): Promise<void> {
  const now = toDate(tx.clock.now())
  const held = await execute(
    tx,
    sql`UPDATE google_sync_states SET status = 'IDLE', phase = NULL, "pageToken" = NULL, cursor = ${cursor}, "cursorAt" = ${now}::timestamptz, "lastSuccessAt" = ${now}::timestamptz, "lastFullAt" = ${now}::timestamptz,
          total = processed, failures = 0, "errorCode" = NULL, "nextRunAt" = NULL, "notBefore" = NULL, "leaseOwner" = NULL, "leaseUntil" = NULL, "updatedAt" = ${now}::timestamptz
        WHERE ${heldBy(tx, run)}`,
  )
  if (held === 0) throw new LeaseLost()
}

/** How a run that failed goes on. */
export interface Setback {
  status: FeatureStatus
  errorCode: string
  /** Null: not before the owner does something. */
  nextRunAt: Temporal.Instant | null
  failures: number
  /** Begins the list anew, because Google does not know the place in it any more. */
  restart?: boolean
}

/** Lets go of a run that failed, and writes down why and when it goes on; answers false when it had been taken over before. */
export async function pauseRun(ctx: Ctx, run: Run, { status, errorCode, nextRunAt, failures, restart = false }: Setback): Promise<boolean> {
  const next = nextRunAt && toDate(nextRunAt)
  const held = await execute(
    ctx,
    sql`UPDATE google_sync_states SET status = ${status}, "errorCode" = ${errorCode}, "nextRunAt" = ${next}::timestamptz, "notBefore" = ${next}::timestamptz, failures = ${failures}::int,
          "pageToken" = CASE WHEN ${restart} THEN NULL ELSE "pageToken" END, processed = CASE WHEN ${restart} THEN 0 ELSE processed END, "runId" = "runId" + CASE WHEN ${restart} THEN 1 ELSE 0 END,
          "leaseOwner" = NULL, "leaseUntil" = NULL, "updatedAt" = ${toDate(ctx.clock.now())}::timestamptz
        WHERE ${heldBy(ctx, run)}`,
  )
  return held === 1
}

/** Enters in the due directory when a feature's run is to be looked at next: when it is due, or when its worker would have let go. */
export async function scheduleSync(ctx: Ctx, stateId: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, syncDue, ownerId, stateId, async (tx) => {
    const [state] = await rows<Pick<GoogleSyncState, 'status' | 'nextRunAt' | 'notBefore' | 'leaseUntil'>>(
      tx,
      sql`SELECT status, "nextRunAt", "notBefore", "leaseUntil" FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND id = ${stateId}::uuid`,
    )
    if (!state || !['PENDING', 'SYNCING', 'IDLE', 'FAILED'].includes(state.status)) return null
    if (state.status === 'SYNCING') return state.leaseUntil ?? toDate(tx.clock.now())
    if (!state.nextRunAt) return null
    const wanted = [state.nextRunAt, state.notBefore, state.leaseUntil].flatMap((date) => (date ? [toInstant(date)] : []))
    return toDate(wanted.reduce((latest, instant) => (Temporal.Instant.compare(instant, latest) > 0 ? instant : latest)))
  })
}

function heldBy(ctx: Ctx, run: Run) {
  return sql`"ownerId" = ${ownerOf(ctx)}::uuid AND id = ${run.id}::uuid AND fence = ${run.fence}::int AND status = 'SYNCING'`
}
