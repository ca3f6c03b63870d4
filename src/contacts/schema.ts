import { builder, type RequestCtx } from '../graphql/builder.ts'
import { connectionOf, pageCost, paging, pagingArgs, resolveList } from '../graphql/connection.ts'
import { DateTimeFilter, StringFilter } from '../graphql/filters.ts'
import { encodeId } from '../graphql/globalIds.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { owned, rowOf } from '../graphql/nodes.ts'
import { read } from '../graphql/read.ts'
import { entriesOf, tagsOf } from './schema-entries.ts'
import { contactRowId } from './ids.ts'
import { binListing, type ContactsQuery, contactsListing } from './list.ts'
import { columnsAmong, type ContactRow, entryRows, readAbouts, readContacts, shownContacts, tagNames } from './reads.ts'
import {
  ContactAddress,
  ContactCustomField,
  ContactDate,
  ContactEmail,
  ContactName,
  ContactOrganization,
  ContactPhone,
  ContactRelation,
  ContactSource,
  ContactUrl,
} from './schema-children.ts'
import { listTags, type TagCount } from './tags.ts'

/** A person or organisation of the address book. */
export const Contact = builder.prismaNode('Contact', {
  // Prisma's row has two columns more, which only the domain's own rules read.
  ...owned('Contact', (ctx, _ownerId, ids) => readContacts(ctx, ids), shownContacts),
  description: 'A person or organisation of the address book.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    displayName: t.exposeString('displayName', {
      description: 'What it is called: the display name it was given, else what follows from its name, organisation or addresses.',
    }),
    name: t.field({ type: ContactName, description: 'Its name in parts.', extensions: read({ row: true }), resolve: (contact) => contact }),
    about: t.string({
      nullable: true,
      description: 'Free text about it. Sealed at rest.',
      extensions: read({ sealed: 'Contact.about' }),
      resolve: async (contact, _args, ctx) => (await aboutsOf(ctx).load(contact.id)) ?? null,
    }),
    starred: t.exposeBoolean('starred', { description: 'Whether it is one of the favourites.' }),
    emails: t.field({
      type: [ContactEmail],
      description: 'E-mail addresses; exactly one is the primary one.',
      extensions: read({ list: (ownerId) => entryRows('contact_emails', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_emails', contact.id),
    }),
    phones: t.field({
      type: [ContactPhone],
      description: 'Phone numbers; exactly one is the primary one.',
      extensions: read({ list: (ownerId) => entryRows('contact_phones', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_phones', contact.id),
    }),
    addresses: t.field({
      type: [ContactAddress],
      description: 'Postal addresses.',
      extensions: read({ list: (ownerId) => entryRows('contact_addresses', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_addresses', contact.id),
    }),
    urls: t.field({
      type: [ContactUrl],
      description: 'Web addresses.',
      extensions: read({ list: (ownerId) => entryRows('contact_urls', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_urls', contact.id),
    }),
    organizations: t.field({
      type: [ContactOrganization],
      description: 'Places of work.',
      extensions: read({ list: (ownerId) => entryRows('contact_organizations', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_organizations', contact.id),
    }),
    dates: t.field({
      type: [ContactDate],
      description: 'Birthday and other dates.',
      extensions: read({ list: (ownerId) => entryRows('contact_dates', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_dates', contact.id),
    }),
    relations: t.field({
      type: [ContactRelation],
      description: 'Whom it is related to.',
      extensions: read({ list: (ownerId) => entryRows('contact_relations', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_relations', contact.id),
    }),
    customFields: t.field({
      type: [ContactCustomField],
      description: 'Fields that its owner named. Sealed at rest.',
      extensions: read({ list: (ownerId) => entryRows('contact_custom_fields', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_custom_fields', contact.id),
    }),
    tags: t.stringList({
      description: 'Its tags, in the order they were given.',
      extensions: read({ sql: tagNames }),
      resolve: (contact, _args, ctx) => tagsOf(ctx, contact.id),
    }),
    sources: t.field({
      type: [ContactSource],
      description: 'Where it came from.',
      extensions: read({ list: (ownerId) => entryRows('contact_sources', ownerId) }),
      resolve: (contact, _args, ctx) => entriesOf(ctx, 'contact_sources', contact.id),
    }),
    externalReference: t.exposeString('externalReference', {
      nullable: true,
      description: 'What another system calls it; unique among the contacts outside the bin. `ref:` followed by it stands for its id in arguments.',
    }),
    archivedAt: t.expose('archivedAt', { type: 'DateTime', nullable: true, description: 'When it was archived.' }),
    deletedAt: t.expose('deletedAt', { type: 'DateTime', nullable: true, description: 'When it went into the bin, where it stays for 30 days.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made here.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
    lastInteractionAt: t.expose('lastInteractionAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When one was last in touch, either way; from interactions only, never from edits.',
    }),
    lastInboundAt: t.expose('lastInboundAt', { type: 'DateTime', nullable: true, description: 'When they last reached out, or both met.' }),
    lastOutboundAt: t.expose('lastOutboundAt', { type: 'DateTime', nullable: true, description: 'When the owner last reached out, or both met.' }),
  }),
})

const aboutsOf = (ctx: RequestCtx) =>
  loaderOf<string, string | undefined>(ctx, 'contact about', async (ids) => {
    const found = await readAbouts(ctx, ids)
    return ids.map((id) => found.get(id))
  })

/** A page of contacts. */
export const ContactConnection = connectionOf<ContactRow>('Contact', Contact)

const OrderField = builder.enumType('ContactOrderField', {
  description: 'What contacts can be ordered by.',
  values: {
    DISPLAY_NAME: { description: 'What they are called; case and accents do not matter.' },
    FAMILY_NAME: { description: 'Family name, then given name; absent where there is no family name.' },
    CREATED_AT: { description: 'When they were made.' },
    UPDATED_AT: { description: 'When they were last changed.' },
    LAST_INTERACTION_AT: { description: 'When one was last in touch.' },
    FOLLOW_UP_DUE_AT: { description: 'When one wants to be in touch again.' },
  },
})
const SortDirection = builder.enumType('SortDirection', {
  description: 'Which way an order goes.',
  values: { ASC: { description: 'Smallest, earliest, A first.' }, DESC: { description: 'Largest, latest, Z first.' } },
})
const NullsOrder = builder.enumType('NullsOrder', {
  description: 'Where those without a value stand.',
  values: { FIRST: { description: 'Before all others.' }, LAST: { description: 'After all others.' } },
})
const ContactOrder = builder.inputType('ContactOrder', {
  description: 'One key of an order.',
  fields: (t) => ({
    field: t.field({ type: OrderField, required: true, description: 'By what.' }),
    direction: t.field({ type: SortDirection, description: 'Which way; ASC where nothing is said.' }),
    nulls: t.field({ type: NullsOrder, description: 'Where those without a value stand; LAST where nothing is said, in both directions.' }),
  }),
})

const ContactFilter = builder.inputRef('ContactFilter').implement({
  description:
    'Which contacts: every part that is given holds. On e-mails, phones, tags and organisations: some one value fits eq, in, contains and startsWith; neq and nin: no value does; isNull: there is none. At most 5 levels deep, 50 parts.',
  fields: (t) => ({
    displayName: t.field({ type: StringFilter, description: 'What it is called.' }),
    email: t.field({ type: StringFilter, description: 'One of its e-mail addresses.' }),
    phone: t.field({ type: StringFilter, description: 'One of its phone numbers, in any writing: only the digits count.' }),
    tag: t.field({ type: StringFilter, description: 'One of its tags.' }),
    organization: t.field({ type: StringFilter, description: 'The name of one of its organisations.' }),
    lastInteractionAt: t.field({ type: DateTimeFilter, description: 'When one was last in touch.' }),
    followUpDueAt: t.field({ type: DateTimeFilter, description: 'When one wants to be in touch again.' }),
    and: t.field({ type: [ContactFilter], description: 'All of these hold.' }),
    or: t.field({ type: [ContactFilter], description: 'At least one of these holds; of none, none does.' }),
    not: t.field({ type: ContactFilter, description: 'This does not hold.' }),
  }),
})

/** A tag. */
export const Tag = builder.objectRef<TagCount>('Tag').implement({
  description: 'A word that contacts are marked with.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    id: t.id({ description: 'Opaque and stable.', resolve: (tag) => encodeId('Tag', tag.id) }),
    name: t.exposeString('name', { description: 'As it was first spelled.' }),
    contactCount: t.exposeInt('contactCount', { description: 'How many contacts outside the bin have it.' }),
  }),
})

builder.queryFields((t) => ({
  contact: t.field({
    type: Contact,
    nullable: true,
    description: 'The contact with this id; null for one that is unknown, malformed, not yours or in the bin.',
    extensions: { scope: 'contacts:read', ...read({ rootNode: 'Contact', id: (ctx, { id }: { id: string }) => contactRowId(ctx, id) }) },
    args: { id: t.arg.id({ required: true, description: 'Its id, or ref: followed by its external reference.' }) },
    resolve: async (_root, { id }, ctx) => rowOf(ctx, 'Contact', await contactRowId(ctx, id)) as never,
  }),
  contacts: t.field({
    type: ContactConnection,
    description: 'Contacts outside the bin. With search, what fits best comes first, and the order given decides between equals.',
    extensions: {
      scope: 'contacts:read',
      ...read({ rootPage: (ctx, args: ContactsQuery, asked) => contactsListing(ctx, args, columnsAmong(asked)) }),
    },
    complexity: pageCost,
    args: {
      ...pagingArgs(t.arg),
      search: t.arg.string({
        description: 'Words that stand in names, e-mail addresses, organisations, tags, notes and about, or a phone number in any writing.',
      }),
      filter: t.arg({ type: ContactFilter, description: 'Only those that it fits.' }),
      orderBy: t.arg({ type: [ContactOrder], description: 'By display name where nothing is said. The id decides between equals.' }),
      includeArchived: t.arg.boolean({ description: 'With archived contacts; false where nothing is said.' }),
    },
    resolve: (_root, { search, filter, orderBy, includeArchived, ...page }, ctx) =>
      paging(async () => resolveList<ContactRow>(ctx, page, await contactsListing(ctx, { search, filter, orderBy, includeArchived }))),
  }),
  contactsInBin: t.field({
    type: ContactConnection,
    description: 'Deleted contacts, which can be restored for 30 days, the last deleted first.',
    extensions: { scope: 'contacts:read' },
    complexity: pageCost,
    args: pagingArgs(t.arg),
    resolve: (_root, page, ctx) => resolveList<ContactRow>(ctx, page, binListing(ctx)),
  }),
  tags: t.field({
    type: [Tag],
    description: 'All tags, by name.',
    extensions: { scope: 'contacts:read' },
    resolve: (_root, _args, ctx) => listTags(ctx),
  }),
}))
