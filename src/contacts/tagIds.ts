import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { rows, send, sql } from '../db/client.ts'
import type { Keyed } from './values.ts'

/** The ids of the tags with these keys, made where the owner has none yet; a tag keeps the spelling it was first given. */
export async function tagIdsOf(tx: Ctx, tags: readonly Keyed[]): Promise<Map<string, string>> {
  if (tags.length === 0) return new Map()
  const ownerId = ownerOf(tx)
  const names = new Map(tags.toReversed().map(({ key, value }) => [key, String(value['name'])]))
  const keys = [...names.keys()].toSorted()
  const find = () =>
    rows<{ id: string; nameFolded: string }>(
      tx,
      sql`SELECT id, "nameFolded" FROM tags WHERE "ownerId" = ${ownerId}::uuid AND "nameFolded" = ANY(${keys}::text[])`,
    )
  const found = new Map((await find()).map((tag) => [tag.nameFolded, tag.id]))
  const missing = keys.filter((key) => !found.has(key))
  if (missing.length === 0) return found
  // Inserted in one order by everybody, so that two transactions do not wait for each other in a circle.
  send(
    tx,
    sql`INSERT INTO tags ("ownerId", id, name, "nameFolded", "createdAt")
        SELECT ${ownerId}::uuid, t.id, t.name, t."nameFolded", ${toDate(tx.clock.now())}::timestamptz
        FROM unnest(${missing.map(() => newId(tx.clock))}::uuid[], ${missing.map((key) => names.get(key) ?? key)}::text[], ${missing}::text[]) AS t(id, name, "nameFolded")
        ON CONFLICT ("ownerId", "nameFolded") DO NOTHING`,
  )
  return new Map((await find()).map((tag) => [tag.nameFolded, tag.id]))
}
