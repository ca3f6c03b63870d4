import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { Contact } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { badInput } from '../graphql/errors.ts'
import { encodeId, rowId } from '../graphql/globalIds.ts'
import * as merges from './service.ts'

const ContactMerged = builder.objectRef<merges.Merged>('ContactMerged').implement({
  description: 'What a merge did, or in a dry run would do.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    id: t.id({
      nullable: true,
      description: 'For contactMergeUndo; null on a dry run.',
      resolve: (merged) => merged.id && encodeId('ContactMerge', merged.id),
    }),
    contact: t.field({ type: 'Contact' as never, description: 'The survivor, with all that hangs on it now.', resolve: (merged) => merged.contact as never }),
    mergedIds: t.idList({
      description: 'The contacts that it took in; their ids are gone until the merge is undone.',
      resolve: (merged) => merged.mergedIds.map((id) => encodeId('Contact', id)),
    }),
    dryRun: t.exposeBoolean('dryRun', { description: 'Whether nothing was changed.' }),
    undoUntil: t.expose('undoUntil', { type: 'DateTime', nullable: true, description: 'Until when it can be undone; null on a dry run.' }),
  }),
})

const ContactMergeUndone = builder.objectRef<{ contacts: Contact[] }>('ContactMergeUndone').implement({
  description: 'What undoing a merge restored.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    contacts: t.field({
      type: ['Contact' as never],
      description: 'The survivor, then the others, each as it was.',
      resolve: (undone) => undone.contacts as never,
    }),
  }),
})

const ContactMergeInput = builder.inputType('ContactMergeInput', {
  description: 'Which contacts become one.',
  fields: (t) => ({
    survivorId: t.id({ required: true, description: 'The contact that stays; where both have a value, its own is kept.' }),
    mergedIds: t.idList({ required: true, description: 'The contacts that go into it, 1 to 20.' }),
    dryRun: t.boolean({ description: 'Only show what would come of it. A dry run is the only mutation of its request.' }),
  }),
})

builder.mutationFields((t) => ({
  contactMerge: t.field({
    type: ContactMerged,
    description: 'Merges contacts into one. Nothing is lost, and it can be undone for 30 days.',
    extensions: { scope: 'contacts:write', transactional: true },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: { input: t.arg({ type: ContactMergeInput, required: true, description: 'Which contacts.' }) },
    resolve: (_root, { input }, ctx) => {
      if (input.dryRun && !ctx.unit) throw badInput('A dry run must be the only mutation of its request.')
      return merges.mergeContacts(ctx, {
        survivorId: rowId('Contact', input.survivorId),
        mergedIds: input.mergedIds.map((id) => rowId('Contact', id)),
        dryRun: input.dryRun,
      })
    },
  }),
  contactMergeUndo: t.field({
    type: ContactMergeUndone,
    description: 'Undoes a merge: every contact is as it was. Notes, reminders and interactions added since stay with the survivor.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The merge’s id, from contactMerge.' }) },
    resolve: async (_root, { id }, ctx) => ({ contacts: await merges.undoMerge(ctx, rowId('ContactMerge', id)) }),
  }),
}))
