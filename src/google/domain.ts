import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { fetchPhotos, photosDue, schedulePhotos } from './contacts/photos.ts'
import { groupsSync } from './contacts/groups.ts'
import { catchUpMissed, rereadPeople } from './contacts/missed.ts'
import { otherContactsSync } from './contacts/otherContacts.ts'
import { contactsSync } from './contacts/sync.ts'
import { purgeResources, resourcesIn } from './disconnect.ts'
import { followConsent } from './consent.ts'
import { features, purposeOfFeature } from './features.ts'
import { policies } from './policy.ts'
import { rematchAddresses } from './rematch.ts'
import { googleRoutes } from './routes.ts'
import { runSync } from './runSync.ts'
import { scheduleSync, syncDueOf } from './schedule.ts'
import './schema.ts'
import './schema-suggestions.ts'

const payload = z.object({ ownerId: z.uuid(), entityId: z.uuid() })
// A feature each, so that a mailbox that takes an hour holds up no address book.
const syncs = features.map((feature) => ({
  feature,
  job: defineJob({
    name: `google-sync-${feature.toLowerCase()}`,
    payload,
    use: { purpose: purposeOfFeature[feature], models: ['GoogleGrant', 'GoogleSyncState', 'GoogleSyncRun'] },
    concurrency: 2,
    run: (ctx, { entityId }) => runSync(ctx, entityId),
  }),
}))
const photos = defineJob({
  name: 'google-photos',
  payload,
  use: { purpose: 'GOOGLE_CONTACTS', models: ['GoogleAvatarFetch', 'Avatar'] },
  concurrency: 2,
  run: async (ctx) => void (await fetchPhotos(ctx)),
})

/** What is connected of owners' Google accounts, the engine that keeps it in sync, and contacts from there. */
export const google = defineDomain({
  name: 'google',
  policies,
  jobs: [...syncs.map(({ job }) => job), photos],
  syncs: [groupsSync, contactsSync(), otherContactsSync],
  effects: {
    'google.schedule': (ctx, { stateId = '' }) => scheduleSync(ctx, stateId),
    'google.purge': (ctx, { resources = '' }) => purgeResources(ctx, resourcesIn(resources)),
    'google.consentChanged': followConsent,
    'google.photos': (ctx) => schedulePhotos(ctx),
    'contacts.reread': rereadPeople,
    'contacts.returned': (ctx) => catchUpMissed(ctx),
    'contacts.addressesChanged': (ctx) => rematchAddresses(ctx),
  },
  dues: { ...Object.fromEntries(syncs.map(({ feature, job }) => [syncDueOf(feature), job.name])), [photosDue]: photos.name },
  dueSources: [
    { table: 'google_sync_states', effect: 'google.schedule', id: 'stateId' },
    { table: 'google_grants', effect: 'google.photos' },
  ],
  routes: googleRoutes,
})
