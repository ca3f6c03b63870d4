import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { scheduleDigest, sendDigest } from './service.ts'

const send = defineJob({
  name: 'digest',
  use: { purpose: 'REMINDING', models: ['Account', 'Contact', 'ContactDate', 'Reminder', 'Delivery'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  run: (ctx) => sendDigest(ctx),
})

/** The weekly digest. */
export const digest = defineDomain({
  name: 'digest',
  policies: {},
  jobs: [send],
  effects: { 'digest.accountCreated': (ctx) => scheduleDigest(ctx), 'digest.accountChanged': (ctx) => scheduleDigest(ctx) },
  dues: { digest: send.name },
  dueSources: [{ table: 'accounts', effect: 'digest.accountChanged' }],
})
