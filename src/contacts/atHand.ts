import { type Ctx, ownerOf } from '../core/ctx.ts'
import { NotFoundError } from '../core/errors.ts'
import { rows, sql } from '../db/client.ts'

/** Makes sure that the owner has these contacts, outside the bin, and that they stay there until the open transaction ends. @throws NotFoundError */
export async function holdContacts(tx: Ctx, ids: readonly string[]): Promise<void> {
  const held = await rows<{ deletedAt: Date | null }>(
    tx,
    sql`SELECT c."deletedAt" FROM contacts AS c WHERE c."ownerId" = ${ownerOf(tx)}::uuid AND c.id = ANY(${[...ids]}::uuid[]) ORDER BY c.id FOR KEY SHARE`,
  )
  if (held.filter(({ deletedAt }) => deletedAt === null).length !== new Set(ids).size)
    throw new NotFoundError(ids.length === 1 ? 'There is no contact with that id.' : 'There is no contact with one of those ids.')
}
