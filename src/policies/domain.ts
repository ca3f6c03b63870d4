import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { policyAcknowledgementPolicy, policyAnnouncementPolicy, policyVersionPolicy } from './policy.ts'
import './schema.ts'
import { announcePolicies } from './service.ts'

const announce = defineJob({
  name: 'policies.announce',
  cron: '*/10 * * * *',
  use: { purpose: 'ACCOUNTABILITY', models: ['Account', 'Delivery', 'PolicyVersion'] },
  payload: z.object({}),
  run: async ({ app }) => void (await announcePolicies(app)),
})

/** Versions of the privacy policy. */
export const policyVersions = defineDomain({
  name: 'policies',
  policies: {
    PolicyVersion: policyVersionPolicy,
    PolicyAnnouncement: policyAnnouncementPolicy,
    PolicyAcknowledgement: policyAcknowledgementPolicy,
  },
  jobs: [announce],
})
