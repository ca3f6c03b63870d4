import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { ForbiddenError } from '../core/errors.ts'
import { execute, rows, sql } from '../db/client.ts'
import { type Remembered, remember } from '../db/remembered.ts'

/** What a secret opens: a session or an API token of one owner. */
export interface Credential {
  kind: 'session' | 'token'
  ownerId: string
  entityId: string
}

/** Whose credential the first of these hashes is. An entry never changes, so it is remembered; whether it still holds is for the caller to check in the owner's own row. */
export async function findCredential(app: App, hashes: readonly Uint8Array[]): Promise<Credential | null> {
  return memoryOf(app).of(Buffer.concat(hashes).toString('base64'), async () => {
    const [found] = await rows<Credential>(
      { app, db: app.database.prisma },
      sql`SELECT kind, "ownerId", "entityId" FROM directory_credentials WHERE "secretHash" = ANY(${[...hashes]}::bytea[])`,
    )
    return found ?? null
  })
}

/** Makes sure that the account is there and in no quarantine, and that it stays so until the open transaction ends, so that nobody is let in beside a quarantine. @throws ForbiddenError */
export async function holdOpen(tx: Ctx, ownerId: string): Promise<void> {
  const [open] = await rows(tx, sql`SELECT 1 AS open FROM accounts WHERE "ownerId" = ${ownerId}::uuid AND "quarantinedAt" IS NULL FOR NO KEY UPDATE`)
  if (!open) throw new ForbiddenError('The account is closed and is about to be erased.')
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

const memories = new WeakMap<App, Remembered<Credential>>()

function memoryOf(app: App): Remembered<Credential> {
  let memory = memories.get(app)
  if (!memory) memories.set(app, (memory = remember(app, { max: 50_000, lifeMs: null, tagsOf: ({ ownerId, entityId }) => [ownerId, entityId] })))
  return memory
}
