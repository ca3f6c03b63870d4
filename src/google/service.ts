import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { GoogleSyncState } from '../db/generated/prisma/client.ts'
import { inTransaction } from '../events/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { readGrant } from './accessToken.ts'
import { subjectOf } from './connect.ts'
import { type Feature, features, type FeatureStatus, resources, resourcesOf, scopesOf } from './features.ts'
import { saveGrant } from './grant.ts'
import { runSync } from './runSync.ts'
import { fetchPhotos } from './contacts/photos.ts'
import { markDirty } from './schedule.ts'
import { errorMessageOf } from './setback.ts'

export { disconnect, endForErasure, type GrantEnd, type ImportedData } from './disconnect.ts'
export { readGrant } from './accessToken.ts'

/** How a feature stands, as its owner sees it. */
export interface FeatureState {
  feature: Feature
  status: FeatureStatus
  phase: string | null
  processed: number
  total: number | null
  lastSuccessAt: Date | null
  nextRunAt: Date | null
  errorCode: string | null
  errorMessage: string | null
}

/** What an owner has connected. */
export interface Connection {
  connected: boolean
  email: string | null
  grantedScopes: string[]
  /** What the owner should know of it and can do; null when all is well. */
  notice: string | null
}

/** What the owner has connected of Google. */
export async function readConnection(ctx: Ctx): Promise<Connection> {
  const grant = await readGrant(ctx)
  const notice =
    grant?.statusReason === 'revocation_failed' ? revocationFailed : grant?.status === 'NEEDS_REAUTHORIZATION' ? errorMessageOf(grant.status) : null
  return { connected: grant?.status === 'ACTIVE', email: grant?.email ?? null, grantedScopes: grant?.grantedScopes ?? [], notice }
}

const revocationFailed =
  'Kith has forgotten its keys to your Google account, but Google did not answer when it was told so. To be sure, remove Kith at https://myaccount.google.com/permissions.'

/** A run of a feature that has ended or paused. */
export interface SyncRun {
  resource: string
  mode: 'FULL' | 'INCREMENTAL'
  startedAt: Date
  endedAt: Date
  outcome: 'SUCCEEDED' | 'PAUSED'
  errorCode: string | null
  tally: Readonly<Record<string, number>>
}

/** The last runs of a feature that did something or could not, latest first. */
export async function readRuns(ctx: Ctx, feature: Feature, count: number): Promise<SyncRun[]> {
  return rows<SyncRun>(
    ctx,
    sql`SELECT resource, mode, "startedAt", "endedAt", outcome, "errorCode", tally FROM google_sync_runs
        WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND feature = ${feature} ORDER BY "endedAt" DESC, id DESC LIMIT ${count}::int`,
  )
}

/** Makes a feature's next run due now, or as soon as Google lets it; with `full` it lists everything anew. One that cannot run stays as it is. Answers how it stands. */
export async function requestSync(ctx: Ctx, feature: Feature, full: boolean): Promise<FeatureState> {
  await inTransaction(ctx, async (tx) => {
    await execute(
      tx,
      sql`UPDATE google_sync_states SET "notBefore" = NULL WHERE "ownerId" = ${ownerOf(tx)}::uuid AND feature = ${feature} AND status <> 'SYNCING' AND "errorCode" IS DISTINCT FROM 'RATE_LIMITED'`,
    )
    for (const resource of resourcesOf(feature)) await markDirty(tx, resource, { full })
  })
  const state = (await readFeatures(ctx)).find((each) => each.feature === feature)
  if (!state) throw new Error('Every feature has a state.')
  return state
}

/** How each feature stands, by its main resource; one that was never connected is OFF. What of it fails shows even where its main resource is well. */
export async function readFeatures(ctx: Ctx): Promise<FeatureState[]> {
  const states = await rows<GoogleSyncState>(ctx, sql`SELECT * FROM google_sync_states WHERE "ownerId" = ${ownerOf(ctx)}::uuid`)
  return features.map((feature) => {
    const own = resourcesOf(feature).flatMap((resource) => states.find((state) => state.resource === resource) ?? [])
    const [main] = own
    if (!main)
      return { feature, status: 'OFF', phase: null, processed: 0, total: null, lastSuccessAt: null, nextRunAt: null, errorCode: null, errorMessage: null }
    const { phase, processed, total, lastSuccessAt } = main
    const { status, nextRunAt, errorCode } = main.status === 'IDLE' ? (own.find((state) => state.status === 'FAILED') ?? main) : main
    return { feature, status: status as FeatureStatus, phase, processed, total, lastSuccessAt, nextRunAt, errorCode, errorMessage: errorMessageOf(errorCode) }
  })
}

/** Tokens that were had without a browser, as the demo has them from its own Google. */
export interface ReadyTokens {
  accessToken: string
  refreshToken: string
  /** What the features need, by default. */
  scopes?: readonly string[]
  expiresInSeconds?: number
}

/** Connects features of an account with tokens that are at hand; they begin as they do after a consent. */
export async function connectWithTokens(
  app: App,
  ownerId: string,
  { accessToken, refreshToken, scopes, expiresInSeconds = 3599 }: ReadyTokens,
  wanted: readonly Feature[] = ['CONTACTS'],
): Promise<void> {
  const ctx = systemCtx(app, ownerId, 'connect')
  const [account] = await rows<{ email: string }>(ctx, sql`SELECT email FROM accounts WHERE "ownerId" = ${ownerId}::uuid`)
  const granted = scopes ?? ['openid', ...scopesOf(wanted)]
  await saveGrant(
    ctx,
    { subject: await subjectOf(ctx), email: account?.email ?? '', tokens: { accessToken, refreshToken, expiresInSeconds, scopes: granted } },
    wanted,
  )
}

/** Does here and now what is due of an owner's syncs, the photos included, without a worker; answers how the features stand then. */
export async function syncNow(app: App, ownerId: string): Promise<FeatureState[]> {
  const ctx = systemCtx(app, ownerId, 'sync')
  for (const id of await dueSyncs(ctx)) await runSync(ctx, id).catch(unlessRefused)
  while (await fetchPhotos(ctx));
  return readFeatures(ctx)
}

/** What may not be done is left undone, as a job leaves it. */
function unlessRefused(error: unknown): void {
  if (!(error instanceof Error && error.name === 'PurposeRefused')) throw error
}

/** The owner's resources whose runs are due, in the order in which they are synced. */
async function dueSyncs(ctx: Ctx): Promise<string[]> {
  const due = await rows<{ id: string; resource: string }>(
    ctx,
    sql`SELECT id, resource FROM google_sync_states WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND status IN ('PENDING', 'SYNCING', 'IDLE', 'FAILED') AND "nextRunAt" <= ${toDate(ctx.clock.now())}::timestamptz`,
  )
  return resources.flatMap((resource) => due.filter((state) => state.resource === resource).map(({ id }) => id))
}
