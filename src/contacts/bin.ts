import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { ConflictError, NotFoundError } from '../core/errors.ts'
import { execute, rows, sql } from '../db/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { hideInteractions, purgeInteractions, refreshLastInteractions } from '../interactions/service.ts'
import { refreshDue } from '../jobs/due.ts'
import { hideNotes } from '../notes/service.ts'
import { hideReminders, purgeReminders } from '../reminders/service.ts'
import { forgetContacts } from '../search/service.ts'
import { announcePersons } from './persons.ts'
import { findByReference } from './reads.ts'
import { tombstoneHash } from './sources.ts'

/** For how many days a deleted contact can be restored. */
export const binDays = 30

/** The kind under which the due directory keeps when a deleted contact goes for good. */
export const purgeDue = 'contact.purge'

/** Puts a contact into the bin, where it lies hidden, with all that hangs on it, for 30 days. @throws NotFoundError */
export async function deleteContact(ctx: Ctx, id: string): Promise<string> {
  return inTransaction(ctx, async (tx) => {
    if (!(await moveToBin(tx, id))) throw new NotFoundError('There is no contact with that id.')
    return id
  })
}

/** Moves a contact into the bin in the open transaction; false when there is none outside of it. */
export async function moveToBin(tx: Ctx, id: string): Promise<boolean> {
  const contact = await lock(tx, id)
  if (!contact || contact.deletedAt) return false
  await moveTo(tx, id, toDate(tx.clock.now()))
  record(tx, { type: 'contact.deleted', entityType: 'Contact', entityId: id, changed: ['deletedAt'] })
  return true
}

/** Takes a contact out of the bin in the open transaction, whatever has become of its external reference; one that is not there stays as it is. */
export async function leaveBin(tx: Ctx, id: string): Promise<void> {
  const contact = await lock(tx, id)
  if (!contact?.deletedAt) return
  await moveTo(tx, id, null)
  await refreshLastInteractions(tx, [id])
  record(tx, { type: 'contact.restored', entityType: 'Contact', entityId: id, changed: ['deletedAt'] })
}

/** Takes a contact out of the bin, with all that hangs on it; one that is not there stays as it is. @throws NotFoundError, ConflictError when its external reference has been given to another since */
export async function restoreContact(ctx: Ctx, id: string): Promise<string> {
  return inTransaction(ctx, async (tx) => {
    const contact = await lock(tx, id)
    if (!contact || (contact.deletedAt && (contact.restrictedAt || isOver(tx, contact.deletedAt))))
      throw new NotFoundError('There is no contact with that id in the bin.')
    if (!contact.deletedAt) return id
    if (contact.externalReference !== null && (await findByReference(tx, contact.externalReference)) !== null)
      throw new ConflictError('Another contact has taken its external reference since: change that one first.')
    await moveTo(tx, id, null)
    await refreshLastInteractions(tx, [id])
    record(tx, { type: 'contact.restored', entityType: 'Contact', entityId: id, changed: ['deletedAt'] })
    return id
  })
}

/** Follows a move into or out of the bin: enters in the directory when the contact goes for good, or that it does not. */
export async function schedulePurge(ctx: Ctx, contactId: string): Promise<void> {
  await refreshDue(ctx, purgeDue, ownerOf(ctx), contactId, async (tx) => {
    const [contact] = await rows<{ deletedAt: Date | null }>(
      tx,
      sql`SELECT c."deletedAt" FROM contacts AS c WHERE c."ownerId" = ${ownerOf(tx)}::uuid AND c.id = ${contactId}::uuid`,
    )
    return contact?.deletedAt && endOfBin(contact.deletedAt)
  })
}

/** Deletes a contact whose time in the bin is over, with all that hangs on it. Its source ids leave keyed hashes, so that no sync or import brings it back. */
export async function purgeContact(ctx: Ctx, id: string): Promise<void> {
  const ownerId = ownerOf(ctx)
  await inTransaction(ctx, async (tx) => {
    const contact = await lock(tx, id)
    if (contact?.deletedAt && isOver(tx, contact.deletedAt)) await purge(tx, ownerId, id)
  })
  await schedulePurge(ctx, id)
}

/** Deletes a contact for good at once, bin or not, in the open transaction: one that must not be kept. */
export function purgeAtOnce(tx: Ctx, id: string): Promise<void> {
  return purge(tx, ownerOf(tx), id)
}

