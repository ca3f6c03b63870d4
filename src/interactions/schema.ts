import { contactRowId } from '../contacts/ids.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { Contact as ContactRow, Interaction as InteractionRow, InteractionParticipant as ParticipantRow } from '../db/generated/prisma/client.ts'
import { ownerOf } from '../core/ctx.ts'
import { builder, type RequestCtx } from '../graphql/builder.ts'
import { connectionOf, pageCost, pagingArgs, resolveList, resolveNestedList } from '../graphql/connection.ts'
import { DateTimeFilter } from '../graphql/filters.ts'
import { rowId } from '../graphql/globalIds.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { owned, rowOf } from '../graphql/nodes.ts'
import { read } from '../graphql/read.ts'
import { accessError } from '../graphql/scopes.ts'
import {
  contactInteractionsListing,
  contactRows,
  type InteractionFilter as Filter,
  interactionsListing,
  lastInteractionOf,
  lastInteractionRow,
  participantName,
  participantRows,
  shownInteractions,
} from './reads.ts'
import * as interactions from './service.ts'

const InteractionKind = builder.enumType('InteractionKind', {
  description: 'How one was in touch.',
  values: {
    EMAIL: { description: 'An e-mail.' },
    MEETING: { description: 'A meeting, in a calendar or by hand.' },
    CALL: { description: 'A call.' },
    MESSAGE: { description: 'A message on some messenger.' },
    IN_PERSON: { description: 'Seen each other.' },
    SOCIAL: { description: 'On a social network.' },
    OTHER: { description: 'In some other way.' },
  } satisfies Record<(typeof interactions.kinds)[number], { description: string }>,
})
const InteractionDirection = builder.enumType('InteractionDirection', {
  description: 'Who reached out.',
  values: { INBOUND: { description: 'The contact did.' }, OUTBOUND: { description: 'The owner did.' }, MUTUAL: { description: 'Both, as in a meeting.' } },
})
const InteractionSource = builder.enumType('InteractionSource', {
  description: 'Where an interaction is known from.',
  values: { GMAIL: { description: 'Gmail metadata.' }, CALENDAR: { description: 'Google Calendar.' }, MANUAL: { description: 'Logged by hand.' } },
})
const ParticipantRole = builder.enumType('ParticipantRole', {
  description: 'The part somebody had in an interaction.',
  values: {
    FROM: { description: 'Sender.' },
    TO: { description: 'Recipient.' },
    CC: { description: 'Recipient of a copy.' },
    BCC: { description: 'Recipient of a blind copy.' },
    ORGANIZER: { description: 'Organiser of a meeting.' },
    ATTENDEE: { description: 'Took part.' },
  },
})

const Participant = builder.objectRef<ParticipantRow>('InteractionParticipant').implement({
  description: 'Somebody who took part in an interaction.',
  extensions: { scope: 'interactions:read' },
  fields: (t) => ({
    address: t.exposeString('address', { nullable: true, description: 'The e-mail address it happened with.' }),
    name: t.string({
      nullable: true,
      description: 'The name as the message or event has it, else the contact’s.',
      extensions: read({ sql: participantName }),
      resolve: async (participant, _args, ctx) =>
        participant.name ?? (participant.contactId ? ((await rowOf<ContactRow>(ctx, 'Contact', participant.contactId))?.displayName ?? null) : null),
    }),
    role: t.field({
      type: ParticipantRole,
      description: 'The part they had.',
      extensions: read({ columns: ['role'] }),
      resolve: (participant) => participant.role as 'TO',
    }),
    contact: t.field({
      type: 'Contact' as never,
      nullable: true,
      description: 'The contact this is, where one is known.',
      extensions: read({ node: 'Contact', by: 'contactId' }),
      resolve: (participant, _args, ctx) => (participant.contactId ? rowOf<ContactRow>(ctx, 'Contact', participant.contactId) : null) as never,
    }),
  }),
})

