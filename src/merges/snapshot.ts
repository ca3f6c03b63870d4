import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, join, raw, rows, type Sql, sql } from '../db/client.ts'

/** Rows that belong to a contact, with what tells them from its others. Those added to the survivor after the merge stay with it. */
const parts = {
  contact_emails: ['id'],
  contact_phones: ['id'],
  contact_addresses: ['id'],
  contact_urls: ['id'],
  contact_organizations: ['id'],
  contact_dates: ['id'],
  contact_relations: ['id'],
  contact_custom_fields: ['id'],
  contact_tags: ['tagId'],
  contact_sources: ['id'],
  contact_removed_values: ['field', 'valueHash'],
  avatars: ['id'],
  google_avatar_fetches: ['person'],
} as const
const tables = Object.keys(parts) as (keyof typeof parts)[]
/** Those of which the survivor has one at most: one that was added since stays, and the old one does not come back. */
const singles: readonly string[] = ['avatars', 'google_avatar_fetches']
const ordered = tables.filter((table) => !['contact_sources', 'contact_removed_values', ...singles].includes(table))

/** Rows that live on their own and point at a contact: undoing points those back that still point at the survivor. */
const pointers = [
  { table: 'notes', column: 'contactId' },
  { table: 'reminders', column: 'contactId' },
  { table: 'contact_relations', column: 'relatedContactId' },
  { table: 'interaction_participants', column: 'contactId' },
] as const

/** The contacts and all that hangs on them, as PostgreSQL writes rows as JSON; sealed values stay sealed. */
export interface Snapshot {
  contacts: { id: string; externalReference: string | null }[]
  parts: Record<string, object[]>
  pointers: Record<string, { id: string; to: string }[]>
  interactionContacts: object[]
}

/** Reads everything that a merge of these contacts may change. */
export async function snapshotOf(tx: Ctx, contactIds: readonly string[]): Promise<Snapshot> {
  const owner = sql`t."ownerId" = ${ownerOf(tx)}::uuid`
  const theirs = sql`ANY(${[...contactIds]}::uuid[])`
  const read = async <T extends object>(table: string, column: string): Promise<T[]> =>
    (await rows<{ row: T }>(tx, sql`SELECT to_jsonb(t) AS row FROM ${raw(table)} AS t WHERE ${owner} AND t.${raw(`"${column}"`)} = ${theirs}`)).map(
      (each) => each.row,
    )
  const snapshot: Snapshot = {
    contacts: await read('contacts', 'id'),
    parts: {},
    pointers: {},
    interactionContacts: await read('interaction_contacts', 'contactId'),
  }
  for (const table of tables) snapshot.parts[table] = await read(table, 'contactId')
  for (const { table, column } of pointers) {
    const name = raw(`"${column}"`)
    snapshot.pointers[`${table}.${column}`] = await rows<{ id: string; to: string }>(
      tx,
      sql`SELECT t.id, t.${name} AS "to" FROM ${raw(table)} AS t WHERE ${owner} AND t.${name} = ${theirs}`,
    )
  }
  return snapshot
}

/** Makes everything as the snapshot says. What was added to the survivor since stays with it; what was deleted since by itself (a note, a tag) does not come back. */
export async function putBack(tx: Ctx, survivorId: string, before: Snapshot): Promise<void> {
  const ownerId = ownerOf(tx)
  const owner = sql`"ownerId" = ${ownerId}::uuid`
  const survivor = sql`${survivorId}::uuid`
  for (const table of tables.filter((each) => each !== 'contact_sources')) {
    const known = sql`EXISTS (SELECT 1 FROM ${recordset(table, before.parts[table] ?? [])} AS r WHERE ${sameKey('t', 'r', parts[table])})`
    await execute(tx, sql`DELETE FROM ${raw(table)} AS t WHERE t.${owner} AND t."contactId" = ${survivor} AND ${known}`)
  }
  await putContactsBack(tx, ownerId, survivorId, before)
  await putSourcesBack(tx, survivorId, before.parts['contact_sources'] ?? [])
  for (const table of tables) {
    await insertBack(tx, table, before.parts[table] ?? [], [
      sql`r.${owner}`,
      ...(table === 'contact_tags' ? [sql`EXISTS (SELECT 1 FROM tags AS t WHERE t.${owner} AND t.id = r."tagId")`] : []),
      ...(singles.includes(table) ? [sql`NOT EXISTS (SELECT 1 FROM ${raw(table)} AS t WHERE t.${owner} AND t."contactId" = r."contactId")`] : []),
    ])
  }
  for (const table of ordered) await appendLater(tx, ownerId, survivorId, table, before.parts[table] ?? [])
  for (const { table, column } of pointers) {
    const moved = before.pointers[`${table}.${column}`] ?? []
    const name = raw(`"${column}"`)
    await execute(
      tx,
      sql`UPDATE ${raw(table)} AS t SET ${name} = m."to" FROM unnest(${moved.map((each) => each.id)}::uuid[], ${moved.map((each) => each.to)}::uuid[]) AS m(id, "to")
          WHERE t.${owner} AND t.id = m.id AND t.${name} = ${survivor} AND m."to" <> ${survivor}`,
    )
  }
  await execute(
    tx,
    sql`UPDATE contact_relations AS t SET "relatedContactId" = NULL WHERE t.${owner} AND t."contactId" = ANY(${before.contacts.map(({ id }) => id)}::uuid[]) AND t."relatedContactId" IS NOT NULL
        AND NOT EXISTS (SELECT 1 FROM contacts AS c WHERE c.${owner} AND c.id = t."relatedContactId")`,
  )
  const links = recordset('interaction_contacts', before.interactionContacts)
  await execute(
    tx,
    sql`DELETE FROM interaction_contacts AS t USING ${links} AS r WHERE t.${owner} AND t."interactionId" = r."interactionId" AND t."contactId" = ${survivor}`,
  )
  await insertBack(tx, 'interaction_contacts', before.interactionContacts, [
    sql`r.${owner}`,
    sql`EXISTS (SELECT 1 FROM interactions AS i WHERE i.${owner} AND i.id = r."interactionId")`,
  ])
}

