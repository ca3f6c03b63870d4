import { contactRowId } from '../contacts/ids.ts'
import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import { toInstant, toDate } from '../core/clock.ts'
import type { Contact as ContactRow, Reminder as ReminderRow } from '../db/generated/prisma/client.ts'
import { ownerOf } from '../core/ctx.ts'
import { parseSendTime } from '../core/wallTime.ts'
import { builder, type RequestCtx } from '../graphql/builder.ts'
import { connectionOf, pageCost, pagingArgs, resolveList, resolveNestedList } from '../graphql/connection.ts'
import { badInput } from '../graphql/errors.ts'
import { DateTimeFilter } from '../graphql/filters.ts'
import { rowId } from '../graphql/globalIds.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { owned, rowOf } from '../graphql/nodes.ts'
import { read } from '../graphql/read.ts'
import { contactRemindersListing, remindersListing, type ReminderFilter as Filter, shownReminders } from './reads.ts'
import { occurrences } from './recurrence.ts'
import * as reminders from './service.ts'

const ReminderState = builder.enumType('ReminderState', {
  description: 'How a reminder stands.',
  values: {
    OPEN: { description: 'To be done.' },
    SNOOZED: { description: 'Put off.' },
    DONE: { description: 'Done, with no occurrence left.' },
  } satisfies Record<(typeof reminders.reminderStates)[number], object>,
})

