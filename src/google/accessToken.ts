import { setTimeout as wait } from 'node:timers/promises'
import { systemClock, toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { GoogleGrant } from '../db/generated/prisma/client.ts'
import { planDelivery } from '../deliveries/service.ts'
import { inTransaction, record } from '../events/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { GoogleFailure, GrantEnded, refreshFailureOf } from './failure.ts'
import { errorMessageOf } from './setback.ts'

/** An access token that ends sooner than this is refreshed first. */
const early = { minutes: 5 }
/** Whoever refreshes has this long; the request itself ends after 10 s. */
const refreshLease = { seconds: 15 }
/** How often, and how many times, others look whether the one who refreshes is done, milliseconds. */
const lookEveryMs = 100
const looks = 160

/** Calls Google with the owner's access token. One that Google does not take is refreshed once, and the call made once more. @throws GoogleFailure, GrantEnded */
export async function withAccessToken<T>(ctx: Ctx, call: (accessToken: string) => Promise<T>): Promise<T> {
  const vault = await ctx.app.vault.of(ownerOf(ctx))
  const grant = await readGrant(ctx)
  if (grant?.status !== 'ACTIVE') throw new GrantEnded()
  const fresh = grant.accessToken && grant.accessExpiresAt && Temporal.Instant.compare(toInstant(grant.accessExpiresAt), ctx.clock.now().add(early)) > 0
  const token =
    fresh && grant.accessToken
      ? { value: vault.open('GoogleGrant.accessToken', grant.id, grant.accessToken), generation: grant.tokenGeneration }
      : await refresh(ctx, vault, grant.tokenGeneration)
  try {
    return await call(token.value)
  } catch (error) {
    if (!(error instanceof GoogleFailure && error.kind === 'unauthorized')) throw error
    return call((await refresh(ctx, vault, token.generation)).value)
  }
}

/** The owner's grant, if they ever connected anything. */
export async function readGrant(ctx: Ctx): Promise<GoogleGrant | null> {
  const [grant] = await rows<GoogleGrant>(ctx, sql`SELECT * FROM google_grants WHERE "ownerId" = ${ownerOf(ctx)}::uuid`)
  return grant ?? null
}

interface AccessToken {
  value: string
  generation: number
}

/** Replaces the token of a generation: of all processes that want it, one asks Google and the others wait for what it gets. No lock is held meanwhile. */
async function refresh(ctx: Ctx, vault: OwnerVault, generation: number): Promise<AccessToken> {
  const ownerId = ownerOf(ctx)
  for (let look = 0; look < looks; look += 1) {
    const now = ctx.clock.now()
    const [mine] = await rows<{ id: string; refreshToken: Uint8Array | null }>(
      ctx,
      sql`UPDATE google_grants SET "refreshingUntil" = ${toDate(now.add(refreshLease))}::timestamptz
          WHERE "ownerId" = ${ownerId}::uuid AND "tokenGeneration" = ${generation}::int AND status = 'ACTIVE' AND ("refreshingUntil" IS NULL OR "refreshingUntil" <= ${toDate(now)}::timestamptz)
          RETURNING id, "refreshToken"`,
    )
    if (mine) {
      const got = await askForToken(ctx, vault, mine.id, generation, vault.openMaybe('GoogleGrant.refreshToken', mine.id, mine.refreshToken))
      if (got) return got
    }
    const grant = await readGrant(ctx)
    if (grant?.status !== 'ACTIVE') throw new GrantEnded()
    if (grant.tokenGeneration !== generation && grant.accessToken)
      return { value: vault.open('GoogleGrant.accessToken', grant.id, grant.accessToken), generation: grant.tokenGeneration }
    await wait(lookEveryMs)
  }
  throw new GoogleFailure('unavailable', 'another process refreshes the access token and does not come to an end')
}

/** Asks Google for a new access token and stores it; undefined when somebody connected anew in the meantime, so that theirs is to be used. */
async function askForToken(ctx: Ctx, vault: OwnerVault, id: string, generation: number, refreshToken: string | null): Promise<AccessToken | undefined> {
  const ownerId = ownerOf(ctx)
  const mine = sql`"ownerId" = ${ownerId}::uuid AND "tokenGeneration" = ${generation}::int`
  if (refreshToken === null) {
    await endGrant(ctx, generation)
    return undefined
  }
  const client = ctx.app.google.oauth()
  client.setCredentials({ refresh_token: refreshToken })
  // The library writes the old refresh token over a new one in its answer; only here it is as Google sent it.
  let sent: string | null | undefined
  client.on('tokens', (tokens) => void (sent = tokens.refresh_token))
  const answer = await client.refreshAccessToken().then(
    ({ res }) => res?.data as { access_token?: string; expiry_date?: number } | undefined,
    (error: unknown) => refreshFailureOf(error),
  )
  if (answer instanceof GrantEnded) {
    await endGrant(ctx, generation)
    return undefined
  }
  if (answer instanceof GoogleFailure || !answer?.access_token) {
    await execute(ctx, sql`UPDATE google_grants SET "refreshingUntil" = NULL WHERE ${mine}`)
    if (answer instanceof GoogleFailure && answer.kind === 'client')
      ctx.app.log.error({ reason: answer.message }, 'Google does not accept this server’s credentials; see “kith doctor”.')
    throw answer instanceof GoogleFailure ? answer : new GoogleFailure('unavailable', 'refresh without a token')
  }
  const value = answer.access_token
  // The library has turned the lifetime into an instant of the machine's clock.
  const expiresAt = ctx.clock.now().add({ milliseconds: Math.max(0, (answer.expiry_date ?? 0) - systemClock.now().epochMilliseconds) })
  const next = sent && sent !== refreshToken ? vault.seal('GoogleGrant.refreshToken', id, sent) : null
  const stored = await execute(
    ctx,
    sql`UPDATE google_grants SET "accessToken" = ${vault.seal('GoogleGrant.accessToken', id, value)}::bytea, "accessExpiresAt" = ${toDate(expiresAt)}::timestamptz,
          "refreshToken" = COALESCE(${next}::bytea, "refreshToken"), "tokenGeneration" = "tokenGeneration" + 1, "refreshingUntil" = NULL, "updatedAt" = ${toDate(ctx.clock.now())}::timestamptz
        WHERE ${mine}`,
  )
  return stored === 1 ? { value, generation: generation + 1 } : undefined
}

/** Notes that a grant has ended, unless its owner has connected anew since. What runs is stopped by its fence; the data stays. */
async function endGrant(ctx: Ctx, generation: number): Promise<void> {
  const ownerId = ownerOf(ctx)
  const now = toDate(ctx.clock.now())
  await inTransaction(ctx, async (tx) => {
    const [ended] = await rows<{ id: string }>(
      tx,
      sql`UPDATE google_grants SET status = 'NEEDS_REAUTHORIZATION', "statusReason" = 'invalid_grant', "accessToken" = NULL, "accessExpiresAt" = NULL, "refreshingUntil" = NULL, "updatedAt" = ${now}::timestamptz
          WHERE "ownerId" = ${ownerId}::uuid AND "tokenGeneration" = ${generation}::int AND status = 'ACTIVE' RETURNING id`,
    )
    if (!ended) return
    await execute(
      tx,
      sql`UPDATE google_sync_states SET status = 'NEEDS_REAUTHORIZATION', "errorCode" = 'NEEDS_REAUTHORIZATION', "nextRunAt" = NULL, fence = fence + 1, "leaseOwner" = NULL, "leaseUntil" = NULL, "updatedAt" = ${now}::timestamptz
          WHERE "ownerId" = ${ownerId}::uuid AND status IN ('PENDING', 'SYNCING', 'IDLE', 'FAILED')`,
    )
    await planDelivery(tx, {
      kind: 'GOOGLE_REAUTHORIZATION',
      entityId: ended.id,
      occurrenceAt: now,
      subject: 'Kith cannot see your Google account any more',
      text: `${errorMessageOf('NEEDS_REAUTHORIZATION') ?? ''}\n\nTo connect again, sign in at ${tx.app.config.publicUrl} and call googleConnect.\n`,
    })
    record(tx, { type: 'google.reauthorizationNeeded', entityType: 'GoogleGrant', entityId: ended.id, changed: ['status'] })
  })
}