/** Only the columns that there were: one that a later version added takes its default. */
async function insertBack(tx: Ctx, table: string, entries: readonly object[], conditions: readonly Sql[]): Promise<void> {
  const columns = columnsOf(entries)
  if (columns.length === 0) return
  const quoted = (alias: string): Sql => raw(columns.map((column) => `${alias}"${column}"`).join(', '))
  await execute(
    tx,
    sql`INSERT INTO ${raw(table)} (${quoted('')}) SELECT ${quoted('r.')} FROM ${recordset(table, entries)} AS r WHERE ${join([...conditions], ' AND ')} ON CONFLICT DO NOTHING`,
  )
}

function columnsOf([first]: readonly object[]): string[] {
  return Object.keys(first ?? {})
}

/** Rows of a snapshot as a table. */
function recordset(table: string, entries: readonly object[]): Sql {
  return sql`jsonb_populate_recordset(NULL::${raw(table)}, ${JSON.stringify(entries)}::jsonb)`
}

function sameKey(left: string, right: string, columns: readonly string[]): Sql {
  return raw(['ownerId', ...columns].map((column) => `${left}."${column}" = ${right}."${column}"`).join(' AND '))
}

/** Gives sources back to their contacts as they are by now: what they are called and whether they are gone is no part of the merge. One whose record has changed since has no fingerprint, so that it is read anew. */
async function putSourcesBack(tx: Ctx, survivorId: string, sources: readonly object[]): Promise<void> {
  await execute(
    tx,
    sql`UPDATE contact_sources AS t SET "contactId" = r."contactId", fingerprint = CASE WHEN t.fingerprint = r.fingerprint THEN t.fingerprint END
        FROM ${recordset('contact_sources', sources)} AS r WHERE t."ownerId" = ${ownerOf(tx)}::uuid AND ${sameKey('t', 'r', parts.contact_sources)} AND t."contactId" = ${survivorId}::uuid`,
  )
}

/** Puts the others back and the survivor's columns as they were; an external reference that another contact has taken since stays with that one. */
async function putContactsBack(tx: Ctx, ownerId: string, survivorId: string, before: Snapshot): Promise<void> {
  const ids = before.contacts.map(({ id }) => id)
  const references = before.contacts.flatMap(({ externalReference }) => externalReference ?? [])
  const taken = await tx.db.contact.findMany({
    where: { ownerId, externalReference: { in: references }, deletedAt: null, id: { notIn: ids } },
    select: { externalReference: true },
  })
  const gone = new Set(taken.map(({ externalReference }) => externalReference))
  const contacts = before.contacts.map((row) => (gone.has(row.externalReference) ? { ...row, externalReference: null } : row))
  const columns = raw(
    columnsOf(contacts)
      .filter((column) => column !== 'ownerId' && column !== 'id')
      .map((column) => `"${column}"`)
      .join(', '),
  )
  const survivor = contacts.filter(({ id }) => id === survivorId)
  await execute(
    tx,
    sql`UPDATE contacts SET (${columns}) = (SELECT ${columns} FROM ${recordset('contacts', survivor)}) WHERE "ownerId" = ${ownerId}::uuid AND id = ${survivorId}::uuid`,
  )
  await insertBack(
    tx,
    'contacts',
    contacts.filter(({ id }) => id !== survivorId),
    [sql`r."ownerId" = ${ownerId}::uuid`],
  )
}

/** Moves what was added to a list since to its end; the primary entry is the one that it was. */
async function appendLater(tx: Ctx, ownerId: string, survivorId: string, table: keyof typeof parts, entries: readonly object[]): Promise<void> {
  const own = entries.filter((entry) => (entry as { contactId: string }).contactId === survivorId)
  const later = sql`t."ownerId" = ${ownerId}::uuid AND t."contactId" = ${survivorId}::uuid AND NOT EXISTS (SELECT 1 FROM ${recordset(table, own)} AS r WHERE ${sameKey('t', 'r', parts[table])})`
  const hasPrimary = table === 'contact_emails' || table === 'contact_phones'
  const primary = hasPrimary && own.length > 0 ? sql`, "primary" = false` : sql``
  await execute(tx, sql`UPDATE ${raw(table)} AS t SET position = t.position + 1000 ${primary} WHERE ${later}`)
}
