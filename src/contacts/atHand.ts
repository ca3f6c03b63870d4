import { type Ctx, ownerOf } from '../core/ctx.ts'
import { NotFoundError } from '../core/errors.ts'
import { raw, rows, sql } from '../db/client.ts'

/**
 * Makes sure that the owner has these contacts, outside the bin, and that they stay there until the open transaction ends; `change` also keeps
 * others from deriving anything of them meanwhile. @throws NotFoundError
 */
export async function holdContacts(tx: Ctx, ids: readonly string[], { change = false }: { change?: boolean } = {}): Promise<void> {
  const held = await rows<{ deletedAt: Date | null }>(
    tx,
    sql`SELECT c."deletedAt" FROM contacts AS c WHERE c."ownerId" = ${ownerOf(tx)}::uuid AND c.id = ANY(${[...ids]}::uuid[])
        ORDER BY c.id FOR ${raw(change ? 'NO KEY UPDATE' : 'KEY SHARE')}`,
  )
  if (held.filter(({ deletedAt }) => deletedAt === null).length !== new Set(ids).size)
    throw new NotFoundError(ids.length === 1 ? 'There is no contact with that id.' : 'There is no contact with one of those ids.')
}
