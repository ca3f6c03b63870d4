import { hash } from 'node:crypto'
import { z } from 'zod'
import type { App } from '../app.ts'
import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ForbiddenError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { ApiToken } from '../db/generated/prisma/client.ts'
import { dropCredential, findCredential, holdOpen, putCredential } from '../directory/credentials.ts'
import { type Verdict, verdictOn } from '../directory/verdicts.ts'
import { announce, inTransaction, record, setOff } from '../events/service.ts'
import { sameBytes } from '../vault/master.ts'
import { isToken, makeToken, prefixLength } from './format.ts'
import { renewTokenHash } from './renew.ts'
import { allScopes, isScope } from './scopes.ts'

/** How long a token lasts when nothing is said. */
const defaultLife = { hours: 90 * 24 }
/** How long a token may last. */
const longestLife = { hours: 366 * 24 }
/** How often its last use is written down, at most. */
const usedEvery = { minutes: 5 }
/** How many live tokens an account may have. */
const maxTokens = 100

/** What a token is made of. */
export const TokenCreate = z.strictObject({
  name: z.string().trim().min(1, 'Give the token a name.').max(100, 'A name has at most 100 characters.'),
  scopes: z
    .array(z.enum(allScopes))
    .min(1, 'Give the token at least one scope.')
    .transform((scopes) => allScopes.filter((scope) => scopes.includes(scope))),
  expiresAt: z.instanceof(Date).nullish(),
})
export type TokenCreate = z.input<typeof TokenCreate>

/** Makes an API token; its text is in the answer and nowhere else. A token cannot make tokens. @throws InvalidInputError, ForbiddenError */
export async function createToken(ctx: Ctx, input: TokenCreate): Promise<{ apiToken: ApiToken; token: string }> {
  if (ctx.actor.kind === 'token') throw new ForbiddenError('An API token cannot make API tokens: sign in with a browser.')
  const { name, scopes, expiresAt: asked } = parse(TokenCreate, input)
  const ownerId = ownerOf(ctx)
  const now = ctx.clock.now()
  const expiresAt = asked ? toInstant(asked) : now.add(defaultLife)
  if (Temporal.Instant.compare(expiresAt, now) <= 0) throw new InvalidInputError({ path: ['expiresAt'], message: 'That is past.' })
  if (Temporal.Instant.compare(expiresAt, now.add(longestLife)) > 0)
    throw new InvalidInputError({ path: ['expiresAt'], message: 'A token lasts a year at most.' })
  const token = makeToken()
  const apiToken = await inTransaction(ctx, async (tx) => {
    await holdOpen(tx, ownerId)
    if ((await listTokens(tx)).length >= maxTokens)
      throw new InvalidInputError({
        path: [],
        message: `An account has ${maxTokens} tokens at most; revoke one first.`,
      })
    const id = newId(tx.clock)
    const made = await tx.db.apiToken.create({
      data: {
        ownerId,
        id,
        name,
        prefix: token.slice(0, prefixLength),
        tokenHash: hashOf(ctx.app, token),
        masterKeyId: ctx.app.vault.master.id,
        scopes,
        createdAt: toDate(now),
        expiresAt: toDate(expiresAt),
      },
    })
    record(tx, { type: 'apiToken.created', entityType: 'ApiToken', entityId: id })
    // Commits with the row, so that the token is good as soon as it is shown; the relay sees to it that the two go on agreeing.
    await putCredential(tx, { kind: 'token', ownerId, entityId: id }, made.tokenHash)
    setOff(tx, { kind: 'token.credential', payload: { tokenId: id } })
    return made
  })
  return { apiToken, token }
}

/** The actor's live tokens, the latest made first. */
export function listTokens(ctx: Ctx): Promise<ApiToken[]> {
  return rows<ApiToken>(
    ctx,
    sql`SELECT * FROM api_tokens WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND "expiresAt" > ${toDate(ctx.clock.now())}::timestamptz ORDER BY "createdAt" DESC, id DESC`,
  )
}

