import { definePolicy } from '../policy/policy.ts'

const published = {
  owned: false,
  subject: 'NOBODY',
  purposes: ['ACCOUNTABILITY'],
  legalBasis: 'LEGAL_OBLIGATION',
  retention: 'ACCOUNT',
  onErasure: 'KEEP_AS_EVIDENCE',
  export: { omitted: 'belongs to nobody' },
} as const
const operations = { category: 'system.operations' } as const

/** Published versions. */
export const policyVersionPolicy = definePolicy('PolicyVersion', {
  ...published,
  about: 'A published version of the privacy policy.',
  columns: {
    version: operations,
    id: operations,
    text: operations,
    facts: operations,
    reason: operations,
    material: operations,
    changedPurposes: operations,
    publishedAt: operations,
    effectiveAt: operations,
    hash: operations,
  },
})

/** Versions that everybody was told of. */
export const policyAnnouncementPolicy = definePolicy('PolicyAnnouncement', {
  ...published,
  about: 'That every account was told of a version of the privacy policy.',
  columns: { version: operations, completedAt: operations },
})

/** Who has seen which version. */
export const policyAcknowledgementPolicy = definePolicy('PolicyAcknowledgement', {
  about: 'That the owner has seen a version of the privacy policy. It is not consent.',
  owned: true,
  subject: 'OWNER',
  purposes: ['ACCOUNTABILITY'],
  legalBasis: 'LEGAL_OBLIGATION',
  retention: { after: 'P3Y', from: 'CLOSURE', why: 'so that it can be shown who was told what, for as long as claims usually last' },
  onErasure: 'KEEP_AS_EVIDENCE',
  export: 'AS_IS',
  columns: {
    ownerId: { category: 'system.key', export: { omitted: 'internal key' } },
    id: { category: 'user.unique_id' },
    version: { category: 'user.privacy_preferences' },
    hash: { category: 'system.operations' },
    method: { category: 'user.privacy_preferences' },
    at: { category: 'user.privacy_preferences' },
  },
})
