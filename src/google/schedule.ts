import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { GoogleSyncState } from '../db/generated/prisma/client.ts'
import { setOff } from '../events/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { type Feature, features, type Resource } from './features.ts'

/** The kind under which the due directory keeps when the next run of one of a feature's resources is due. */
export function syncDueOf(feature: Feature): string {
  return `google.sync.${feature}`
}

/** Enters in the due directory when a resource's run is to be looked at next: when it is due, or when its worker would have let go. */
export async function scheduleSync(ctx: Ctx, stateId: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  const [known] = await rows<{ feature: Feature }>(
    ctx,
    sql`SELECT feature FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND id = ${stateId}::uuid`,
  )
  for (const feature of known ? [known.feature] : features) await refreshSyncDue(ctx, feature, stateId)
}

async function refreshSyncDue(ctx: Ctx, feature: Feature, stateId: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  await refreshDue(ctx, syncDueOf(feature), ownerId, stateId, async (tx) => {
    const [state] = await rows<Pick<GoogleSyncState, 'status' | 'nextRunAt' | 'notBefore' | 'leaseUntil'>>(
      tx,
      sql`SELECT status, "nextRunAt", "notBefore", "leaseUntil" FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND id = ${stateId}::uuid`,
    )
    if (!state || !['PENDING', 'SYNCING', 'IDLE', 'FAILED'].includes(state.status)) return null
    const wanted = [state.nextRunAt, state.notBefore, state.leaseUntil].flatMap((date) => (date ? [toInstant(date)] : []))
    if (state.status === 'SYNCING') return toDate(latestOf([...wanted, tx.clock.now()]))
    return state.nextRunAt ? toDate(latestOf(wanted)) : null
  })
}

/**
 * Something has changed at Google: the resource's next run is due now, or as soon as Google lets it. A run under way is followed by another one.
 * Called in a transaction; answers false when the owner does not sync the resource.
 */
export async function markDirty(tx: Ctx, resource: Resource, { full = false }: { full?: boolean } = {}): Promise<boolean> {
  const at = toDate(tx.clock.now())
  const [state] = await rows<{ id: string }>(
    tx,
    sql`UPDATE google_sync_states SET dirty = true, "fullWanted" = "fullWanted" OR ${full}, "nextRunAt" = CASE WHEN status = 'SYNCING' THEN "nextRunAt" ELSE least(COALESCE("nextRunAt", ${at}::timestamptz), ${at}::timestamptz) END, "updatedAt" = ${at}::timestamptz
        WHERE "ownerId" = ${ownerOf(tx)}::uuid AND resource = ${resource} AND status IN ('PENDING', 'SYNCING', 'IDLE', 'FAILED') RETURNING id`,
  )
  if (!state) return false
  setOff(tx, { kind: 'google.schedule', payload: { stateId: state.id } })
  return true
}

/** Whether the owner has a resource connected, so that it is kept in sync. In a transaction it stays so until the end of that. */
export async function isSyncing(ctx: Ctx, resource: Resource): Promise<boolean> {
  const [state] = await rows(
    ctx,
    sql`SELECT 1 FROM google_sync_states WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND resource = ${resource} AND status IN ('PENDING', 'SYNCING', 'IDLE', 'FAILED') FOR SHARE`,
  )
  return state !== undefined
}

function latestOf(instants: readonly Temporal.Instant[]): Temporal.Instant {
  return instants.reduce((latest, instant) => (Temporal.Instant.compare(instant, latest) > 0 ? instant : latest))
}