const Interaction = builder.prismaNode('Interaction', {
  ...owned('Interaction', (ctx, ownerId, ids) => ctx.db.interaction.findMany({ where: { ownerId, id: { in: ids }, hiddenAt: null } }), shownInteractions),
  description: 'That one was in touch: a message, a meeting, a call.',
  extensions: { scope: 'interactions:read' },
  fields: (t) => ({
    kind: t.field({
      type: InteractionKind,
      description: 'How.',
      extensions: read({ columns: ['kind'] }),
      resolve: (interaction) => interaction.kind as 'EMAIL',
    }),
    direction: t.field({
      type: InteractionDirection,
      description: 'Who reached out.',
      extensions: read({ columns: ['direction'] }),
      resolve: (interaction) => interaction.direction as 'MUTUAL',
    }),
    source: t.field({
      type: InteractionSource,
      description: 'Where it is known from.',
      extensions: read({ columns: ['source'] }),
      resolve: (interaction) => interaction.source as 'MANUAL',
    }),
    occurredAt: t.expose('occurredAt', { type: 'DateTime', description: 'When it happened or began.' }),
    endedAt: t.expose('endedAt', { type: 'DateTime', nullable: true, description: 'When it ended.' }),
    subject: t.string({
      nullable: true,
      description: 'What it was about.',
      extensions: read({ sealed: 'Interaction.subject' }),
      resolve: (interaction, _args, ctx) => ctx.vault?.openMaybe('Interaction.subject', interaction.id, interaction.subject) ?? null,
    }),
    participants: t.field({
      type: [Participant],
      description: 'Who took part, besides the owner.',
      extensions: read({ list: participantRows }),
      // Who lies in the bin is not shown here either.
      resolve: async (interaction, _args, ctx) => {
        const participants = await participantsOf(ctx).load(interaction.id)
        const shown = await Promise.all(
          participants.map(async ({ contactId }) => contactId === null || (await rowOf<ContactRow>(ctx, 'Contact', contactId)) !== null),
        )
        return participants.filter((_, index) => shown[index])
      },
    }),
    contacts: t.field({
      type: ['Contact' as never],
      description: 'The contacts it was with.',
      extensions: read({ list: contactRows }),
      resolve: async (interaction, _args, ctx) => {
        const ids = await contactIdsOf(ctx).load(interaction.id)
        const found = await Promise.all(ids.map((id) => rowOf<ContactRow>(ctx, 'Contact', id)))
        return found.filter((contact) => contact !== null) as never
      },
    }),
  }),
})

const InteractionConnection = connectionOf<InteractionRow>('Interaction', Interaction)

const InteractionFilter = builder.inputType('InteractionFilter', {
  description: 'Which interactions; all conditions hold.',
  fields: (t) => ({
    kind: t.field({ type: InteractionKind, description: 'How.' }),
    direction: t.field({ type: InteractionDirection, description: 'Who reached out.' }),
    source: t.field({ type: InteractionSource, description: 'Where it is known from.' }),
    occurredAt: t.field({ type: DateTimeFilter, description: 'When.' }),
    contactId: t.id({ description: 'With whom.' }),
  }),
})

builder.queryField('interactions', (t) =>
  t.field({
    type: InteractionConnection,
    description: 'All interactions, latest first.',
    extensions: { scope: 'interactions:read', ...read({ rootPage: listingOf }) },
    complexity: pageCost,
    args: { ...pagingArgs(t.arg), filter: t.arg({ type: InteractionFilter, description: 'Only these.' }) },
    resolve: async (_root, { filter, ...page }, ctx) => resolveList<InteractionRow>(ctx, page, await listingOf(ctx, { filter })),
  }),
)

builder.prismaObjectFields('Contact', (t) => ({
  interactions: t.field({
    type: InteractionConnection,
    description: 'When one was in touch with this contact, latest first.',
    extensions: { scope: 'interactions:read', ...read({ page: contactInteractionsListing }) },
    complexity: pageCost,
    args: pagingArgs(t.arg),
    resolve: (contact, page, ctx) => resolveNestedList<InteractionRow>(ctx, page, contact.id, contactInteractionsListing(ownerOf(ctx))),
  }),
  lastInteraction: t.field({
    type: Interaction,
    nullable: true,
    description: 'The latest interaction that counts as contact.',
    extensions: { scope: 'interactions:read', ...read({ one: lastInteractionRow }) },
    resolve: (contact, _args, ctx) => (contact.lastInteractionAt ? lastOf(ctx).load(contact.id) : null),
  }),
}))

