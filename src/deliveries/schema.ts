import { ownerOf } from '../core/ctx.ts'
import type { Account as AccountRow, Delivery as DeliveryRow } from '../db/generated/prisma/client.ts'
import { builder, type RequestCtx } from '../graphql/builder.ts'
import { connectionOf, pageCost, pagingArgs, resolveList } from '../graphql/connection.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { owned } from '../graphql/nodes.ts'
import * as deliveries from './service.ts'

const DeliveryKind = builder.enumType('DeliveryKind', {
  description: 'What a message is about.',
  values: {
    REMINDER: { description: 'A reminder that fell due.' },
    FOLLOW_UP_ALERT: { description: 'Whom one is losing touch with.' },
    DIGEST: { description: 'The week ahead.' },
    GOOGLE_REAUTHORIZATION: { description: 'That Google has ended Kith’s access.' },
    POLICY_NOTICE: { description: 'A change of the privacy policy that is to come.' },
    NEWS: { description: 'What is new in Kith, for whoever wants to know.' },
  } satisfies Record<deliveries.DeliveryKind, { description: string }>,
})
const DeliveryState = builder.enumType('DeliveryState', {
  description: 'How far a message has come.',
  values: {
    PENDING: { description: 'It goes out, or is tried again.' },
    SENT: { description: 'A mail server has taken it.' },
    FAILED: { description: 'It was given up, after ten tries or because it had waited for 30 days.' },
  } satisfies Record<(typeof deliveries.deliveryStates)[number], { description: string }>,
})

const Delivery = builder.prismaNode('Delivery', {
  ...owned('Delivery', (ctx, ownerId, ids) => ctx.db.delivery.findMany({ where: { ownerId, id: { in: ids } } })),
  description: 'A message that Kith sent you, or will send.',
  extensions: { scope: 'reminders:read' },
  fields: (t) => ({
    kind: t.field({ type: DeliveryKind, description: 'What it is about.', resolve: (delivery) => delivery.kind as 'DIGEST' }),
    state: t.field({ type: DeliveryState, description: 'How far it has come.', resolve: (delivery) => delivery.state as 'SENT' }),
    occurrenceAt: t.expose('occurrenceAt', { type: 'DateTime', description: 'What it is for: the due time, or the day it tells of.' }),
    attempts: t.exposeInt('attempts', { description: 'How often it was tried.' }),
    lastError: t.exposeString('lastError', { nullable: true, description: 'Why the last try failed, as a code.' }),
    nextAttemptAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is tried next; null once it is sent or given up, and while mail is paused.',
      resolve: async (delivery, _args, ctx) => {
        const pace = delivery.state === 'PENDING' ? await paceOf(ctx).load(delivery.ownerId) : null
        return pace && !pace.mailPausedAt ? deliveries.nextStepAt({ ...delivery, ...pace }) : null
      },
    }),
    sentAt: t.expose('sentAt', { type: 'DateTime', nullable: true, description: 'When it was taken.' }),
    subject: t.string({
      nullable: true,
      description: 'Its subject; forgotten 30 days after.',
      resolve: (delivery, _args, ctx) => {
        const message = ctx.vault?.openMaybe('Delivery.message', delivery.id, delivery.message)
        return message ? (JSON.parse(message) as { subject: string }).subject : null
      },
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was planned.' }),
  }),
})

const DeliveryConnection = connectionOf<DeliveryRow>('Delivery', Delivery)

builder.queryField('deliveries', (t) =>
  t.field({
    type: DeliveryConnection,
    description: 'Messages to you: reminders, alerts and digests, latest first.',
    extensions: { scope: 'reminders:read' },
    complexity: pageCost,
    args: pagingArgs(t.arg),
    resolve: (_root, page, ctx) => resolveList<DeliveryRow>(ctx, page, deliveries.deliveriesListing(ctx)),
  }),
)

builder.prismaObjectField('Account', 'mailPausedAt', (t) =>
  t.expose('mailPausedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'Since when no reminders, alerts and digests go out, because ten tries in a row have failed; `accountMailResume` starts them again.',
  }),
)

builder.mutationField('accountMailResume', (t) =>
  t.field({
    type: 'Account' as never,
    description: 'Lets reminders, alerts and digests go out again after they were paused; those that waited follow at once, but for those older than 30 days.',
    extensions: { scope: 'account:write' },
    errors: {},
    resolve: (_root, _args, ctx) => deliveries.resumeMail(ctx) as never,
  }),
)

function paceOf(ctx: RequestCtx) {
  return loaderOf<string, Pick<AccountRow, 'mailRetryAt' | 'mailPausedAt'> | null>(ctx, 'pace of mail', async (ownerIds) => {
    const accounts = await ctx.db.account.findMany({ where: { ownerId: ownerOf(ctx) }, select: { ownerId: true, mailRetryAt: true, mailPausedAt: true } })
    return ownerIds.map((ownerId) => accounts.find((account) => account.ownerId === ownerId) ?? null)
  })
}
