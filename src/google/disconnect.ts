import { isPermitted, withdrawConsent } from '../consent/service.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { readGrant } from './accessToken.ts'
import { type Feature, features, isResource, purposeOfFeature, type Resource, resources, resourcesOf, scopesOfResource } from './features.ts'

/** What becomes of what a feature has brought in. */
export type ImportedData = 'KEEP' | 'PURGE'

/** A purge of an address book of tens of thousands takes minutes. */
const purgeTimeoutMs = 10 * 60_000

/**
 * Disconnects features, all of them when none are named: their runs stop at once, Google is told to send no more, and with the last feature the tokens go and the
 * grant is revoked at Google. With PURGE everything that came in through them goes, and nothing else. Doing it again finishes what was interrupted.
 */
export async function disconnect(ctx: Ctx, named: readonly Feature[] | null, importedData: ImportedData): Promise<void> {
  const leaving = named ?? features
  const leavingResources = resources.filter(
    (resource) => leaving.some((feature) => resourcesOf(feature).includes(resource)) || (resource === 'otherContacts' && leaving.includes('CONTACTS')),
  )
  const isLast = await inTransaction(ctx, (tx) => stopFeatures(tx, leaving, leavingResources, importedData))
  for (const resource of leavingResources) {
    await ctx.app.syncs[resource]
      ?.stop?.(ctx)
      .catch((error: unknown) =>
        ctx.app.log.info({ resource, reason: (error as Error).name }, 'Google could not be told to send no more news; its channels end by themselves.'),
      )
  }
  if (isLast) await endGrant(ctx, importedData)
  if (importedData === 'PURGE') await purgeResources(ctx, leavingResources)
}

/** How the grant of an account that is erased ended: there was none, Google was told, or it did not answer. */
export type GrantEnd = 'NONE' | 'REVOKED' | 'UNANSWERED'

/**
 * Ends the grant of an account that is erased: Google is told, then its syncs stop and its tokens are forgotten. With `insist` it fails while Google does
 * not answer, so that it is tried again. @throws GoogleRefusal
 */
export async function endForErasure(ctx: Ctx, { insist }: { insist: boolean }): Promise<GrantEnd> {
  const grant = await readGrant(ctx)
  if (!grant) return 'NONE'
  if (grant.refreshToken !== null && insist) {
    const vault = await ctx.app.vault.of(ownerOf(ctx))
    await ctx.app.google.revoke(vault.open('GoogleGrant.refreshToken', grant.id, grant.refreshToken))
  }
  await disconnect(ctx, null, 'KEEP')
  const after = await readGrant(ctx)
  return after?.statusReason === 'revocation_failed' ? 'UNANSWERED' : 'REVOKED'
}

/** Deletes what came in through resources that are not connected any more. In one transaction; idempotent. */
export async function purgeResources(ctx: Ctx, wanted: readonly Resource[]): Promise<void> {
  await inTransaction(
    ctx,
    async (tx) => {
      const connected = await rows<{ resource: string }>(tx, sql`SELECT resource FROM google_sync_states WHERE "ownerId" = ${ownerOf(tx)}::uuid`)
      const gone = wanted.filter((resource) => !connected.some((state) => state.resource === resource))
      // What hangs on contacts goes before them.
      for (const resource of gone.toSorted((one, other) => purgeOrder.indexOf(one) - purgeOrder.indexOf(other))) await tx.app.syncs[resource]?.purge(tx)
      await execute(tx, sql`DELETE FROM google_sync_runs WHERE "ownerId" = ${ownerOf(tx)}::uuid AND resource = ANY(${gone}::text[])`)
    },
    { timeoutMs: purgeTimeoutMs },
  )
}

/** The resources that an effect's payload names. */
export function resourcesIn(text: string): Resource[] {
  return text.split(' ').filter(isResource)
}

const purgeOrder: readonly Resource[] = ['gmail', 'calendar', 'otherContacts', 'contacts', 'groups']

/** From here on no run of theirs commits anything. Answers whether nothing is connected any more. */
async function stopFeatures(tx: Ctx, leaving: readonly Feature[], leavingResources: readonly Resource[], importedData: ImportedData): Promise<boolean> {
  const ownerId = ownerOf(tx)
  const stopped = await rows<{ id: string }>(
    tx,
    sql`DELETE FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND resource = ANY(${[...leavingResources]}::text[]) RETURNING id`,
  )
  for (const { id } of stopped) {
    record(tx, { type: 'google.disconnected', entityType: 'GoogleSyncState', entityId: id })
    setOff(tx, { kind: 'google.schedule', payload: { stateId: id } })
  }
  // To disconnect a feature is to take its consent back.
  for (const feature of leaving) if (await isPermitted(tx, purposeOfFeature[feature])) await withdrawConsent(tx, purposeOfFeature[feature])
  await execute(
    tx,
    sql`UPDATE google_grants SET "grantedScopes" = ARRAY(SELECT s FROM unnest("grantedScopes") AS s WHERE s <> ALL(${leavingResources.flatMap(scopesOfResource)}::text[])), "updatedAt" = ${toDate(tx.clock.now())}::timestamptz WHERE "ownerId" = ${ownerId}::uuid`,
  )
  // Finishes the purge should this process end before it is done.
  if (importedData === 'PURGE') setOff(tx, { kind: 'google.purge', payload: { resources: leavingResources.join(' ') } })
  const [left] = await rows(tx, sql`SELECT 1 FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid LIMIT 1`)
  return left === undefined
}

/** Revokes the grant at Google and forgets its tokens, whatever Google answers. Where it did not answer the owner is told how to do it there. */
async function endGrant(ctx: Ctx, importedData: ImportedData): Promise<void> {
  const grant = await readGrant(ctx)
  if (!grant) return
  const vault = await ctx.app.vault.of(ownerOf(ctx))
  const refreshToken = vault.openMaybe('GoogleGrant.refreshToken', grant.id, grant.refreshToken)
  let revoked = true
  if (refreshToken !== null) {
    const revoke = () => ctx.app.google.revoke(refreshToken)
    await revoke()
      .catch(revoke)
      .catch((error: unknown) => {
        revoked = false
        ctx.app.log.warn({ reason: (error as Error).message }, 'Google could not be told that a grant has ended.')
      })
  }
  await inTransaction(ctx, async (tx) => {
    const mine = sql`"ownerId" = ${ownerOf(tx)}::uuid AND id = ${grant.id}::uuid AND "tokenGeneration" = ${grant.tokenGeneration}::int`
    if (importedData === 'PURGE' && revoked) await execute(tx, sql`DELETE FROM google_grants WHERE ${mine}`)
    else
      await execute(
        tx,
        sql`UPDATE google_grants SET status = 'DISCONNECTED', "statusReason" = ${revoked ? null : 'revocation_failed'}, "refreshToken" = NULL, "accessToken" = NULL, "accessExpiresAt" = NULL, "refreshingUntil" = NULL,
              "grantedScopes" = '{}', "tokenGeneration" = "tokenGeneration" + 1, "updatedAt" = ${toDate(tx.clock.now())}::timestamptz WHERE ${mine}`,
      )
    record(tx, { type: 'google.disconnected', entityType: 'GoogleGrant', entityId: grant.id, changed: ['status'] })
  })
}
