import { z } from 'zod'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { empty, execute, rows, send, type Sql, sql } from '../db/client.ts'
import type { Note } from '../db/generated/prisma/client.ts'
import { type Listing, PageError } from '../db/keyset.ts'
import type { Owner } from '../db/template.ts'
import { inTransaction, locksNoMore, record } from '../events/service.ts'
import { dropNoteTerms, indexNewNote, indexNote, noteMatches } from '../search/service.ts'

/** The body of a note: Markdown, kept to the letter but for halves of characters, which no text encoding can hold. */
export const NoteBody = z
  .string()
  .max(100_000, 'At most 100,000 characters.')
  .refine((body) => body.trim() !== '', 'Write something.')
  .transform((body) => body.toWellFormed())
const NoteCreate = z.object({ contactId: z.string(), body: NoteBody, pinned: z.boolean().nullish() })
const NoteUpdate = z.object({ body: NoteBody.nullish(), pinned: z.boolean().nullish() })

/** The longest search text, in characters. */
const maxSearch = 1000

/** Adds a note to one of the actor's contacts; its search terms and `note.created` commit with it. @throws InvalidInputError, NotFoundError */
export async function createNote(ctx: Ctx, input: z.input<typeof NoteCreate>): Promise<Note> {
  const { contactId, body, pinned } = parse(NoteCreate, input)
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    const now = toDate(tx.clock.now())
    const id = newId(tx.clock)
    const note: Note = {
      ownerId,
      id,
      contactId,
      body: vault.seal('Note.body', id, body),
      pinned: pinned ?? false,
      hiddenAt: null,
      createdAt: now,
      updatedAt: now,
    }
    // In one statement with the row it needs: the contact is there, outside the bin, and stays so until the transaction ends.
    const written = execute(
      tx,
      sql`INSERT INTO notes ("ownerId", id, "contactId", body, pinned, "createdAt", "updatedAt")
          SELECT c."ownerId", ${id}::uuid, c.id, ${note.body}::bytea, ${note.pinned}, ${now}::timestamptz, ${now}::timestamptz
          FROM contacts AS c WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ${contactId}::uuid AND c."deletedAt" IS NULL FOR KEY SHARE`,
    )
    indexNewNote(tx, vault, { id, body })
    locksNoMore(tx)
    if ((await written) === 0) throw new NotFoundError('There is no contact with that id.')
    record(tx, { type: 'note.created', entityType: 'Note', entityId: id, changed: ['body', 'pinned'] })
    return note
  })
}

/** Changes a note; what the input leaves out stays. @throws InvalidInputError, NotFoundError */
export async function updateNote(ctx: Ctx, id: string, input: z.input<typeof NoteUpdate>): Promise<Note> {
  const { body, pinned } = parse(NoteUpdate, input)
  const ownerId = ownerOf(ctx)
  const vault = await ctx.app.vault.of(ownerId)
  return inTransaction(ctx, async (tx) => {
    const note = await noteAtHand(tx, id)
    const changed = [
      ...(body != null && body !== vault.open('Note.body', id, note.body) ? ['body'] : []),
      ...(pinned != null && pinned !== note.pinned ? ['pinned'] : []),
    ]
    if (changed.length === 0) return note
    if (changed.includes('body') && body != null) await indexNote(tx, { id, contactId: note.contactId, body })
    record(tx, { type: 'note.updated', entityType: 'Note', entityId: id, changed })
    const updated: Note = {
      ...note,
      ...(body != null ? { body: vault.seal('Note.body', id, body) } : {}),
      ...(pinned != null ? { pinned } : {}),
      updatedAt: toDate(tx.clock.now()),
    }
    send(
      tx,
      sql`UPDATE notes SET body = ${updated.body}::bytea, pinned = ${updated.pinned}, "updatedAt" = ${updated.updatedAt}::timestamptz WHERE "ownerId" = ${ownerId}::uuid AND id = ${id}::uuid`,
    )
    return updated
  })
}

/** Deletes a note at once; answers what it was. @throws NotFoundError */
export async function deleteNote(ctx: Ctx, id: string): Promise<Note> {
  return inTransaction(ctx, async (tx) => {
    const note = await noteAtHand(tx, id)
    await dropNoteTerms(tx, note)
    send(tx, sql`DELETE FROM notes WHERE "ownerId" = ${note.ownerId}::uuid AND id = ${id}::uuid`)
    record(tx, { type: 'note.deleted', entityType: 'Note', entityId: id })
    return note
  })
}

/** The owner's notes, newest first; with a text, those in which each of its words stands. */
export async function notesListing(ctx: Ctx, text: string | null): Promise<Listing> {
  const search = text?.trim() ? text : null
  if (search && search.length > maxSearch) throw new PageError('A search has at most 1,000 characters.')
  const matches = search === null ? null : ((await noteMatches(ctx, search)) ?? sql`SELECT NULL::uuid AS "entityId" WHERE false`)
  return {
    name: search === null ? 'notes' : `notes ${search}`,
    select: sql`n.*`,
    from: sql`notes AS n`,
    where: sql`n."ownerId" = ${ownerOf(ctx)}::uuid AND n."hiddenAt" IS NULL ${matches === null ? empty : sql`AND n.id IN (SELECT "entityId" FROM (${matches}) AS m)`}`,
    keys: [
      { column: sql`n."createdAt"`, type: 'timestamptz', direction: 'desc', nulls: 'none' },
      { column: sql`n.id`, type: 'uuid', direction: 'desc', nulls: 'none' },
    ],
    varied: search !== null,
  }
}

/** A contact's notes, pinned ones first, then newest first. */
export function contactNotesListing(ownerId: Owner): Listing {
  return {
    name: 'contact notes',
    select: sql`n.*`,
    from: sql`notes AS n`,
    where: sql`n."ownerId" = ${ownerId}::uuid AND n."contactId" = parent.id AND n."hiddenAt" IS NULL`,
    keys: [
      { column: sql`n.pinned`, type: 'boolean', direction: 'desc', nulls: 'none' },
      { column: sql`n."createdAt"`, type: 'timestamptz', direction: 'desc', nulls: 'none' },
      { column: sql`n.id`, type: 'uuid', direction: 'desc', nulls: 'none' },
    ],
  }
}

/** Notes that are not hidden by their ids, whole rows, within a statement. */
export function shownNotes(ownerId: Owner, is: Sql): Sql {
  return sql`SELECT n.* FROM notes AS n WHERE n."ownerId" = ${ownerId}::uuid AND n.id ${is} AND n."hiddenAt" IS NULL`
}

/** Hides the notes of contacts that go into the bin, or shows them again (null). Called in the transaction that moves the contacts. */
export async function hideNotes(tx: Ctx, contactIds: readonly string[], at: Date | null): Promise<void> {
  await execute(
    tx,
    sql`UPDATE notes SET "hiddenAt" = ${at}::timestamptz WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "contactId" = ANY(${[...contactIds]}::uuid[])`,
  )
}

// Locked, so that of two changes at once the second finds the words of the first.
async function noteAtHand(tx: Ctx, id: string): Promise<Note> {
  const [note] = await rows<Note>(tx, sql`SELECT * FROM notes WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ${id}::uuid FOR UPDATE`)
  if (!note || note.hiddenAt) throw new NotFoundError('There is no note with that id.')
  return note
}
