import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'
import { putCredential } from '../directory/credentials.ts'
import { systemCtx } from '../jobs/relay.ts'

/** Puts a token's hash under the current master key in the place of one under an older key, in its row and in the directory. No event: nothing of what the token may do changes. */
export async function renewTokenHash(app: App, ownerId: string, id: string, older: Uint8Array, current: Uint8Array): Promise<void> {
  await transaction(app.database, async (db) => {
    const tx: Ctx = { ...systemCtx(app, ownerId, 'token hash'), db }
    const renewed = await execute(
      tx,
      sql`UPDATE api_tokens SET "tokenHash" = ${current}::bytea, "masterKeyId" = ${app.vault.master.id}
          WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid AND "tokenHash" = ${older}::bytea`,
    )
    // Revoked meanwhile, or renewed by another process.
    if (renewed === 0) return
    await putCredential(tx, { kind: 'token', ownerId, entityId: id }, current)
    await execute(tx, sql`DELETE FROM directory_credentials WHERE "ownerId" = ${ownerId}::uuid AND "entityId" = ${id}::uuid AND "secretHash" = ${older}::bytea`)
  })
}

/** How many live tokens are hashed under another than the current master key: they end when that key is taken out. */
export async function countOlderTokens(app: App): Promise<number> {
  const [found] = await rows<{ count: number }>(
    { app, db: app.database.prisma },
    sql`SELECT count(*)::int AS count FROM api_tokens WHERE "masterKeyId" <> ${app.vault.master.id} AND "expiresAt" > ${toDate(app.clock.now())}::timestamptz`,
  )
  return found?.count ?? 0
}
