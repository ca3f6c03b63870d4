import { contactRowId } from '../contacts/ids.ts'
import { ConflictError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import { ownerOf } from '../core/ctx.ts'
import type { Interaction } from '../db/generated/prisma/client.ts'
import { builder, type RequestCtx } from '../graphql/builder.ts'
import { rowId } from '../graphql/globalIds.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { owned } from '../graphql/nodes.ts'
import { errorMessageOf } from '../google/setback.ts'
import { scheduleEvent } from './scheduling.ts'

const CalendarEventState = builder.enumType('CalendarEventState', {
  description: 'How far an event has come on its way into the calendar.',
  values: {
    WAITING: { description: 'Written down, and not known to be at Google yet: Kith goes on with it by itself.' },
    SCHEDULED: { description: 'In the calendar.' },
    FAILED: { description: 'It could not be put into the calendar, and is not tried any more.' },
  },
})

const CalendarEvent = builder.prismaNode('CalendarScheduling', {
  variant: 'CalendarEvent',
  ...owned('CalendarEvent', (ctx, ownerId, ids) => ctx.db.calendarScheduling.findMany({ where: { ownerId, id: { in: ids } } })),
  description: 'An event that Kith was asked to put into the Google calendar.',
  extensions: { scope: 'interactions:read' },
  fields: (t) => ({
    state: t.field({ type: CalendarEventState, description: 'How far it has come.', resolve: ({ state }) => state as 'WAITING' }),
    summary: t.string({
      nullable: true,
      description: 'What it is about, as it was asked for.',
      resolve: ({ id, summary }, _args, ctx) => ctx.vault?.openMaybe('CalendarScheduling.summary', id, summary) ?? null,
    }),
    startsAt: t.expose('startsAt', { type: 'DateTime', description: 'When it begins, as it was asked for.' }),
    endsAt: t.expose('endsAt', { type: 'DateTime', description: 'When it ends, as it was asked for.' }),
    url: t.exposeString('url', { nullable: true, description: 'Its page at Google, once it is there.' }),
    conferenceUrl: t.exposeString('conferenceUrl', {
      nullable: true,
      description: 'The address of its video conference, once Google has made one. That can take a while: ask for this again by the id.',
    }),
    errorMessage: t.string({
      nullable: true,
      description: 'Why it is not there yet, or why it failed, and what one can do.',
      resolve: ({ errorCode }) => errorMessageOf(errorCode),
    }),
    interaction: t.field({
      type: 'Interaction' as never,
      nullable: true,
      description: 'The interaction that it has become; null before it begins, and while no contact takes part.',
      resolve: ({ eventId }, _args, ctx) => interactionOf(ctx).load(eventId) as never,
    }),
  }),
})

const CalendarEventScheduleInput = builder.inputType('CalendarEventScheduleInput', {
  description: 'An event for the owner’s Google calendar: with contacts, with those who took part in an e-mail, or both.',
  fields: (t) => ({
    contactIds: t.idList({ description: 'Who is invited, each by their first e-mail address.' }),
    interactionId: t.id({ description: 'An e-mail that it follows from: those who took part are invited, but for oneself and automatic senders.' }),
    summary: t.string({ required: true, description: 'What it is about, at most 1,000 characters.' }),
    description: t.string({ description: 'For everybody who is invited, at most 8,192 characters.' }),
    startsAt: t.string({ required: true, description: 'A wall time such as 2027-03-28T10:30.' }),
    endsAt: t.string({ required: true, description: 'A wall time, later than startsAt.' }),
    timeZone: t.string({ description: 'IANA, for both times; the account’s where it is left out.' }),
    conference: t.boolean({ description: 'Whether it has a Google Meet conference. Not by default.' }),
    sendInvitations: t.boolean({ description: 'Whether Google tells the guests by mail. Not by default; the event is in their calendars either way.' }),
  }),
})

builder.mutationField('calendarEventSchedule', (t) =>
  t.field({
    type: CalendarEvent,
    description:
      'Puts an event into the owner’s Google calendar, with others invited; once, however often a request with the same Idempotency-Key is sent. Answers what is known so far: where Google does not answer at once, it is tried again by itself, and `node` tells how far it has come.',
    extensions: { scope: 'google:write' },
    errors: { types: [InvalidInputError, NotFoundError, ConflictError] },
    args: { input: t.arg({ type: CalendarEventScheduleInput, required: true, description: 'The event.' }) },
    resolve: async (_root, { input }, ctx) =>
      scheduleEvent(ctx, {
        ...input,
        contactIds: input.contactIds ? await Promise.all(input.contactIds.map((id) => contactRowId(ctx, id))) : null,
        interactionId: input.interactionId == null ? null : rowId('Interaction', input.interactionId),
      }),
  }),
)

function interactionOf(ctx: RequestCtx) {
  return loaderOf<string, Interaction | null>(ctx, 'interaction of event', async (eventIds) => {
    const found = await ctx.db.interaction.findMany({ where: { ownerId: ownerOf(ctx), source: 'CALENDAR', externalId: { in: [...eventIds] }, hiddenAt: null } })
    const byEvent = new Map(found.map((interaction) => [interaction.externalId, interaction]))
    return eventIds.map((eventId) => byEvent.get(eventId) ?? null)
  })
}