const Reminder = builder.prismaNode('Reminder', {
  ...owned('Reminder', (ctx, ownerId, ids) => ctx.db.reminder.findMany({ where: { ownerId, id: { in: ids }, hiddenAt: null } }), shownReminders),
  description: 'Something to be reminded of at a wall time in a time zone, once or again and again. Its text is sealed at rest.',
  extensions: { scope: 'reminders:read' },
  fields: (t) => ({
    title: t.string({
      description: 'What to be reminded of.',
      extensions: read({ sealed: 'Reminder.title' }),
      resolve: (reminder, _args, ctx) => ctx.vault?.open('Reminder.title', reminder.id, reminder.title) ?? '',
    }),
    details: t.string({
      nullable: true,
      description: 'More about it.',
      extensions: read({ sealed: 'Reminder.details' }),
      resolve: (reminder, _args, ctx) => ctx.vault?.openMaybe('Reminder.details', reminder.id, reminder.details) ?? null,
    }),
    contact: t.field({
      type: 'Contact' as never,
      nullable: true,
      description: 'Whom it is about.',
      extensions: read({ node: 'Contact', by: 'contactId' }),
      resolve: (reminder, _args, ctx) => (reminder.contactId === null ? null : rowOf<ContactRow>(ctx, 'Contact', reminder.contactId)) as never,
    }),
    state: t.field({
      type: ReminderState,
      description: 'How it stands.',
      extensions: read({ columns: ['state'] }),
      resolve: (reminder) => reminder.state as 'OPEN',
    }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'When it is due: of a series, its oldest occurrence that is not done.' }),
    dueLocal: t.exposeString('dueLocal', { description: 'The same as a wall time in `timeZone`, such as 2027-03-28T02:30.' }),
    timeZone: t.exposeString('timeZone', {
      description: 'An IANA time zone: the one that was named, else the account’s, which an all-day reminder follows when it changes.',
    }),
    allDay: t.exposeBoolean('allDay', { description: 'Whether it is for a whole day; it then goes out at the account’s send time.' }),
    recurrence: t.exposeString('recurrence', { nullable: true, description: 'An RFC 5545 recurrence rule.' }),
    snoozedUntil: t.expose('snoozedUntil', { type: 'DateTime', nullable: true, description: 'Until when it is put off.' }),
    completedAt: t.expose('completedAt', { type: 'DateTime', nullable: true, description: 'When it was last completed.' }),
    occurrences: t.field({
      type: ['DateTime'],
      description: 'When it is due from here on: the due time first, then what follows. Empty once it is done.',
      args: { first: t.arg.int({ description: 'How many, 1 to 100; 10 by default.' }) },
      complexity: 5,
      resolve: async (reminder, { first }, ctx) => {
        const count = first ?? 10
        if (count < 1 || count > 100) throw badInput('first is 1 to 100.')
        if (reminder.state === 'DONE') return []
        const further = count > 1 ? occurrences(reminders.seriesOf(reminder, await sendTimeOf(ctx)), toInstant(reminder.dueAt), count - 1) : []
        return [reminder.dueAt, ...further.map((occurrence) => toDate(occurrence.at))]
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    updatedAt: t.expose('updatedAt', { type: 'DateTime', description: 'When it was last changed.' }),
  }),
})

const ReminderConnection = connectionOf<ReminderRow>('Reminder', Reminder)

const ReminderFilter = builder.inputType('ReminderFilter', {
  description: 'Which reminders; all conditions hold.',
  fields: (t) => ({
    state: t.field({ type: ReminderState, description: 'How they stand.' }),
    dueAt: t.field({ type: DateTimeFilter, description: 'When they are due.' }),
    contactId: t.id({ description: 'Whom they are about.' }),
  }),
})

builder.queryField('reminders', (t) =>
  t.field({
    type: ReminderConnection,
    description: 'All reminders, soonest first.',
    extensions: { scope: 'reminders:read', ...read({ rootPage: listingOf }) },
    complexity: pageCost,
    args: { ...pagingArgs(t.arg), filter: t.arg({ type: ReminderFilter, description: 'Only these.' }) },
    resolve: async (_root, { filter, ...page }, ctx) => resolveList<ReminderRow>(ctx, page, await listingOf(ctx, { filter })),
  }),
)

builder.prismaObjectField('Contact', 'reminders', (t) =>
  t.field({
    type: ReminderConnection,
    description: 'Reminders about this contact, soonest first.',
    extensions: { scope: 'reminders:read', ...read({ page: contactRemindersListing }) },
    complexity: pageCost,
    args: pagingArgs(t.arg),
    resolve: (contact, page, ctx) => resolveNestedList<ReminderRow>(ctx, page, contact.id, contactRemindersListing(ownerOf(ctx))),
  }),
)

const ReminderCreateInput = builder.inputType('ReminderCreateInput', {
  description: 'A new reminder.',
  fields: (t) => ({
    contactId: t.id({ description: 'Whom it is about.' }),
    title: t.string({ required: true, description: 'What to be reminded of, at most 500 characters.' }),
    details: t.string({ description: 'More about it, at most 20,000 characters.' }),
    dueAt: t.string({
      required: true,
      description:
        'A wall time such as 2027-03-28T02:30, or a date where it is for all day. A time that clocks skip moves forward by what they skip; one that comes twice is the first.',
    }),
    timeZone: t.string({ description: 'An IANA time zone; the account’s where it is left out.' }),
    allDay: t.boolean({ description: 'Whether it is for a whole day.' }),
    recurrence: t.string({ description: 'An RFC 5545 recurrence rule, such as FREQ=MONTHLY;BYDAY=1MO.' }),
  }),
})
const ReminderUpdateInput = builder.inputType('ReminderUpdateInput', {
  description: 'What changes of a reminder; what is left out stays. A change of when starts its series anew.',
  fields: (t) => ({
    title: t.string({ description: 'What to be reminded of.' }),
    details: t.string({ description: 'More about it; null clears.' }),
    dueAt: t.string({ description: 'A wall time, or a date.' }),
    timeZone: t.string({ description: 'An IANA time zone; null for the account’s.' }),
    allDay: t.boolean({ description: 'Whether it is for a whole day.' }),
    recurrence: t.string({ description: 'An RFC 5545 recurrence rule; null ends the series.' }),
  }),
})

builder.mutationFields((t) => ({
  reminderCreate: t.field({
    type: Reminder,
    description: 'Adds a reminder.',
    extensions: { scope: 'reminders:write' },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: { input: t.arg({ type: ReminderCreateInput, required: true, description: 'The reminder.' }) },
    resolve: async (_root, { input }, ctx) =>
      reminders.createReminder(ctx, { ...input, contactId: input.contactId ? await contactRowId(ctx, input.contactId) : null }),
  }),
  reminderUpdate: t.field({
    type: Reminder,
    description: 'Changes a reminder.',
    extensions: { scope: 'reminders:write' },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: {
      id: t.arg.id({ required: true, description: 'The reminder.' }),
      input: t.arg({ type: ReminderUpdateInput, required: true, description: 'What changes.' }),
    },
    resolve: (_root, { id, input }, ctx) => reminders.updateReminder(ctx, rowId('Reminder', id), input),
  }),
  reminderComplete: t.field({
    type: Reminder,
    description: 'Completes a reminder; one that recurs moves on to its first occurrence after both its due time and now.',
    extensions: { scope: 'reminders:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The reminder.' }) },
    resolve: (_root, { id }, ctx) => reminders.completeReminder(ctx, rowId('Reminder', id)),
  }),
  reminderSnooze: t.field({
    type: Reminder,
    description: 'Puts a reminder off.',
    extensions: { scope: 'reminders:write' },
    errors: { types: [InvalidInputError, NotFoundError] },
    args: {
      id: t.arg.id({ required: true, description: 'The reminder.' }),
      until: t.arg({ type: 'DateTime', required: true, description: 'Until when; in the future.' }),
    },
    resolve: (_root, { id, until }, ctx) => reminders.snoozeReminder(ctx, rowId('Reminder', id), until),
  }),
  reminderDelete: t.field({
    type: Reminder,
    description: 'Deletes a reminder at once and answers what it was.',
    extensions: { scope: 'reminders:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The reminder.' }) },
    resolve: (_root, { id }, ctx) => reminders.deleteReminder(ctx, rowId('Reminder', id)),
  }),
}))

async function listingOf(ctx: RequestCtx, { filter }: { filter?: Filter | null | undefined }) {
  return remindersListing(ctx, { ...filter, ...(filter?.contactId ? { contactId: await contactRowId(ctx, filter.contactId) } : {}) })
}

function sendTimeOf(ctx: RequestCtx): Promise<Temporal.PlainTime> {
  return loaderOf<string, Temporal.PlainTime>(ctx, 'send time', async (ownerIds) => {
    const { sendTime } = await ctx.db.account.findUniqueOrThrow({ where: { ownerId: ownerOf(ctx) }, select: { sendTime: true } })
    return ownerIds.map(() => parseSendTime(sendTime))
  }).load(ownerOf(ctx))
}
