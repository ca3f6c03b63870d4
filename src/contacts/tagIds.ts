import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { rows, send, sql } from '../db/client.ts'
import type { Row, SourceKind } from './state.ts'

/** The ids of the tags that contacts are given, made where the owner has none yet; a tag keeps the spelling it was first given. What the user gives is the user's from then on, whoever had brought it. */
export async function tagIdsOf(tx: Ctx, tags: readonly Row[]): Promise<Map<string, string>> {
  if (tags.length === 0) return new Map()
  const ownerId = ownerOf(tx)
  const names = new Map(tags.toReversed().map(({ key, value }) => [key, String(value['name'])]))
  const keys = [...names.keys()].toSorted()
  const given = new Set(tags.filter(({ source }) => source === 'MANUAL').map(({ key }) => key))
  const sources = new Map(tags.map(({ key, source }): [string, SourceKind] => [key, given.has(key) ? 'MANUAL' : source]))
  const find = () =>
    rows<{ id: string; nameFolded: string; source: SourceKind }>(
      tx,
      sql`SELECT id, "nameFolded", source FROM tags WHERE "ownerId" = ${ownerId}::uuid AND "nameFolded" = ANY(${keys}::text[])`,
    )
  const known = await find()
  const taken = known.flatMap(({ id, nameFolded, source }) => (source !== 'MANUAL' && given.has(nameFolded) ? [id] : []))
  if (taken.length > 0) send(tx, sql`UPDATE tags SET source = 'MANUAL' WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${taken}::uuid[])`)
  const found = new Map(known.map((tag) => [tag.nameFolded, tag.id]))
  const missing = keys.filter((key) => !found.has(key))
  if (missing.length === 0) return found
  // Inserted in one order by everybody, so that two transactions do not wait for each other in a circle.
  send(
    tx,
    sql`INSERT INTO tags ("ownerId", id, name, "nameFolded", source, "createdAt")
        SELECT ${ownerId}::uuid, t.id, t.name, t."nameFolded", t.source, ${toDate(tx.clock.now())}::timestamptz
        FROM unnest(${missing.map(() => newId(tx.clock))}::uuid[], ${missing.map((key) => names.get(key) ?? key)}::text[], ${missing}::text[], ${missing.map((key) => sources.get(key) ?? 'MANUAL')}::text[]) AS t(id, name, "nameFolded", source)
        ON CONFLICT ("ownerId", "nameFolded") DO NOTHING`,
  )
  return new Map((await find()).map((tag) => [tag.nameFolded, tag.id]))
}
