import type { App } from '../app.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { GoogleSyncState } from '../db/generated/prisma/client.ts'
import { systemCtx } from '../jobs/relay.ts'
import { readGrant } from './accessToken.ts'
import { subjectOf } from './connect.ts'
import { type Feature, features, type FeatureStatus, scopesOf } from './features.ts'
import { saveGrant } from './grant.ts'
import { importContacts } from './importContacts.ts'
import { fetchPhotos } from './photos.ts'
import { errorMessageOf } from './setback.ts'

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
}

/** What the owner has connected of Google. */
export async function readConnection(ctx: Ctx): Promise<Connection> {
  const grant = await readGrant(ctx)
  return { connected: grant?.status === 'ACTIVE', email: grant?.email ?? null, grantedScopes: grant?.grantedScopes ?? [] }
}

/** How each feature stands; one that was never connected is OFF. */
export async function readFeatures(ctx: Ctx): Promise<FeatureState[]> {
  const states = await rows<GoogleSyncState>(ctx, sql`SELECT * FROM google_sync_states WHERE "ownerId" = ${ownerOf(ctx)}::uuid`)
  return features.map((feature) => {
    const state = states.find((each) => each.feature === feature)
    if (!state)
      return { feature, status: 'OFF', phase: null, processed: 0, total: null, lastSuccessAt: null, nextRunAt: null, errorCode: null, errorMessage: null }
    const { status, phase, processed, total, lastSuccessAt, nextRunAt, errorCode } = state
    return { feature, status: status as FeatureStatus, phase, processed, total, lastSuccessAt, nextRunAt, errorCode, errorMessage: errorMessageOf(errorCode) }
  })
}

/** Tokens that were had without a browser, as the demo has them from its own Google. */
export interface ReadyTokens {
  accessToken: string
  refreshToken: string
  /** Those of the contacts by default. */
  scopes?: readonly string[]
  expiresInSeconds?: number
}

/** Connects an account's contacts with tokens that are at hand; the import begins as it does after a consent. */
export async function connectWithTokens(
  app: App,
  ownerId: string,
  { accessToken, refreshToken, scopes = ['openid', ...scopesOf(['CONTACTS'])], expiresInSeconds = 3599 }: ReadyTokens,
): Promise<void> {
  const ctx = systemCtx(app, ownerId, 'connect')
  const [account] = await rows<{ email: string }>(ctx, sql`SELECT email FROM accounts WHERE "ownerId" = ${ownerId}::uuid`)
  await saveGrant(ctx, { subject: await subjectOf(ctx), email: account?.email ?? '', tokens: { accessToken, refreshToken, expiresInSeconds, scopes } }, [
    'CONTACTS',
  ])
}

/** Does here and now what is due of an owner's import, the photos included, without a worker; answers how the contacts stand then. */
export async function importNow(app: App, ownerId: string): Promise<FeatureState> {
  const ctx = systemCtx(app, ownerId, 'import')
  const [state] = await rows<{ id: string }>(ctx, sql`SELECT id FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND feature = 'CONTACTS'`)
  await ctx.app.withPurpose(ctx, { purpose: 'GOOGLE_CONTACTS', models: ['GoogleSyncState', 'Contact', 'Avatar'] }, async (permitted) => {
    if (state) await importContacts(permitted, state.id)
    await fetchPhotos(permitted)
  })
  const contacts = (await readFeatures(ctx)).find(({ feature }) => feature === 'CONTACTS')
  if (!contacts) throw new Error('Every feature has a state.')
  return contacts
}
