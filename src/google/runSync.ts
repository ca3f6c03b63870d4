import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { GoogleFailure, GrantEnded } from './failure.ts'
import { featureOf, purposeOfFeature, type Resource, scopesOfResource } from './features.ts'
import { claimRun, LeaseLost, pauseRun, type Run, yieldRun } from './run.ts'
import { scheduleSync } from './schedule.ts'
import { setbackOf } from './setback.ts'
import type { Sync } from './sync.ts'
import { Yield } from './yield.ts'

/** Does the run of a resource that is due, as far as it comes, and enters when the next one is. Whoever comes after a crash goes on where the last step was committed. */
export async function runSync(ctx: Ctx, stateId: string): Promise<void> {
  const resource = await resourceOf(ctx, stateId)
  const sync = resource && ctx.app.syncs[resource]
  if (sync) {
    // What is refused is handed out again until it may: what is only stored is not synced, and neither is what its owner has taken back.
    await ctx.app.withPurpose(ctx, { purpose: purposeOfFeature[featureOf(resource)], models: sync.models }, (permitted) => take(permitted, sync, stateId))
  }
  await scheduleSync(ctx, stateId)
}

async function resourceOf(ctx: Ctx, stateId: string): Promise<Resource | null> {
  const [state] = await rows<{ resource: Resource }>(
    ctx,
    sql`SELECT resource FROM google_sync_states WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${stateId}::uuid`,
  )
  return state?.resource ?? null
}

async function take(ctx: Ctx, sync: Sync, stateId: string): Promise<void> {
  const run = await claimRun(ctx, stateId)
  if (!run) return
  try {
    await sync.run(ctx, run)
  } catch (error) {
    await settle(ctx, run, error)
  }
}

async function settle(ctx: Ctx, run: Run, error: unknown): Promise<void> {
  if (error instanceof LeaseLost) return
  if (error instanceof Yield) return yieldRun(ctx, run, error.until)
  // Whoever found out has written down that the grant has ended; a run that began after that ends here.
  if (error instanceof GrantEnded) {
    await pauseRun(ctx, run, { status: 'NEEDS_REAUTHORIZATION', errorCode: 'NEEDS_REAUTHORIZATION', nextRunAt: null, failures: 0 })
    return
  }
  const setback = setbackOf(error, run, ctx.clock)
  const held = await pauseRun(ctx, run, setback)
  const said = { stateId: run.id, resource: run.resource, errorCode: setback.errorCode, failures: setback.failures }
  if (!(error instanceof GoogleFailure)) {
    ctx.app.log.error({ ...said, err: error }, 'A sync with Google failed for a reason of our own and will be tried again.')
    return
  }
  if (held && error.kind === 'scope') await forgetScopes(ctx, run)
  ctx.app.log.info({ ...said, reason: error.message }, 'A sync with Google pauses.')
}

/** Google has said that something is not granted any more: what we remember follows. */
async function forgetScopes(ctx: Ctx, run: Run): Promise<void> {
  await execute(
    ctx,
    sql`UPDATE google_grants SET "grantedScopes" = ARRAY(SELECT s FROM unnest("grantedScopes") AS s WHERE s <> ALL(${[...scopesOfResource(run.resource)]}::text[])), "updatedAt" = ${toDate(ctx.clock.now())}::timestamptz WHERE "ownerId" = ${ownerOf(ctx)}::uuid`,
  )
}
