import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { attachments } from './attachments.ts'
import { blobDue, lookAfterBlob } from './blobs.ts'
import { avatarRoutes } from './routes.ts'
import './schema.ts'

const lookAfter = defineJob({
  name: 'avatar-blob',
  use: { purpose: 'CRM', models: ['Avatar'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  run: (ctx, { entityId }) => lookAfterBlob(ctx, entityId),
})

/** Contacts' pictures. The rules of the model Avatar stand with the contact's. */
export const avatars = defineDomain({
  name: 'avatars',
  policies: {},
  jobs: [lookAfter],
  effects: { 'avatar.freed': (ctx, { blobId = '' }) => lookAfterBlob(ctx, blobId) },
  dues: { [blobDue]: lookAfter.name },
  dueSources: [{ table: 'avatars', effect: 'avatar.freed', id: 'blobId', value: `right(key, 36)` }],
  attaches: [attachments],
  restores: [{ model: 'Avatar' }],
  routes: avatarRoutes,
})
