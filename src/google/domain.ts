import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { followConsent } from './consent.ts'
import { importContacts } from './importContacts.ts'
import { fetchPhotos, photosDue, schedulePhotos } from './photos.ts'
import { policies } from './policy.ts'
import { googleRoutes } from './routes.ts'
import './schema.ts'
import { scheduleSync, syncDue } from './syncState.ts'

const payload = z.object({ ownerId: z.uuid(), entityId: z.uuid() })
const contacts = defineJob({
  name: 'google-contacts-import',
  payload,
  use: { purpose: 'GOOGLE_CONTACTS', models: ['GoogleGrant', 'GoogleSyncState', 'Contact', 'ContactSource'] },
  concurrency: 2,
  run: (ctx, { entityId }) => importContacts(ctx, entityId),
})
const photos = defineJob({
  name: 'google-photos',
  payload,
  use: { purpose: 'GOOGLE_CONTACTS', models: ['GoogleAvatarFetch', 'Avatar'] },
  run: (ctx) => fetchPhotos(ctx),
})

/** What is connected of owners' Google accounts, and what comes from there. */
export const google = defineDomain({
  name: 'google',
  policies,
  jobs: [contacts, photos],
  effects: {
    'google.schedule': (ctx, { stateId = '' }) => scheduleSync(ctx, stateId),
    'google.consentChanged': followConsent,
    'google.photos': (ctx) => schedulePhotos(ctx),
  },
  dues: { [syncDue]: contacts.name, [photosDue]: photos.name },
  dueSources: [
    { table: 'google_sync_states', effect: 'google.schedule', id: 'stateId' },
    { table: 'google_grants', effect: 'google.photos' },
  ],
  routes: googleRoutes,
})