/** Revokes one of the actor's tokens, at once in this process and within a second in others. @throws NotFoundError */
export function revokeToken(ctx: Ctx, id: string): Promise<ApiToken> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const [token] = await rows<ApiToken>(tx, sql`DELETE FROM api_tokens WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid RETURNING *`)
    if (!token) throw new NotFoundError()
    record(tx, { type: 'apiToken.revoked', entityType: 'ApiToken', entityId: id })
    setOff(tx, { kind: 'token.credential', payload: { tokenId: id } })
    announce(tx, id)
    return token
  })
}

/** Revokes all of the actor's tokens, in the open transaction. */
export async function revokeTokens(tx: Ctx): Promise<void> {
  for (const { id } of await listTokens(tx)) await revokeToken(tx, id)
}

/** Whom a token lets in, with which scopes, if it is live. A text that is no token costs no look-up; the last use is written down once in five minutes at most, which is no event. */
export async function tokenVerdict(app: App, token: string): Promise<Verdict | null> {
  // In memory, where nobody else looks, a plain hash is as good as the keyed ones, in a tenth of the time.
  return verdictOn(app, `token ${hash('sha256', token, 'base64')}`, async () => {
    if (!isToken(token)) return null
    const hashes = hashesOf(app, token)
    const found = await findCredential(app, hashes)
    if (found?.kind !== 'token') return null
    const { ownerId, entityId } = found
    const ctx = { app, db: app.database.prisma }
    const [row] = await rows<ApiToken>(ctx, sql`SELECT * FROM api_tokens WHERE "ownerId" = ${ownerId}::uuid AND id = ${entityId}::uuid`)
    const now = app.clock.now()
    if (!row || !hashes.some((hash) => sameBytes(hash, row.tokenHash)) || Temporal.Instant.compare(toInstant(row.expiresAt), now) <= 0) return null
    const [current] = hashes
    if (current && !sameBytes(current, row.tokenHash)) await renewTokenHash(app, ownerId, entityId, row.tokenHash, current)
    if (row.lastUsedAt === null || Temporal.Instant.compare(toInstant(row.lastUsedAt).add(usedEvery), now) <= 0) {
      await execute(
        ctx,
        sql`UPDATE api_tokens SET "lastUsedAt" = ${toDate(now)}::timestamptz
            WHERE "ownerId" = ${ownerId}::uuid AND id = ${entityId}::uuid AND ("lastUsedAt" IS NULL OR "lastUsedAt" <= ${toDate(now.subtract(usedEvery))}::timestamptz)`,
      )
    }
    return {
      actor: {
        kind: 'token',
        ownerId,
        tokenId: entityId,
        scopes: new Set(row.scopes.filter(isScope)),
      },
      entityId,
      expiresAt: toInstant(row.expiresAt),
    }
  })
}

/** Makes the directory agree with a token's row: the handler of `token.credential`. */
export async function syncTokenCredential(ctx: Ctx, { tokenId = '' }: Record<string, string>): Promise<void> {
  const ownerId = ownerOf(ctx)
  const [token] = await rows<{ tokenHash: Uint8Array }>(
    ctx,
    sql`SELECT "tokenHash" FROM api_tokens WHERE "ownerId" = ${ownerId}::uuid AND id = ${tokenId}::uuid`,
  )
  if (token) await putCredential(ctx, { kind: 'token', ownerId, entityId: tokenId }, token.tokenHash)
  else await dropCredential(ctx, ownerId, tokenId)
}

// Keyed with the master key, so that who can write to the database alone cannot make a token.
function hashOf(app: App, token: string): Uint8Array<ArrayBuffer> {
  return Uint8Array.from(app.vault.master.mac('api token', token))
}

/** The hash under each master key that is configured, the current one first: a rotation leaves tokens good, and each takes on the current key's hash at its next use. */
function hashesOf(app: App, token: string): Buffer[] {
  return app.vault.master.macs('api token', token)
}
