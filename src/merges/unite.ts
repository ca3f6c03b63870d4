import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, raw, sql } from '../db/client.ts'

/** Lists of values and what makes two of them the same: the survivor keeps its own of two equals. */
const lists = [
  { table: 'contact_emails', same: ['normalized'] },
  { table: 'contact_phones', same: ['digits'] },
  { table: 'contact_addresses', same: ['street', 'extended', 'poBox', 'city', 'region', 'postalCode', 'country', 'countryCode'] },
  { table: 'contact_urls', same: ['url'] },
  { table: 'contact_organizations', same: ['nameFolded', 'department', 'title'] },
  { table: 'contact_dates', same: ['kind', 'label', 'year', 'month', 'day'] },
  { table: 'contact_relations', same: ['name', 'kind', 'relatedContactId'] },
  { table: 'contact_custom_fields', same: ['id'] },
] as const

/** Groups of scalars that the survivor takes over, from the first contact that has any of a group, where it has none of the group itself. */
const scalarGroups = [['namePrefix', 'nameGiven', 'nameMiddle', 'nameFamily', 'nameSuffix'], ['nameNickname'], ['namePhoneticGiven', 'namePhoneticFamily'], ['externalReference'], ['followUpEvery', 'followUpSetAt']] as const

/** Moves all that hangs on the merged contacts to the survivor, fills what it lacks, and deletes them. Called inside the merge's transaction, the contacts locked. */
export async function unite(tx: Ctx, survivorId: string, mergedIds: readonly string[]): Promise<void> {
  const ownerId = ownerOf(tx)
  const owner = sql`"ownerId" = ${ownerId}::uuid`
  const merged = sql`ANY(${[...mergedIds]}::uuid[])`
  const survivor = sql`${survivorId}::uuid`
  await uniteTexts(tx, survivorId, mergedIds)
  for (const { table, same } of lists) {
    const equal = raw(same.map((column) => `o."${column}" IS NOT DISTINCT FROM t."${column}"`).join(' AND '))
    // Of equal values the survivor's stays, else the one of the contact named first.
    await execute(
      tx,
      sql`DELETE FROM ${raw(table)} AS t WHERE t.${owner} AND t."contactId" = ${merged} AND EXISTS (
            SELECT 1 FROM ${raw(table)} AS o WHERE o.${owner} AND ${equal} AND o.id <> t.id
            AND (o."contactId" = ${survivor} OR (o."contactId" = ${merged} AND (array_position(${[...mergedIds]}::uuid[], o."contactId"), o.position, o.id) < (array_position(${[...mergedIds]}::uuid[], t."contactId"), t.position, t.id))))`,
    )
    const primary = table === 'contact_emails' || table === 'contact_phones' ? sql`, "primary" = t."primary" AND NOT EXISTS (SELECT 1 FROM ${raw(table)} AS o WHERE o.${owner} AND o."contactId" = ${survivor} AND o."primary")` : sql``
    await execute(
      tx,
      sql`UPDATE ${raw(table)} AS t SET "contactId" = ${survivor}, position = t.position + 1000 * array_position(${[...mergedIds]}::uuid[], t."contactId") ${primary} WHERE t.${owner} AND t."contactId" = ${merged}`,
    )
    await execute(
      tx,
      sql`UPDATE ${raw(table)} AS t SET position = n.position FROM (SELECT id, row_number() OVER (ORDER BY position, id) - 1 AS position FROM ${raw(table)} WHERE ${owner} AND "contactId" = ${survivor}) AS n WHERE t.${owner} AND t.id = n.id AND t.position <> n.position`,
    )
  }
  await onePrimary(tx, ownerId, survivorId)
  await execute(
    tx,
    sql`INSERT INTO contact_tags ("ownerId", "contactId", "tagId", position, source, edited)
        SELECT DISTINCT ON ("tagId") "ownerId", ${survivor}, "tagId", position + 1000, source, edited FROM contact_tags WHERE ${owner} AND "contactId" = ${merged} ORDER BY "tagId", edited DESC
        ON CONFLICT DO NOTHING`,
  )
  await execute(
    tx,
    sql`INSERT INTO contact_removed_values ("ownerId", "contactId", field, "valueHash", "removedAt")
        SELECT "ownerId", ${survivor}, field, "valueHash", max("removedAt") FROM contact_removed_values WHERE ${owner} AND "contactId" = ${merged} GROUP BY "ownerId", field, "valueHash" ON CONFLICT DO NOTHING`,
  )
  await execute(tx, sql`UPDATE contact_sources SET "contactId" = ${survivor} WHERE ${owner} AND "contactId" = ${merged}`)
  await execute(tx, sql`UPDATE contact_relations SET "relatedContactId" = ${survivor} WHERE ${owner} AND "relatedContactId" = ${merged} AND "contactId" <> ${survivor}`)
  await execute(tx, sql`DELETE FROM contact_relations WHERE ${owner} AND "contactId" = ${survivor} AND ("relatedContactId" = ${merged} OR "relatedContactId" = ${survivor})`)
  await execute(
    tx,
    sql`UPDATE avatars SET "contactId" = ${survivor} WHERE ${owner} AND id = (SELECT id FROM avatars WHERE ${owner} AND "contactId" = ${merged} ORDER BY array_position(${[...mergedIds]}::uuid[], "contactId") LIMIT 1)
        AND NOT EXISTS (SELECT 1 FROM avatars WHERE ${owner} AND "contactId" = ${survivor})`,
  )
  await execute(tx, sql`UPDATE notes SET "contactId" = ${survivor} WHERE ${owner} AND "contactId" = ${merged}`)
  await execute(tx, sql`UPDATE reminders SET "contactId" = ${survivor} WHERE ${owner} AND "contactId" = ${merged}`)
  await execute(tx, sql`UPDATE interaction_participants SET "contactId" = ${survivor} WHERE ${owner} AND "contactId" = ${merged}`)
  await execute(
    tx,
    sql`INSERT INTO interaction_contacts ("ownerId", "interactionId", "contactId", "occurredAt", direction, counted)
        SELECT DISTINCT ON ("interactionId") "ownerId", "interactionId", ${survivor}, "occurredAt", direction, counted FROM interaction_contacts WHERE ${owner} AND "contactId" = ${merged} ORDER BY "interactionId", counted DESC
        ON CONFLICT ("ownerId", "interactionId", "contactId") DO UPDATE SET counted = interaction_contacts.counted OR excluded.counted`,
  )
  await execute(tx, sql`DELETE FROM contacts WHERE ${owner} AND id = ${merged}`)
}

