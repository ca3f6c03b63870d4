import { contactRowId } from '../contacts/ids.ts'
import { ownerOf } from '../core/ctx.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { Contact as ContactRow, Note as NoteRow } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { connectionOf, pageCost, paging, pagingArgs, resolveList, resolveNestedList } from '../graphql/connection.ts'
import { rowId } from '../graphql/globalIds.ts'
import { owned, rowOf } from '../graphql/nodes.ts'
import { read } from '../graphql/read.ts'
import * as notes from './service.ts'

const Note = builder.prismaNode('Note', {
  ...owned('Note', (ctx, ownerId, ids) => ctx.db.note.findMany({ where: { ownerId, id: { in: ids }, hiddenAt: null } }), notes.shownNotes),
  description: 'What one wants to remember about a contact. Sealed at rest.',
  extensions: { scope: 'notes:read' },
  fields: (t) => ({
    body: t.string({
      description: 'Markdown.',
      extensions: read({ sealed: 'Note.body' }),
      resolve: (note, _args, ctx) => ctx.vault?.open('Note.body', note.id, note.body) ?? '',
    }),
    pinned: t.exposeBoolean('pinned', { description: 'Whether it stands above the others.' }),
    contact: t.field({
      type: 'Contact' as never,
      description: 'Whom it is about.',
      extensions: read({ node: 'Contact', by: 'contactId' }),
      resolve: (note, _args, ctx) => rowOf<ContactRow>(ctx, 'Contact', note.contactId) as never,
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was written.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
})

const NoteConnection = connectionOf<NoteRow>('Note', Note)

builder.queryField('notes', (t) =>
  t.field({
    type: NoteConnection,
    description: 'All notes, newest first.',
    extensions: { scope: 'notes:read', ...read({ rootPage: (ctx, { search }: { search?: string | null }) => notes.notesListing(ctx, search ?? null) }) },
    complexity: pageCost,
    args: { ...pagingArgs(t.arg), search: t.arg.string({ description: 'Only notes in which each of these words stands.' }) },
    resolve: (_root, { search, ...page }, ctx) => paging(async () => resolveList<NoteRow>(ctx, page, await notes.notesListing(ctx, search ?? null))),
  }),
)

builder.prismaObjectField('Contact', 'notes', (t) =>
  t.field({
    type: NoteConnection,
    description: 'Notes about this contact, pinned ones first, then newest first.',
    extensions: { scope: 'notes:read', ...read({ page: notes.contactNotesListing }) },
    complexity: pageCost,
    args: pagingArgs(t.arg),
    resolve: (contact, page, ctx) => resolveNestedList<NoteRow>(ctx, page, contact.id, notes.contactNotesListing(ownerOf(ctx))),
  }),
)

const NoteCreateInput = builder.inputType('NoteCreateInput', {
  description: 'A new note.',
  fields: (t) => ({
    contactId: t.id({ required: true, description: 'Whom it is about.' }),
    body: t.string({ required: true, description: 'Markdown, at most 100,000 characters.' }),
    pinned: t.boolean({ description: 'Whether it stands above the others; false where it is left out.' }),
  }),
})
const NoteUpdateInput = builder.inputType('NoteUpdateInput', {
  description: 'What changes of a note; what is left out stays.',
  fields: (t) => ({
    body: t.string({ description: 'Markdown, at most 100,000 characters.' }),
    pinned: t.boolean({ description: 'Whether it stands above the others.' }),
  }),
})

builder.mutationFields((t) => ({
  noteCreate: t.field({
    type: Note,
    description: 'Adds a note to a contact.',
    extensions: { scope: 'notes:write' },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: { input: t.arg({ type: NoteCreateInput, required: true, description: 'The note.' }) },
    resolve: async (_root, { input }, ctx) => notes.createNote(ctx, { ...input, contactId: await contactRowId(ctx, input.contactId) }),
  }),
  noteUpdate: t.field({
    type: Note,
    description: 'Changes a note.',
    extensions: { scope: 'notes:write' },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The note.' }), input: t.arg({ type: NoteUpdateInput, required: true, description: 'What changes.' }) },
    resolve: (_root, { id, input }, ctx) => notes.updateNote(ctx, rowId('Note', id), input),
  }),
  noteDelete: t.field({
    type: Note,
    description: 'Deletes a note at once and answers what it was.',
    extensions: { scope: 'notes:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The note.' }) },
    resolve: (_root, { id }, ctx) => notes.deleteNote(ctx, rowId('Note', id)),
  }),
}))