/** Deletes a contact at once, wherever it lies, at the person's own wish: with it goes what other rows say of them. In the open transaction. Answers the keys of the pictures whose bytes are to go after it; null when there is no such contact. */
export async function eraseContact(tx: Ctx, id: string): Promise<string[] | null> {
  const ownerId = ownerOf(tx)
  const own = sql`"ownerId" = ${ownerId}::uuid`
  if (!(await lock(tx, id))) return null
  // A merge that could be undone holds who was merged.
  await execute(tx, sql`DELETE FROM contact_merges WHERE ${own} AND ${id}::uuid = ANY("mergedIds")`)
  await execute(tx, sql`DELETE FROM contact_relations WHERE ${own} AND "relatedContactId" = ${id}::uuid`)
  await execute(
    tx,
    sql`DELETE FROM contact_address_changes WHERE ${own} AND canonical IN (SELECT e.canonical FROM contact_emails AS e WHERE e."ownerId" = ${ownerId}::uuid AND e."contactId" = ${id}::uuid)`,
  )
  await execute(
    tx,
    sql`DELETE FROM google_people WHERE ${own} AND "resourceName" IN (SELECT s."externalId" FROM contact_sources AS s WHERE s."ownerId" = ${ownerId}::uuid AND s."contactId" = ${id}::uuid)`,
  )
  const pictures = await rows<{ key: string }>(tx, sql`SELECT key FROM avatars WHERE ${own} AND "contactId" = ${id}::uuid`)
  await purge(tx, ownerId, id)
  return pictures.map(({ key }) => key)
}

async function purge(tx: Ctx, ownerId: string, id: string): Promise<void> {
  const own = sql`"ownerId" = ${ownerId}::uuid`
  const vault = await tx.app.vault.of(ownerId)
  const sources = await rows<{ kind: string; externalId: string }>(
    tx,
    sql`SELECT kind, "externalId" FROM contact_sources WHERE ${own} AND "contactId" = ${id}::uuid AND "externalId" IS NOT NULL`,
  )
  await tx.db.sourceTombstone.createMany({
    data: sources.map(({ kind, externalId }) => ({ ownerId, kind, externalIdHash: tombstoneHash(vault, kind, externalId), createdAt: toDate(tx.clock.now()) })),
    skipDuplicates: true,
  })
  const pictures = await rows<{ key: string }>(tx, sql`SELECT key FROM avatars WHERE ${own} AND "contactId" = ${id}::uuid`)
  setOff(tx, ...pictures.map(({ key }) => ({ kind: 'contact.blobGone', payload: { key } })))
  await purgeInteractions(tx, [id])
  await purgeReminders(tx, [id])
  await execute(tx, sql`UPDATE contact_relations SET "relatedContactId" = NULL WHERE ${own} AND "relatedContactId" = ${id}::uuid`)
  // A merge into it could not be undone any more, but would still hold what it held.
  await execute(tx, sql`DELETE FROM contact_merges WHERE ${own} AND "survivorId" = ${id}::uuid`)
  await execute(tx, sql`DELETE FROM google_avatar_fetches WHERE ${own} AND "contactId" = ${id}::uuid`)
  await forgetContacts(tx, [id])
  announcePersons(tx, [id])
  await execute(tx, sql`DELETE FROM contacts WHERE ${own} AND id = ${id}::uuid`)
  record(tx, { type: 'contact.purged', entityType: 'Contact', entityId: id })
}

interface Locked {
  deletedAt: Date | null
  restrictedAt: Date | null
  externalReference: string | null
}

function lock(tx: Ctx, id: string): Promise<Locked | undefined> {
  return rows<Locked>(
    tx,
    sql`SELECT c."deletedAt", c."restrictedAt", c."externalReference" FROM contacts AS c WHERE c."ownerId" = ${ownerOf(tx)}::uuid AND c.id = ${id}::uuid FOR UPDATE`,
  ).then(([contact]) => contact)
}

async function moveTo(tx: Ctx, id: string, deletedAt: Date | null): Promise<void> {
  await execute(tx, sql`UPDATE contacts SET "deletedAt" = ${deletedAt}::timestamptz WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ${id}::uuid`)
  await hideNotes(tx, [id], deletedAt)
  await hideReminders(tx, [id], deletedAt)
  await hideInteractions(tx, [id], deletedAt)
  setOff(tx, { kind: 'contact.binned', payload: { contactId: id } })
  if (deletedAt === null) setOff(tx, { kind: 'contacts.returned', payload: {} })
}

function endOfBin(deletedAt: Date): Date {
  return toDate(toInstant(deletedAt).add({ hours: binDays * 24 }))
}

function isOver(ctx: Ctx, deletedAt: Date): boolean {
  return endOfBin(deletedAt) <= toDate(ctx.clock.now())
}