const InteractionLogInput = builder.inputType('InteractionLogInput', {
  description: 'That one was in touch.',
  fields: (t) => ({
    kind: t.field({ type: InteractionKind, required: true, description: 'How.' }),
    direction: t.field({
      type: InteractionDirection,
      description: 'Who reached out; where it is left out, both for meetings, calls and encounters, else the owner.',
    }),
    occurredAt: t.field({ type: 'DateTime', required: true, description: 'When it happened or began; not in the future.' }),
    endedAt: t.field({ type: 'DateTime', description: 'When it ended.' }),
    contactIds: t.idList({ required: true, description: 'With whom, 1 to 100 contacts.' }),
    subject: t.string({ description: 'What it was about, at most 1,000 characters.' }),
    note: t.string({ description: 'Becomes a note of each contact. Markdown. A token needs notes:write for it.' }),
  }),
})

builder.mutationFields((t) => ({
  interactionLog: t.field({
    type: Interaction,
    description: 'Logs that one was in touch. Restarts the contacts’ follow-up clocks, unless it lies before what restarted them last.',
    extensions: { scope: 'interactions:write' },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: { input: t.arg({ type: InteractionLogInput, required: true, description: 'The interaction.' }) },
    resolve: async (_root, { input }, ctx) => {
      // The document alone does not tell whether a note is written.
      const refused = input.note == null ? null : accessError(ctx.actor, { scopes: ['notes:write'], signedIn: true, introspects: false })
      if (refused) throw refused
      return interactions.logInteraction(ctx, { ...input, contactIds: await Promise.all(input.contactIds.map((id) => contactRowId(ctx, id))) })
    },
  }),
  interactionDelete: t.field({
    type: Interaction,
    description: 'Deletes an interaction and answers what it was.',
    extensions: { scope: 'interactions:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The interaction.' }) },
    resolve: async (_root, { id }, ctx) => {
      const interactionId = rowId('Interaction', id)
      // Read while it is there, so that the answer still tells with whom it was.
      await Promise.all([participantsOf(ctx).load(interactionId), contactIdsOf(ctx).load(interactionId)])
      return interactions.deleteInteraction(ctx, interactionId)
    },
  }),
}))

async function listingOf(ctx: RequestCtx, { filter }: { filter?: Filter | null | undefined }) {
  return interactionsListing(ctx, { ...filter, ...(filter?.contactId ? { contactId: await contactRowId(ctx, filter.contactId) } : {}) })
}

function participantsOf(ctx: RequestCtx) {
  return loaderOf<string, ParticipantRow[]>(ctx, 'participants', async (ids) => {
    const found = Map.groupBy(
      await ctx.db.interactionParticipant.findMany({ where: { ownerId: ownerOf(ctx), interactionId: { in: [...ids] } }, orderBy: { position: 'asc' } }),
      (each) => each.interactionId,
    )
    return ids.map((id) => found.get(id) ?? [])
  })
}

function contactIdsOf(ctx: RequestCtx) {
  return loaderOf<string, string[]>(ctx, 'interaction contacts', async (ids) => {
    const found = Map.groupBy(
      await ctx.db.interactionContact.findMany({ where: { ownerId: ownerOf(ctx), interactionId: { in: [...ids] } }, orderBy: { contactId: 'asc' } }),
      (each) => each.interactionId,
    )
    return ids.map((id) => (found.get(id) ?? []).map((each) => each.contactId))
  })
}

function lastOf(ctx: RequestCtx) {
  return loaderOf<string, InteractionRow | null>(ctx, 'last interaction', async (ids) => {
    const found = await lastInteractionOf(ctx, ids)
    return ids.map((id) => found.get(id) ?? null)
  })
}
