import type { App } from '../app.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ConflictError, NotFoundError } from '../core/errors.ts'
import { rows, sql } from '../db/client.ts'
import { sameBytes } from '../vault/master.ts'
import { readGrant } from './accessToken.ts'
import type { AuthorizationRequest, GrantedTokens, Identity } from './client.ts'
import { startSuggestions } from './contacts/suggestions.ts'
import { inTransaction } from '../events/service.ts'
import { type Feature, isFeature, otherContactsScope, scopesOf } from './features.ts'
import { saveGrant } from './grant.ts'

/** How long a link to connect is good for, seconds. */
const linkSeconds = 600

/** What an owner wants to connect. */
export interface Wish {
  features: readonly Feature[]
  /** Also people whom they have been in touch with and not saved, as suggestions. */
  suggestions: boolean
}

/** How a link says that suggestions are wanted too. */
const suggestionsToo = 'SUGGESTIONS'

/** The address at which the owner's own browser begins to connect some features. It works for ten minutes, and for nobody else. */
export function connectLink(ctx: Ctx, { features, suggestions }: Wish): string {
  const until = ctx.clock.now().epochMilliseconds + linkSeconds * 1000
  const content = `${ownerOf(ctx)}.${[...features, ...(suggestions ? [suggestionsToo] : [])].join('-')}.${until}`
  const mac = ctx.app.vault.master.mac('google connect', content).toString('base64url')
  return new URL(`/google/connect?for=${content}.${mac}`, ctx.app.config.publicUrl).href
}

/** What a link says; null when it is not ours, or too old. */
export function readConnectLink(app: App, text: string): ({ ownerId: string } & Wish) | null {
  const [ownerId = '', named = '', until = '', mac = ''] = text.split('.')
  const right = app.vault.master.macs('google connect', `${ownerId}.${named}.${until}`).some((each) => sameBytes(each, Buffer.from(mac, 'base64url')))
  if (!right || Number(until) <= app.clock.now().epochMilliseconds) return null
  const names = named.split('-')
  return { ownerId, features: names.filter(isFeature), suggestions: names.includes(suggestionsToo) }
}

/** What Google is asked for, so that the owner can connect some features: no page where nothing new is asked and a refresh token is at hand, since each consent uses up one of the hundred that Google keeps. */
export async function consentRequest(
  ctx: Ctx,
  { features, suggestions }: Wish,
): Promise<Pick<AuthorizationRequest, 'scopes' | 'offline' | 'includeGrantedScopes' | 'prompt' | 'loginHint'>> {
  const grant = await readGrant(ctx)
  // What is connected already is asked for as well: Google asks nobody again for what it knows to be granted, and where it has ended everything, unnoticed so far perhaps, all of it comes back.
  const connected = await connectedFeatures(ctx)
  const wanted = [...scopesOf([...new Set([...features, ...connected])]), ...(suggestions ? [otherContactsScope] : [])]
  const enough = grant?.status === 'ACTIVE' && grant.refreshToken !== null && wanted.every((scope) => grant.grantedScopes.includes(scope))
  return {
    scopes: ['openid', 'email', ...wanted],
    offline: true,
    includeGrantedScopes: true,
    loginHint: await subjectOf(ctx),
    ...(enough ? {} : { prompt: 'consent' }),
  }
}

/** The features that are connected, whatever has become of their grant; not those whose box was left unticked. */
async function connectedFeatures(ctx: Ctx): Promise<Feature[]> {
  const connected = await rows<{ feature: string }>(
    ctx,
    sql`SELECT DISTINCT feature FROM google_sync_states WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND status <> 'SCOPE_MISSING' AND resource <> 'otherContacts' ORDER BY 1`,
  )
  return connected.map(({ feature }) => feature).filter(isFeature)
}

/** Takes over what the owner has granted. @throws ConflictError when it was granted for another Google account than the one they sign in with */
export async function connect(
  ctx: Ctx,
  { features, suggestions }: Wish,
  identity: Identity,
  tokens: GrantedTokens,
): Promise<{ allowed: Feature[]; missing: Feature[] }> {
  if (identity.subject !== (await subjectOf(ctx))) throw new ConflictError('That is another Google account than the one you sign in with.')
  return inTransaction(ctx, async (tx) => {
    const connected = await saveGrant(tx, { subject: identity.subject, email: identity.email, tokens }, features)
    if (suggestions && tokens.scopes.includes(otherContactsScope)) await startSuggestions(tx)
    return connected
  })
}

/** The Google identity that the owner signs in with. @throws NotFoundError */
export async function subjectOf(ctx: Ctx): Promise<string> {
  const [identity] = await rows<{ subject: string }>(
    ctx,
    sql`SELECT subject FROM google_identities WHERE "ownerId" = ${ownerOf(ctx)}::uuid ORDER BY "createdAt" LIMIT 1`,
  )
  if (!identity) throw new NotFoundError('The account has no Google identity.')
  return identity.subject
}
