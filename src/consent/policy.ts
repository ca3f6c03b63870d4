import { definePolicy } from '../policy/policy.ts'

/** The ledger. */
export const consentRecordPolicy = definePolicy('ConsentRecord', {
  about: 'What was decided about each purpose, when, by whom and under which notice. Entries are never changed; one follows the other.',
  owned: true,
  subject: 'OWNER',
  purposes: ['ACCOUNTABILITY'],
  legalBasis: 'LEGAL_OBLIGATION',
  retention: { after: 'P3Y', from: 'CLOSURE', why: 'so that it can be shown that consent was given, for as long as claims usually last' },
  onErasure: 'KEEP_AS_EVIDENCE',
  export: 'AS_IS',
  columns: {
    ownerId: { category: 'system.key', export: { omitted: 'internal key' } },
    id: { category: 'user.unique_id' },
    seq: { category: 'system.operations' },
    purpose: { category: 'user.privacy_preferences' },
    state: { category: 'user.privacy_preferences' },
    source: { category: 'user.privacy_preferences' },
    noticeVersion: { category: 'user.privacy_preferences' },
    noticeHash: { category: 'system.operations' },
    language: { category: 'user.privacy_preferences' },
    method: { category: 'user.privacy_preferences' },
    signals: { category: 'user.privacy_preferences' },
    validUntil: { category: 'user.privacy_preferences' },
    at: { category: 'user.privacy_preferences' },
    previousId: { category: 'system.operations' },
  },
})

/** Purposes that have become others. */
export const consentPurposeChangePolicy = definePolicy('ConsentPurposeChange', {
  about: 'From when on a purpose is another than it was, so that what was consented to before does not count any more.',
  owned: false,
  subject: 'NOBODY',
  purposes: ['ACCOUNTABILITY'],
  legalBasis: 'LEGAL_OBLIGATION',
  retention: 'ACCOUNT',
  onErasure: 'KEEP_AS_EVIDENCE',
  export: { omitted: 'belongs to nobody' },
  columns: {
    purpose: { category: 'system.operations' },
    effectiveAt: { category: 'system.operations' },
    policyVersion: { category: 'system.operations' },
  },
})
