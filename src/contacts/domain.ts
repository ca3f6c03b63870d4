import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { purgeContact, purgeDue, schedulePurge } from './bin.ts'
import './mutations.ts'
import { childPolicies } from './policy-children.ts'
import { followPersons } from './persons.ts'
import { policies } from './policy.ts'
import { rectifyContacts } from './rectify.ts'
import { restores } from './restore.ts'
import { contactRestraint } from './restraint.ts'
import './schema.ts'

const purge = defineJob({
  name: 'contact-purge',
  use: { purpose: 'CRM', models: ['Contact'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  run: (ctx, { entityId }) => purgeContact(ctx, entityId),
})

/** Contacts: the people and organisations of an address book, their tags, sources and bin. */
export const contacts = defineDomain({
  name: 'contacts',
  policies: { ...policies, ...childPolicies },
  jobs: [purge],
  effects: {
    'contact.binned': (ctx, { contactId = '' }) => schedulePurge(ctx, contactId),
    'contact.persons': followPersons,
    'contact.blobGone': (ctx, { key = '' }) => ctx.app.blobs.delete(key),
  },
  restraint: contactRestraint,
  executes: { RECTIFICATION: rectifyContacts },
  restores,
  dues: { [purgeDue]: purge.name },
  dueSources: [{ table: 'contacts', where: '"deletedAt" IS NOT NULL', effect: 'contact.binned', id: 'contactId' }],
})
