import { contactRowId } from '../contacts/ids.ts'
import { toInstant } from '../core/clock.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { builder } from '../graphql/builder.ts'
import { read } from '../graphql/read.ts'
import * as followUps from './service.ts'

interface FollowUpShape {
  every: string
  dueAt: Date
  overdue: boolean
  lastAlertAt: Date | null
  fromTag: string | null
}

const ContactFollowUp = builder.objectRef<FollowUpShape>('ContactFollowUp').implement({
  description:
    'How often one wants to be in touch with a contact. Any interaction that counts restarts the clock; an alert goes out when it runs down, and again a period later.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    every: t.exposeString('every', { description: 'An ISO 8601 period, such as P2W or P3M.' }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'When the clock runs down: the start of that day in the account’s zone.' }),
    overdue: t.exposeBoolean('overdue', { description: 'Whether it has run down.' }),
    lastAlertAt: t.expose('lastAlertAt', { type: 'DateTime', nullable: true, description: 'When an alert about it last went out.' }),
    fromTag: t.exposeString('fromTag', { nullable: true, description: 'The tag whose setting it is; null for the contact’s own.' }),
  }),
})

builder.prismaObjectField('Contact', 'followUp', (t) =>
  t.field({
    type: ContactFollowUp,
    nullable: true,
    description: 'How often one wants to be in touch; null where neither the contact nor one of its tags says so.',
    extensions: read({
      columns: ['followUpInForce', 'followUpDueAt', 'followUpAlertedAt', 'followUpFromTag'],
      instants: ['followUpDueAt', 'followUpAlertedAt'],
    }),
    resolve: (contact, _args, ctx) =>
      contact.followUpInForce && contact.followUpDueAt
        ? {
            every: contact.followUpInForce,
            dueAt: contact.followUpDueAt,
            overdue: Temporal.Instant.compare(toInstant(contact.followUpDueAt), ctx.clock.now()) <= 0,
            lastAlertAt: contact.followUpAlertedAt,
            fromTag: contact.followUpFromTag,
          }
        : null,
  }),
)

const TagFollowUp = builder.objectRef<followUps.TagFollowUp>('TagFollowUp').implement({
  description: 'How often one wants to be in touch with everybody who has a tag.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    tag: t.exposeString('tag', { description: 'The tag’s name.' }),
    every: t.exposeString('every', { nullable: true, description: 'An ISO 8601 period; null once it is cleared.' }),
    contactCount: t.exposeInt('contactCount', { description: 'How many contacts have the tag.' }),
  }),
})

builder.mutationFields((t) => ({
  contactFollowUpSet: t.field({
    type: 'Contact' as never,
    description: 'Sets how often one wants to be in touch with a contact; it wins over what its tags say.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: {
      id: t.arg.id({ required: true, description: 'The contact.' }),
      every: t.arg.string({ required: true, description: 'An ISO 8601 period of days, weeks, months or years, ten years at most.' }),
    },
    resolve: async (_root, { id, every }, ctx) => (await followUps.setContactFollowUp(ctx, await contactRowId(ctx, id), every)) as never,
  }),
  contactFollowUpClear: t.field({
    type: 'Contact' as never,
    description: 'Takes a contact’s own setting away; one of its tags may still hold.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The contact.' }) },
    resolve: async (_root, { id }, ctx) => (await followUps.clearContactFollowUp(ctx, await contactRowId(ctx, id))) as never,
  }),
  tagFollowUpSet: t.field({
    type: TagFollowUp,
    description: 'Sets how often one wants to be in touch with everybody who has a tag. Of several tags the shortest period holds.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [InvalidInputError] },
    args: {
      tag: t.arg.string({ required: true, description: 'The tag’s name; made where it does not exist yet.' }),
      every: t.arg.string({ required: true, description: 'An ISO 8601 period.' }),
    },
    resolve: (_root, { tag, every }, ctx) => followUps.setTagFollowUp(ctx, tag, every),
  }),
  tagFollowUpClear: t.field({
    type: TagFollowUp,
    description: 'Takes a tag’s setting away.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [NotFoundError] },
    args: { tag: t.arg.string({ required: true, description: 'The tag’s name.' }) },
    resolve: (_root, { tag }, ctx) => followUps.clearTagFollowUp(ctx, tag),
  }),
}))
