import { definePolicy } from '../policy/policy.ts'

/** Who the account's holder is and how they want Kith to behave. */
export const accountPolicy = definePolicy('Account', {
  about: 'The account: who holds it, and their settings.',
  owned: true,
  subject: 'OWNER',
  purposes: ['ACCOUNT'],
  legalBasis: 'CONTRACT',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: 'AS_IS',
  columns: {
    ownerId: { category: 'system.key', export: { omitted: 'internal key' } },
    id: { category: 'user.unique_id' },
    email: { category: 'user.contact', purposes: ['ACCOUNT', 'REMINDING', 'MARKETING'], provenance: 'GOOGLE' },
    name: { category: 'user.name', provenance: 'GOOGLE' },
    locale: { category: 'user.account.settings' },
    timeZone: { category: 'user.account.settings', purposes: ['ACCOUNT', 'REMINDING'] },
    region: { category: 'user.account.settings', purposes: ['ACCOUNT', 'CRM'] },
    sendTime: { category: 'user.account.settings', purposes: ['REMINDING'] },
    weeklyDigest: { category: 'user.account.settings', purposes: ['REMINDING'] },
    storeSubjects: { category: 'user.account.settings', purposes: ['GOOGLE_IMPORT'] },
    signInCount: {
      category: 'user.behavior',
      purposes: ['ACCOUNT', 'SECURITY'],
      provenance: 'DERIVED',
    },
    lastSignInAt: {
      category: 'user.behavior',
      purposes: ['ACCOUNT', 'SECURITY'],
      provenance: 'DERIVED',
    },
    mailFailures: { category: 'system.operations', purposes: ['REMINDING'] },
    mailRetryAt: { category: 'system.operations', purposes: ['REMINDING'] },
    mailPausedAt: { category: 'system.operations', purposes: ['REMINDING'] },
    restrictedAt: { category: 'user.account', purposes: ['ACCOUNTABILITY'], legalBasis: 'LEGAL_OBLIGATION' },
    quarantinedAt: { category: 'user.account', purposes: ['ACCOUNTABILITY'], legalBasis: 'LEGAL_OBLIGATION' },
    createdAt: { category: 'user.account' },
    updatedAt: { category: 'user.account' },
  },
})

/** Browsers that are signed in. */
export const sessionPolicy = definePolicy('Session', {
  about: 'A browser that is signed in.',
  owned: true,
  subject: 'OWNER',
  purposes: ['SECURITY'],
  legalBasis: 'CONTRACT',
  retention: {
    after: 'P0D',
    from: 'expiresAt',
    why: 'a session ends 14 days after its last use and 90 days after its start; it is deleted the day after',
  },
  onErasure: 'DELETE',
  export: 'AS_IS',
  columns: {
    ownerId: { category: 'system.key', export: { omitted: 'internal key' } },
    id: { category: 'user.unique_id' },
    tokenHash: { category: 'user.authorization', export: { omitted: 'hash of a secret' } },
    userAgent: { category: 'user.device' },
    createdAt: { category: 'user.behavior' },
    lastSeenAt: { category: 'user.behavior' },
    expiresAt: { category: 'system.operations' },
  },
})

/** The Google identity of an account. */
export const googleIdentityPolicy = definePolicy('GoogleIdentity', {
  about: 'The Google identity by which the account is signed in to.',
  owned: true,
  subject: 'OWNER',
  purposes: ['ACCOUNT', 'SECURITY'],
  legalBasis: 'CONTRACT',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: 'AS_IS',
  columns: {
    ownerId: { category: 'system.key', export: { omitted: 'internal key' } },
    id: { category: 'user.unique_id', export: { omitted: 'internal key' } },
    subject: { category: 'user.unique_id', provenance: 'GOOGLE' },
    createdAt: { category: 'user.account' },
  },
})

/** Finds the account of a Google subject. */
export const directorySubjectPolicy = definePolicy('DirectorySubject', {
  about: 'Finds the account that a Google identity signs in to; a copy of google_identities.',
  owned: false,
  subject: 'OWNER',
  purposes: ['ACCOUNT', 'SECURITY'],
  legalBasis: 'CONTRACT',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: { omitted: 'an index over google_identities, which is exported' },
  columns: {
    subject: { category: 'user.unique_id', provenance: 'GOOGLE' },
    ownerId: { category: 'system.key' },
  },
})

/** Finds the session or token of a secret. */
export const directoryCredentialPolicy = definePolicy('DirectoryCredential', {
  about: 'Finds the session or API token that a secret opens, by its hash; a copy of what sessions and api_tokens hold.',
  owned: false,
  subject: 'OWNER',
  purposes: ['SECURITY'],
  legalBasis: 'CONTRACT',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: { omitted: 'an index over sessions and API tokens, which are exported' },
  columns: {
    secretHash: { category: 'user.authorization' },
    kind: { category: 'system.operations' },
    ownerId: { category: 'system.key' },
    entityId: { category: 'system.key' },
  },
})

/** Sign-ins under way. */
export const authFlowPolicy = definePolicy('AuthFlow', {
  about: 'A sign-in or consent at Google that is under way; the row can be taken once. Nobody is known yet.',
  owned: false,
  subject: 'NOBODY',
  purposes: ['SECURITY'],
  legalBasis: 'LEGITIMATE_INTEREST',
  retention: {
    after: 'P0D',
    from: 'expiresAt',
    why: 'a flow is good for ten minutes; what is left of abandoned ones goes within the day',
  },
  onErasure: 'DELETE',
  export: { omitted: 'belongs to nobody' },
  columns: {
    stateHash: { category: 'system.operations' },
    expiresAt: { category: 'system.operations' },
  },
})
