import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'

/** How much an account holds, and how often it was signed in to. */
export interface AccountUsage {
  storageBytes: number
  signInCount: number
  contactCount: number
  noteCount: number
}

/** Counts what the actor's account holds, in one statement; what lies in the bin takes up storage and is not counted otherwise. */
export async function readUsage(ctx: Ctx): Promise<AccountUsage> {
  const ownerId = ownerOf(ctx)
  // GraphQL's Int ends at 2^31-1; nobody's pictures come near it.
  const [usage] = await rows<AccountUsage>(
    ctx,
    sql`SELECT
          (SELECT least(coalesce(sum(bytes), 0), 2147483647)::int FROM avatars WHERE "ownerId" = ${ownerId}::uuid) AS "storageBytes",
          (SELECT "signInCount" FROM accounts WHERE "ownerId" = ${ownerId}::uuid) AS "signInCount",
          (SELECT count(*)::int FROM contacts WHERE "ownerId" = ${ownerId}::uuid AND "deletedAt" IS NULL) AS "contactCount",
          (SELECT count(*)::int FROM notes WHERE "ownerId" = ${ownerId}::uuid AND "hiddenAt" IS NULL) AS "noteCount"`,
  )
  return usage ?? { storageBytes: 0, signInCount: 0, contactCount: 0, noteCount: 0 }
}
