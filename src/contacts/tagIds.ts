import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { rows, send, sql } from '../db/client.ts'
import type { Row, SourceKind } from './state.ts'

/** A tag as it is stored; it keeps the spelling it was first given. */
export interface KnownTag {
  id: string
  name: string
  nameFolded: string
  source: SourceKind
}
/** Tags by their keys. */
export type KnownTags = ReadonlyMap<string, KnownTag>

/**
 * The tags that contacts are given, made where the owner has none yet. What the user gives is the user's from then on, whoever had brought it. `known` are those
 * of them that the open transaction has found already, all that there were.
 */
export async function tagsGiven(tx: Ctx, tags: readonly Row[], known?: KnownTags): Promise<KnownTags> {
  if (tags.length === 0) return new Map()
  const ownerId = ownerOf(tx)
  const names = new Map(tags.toReversed().map(({ key, value }) => [key, String(value['name'])]))
  const keys = [...names.keys()].toSorted()
  const given = new Set(tags.filter(({ source }) => source === 'MANUAL').map(({ key }) => key))
  const sources = new Map(tags.map(({ key, source }): [string, SourceKind] => [key, given.has(key) ? 'MANUAL' : source]))
  const find = () =>
    rows<KnownTag>(
      tx,
      sql`SELECT id, name, "nameFolded", source FROM tags WHERE "ownerId" = ${ownerId}::uuid AND "nameFolded" = ANY(${keys}::text[]) ORDER BY id FOR KEY SHARE`,
    )
  const there = known ? keys.flatMap((key) => known.get(key) ?? []) : await find()
  const taken = there.flatMap(({ id, nameFolded, source }) => (source !== 'MANUAL' && given.has(nameFolded) ? [id] : []))
  if (taken.length > 0) send(tx, sql`UPDATE tags SET source = 'MANUAL' WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${taken}::uuid[])`)
  const found = new Map(there.map((tag) => [tag.nameFolded, tag]))
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
  return new Map((await find()).map((tag) => [tag.nameFolded, tag]))
}
