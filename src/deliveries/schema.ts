import type { Delivery as DeliveryRow } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { connectionOf, pageCost, pagingArgs, resolveList } from '../graphql/connection.ts'
import { owned } from '../graphql/nodes.ts'
import * as deliveries from './service.ts'

const DeliveryKind = builder.enumType('DeliveryKind', {
  description: 'What a message is about.',
  values: {
    REMINDER: { description: 'A reminder that fell due.' },
    FOLLOW_UP_ALERT: { description: 'Whom one is losing touch with.' },
    DIGEST: { description: 'The week ahead.' },
  } satisfies Record<(typeof deliveries.deliveryKinds)[number], { description: string }>,
})
const DeliveryState = builder.enumType('DeliveryState', {
  description: 'How far a message has come.',
  values: {
    PENDING: { description: 'It goes out, or is tried again.' },
    SENT: { description: 'A mail server has taken it.' },
    FAILED: { description: 'It was given up after ten tries.' },
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
    nextAttemptAt: t.field({ type: 'DateTime', nullable: true, description: 'When it is tried next; null once it is sent or given up.', resolve: (delivery) => (delivery.state === 'PENDING' ? delivery.nextAttemptAt : null) }),
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
