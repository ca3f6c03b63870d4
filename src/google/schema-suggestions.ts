import { NotFoundError } from '../core/errors.ts'
import type { Contact as ContactRow } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { connectionOf, pageCost, pagingArgs, resolveList } from '../graphql/connection.ts'
import { encodeId, rowId } from '../graphql/globalIds.ts'
import { ownerOf } from '../core/ctx.ts'
import { acceptSuggestion, stopSuggestions, type Suggestion, suggestionsListing } from './contacts/suggestions.ts'
import { readConnection } from './service.ts'
import { GoogleConnection } from './schema.ts'

const ContactSuggestion = builder.objectRef<Suggestion>('ContactSuggestion').implement({
  description: 'Somebody whom you have been in touch with by Google’s mail and not saved.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    id: t.id({ description: 'For contactSuggestionAccept.', resolve: ({ id }) => encodeId('ContactSuggestion', id) }),
    name: t.exposeString('name', { description: 'As Google has it; an address where it has no name.' }),
    emails: t.exposeStringList('emails', { description: 'E-mail addresses.' }),
    phones: t.exposeStringList('phones', { description: 'Phone numbers.' }),
  }),
})

const ContactSuggestionConnection = connectionOf<Suggestion>('ContactSuggestion', ContactSuggestion)

builder.queryField('contactSuggestions', (t) =>
  t.field({
    type: ContactSuggestionConnection,
    description:
      'People whom you have been in touch with and not saved, by name, where you asked for suggestions (googleConnect). None is a contact, and nothing else is done with them.',
    extensions: { scope: 'contacts:read' },
    complexity: pageCost,
    args: pagingArgs(t.arg),
    resolve: (_root, page, ctx) => resolveList<Suggestion>(ctx, page, suggestionsListing(ctx)),
  }),
)

builder.mutationFields((t) => ({
  contactSuggestionAccept: t.field({
    type: 'Contact' as never,
    description: 'Makes a contact of a suggestion.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The suggestion.' }) },
    resolve: async (_root, { id }, ctx) => {
      const contactId = await acceptSuggestion(ctx, rowId('ContactSuggestion', id))
      const contact: ContactRow = await ctx.db.contact.findUniqueOrThrow({ where: { ownerId_id: { ownerId: ownerOf(ctx), id: contactId } } })
      return contact as never
    },
  }),
  contactSuggestionsStop: t.field({
    type: GoogleConnection,
    description: 'Stops suggestions and forgets them. Contacts made of them stay.',
    extensions: { scope: 'google:write' },
    errors: {},
    resolve: async (_root, _args, ctx) => {
      await stopSuggestions(ctx)
      return readConnection(ctx)
    },
  }),
}))
