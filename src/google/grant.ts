import { giveConsent } from '../consent/service.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { resumeSuggestions } from './contacts/suggestions.ts'
import { type Feature, isAllowed, isFeature, purposeOfFeature, resourcesOf } from './features.ts'

/** What an owner has granted at Google. */
export interface NewGrant {
  /** Google's `sub` of the account it was granted for. */
  subject: string
  email: string
  tokens: { accessToken: string; refreshToken: string | null; expiresInSeconds: number; scopes: readonly string[] }
}

/** Stores what was granted, the tokens sealed, and starts the features that it allows; one that was asked for and not allowed says so. A refresh token that Google does not send anew stays. */
export async function saveGrant(
  ctx: Ctx,
  { subject, email, tokens }: NewGrant,
  asked: readonly Feature[],
): Promise<{ allowed: Feature[]; missing: Feature[] }> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  const scopes = [...new Set(tokens.scopes)].toSorted()
  return inTransaction(ctx, async (tx) => {
    const now = tx.clock.now()
    const at = toDate(now)
    await execute(
      tx,
      sql`INSERT INTO google_grants ("ownerId", id, subject, email, "grantedScopes", status, "createdAt", "updatedAt")
          VALUES (${ownerId}::uuid, ${newId(tx.clock)}::uuid, ${subject}, ${email}, '{}', 'ACTIVE', ${at}::timestamptz, ${at}::timestamptz) ON CONFLICT ("ownerId") DO NOTHING`,
    )
    const [grant] = await rows<{ id: string }>(tx, sql`SELECT id FROM google_grants WHERE "ownerId" = ${ownerId}::uuid FOR UPDATE`)
    if (!grant) throw new Error('A grant that was just made is there.')
    const refreshToken = tokens.refreshToken === null ? null : vault.seal('GoogleGrant.refreshToken', grant.id, tokens.refreshToken)
    await execute(
      tx,
      sql`UPDATE google_grants SET subject = ${subject}, email = ${email}, "grantedScopes" = ${scopes}::text[], "accessToken" = ${vault.seal('GoogleGrant.accessToken', grant.id, tokens.accessToken)}::bytea,
            "accessExpiresAt" = ${toDate(now.add({ seconds: tokens.expiresInSeconds }))}::timestamptz, "refreshToken" = COALESCE(${refreshToken}::bytea, "refreshToken"), "tokenGeneration" = "tokenGeneration" + 1,
            "refreshingUntil" = NULL, status = 'ACTIVE', "statusReason" = NULL, "updatedAt" = ${at}::timestamptz
          WHERE "ownerId" = ${ownerId}::uuid`,
    )
    record(tx, { type: 'google.connected', entityType: 'GoogleGrant', entityId: grant.id, changed: ['email', 'grantedScopes', 'status'] })

    const connected = await rows<{ feature: string; stalled: boolean }>(
      tx,
      sql`SELECT feature, bool_or(status IN ('SCOPE_MISSING', 'NEEDS_REAUTHORIZATION')) AS stalled FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND resource <> 'otherContacts' GROUP BY feature ORDER BY 1`,
    )
    // Those that had come to a stop, and those of which Google says now that they are not granted any more.
    const waiting = connected.flatMap(({ feature, stalled }) => (isFeature(feature) && (stalled || !isAllowed(feature, scopes)) ? [feature] : []))
    // Ticking a feature's box at Google, after asking for it here, is saying yes to its purpose.
    for (const feature of asked.filter((each) => isAllowed(each, scopes))) await giveConsent(tx, purposeOfFeature[feature], { method: 'google' })
    for (const feature of new Set([...asked, ...waiting])) await startFeature(tx, feature, isAllowed(feature, scopes))
    await resumeSuggestions(tx, scopes)
    return { allowed: asked.filter((feature) => isAllowed(feature, scopes)), missing: asked.filter((feature) => !isAllowed(feature, scopes)) }
  })
}

/** Lets a feature's resources run, or notes that they may not. One that had come to a stop goes on where it was; one that was connected already lists everything anew. A run that is under way is stopped by its fence. */
export async function startFeature(tx: Ctx, feature: Feature, allowed: boolean): Promise<void> {
  const ownerId = ownerOf(tx)
  const at = toDate(tx.clock.now())
  const [status, errorCode, next] = allowed ? ['PENDING', null, at] : ['SCOPE_MISSING', 'SCOPE_MISSING', null]
  for (const resource of resourcesOf(feature)) {
    const [state] = await rows<{ id: string }>(
      tx,
      sql`INSERT INTO google_sync_states AS s ("ownerId", id, feature, resource, status, "errorCode", "nextRunAt", "updatedAt")
          VALUES (${ownerId}::uuid, ${newId(tx.clock)}::uuid, ${feature}, ${resource}, ${status}, ${errorCode}, ${next}::timestamptz, ${at}::timestamptz)
          ON CONFLICT ("ownerId", resource) DO UPDATE SET status = excluded.status, "errorCode" = excluded."errorCode", "nextRunAt" = excluded."nextRunAt",
            "fullWanted" = s."fullWanted" OR s.status NOT IN ('SCOPE_MISSING', 'NEEDS_REAUTHORIZATION'), fence = s.fence + 1, "leaseOwner" = NULL, "leaseUntil" = NULL, "notBefore" = NULL, failures = 0, "updatedAt" = excluded."updatedAt"
          RETURNING id`,
    )
    if (!state) throw new Error('A resource has a state.')
    record(tx, { type: 'google.featureChanged', entityType: 'GoogleSyncState', entityId: state.id, changed: ['status'] })
    setOff(tx, { kind: 'google.schedule', payload: { stateId: state.id } })
  }
}
