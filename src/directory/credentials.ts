import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'

/** What a secret opens: a session or an API token of one owner. */
export interface Credential {
  kind: 'session' | 'token'
  ownerId: string
  entityId: string
}

/** Whose credential the first of these hashes is. An entry never changes, so it is remembered; whether it still holds is for the caller to check in the owner's own row. */
export async function findCredential(app: App, hashes: readonly Uint8Array[]): Promise<Credential | null> {
  const known = cacheOf(app)
  for (const hash of hashes) {
    const found = known.get(hex(hash))
    if (found) return found
  }
  const [found] = await rows<Credential & { secretHash: Uint8Array }>(
    { app, db: app.database.prisma },
    sql`SELECT "secretHash", kind, "ownerId", "entityId" FROM directory_credentials WHERE "secretHash" = ANY(${[...hashes]}::bytea[])`,
  )
  if (!found) return null
  const { secretHash, ...credential } = found
  known.set(hex(secretHash), credential)
  return credential
}

/** Makes the directory entry of a credential; idempotent. */
export async function putCredential(ctx: Ctx, { kind, ownerId, entityId }: Credential, secretHash: Uint8Array): Promise<void> {
  await execute(
    ctx,
    sql`INSERT INTO directory_credentials ("secretHash", kind, "ownerId", "entityId") VALUES (${secretHash}::bytea, ${kind}, ${ownerId}::uuid, ${entityId}::uuid)
        ON CONFLICT ("secretHash") DO UPDATE SET kind = excluded.kind, "ownerId" = excluded."ownerId", "entityId" = excluded."entityId"`,
  )
}

/** Removes the directory entries of a credential; idempotent. */
export async function dropCredential(ctx: Ctx, ownerId: string, entityId: string): Promise<void> {
  await execute(ctx, sql`DELETE FROM directory_credentials WHERE "ownerId" = ${ownerId}::uuid AND "entityId" = ${entityId}::uuid`)
}

const caches = new WeakMap<App, LRUCache<string, Credential>>()

function cacheOf(app: App): LRUCache<string, Credential> {
  let cache = caches.get(app)
  if (!cache) caches.set(app, (cache = new LRUCache({ max: 50_000 })))
  return cache
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('hex')
}
