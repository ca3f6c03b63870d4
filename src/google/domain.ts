import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { fetchPhotos, photosDue, schedulePhotos } from './contacts/photos.ts'
import { groupsSync } from './contacts/groups.ts'
import { otherContactsSync } from './contacts/otherContacts.ts'
import { contactsSync } from './contacts/sync.ts'
import { purgeResources, resourcesIn } from './disconnect.ts'
import { policies } from './policy.ts'
import { rematchAddresses } from './rematch.ts'
import { googleRoutes } from './routes.ts'
import { runSync } from './runSync.ts'
import { scheduleSync, syncDue } from './schedule.ts'
import './schema.ts'
import './schema-suggestions.ts'

const payload = z.object({ ownerId: z.uuid(), entityId: z.uuid() })
const sync = defineJob({ name: 'google-sync', payload, concurrency: 4, run: (ctx, { entityId }) => runSync(ctx, entityId) })
const photos = defineJob({ name: 'google-photos', payload, concurrency: 2, run: async (ctx) => void (await fetchPhotos(ctx)) })

/** What is connected of owners' Google accounts, the engine that keeps it in sync, and contacts from there. */
export const google = defineDomain({
  name: 'google',
  policies,
  jobs: [sync, photos],
  syncs: [groupsSync, contactsSync(), otherContactsSync],
  effects: {
    'google.schedule': (ctx, { stateId = '' }) => scheduleSync(ctx, stateId),
    'google.purge': (ctx, { resources = '' }) => purgeResources(ctx, resourcesIn(resources)),
    'google.photos': (ctx) => schedulePhotos(ctx),
    'contacts.addressesChanged': (ctx) => rematchAddresses(ctx),
  },
  dues: { [syncDue]: sync.name, [photosDue]: photos.name },
  dueSources: [
    { table: 'google_sync_states', effect: 'google.schedule', id: 'stateId' },
    { table: 'google_grants', effect: 'google.photos' },
  ],
  routes: googleRoutes,
})
