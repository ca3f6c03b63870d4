import { z } from 'zod'
import { announcePersons } from '../contacts/persons.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { Contact } from '../db/generated/prisma/client.ts'
import { discard, inTransaction, record, setOff } from '../events/service.ts'
import { refreshLastInteractions } from '../interactions/service.ts'
import { indexContacts, returnNoteTerms } from '../search/service.ts'
import { putBack, snapshotOf, type Snapshot } from './snapshot.ts'
import { unite } from './unite.ts'

/** For how long a merge can be undone, in days. */
export const undoDays = 30

const ContactMerge = z.object({
  survivorId: z.string(),
  mergedIds: z.array(z.string()).min(1, 'Name at least one contact to merge.').max(20, 'At most 20 contacts at once.'),
  dryRun: z.boolean().nullish(),
})

/** What a merge did, or in a dry run would do. */
export interface Merged {
  id: string | null
  contact: Contact
  mergedIds: string[]
  dryRun: boolean
  undoUntil: Date | null
}

/** Merges contacts into the survivor: it keeps its own values, takes what it lacks, and all that hangs on the others moves to it. @throws InvalidInputError, NotFoundError */
export async function mergeContacts(ctx: Ctx, input: z.input<typeof ContactMerge>): Promise<Merged> {
  const { survivorId, dryRun, ...rest } = parse(ContactMerge, input)
  const mergedIds = [...new Set(rest.mergedIds)]
  if (mergedIds.includes(survivorId)) throw new InvalidInputError({ path: ['mergedIds'], message: 'The survivor cannot be merged into itself.' })
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    const everybody = [survivorId, ...mergedIds]
    const locked = await rows<{ id: string; restrictedAt: Date | null }>(
      tx,
      sql`SELECT id, "restrictedAt" FROM contacts WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${everybody}::uuid[]) AND "deletedAt" IS NULL ORDER BY id FOR UPDATE`,
    )
    if (locked.length !== everybody.length) throw new NotFoundError('There is no contact with one of those ids.')
    if (locked.some(({ restrictedAt }) => restrictedAt !== null))
      throw new InvalidInputError({ path: ['mergedIds'], message: 'What is held of one of them may only be stored for now.' })
    const before = await snapshotOf(tx, everybody)
    await unite(tx, survivorId, mergedIds)
    const contact = await tx.db.contact.findUniqueOrThrow({ where: { ownerId_id: { ownerId, id: survivorId } } })
    if (dryRun) {
      discard(tx)
      return { id: null, contact, mergedIds, dryRun: true, undoUntil: null }
    }
    const id = newId(tx.clock)
    const now = tx.clock.now()
    const undoUntil = toDate(now.add({ hours: undoDays * 24 }))
    await tx.db.contactMerge.create({
      data: { ownerId, id, survivorId, mergedIds, undo: vault.seal('ContactMerge.undo', id, JSON.stringify(before)), createdAt: toDate(now), undoUntil },
    })
    record(
      tx,
      { type: 'contact.merged', entityType: 'Contact', entityId: survivorId },
      ...mergedIds.map((each) => ({ type: 'contact.mergedAway' as const, entityType: 'Contact', entityId: each })),
    )
    setOff(tx, { kind: 'merge.schedule', payload: { mergeId: id } })
    return { id, contact, mergedIds, dryRun: false, undoUntil }
  })
}

/**
 * Undoes a merge: every contact is as it was before, with all that hung on it; what was added to the survivor since stays there.
 * Of several merges into one contact the last is undone first: it took in what the earlier ones had brought. @throws NotFoundError
 */
export async function undoMerge(ctx: Ctx, id: string): Promise<Contact[]> {
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    const { survivorId, mergedIds, undo } = await undoable(tx, id)
    const everybody = [survivorId, ...mergedIds]
    await putBack(tx, survivorId, JSON.parse(vault.open('ContactMerge.undo', id, undo)) as Snapshot)
    await execute(
      tx,
      sql`UPDATE contact_merges SET "undoneAt" = ${toDate(tx.clock.now())}::timestamptz, undo = NULL WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid`,
    )
    await returnNoteTerms(tx, survivorId)
    await indexContacts(tx, everybody)
    announcePersons(tx, everybody)
    await refreshLastInteractions(tx, everybody)
    record(tx, ...everybody.map((each) => ({ type: 'contact.mergeUndone' as const, entityType: 'Contact', entityId: each })))
    setOff(tx, { kind: 'merge.schedule', payload: { mergeId: id } }, { kind: 'contacts.reread', payload: { contactIds: everybody.join(',') } })
    const contacts = await tx.db.contact.findMany({ where: { ownerId, id: { in: everybody } } })
    return everybody.flatMap((each) => contacts.filter((contact) => contact.id === each))
  })
}

/** The merge and its survivor, locked. @throws NotFoundError */
async function undoable(tx: Ctx, id: string): Promise<{ survivorId: string; mergedIds: string[]; undo: Uint8Array }> {
  const ownerId = ownerOf(tx)
  const now = toDate(tx.clock.now())
  const [merge] = await rows<{ survivorId: string; mergedIds: string[]; undo: Uint8Array; createdAt: Date }>(
    tx,
    sql`SELECT m."survivorId", m."mergedIds", m.undo, m."createdAt" FROM contact_merges AS m JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = m."survivorId" AND c."deletedAt" IS NULL AND c."restrictedAt" IS NULL
        WHERE m."ownerId" = ${ownerId}::uuid AND m.id = ${id}::uuid AND m.undo IS NOT NULL AND m."undoneAt" IS NULL AND m."undoUntil" > ${now}::timestamptz FOR UPDATE`,
  )
  if (!merge) throw new NotFoundError('There is no merge with that id that can still be undone.')
  const later = await rows(
    tx,
    sql`SELECT 1 FROM contact_merges WHERE "ownerId" = ${ownerId}::uuid AND "survivorId" = ${merge.survivorId}::uuid AND "createdAt" > ${merge.createdAt}::timestamptz AND "undoneAt" IS NULL LIMIT 1`,
  )
  if (later.length > 0) throw new NotFoundError('That contact has taken in others since: undo that merge first.')
  return merge
}

/** Forgets a merge, and what undoing it would need, once its time is over. */
export async function expireMerge(ctx: Ctx, id: string): Promise<void> {
  await execute(
    ctx,
    sql`DELETE FROM contact_merges WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND id = ${id}::uuid AND "undoUntil" <= ${toDate(ctx.clock.now())}::timestamptz`,
  )
}
