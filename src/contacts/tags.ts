import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ConflictError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import { parse } from '../core/parse.ts'
import { line } from '../core/text.ts'
import { execute, rows, send, type Sql, sql } from '../db/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { refreshFollowUps } from '../followUps/service.ts'
import { indexContacts } from '../search/service.ts'
import { limits } from './input.ts'
import { matchKey } from './matchKey.ts'

/** A tag, and how many contacts outside the bin have it. */
export interface TagCount {
  id: string
  name: string
  contactCount: number
}

/** The owner's tags by name. */
export function listTags(ctx: Ctx): Promise<TagCount[]> {
  return readTags(ctx, sql`true`)
}

/** Gives a tag another name, for all who have it. @throws InvalidInputError, NotFoundError, ConflictError when another tag has that name */
export async function renameTag(ctx: Ctx, tag: string, newName: string): Promise<TagCount> {
  const name = parse(line(limits.label), newName)
  if (name === null) throw new InvalidInputError({ path: ['name'], message: 'A tag needs a name.' })
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const known = await tagNamed(tx, tag)
    lockTagged(tx, known.id)
    const other = (await rows<{ id: string }>(tx, sql`SELECT id FROM tags WHERE "ownerId" = ${ownerId}::uuid AND "nameFolded" = ${matchKey(name)}`))[0]
    if (other && other.id !== known.id) throw new ConflictError('Another tag has that name.')
    // Another tag may have taken the name since it was looked for.
    const renamed = await execute(
      tx,
      sql`UPDATE tags SET name = ${name}, "nameFolded" = ${matchKey(name)}, source = 'MANUAL' WHERE "ownerId" = ${ownerId}::uuid AND id = ${known.id}::uuid
          AND NOT EXISTS (SELECT 1 FROM tags AS o WHERE o."ownerId" = ${ownerId}::uuid AND o."nameFolded" = ${matchKey(name)} AND o.id <> ${known.id}::uuid)`,
    )
    if (renamed === 0) throw new ConflictError('Another tag has that name.')
    const tagged = await taggedWith(tx, known.id)
    await indexContacts(tx, tagged)
    await refreshFollowUps(tx, tagged)
    record(tx, { type: 'tag.renamed', entityType: 'Tag', entityId: known.id, changed: ['name'] })
    return { ...known, name }
  })
}

/** Whoever changes one of those who have a tag ends first: else what it was found by would be taken for what it is found by now. */
function lockTagged(tx: Ctx, tagId: string): void {
  const ownerId = ownerOf(tx)
  send(
    tx,
    sql`SELECT c.id FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id IN (SELECT ct."contactId" FROM contact_tags AS ct WHERE ct."ownerId" = ${ownerId}::uuid AND ct."tagId" = ${tagId}::uuid) ORDER BY c.id FOR NO KEY UPDATE`,
  )
}

/** Takes a tag away from all who have it, and with it its follow-up setting. @throws NotFoundError */
export async function deleteTag(ctx: Ctx, tag: string): Promise<TagCount> {
  const ownerId = ownerOf(ctx)
  return inTransaction(ctx, async (tx) => {
    const known = await tagNamed(tx, tag)
    lockTagged(tx, known.id)
    // Nor is it given to anybody from here on.
    send(tx, sql`SELECT id FROM tags WHERE "ownerId" = ${ownerId}::uuid AND id = ${known.id}::uuid FOR UPDATE`)
    const tagged = await taggedWith(tx, known.id)
    await execute(tx, sql`DELETE FROM tags WHERE "ownerId" = ${ownerId}::uuid AND id = ${known.id}::uuid`)
    await indexContacts(tx, tagged)
    await refreshFollowUps(tx, tagged)
    record(tx, { type: 'tag.deleted', entityType: 'Tag', entityId: known.id })
    return known
  })
}

function readTags(ctx: Ctx, which: Sql): Promise<TagCount[]> {
  const ownerId = ownerOf(ctx)
  return rows<TagCount>(
    ctx,
    sql`SELECT t.id, t.name, (SELECT count(*)::int FROM contact_tags AS ct JOIN contacts AS c ON c."ownerId" = ct."ownerId" AND c.id = ct."contactId" AND c."deletedAt" IS NULL
          WHERE ct."ownerId" = ${ownerId}::uuid AND ct."tagId" = t.id) AS "contactCount"
        FROM tags AS t WHERE t."ownerId" = ${ownerId}::uuid AND ${which} ORDER BY t."nameFolded", t.id`,
  )
}

async function tagNamed(tx: Ctx, name: string): Promise<TagCount> {
  const [tag] = await readTags(tx, sql`t."nameFolded" = ${matchKey(name).trim()}`)
  if (!tag) throw new NotFoundError('There is no such tag.')
  return tag
}

async function taggedWith(tx: Ctx, tagId: string): Promise<string[]> {
  const found = await rows<{ contactId: string }>(
    tx,
    sql`SELECT "contactId" FROM contact_tags WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "tagId" = ${tagId}::uuid`,
  )
  return found.map(({ contactId }) => contactId)
}
