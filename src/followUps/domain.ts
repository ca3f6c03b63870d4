import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { inTransaction } from '../events/service.ts'
import { defineJob } from '../jobs/job.ts'
import { scheduleAlerts, sendAlerts } from './alerts.ts'
import './schema.ts'
import { refreshAllFollowUps } from './service.ts'

const alertJob = defineJob({
  name: 'follow-up-alert',
  use: { purpose: 'REMINDING', models: ['Account', 'Contact', 'Interaction', 'InteractionContact', 'Note', 'Delivery'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  run: (ctx) => sendAlerts(ctx),
})

/** Follow-ups: whom one is losing touch with. Their columns stand on contacts and tags. */
export const followUps = defineDomain({
  name: 'followUps',
  policies: {},
  jobs: [alertJob],
  effects: {
    'followUps.schedule': (ctx) => scheduleAlerts(ctx),
    'followUps.accountChanged': (ctx) => inTransaction(ctx, refreshAllFollowUps),
  },
  dues: { 'followUps.alert': alertJob.name },
  dueSources: [{ table: 'accounts', effect: 'followUps.schedule' }],
})
