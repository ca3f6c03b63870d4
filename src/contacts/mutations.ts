import { ConflictError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { Contact as PrismaContact } from '../db/generated/prisma/client.ts'
import { builder, type RequestCtx } from '../graphql/builder.ts'
import * as bin from './bin.ts'
import { knowLists } from './schema-entries.ts'
import { contactRowId } from './ids.ts'
import { ContactCreateInput, contactInputOf, ContactUpdateInput } from './inputs.ts'
import { readContacts } from './reads.ts'
import { Contact, Tag } from './schema.ts'
import * as contacts from './service.ts'
import type { ContactState } from './state.ts'
import * as tags from './tags.ts'

const BulkErrorPolicy = builder.enumType('BulkErrorPolicy', {
  description: 'What happens when some rows of many cannot be taken.',
  values: {
    REJECT_ALL: { description: 'Nothing is written.' },
    SKIP_INVALID: { description: 'The others are written; each row says what became of it.' },
  },
})

interface CreatedRow {
  index: number
  contact: PrismaContact | null
  error: InvalidInputError | null
}
const ContactsCreatedRow = builder.objectRef<CreatedRow>('ContactsCreatedRow').implement({
  description: 'What became of one of many contacts.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in `inputs`, from 0.' }),
    contact: t.field({ type: Contact, nullable: true, description: 'The new contact.', resolve: (row) => row.contact }),
    error: t.field({
      type: InvalidInputError,
      nullable: true,
      description: 'Why there is none; the paths begin at this row’s input.',
      // An Error as a field's value would count as thrown.
      resolve: ({ error }) => error && ({ code: error.code, message: error.message, issues: error.issues } as InvalidInputError),
    }),
  }),
})
const ContactsCreated = builder.objectRef<{ rows: CreatedRow[] }>('ContactsCreated').implement({
  description: 'What became of many contacts.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({ rows: t.field({ type: [ContactsCreatedRow], description: 'One for each input, in its order.', resolve: (created) => created.rows }) }),
})

/** The contact as it is now, in the bin or not. */
async function reload(ctx: RequestCtx, id: string): Promise<PrismaContact> {
  const [contact] = await readContacts(ctx, [id], { binned: true })
  if (!contact) throw new NotFoundError('There is no contact with that id.')
  return contact as PrismaContact
}

/** The contact as it is now; its lists are known from what was written. */
function reloadSaved(ctx: RequestCtx, saved: ContactState): Promise<PrismaContact> {
  knowLists(ctx, saved)
  return reload(ctx, saved.id)
}

const idText = 'Its id, or ref: followed by its external reference.'

builder.mutationFields((t) => ({
  contactCreate: t.field({
    type: Contact,
    description: 'Makes a contact.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [InvalidInputError] },
    args: { input: t.arg({ type: ContactCreateInput, required: true, description: 'The contact.' }) },
    resolve: async (_root, { input }, ctx) => reloadSaved(ctx, await contacts.makeContact(ctx, await contactInputOf(ctx, input))),
  }),
  contactsCreate: t.field({
    type: ContactsCreated,
    description: 'Makes up to 100 contacts in one transaction.',
    extensions: { scope: 'contacts:write' },
    complexity: ({ inputs }) => ({ field: 1 + inputs.length }),
    errors: { types: [InvalidInputError] },
    args: {
      inputs: t.arg({ type: [ContactCreateInput], required: true, description: 'The contacts, at most 100.' }),
      onError: t.arg({ type: BulkErrorPolicy, description: 'What happens when one cannot be taken; REJECT_ALL where nothing is said.' }),
    },
    resolve: async (_root, { inputs, onError }, ctx) => {
      const given = await Promise.all(inputs.map((input) => contactInputOf(ctx, input)))
      const created = await contacts.createContacts(ctx, given, onError ?? 'REJECT_ALL')
      const found = new Map(
        (
          await readContacts(
            ctx,
            created.flatMap((row) => ('contactId' in row ? [row.contactId] : [])),
          )
        ).map((contact) => [contact.id, contact as PrismaContact]),
      )
      return {
        rows: created.map((row, index) =>
          'error' in row ? { index, contact: null, error: row.error } : { index, contact: found.get(row.contactId) ?? null, error: null },
        ),
      }
    },
  }),
  contactUpdate: t.field({
    type: Contact,
    description: 'Changes a contact. What one changes by hand, no sync or import changes back.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: { id: t.arg.id({ required: true, description: idText }), input: t.arg({ type: ContactUpdateInput, required: true, description: 'What changes.' }) },
    resolve: async (_root, { id, input }, ctx) =>
      reloadSaved(ctx, await contacts.changeContact(ctx, await contactRowId(ctx, id), await contactInputOf(ctx, input))),
  }),
  contactDelete: t.field({
    type: Contact,
    description: 'Puts a contact into the bin, with its notes, reminders and interactions. It can be restored for 30 days; then it is gone.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: idText }) },
    resolve: async (_root, { id }, ctx) => reload(ctx, await bin.deleteContact(ctx, await contactRowId(ctx, id))),
  }),
  contactRestore: t.field({
    type: Contact,
    description: 'Takes a contact out of the bin, with all that hangs on it.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError, ConflictError] },
    args: { id: t.arg.id({ required: true, description: idText }) },
    resolve: async (_root, { id }, ctx) => reload(ctx, await bin.restoreContact(ctx, await contactRowId(ctx, id, { binned: true }))),
  }),
  contactArchive: t.field({
    type: Contact,
    description: 'Takes a contact out of the ordinary lists; it keeps all that hangs on it.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: idText }) },
    resolve: async (_root, { id }, ctx) => reload(ctx, await contacts.archiveContact(ctx, await contactRowId(ctx, id), true)),
  }),
  contactUnarchive: t.field({
    type: Contact,
    description: 'Puts an archived contact back into the ordinary lists.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: idText }) },
    resolve: async (_root, { id }, ctx) => reload(ctx, await contacts.archiveContact(ctx, await contactRowId(ctx, id), false)),
  }),
  tagRename: t.field({
    type: Tag,
    description: 'Gives a tag another name, for all contacts that have it.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError] },
    args: {
      tag: t.arg.string({ required: true, description: 'What it is called now.' }),
      name: t.arg.string({ required: true, description: 'What it is called from now on; at most 100 characters.' }),
    },
    resolve: (_root, { tag, name }, ctx) => tags.renameTag(ctx, tag, name),
  }),
  tagDelete: t.field({
    type: Tag,
    description: 'Takes a tag away from all contacts that have it.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError] },
    args: { tag: t.arg.string({ required: true, description: 'What it is called.' }) },
    resolve: (_root, { tag }, ctx) => tags.deleteTag(ctx, tag),
  }),
}))
