import { announcePersons } from '../contacts/persons.ts'
import { saveContacts } from '../contacts/save.ts'
import { lockContacts, removedMarkOf } from '../contacts/state.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, raw, sql } from '../db/client.ts'
import { refreshLastInteractions } from '../interactions/service.ts'
import { forgetContacts, moveNoteTerms } from '../search/service.ts'
import { unitedContact } from './united.ts'

/** Rows of which a contact has one at most: the survivor takes the first of the others' where it has none. */
const singles = ['avatars', 'google_avatar_fetches'] as const

/** Makes one contact of several: what hangs on the others moves to the survivor, they go. Called inside the merge's transaction, the contacts locked. */
export async function unite(tx: Ctx, survivorId: string, mergedIds: readonly string[]): Promise<void> {
  const ownerId = ownerOf(tx)
  const states = await lockContacts(tx, [survivorId, ...mergedIds])
  const [survivor, ...others] = [survivorId, ...mergedIds].flatMap((id) => states.get(id) ?? [])
  if (!survivor) throw new Error('The survivor of a merge is locked before.')
  await moveRows(tx, survivorId, mergedIds)
  await moveNoteTerms(tx, mergedIds, survivorId)
  await forgetContacts(tx, mergedIds)
  announcePersons(tx, mergedIds)
  await execute(tx, sql`DELETE FROM contacts WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${[...mergedIds]}::uuid[])`)
  // The others' entries went with them, and come again under the ids that they had.
  await saveContacts(tx, [{ before: survivor, after: unitedContact(survivor, others, removedMarkOf(await tx.app.vault.of(ownerId))) }])
  await refreshLastInteractions(tx, [survivorId])
}

async function moveRows(tx: Ctx, survivorId: string, mergedIds: readonly string[]): Promise<void> {
  const owner = sql`"ownerId" = ${ownerOf(tx)}::uuid`
  const merged = sql`ANY(${[...mergedIds]}::uuid[])`
  const survivor = sql`${survivorId}::uuid`
  const order = sql`array_position(${[...mergedIds]}::uuid[], "contactId")`
  for (const table of ['notes', 'reminders', 'interaction_participants', 'contact_sources']) {
    await execute(tx, sql`UPDATE ${raw(table)} SET "contactId" = ${survivor} WHERE ${owner} AND "contactId" = ${merged}`)
  }
  await execute(
    tx,
    sql`UPDATE contact_relations SET "relatedContactId" = ${survivor} WHERE ${owner} AND "relatedContactId" = ${merged} AND "contactId" <> ${survivor}`,
  )
  for (const table of singles) {
    await execute(
      tx,
      sql`UPDATE ${raw(table)} SET "contactId" = ${survivor} WHERE ${owner} AND "contactId" = (SELECT "contactId" FROM ${raw(table)} WHERE ${owner} AND "contactId" = ${merged} ORDER BY ${order} LIMIT 1)
          AND NOT EXISTS (SELECT 1 FROM ${raw(table)} WHERE ${owner} AND "contactId" = ${survivor})`,
    )
    await execute(tx, sql`DELETE FROM ${raw(table)} WHERE ${owner} AND "contactId" = ${merged}`)
  }
  await execute(
    tx,
    sql`INSERT INTO interaction_contacts ("ownerId", "interactionId", "contactId", "occurredAt", direction, counted)
        SELECT DISTINCT ON ("interactionId") "ownerId", "interactionId", ${survivor}, "occurredAt", direction, counted FROM interaction_contacts WHERE ${owner} AND "contactId" = ${merged} ORDER BY "interactionId", counted DESC, ${order}
        ON CONFLICT ("ownerId", "interactionId", "contactId") DO UPDATE SET counted = interaction_contacts.counted OR excluded.counted`,
  )
  await execute(
    tx,
    sql`UPDATE contacts AS c SET "followUpEvery" = f."followUpEvery", "followUpSetAt" = f."followUpSetAt"
        FROM (SELECT "followUpEvery", "followUpSetAt" FROM contacts WHERE ${owner} AND id = ${merged} AND "followUpEvery" IS NOT NULL ORDER BY array_position(${[...mergedIds]}::uuid[], id) LIMIT 1) AS f
        WHERE c.${owner} AND c.id = ${survivor} AND c."followUpEvery" IS NULL`,
  )
}
