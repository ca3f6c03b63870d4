import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, raw, rows, sql } from '../db/client.ts'

/** Rows that belong to a contact and to nothing else: undoing deletes those of the survivor and puts the old ones back. */
const parts = ['contact_emails', 'contact_phones', 'contact_addresses', 'contact_urls', 'contact_organizations', 'contact_dates', 'contact_relations', 'contact_custom_fields', 'contact_tags', 'contact_sources', 'contact_removed_values', 'avatars'] as const
/** Rows that live on their own and point at a contact: undoing points those that still exist back. */
const pointers = [
  { table: 'notes', column: 'contactId' },
  { table: 'reminders', column: 'contactId' },
  { table: 'contact_relations', column: 'relatedContactId' },
  { table: 'interaction_participants', column: 'contactId' },
] as const

/** The contacts and all that hangs on them, as PostgreSQL writes rows as JSON; sealed values stay sealed. */
export interface Snapshot {
  contacts: object[]
  parts: Record<string, object[]>
  pointers: Record<string, { id: string; to: string }[]>
  interactionContacts: object[]
}

/** Reads everything that a merge of these contacts may change. */
export async function snapshotOf(tx: Ctx, contactIds: readonly string[]): Promise<Snapshot> {
  const ownerId = ownerOf(tx)
  const theirs = sql`ANY(${[...contactIds]}::uuid[])`
  const json = async (table: string, column: string): Promise<object[]> =>
    (await rows<{ row: object }>(tx, sql`SELECT to_jsonb(t) AS row FROM ${raw(table)} AS t WHERE t."ownerId" = ${ownerId}::uuid AND t.${raw(`"${column}"`)} = ${theirs}`)).map((each) => each.row)
  const snapshot: Snapshot = { contacts: await json('contacts', 'id'), parts: {}, pointers: {}, interactionContacts: await json('interaction_contacts', 'contactId') }
  for (const table of parts) snapshot.parts[table] = await json(table, 'contactId')
  for (const { table, column } of pointers) {
    snapshot.pointers[`${table}.${column}`] = await rows<{ id: string; to: string }>(
      tx,
      sql`SELECT t.id, t.${raw(`"${column}"`)} AS to FROM ${raw(table)} AS t WHERE t."ownerId" = ${ownerId}::uuid AND t.${raw(`"${column}"`)} = ${theirs}`,
    )
  }
  return snapshot
}

/** Makes everything as the snapshot says. What was added to the survivor since and lives on its own (notes, reminders, interactions) stays with it. */
export async function putBack(tx: Ctx, survivorId: string, contactIds: readonly string[], before: Snapshot): Promise<void> {
  const ownerId = ownerOf(tx)
  const owner = sql`"ownerId" = ${ownerId}::uuid`
  for (const table of parts) await execute(tx, sql`DELETE FROM ${raw(table)} WHERE ${owner} AND "contactId" = ${survivorId}::uuid`)
  const merged = before.contacts.filter((row) => (row as { id: string }).id !== survivorId)
  const [survivor] = before.contacts.filter((row) => (row as { id: string }).id === survivorId)
  await execute(tx, sql`INSERT INTO contacts SELECT * FROM jsonb_populate_recordset(NULL::contacts, ${JSON.stringify(merged)}::jsonb)`)
  await overwriteContact(tx, ownerId, survivorId, survivor)
  for (const table of parts) {
    // A tag deleted since the merge does not come back with its links.
    const kept = table === 'contact_tags' ? sql`WHERE EXISTS (SELECT 1 FROM tags AS t WHERE t."ownerId" = r."ownerId" AND t.id = r."tagId")` : sql``
    await execute(tx, sql`INSERT INTO ${raw(table)} SELECT r.* FROM jsonb_populate_recordset(NULL::${raw(table)}, ${JSON.stringify(before.parts[table] ?? [])}::jsonb) AS r ${kept}`)
  }
  for (const { table, column } of pointers) {
    const moved = before.pointers[`${table}.${column}`] ?? []
    const name = raw(`"${column}"`)
    await execute(
      tx,
      sql`UPDATE ${raw(table)} AS t SET ${name} = m."to" FROM unnest(${moved.map((each) => each.id)}::uuid[], ${moved.map((each) => each.to)}::uuid[]) AS m(id, "to") WHERE t."ownerId" = ${ownerId}::uuid AND t.id = m.id`,
    )
  }
  await execute(
    tx,
    sql`DELETE FROM interaction_contacts AS ic USING jsonb_populate_recordset(NULL::interaction_contacts, ${JSON.stringify(before.interactionContacts)}::jsonb) AS b
        WHERE ic."ownerId" = ${ownerId}::uuid AND ic."interactionId" = b."interactionId" AND ic."contactId" = ANY(${[...contactIds]}::uuid[])`,
  )
  await execute(
    tx,
    sql`INSERT INTO interaction_contacts SELECT b.* FROM jsonb_populate_recordset(NULL::interaction_contacts, ${JSON.stringify(before.interactionContacts)}::jsonb) AS b
        WHERE EXISTS (SELECT 1 FROM interactions AS i WHERE i."ownerId" = b."ownerId" AND i.id = b."interactionId") ON CONFLICT DO NOTHING`,
  )
  await execute(
    tx,
    sql`UPDATE search_terms AS s SET "contactId" = n."contactId" FROM notes AS n
        WHERE s."ownerId" = ${ownerId}::uuid AND s."contactId" = ${survivorId}::uuid AND s."entityId" <> s."contactId" AND n."ownerId" = ${ownerId}::uuid AND n.id = s."entityId" AND n."contactId" <> ${survivorId}::uuid`,
  )
}

/** Sets every column of the survivor to its old value; an external reference that another contact has taken since stays with that one. */
async function overwriteContact(tx: Ctx, ownerId: string, id: string, row: object | undefined): Promise<void> {
  if (!row) throw new Error('A merge snapshot holds its survivor.')
  const reference = (row as { externalReference: string | null }).externalReference
  const taken = reference !== null && (await tx.db.contact.count({ where: { ownerId, externalReference: reference, deletedAt: null, id: { not: id } } })) > 0
  const columns = Object.keys(row).filter((column) => column !== 'ownerId' && column !== 'id')
  const list = raw(columns.map((column) => `"${column}"`).join(', '))
  await execute(
    tx,
    sql`UPDATE contacts SET (${list}) = (SELECT ${list} FROM jsonb_populate_record(NULL::contacts, ${JSON.stringify(taken ? { ...row, externalReference: null } : row)}::jsonb)) WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid`,
  )
}
