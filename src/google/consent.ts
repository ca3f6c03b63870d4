import { isPermitted } from '../consent/service.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { GoogleSyncState } from '../db/generated/prisma/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { readGrant } from './accessToken.ts'
import { resumeSuggestions } from './contacts/suggestions.ts'
import { type Feature, features, isAllowed, purposeOfFeature } from './features.ts'
import { startFeature } from './grant.ts'

/** Follows what the owner has decided about a feature's purpose: without consent it stops, whatever it is at; with consent anew it begins again, if Google still lets Kith in. */
export async function followConsent(ctx: Ctx, { purpose = '' }: Record<string, string>): Promise<void> {
  const feature = features.find((each) => purposeOfFeature[each] === purpose)
  if (!feature) return
  const ownerId = ownerOf(ctx)
  await inTransaction(ctx, async (tx) => {
    const states = await rows<Pick<GoogleSyncState, 'id' | 'status'>>(
      tx,
      sql`SELECT id, status FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND feature = ${feature} ORDER BY id FOR UPDATE`,
    )
    if (states.length === 0) return
    if (await isPermitted(tx, purposeOfFeature[feature])) {
      const grant = states.every(({ status }) => status === 'OFF') ? await readGrant(tx) : null
      if (grant?.status !== 'ACTIVE' || !isAllowed(feature, grant.grantedScopes)) return
      await startFeature(tx, feature, true)
      if (feature === 'CONTACTS') await resumeSuggestions(tx, grant.grantedScopes)
    } else for (const { id, status } of states) if (status !== 'OFF') await stopFeature(tx, feature, id)
  })
}

async function stopFeature(tx: Ctx, feature: Feature, stateId: string): Promise<void> {
  const ownerId = ownerOf(tx)
  await execute(
    tx,
    sql`UPDATE google_sync_states SET status = 'OFF', phase = NULL, "errorCode" = NULL, "nextRunAt" = NULL, "notBefore" = NULL, "leaseOwner" = NULL, "leaseUntil" = NULL, fence = fence + 1, "updatedAt" = ${toDate(tx.clock.now())}::timestamptz
        WHERE "ownerId" = ${ownerId}::uuid AND id = ${stateId}::uuid`,
  )
  record(tx, { type: 'google.featureChanged', entityType: 'GoogleSyncState', entityId: stateId, changed: ['status'] })
  setOff(tx, { kind: 'google.schedule', payload: { stateId } })
  if (feature !== 'CONTACTS') return
  // Pictures that wait to be fetched are forgotten, so that another import asks for them again.
  await execute(tx, sql`DELETE FROM google_avatar_fetches WHERE "ownerId" = ${ownerId}::uuid AND "notBefore" IS NOT NULL`)
  setOff(tx, { kind: 'google.photos', payload: {} })
}