/** Fills the survivor's empty scalars from the merged contacts, in their order, and appends their `about`. */
async function uniteTexts(tx: Ctx, survivorId: string, mergedIds: readonly string[]): Promise<void> {
  const ownerId = ownerOf(tx)
  const vault = await tx.app.vault.of(ownerId)
  const found = await tx.db.contact.findMany({ where: { ownerId, id: { in: [survivorId, ...mergedIds] } } })
  const ordered = [survivorId, ...mergedIds].flatMap((id) => found.filter((contact) => contact.id === id))
  const abouts = [...new Set(ordered.flatMap((contact) => (contact.about ? [vault.open('Contact.about', contact.id, contact.about)] : [])))]
  // References and names leave the merged contacts first: a reference is unique among an owner's contacts.
  const filled = Object.fromEntries(
    scalarGroups.flatMap((group) => {
      const from = ordered.find((contact) => group.some((scalar) => contact[scalar] !== null))
      return from ? group.map((scalar) => [scalar, from[scalar]]) : []
    }),
  )
  await tx.db.contact.updateMany({ where: { ownerId, id: { in: [...mergedIds] } }, data: { externalReference: null } })
  await tx.db.contact.update({
    where: { ownerId_id: { ownerId, id: survivorId } },
    data: {
      ...filled,
      starred: ordered.some((contact) => contact.starred),
      about: abouts.length > 0 ? vault.seal('Contact.about', survivorId, abouts.join('\n\n')) : null,
      updatedAt: toDate(tx.clock.now()),
    },
  })
}

async function onePrimary(tx: Ctx, ownerId: string, contactId: string): Promise<void> {
  for (const table of ['contact_emails', 'contact_phones']) {
    await execute(
      tx,
      sql`UPDATE ${raw(table)} SET "primary" = false WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ${contactId}::uuid AND "primary"
          AND id <> (SELECT id FROM ${raw(table)} WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = ${contactId}::uuid AND "primary" ORDER BY position LIMIT 1)`,
    )
  }
}
