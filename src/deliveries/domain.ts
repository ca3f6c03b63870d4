import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { policies } from './policy.ts'
import './schema.ts'
import { runDelivery } from './send.ts'
import { scheduleDelivery, scheduleWaiting } from './service.ts'

const send = defineJob({
  name: 'delivery',
  // Which messages may go out is decided message by message, by what each is about.
  use: { purpose: 'ACCOUNT', models: ['Account', 'Delivery'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  concurrency: 2,
  batch: 10,
  run: (ctx, { entityId }) => runDelivery(ctx, entityId),
})

/** Messages to account holders. */
export const deliveries = defineDomain({
  name: 'deliveries',
  policies,
  jobs: [send],
  effects: {
    'delivery.schedule': (ctx, { deliveryId = '' }) => scheduleDelivery(ctx, deliveryId),
    'deliveries.resume': scheduleWaiting,
  },
  dues: { delivery: send.name },
  dueSources: [{ table: 'deliveries', effect: 'delivery.schedule', id: 'deliveryId' }],
})
