import { definePolicy } from '../policy/policy.ts'

/** API tokens. */
export const apiTokenPolicy = definePolicy('ApiToken', {
  about: 'An API token that the account has made for a program.',
  owned: true,
  subject: 'OWNER',
  purposes: ['SECURITY'],
  legalBasis: 'CONTRACT',
  retention: {
    after: 'P0D',
    from: 'expiresAt',
    why: 'a token lasts a year at most; it is deleted the day after it expires',
  },
  onErasure: 'DELETE',
  export: 'AS_IS',
  columns: {
    ownerId: { category: 'system.key', export: { omitted: 'internal key' } },
    id: { category: 'user.unique_id' },
    name: { category: 'user.account.settings' },
    prefix: { category: 'user.authorization' },
    tokenHash: { category: 'user.authorization', export: { omitted: 'hash of a secret' } },
    masterKeyId: { category: 'system.operations', export: { omitted: 'internal key' } },
    scopes: { category: 'user.authorization' },
    createdAt: { category: 'user.account' },
    expiresAt: { category: 'user.account' },
    lastUsedAt: { category: 'user.behavior' },
  },
})
