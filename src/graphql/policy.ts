import { definePolicy } from '../policy/policy.ts'

/** Answers kept for those who repeat a request. */
export const idempotentAnswerPolicy = definePolicy('IdempotentAnswer', {
  about: 'What a request with an Idempotency-Key was answered, so that repeating it changes nothing again.',
  owned: true,
  subject: 'OWNER',
  purposes: ['OPERATION'],
  legalBasis: 'CONTRACT',
  retention: { after: 'P0D', from: 'expiresAt', why: 'a request can be repeated for 24 hours' },
  onErasure: 'DELETE',
  export: { omitted: 'a short-lived copy of what is exported elsewhere' },
  columns: {
    ownerId: { category: 'system.key' },
    id: { category: 'system.key' },
    keyHash: { category: 'system.operations' },
    payloadHash: { category: 'system.operations' },
    answer: { category: 'user.content', sealed: 'answer' },
    createdAt: { category: 'system.operations' },
    expiresAt: { category: 'system.operations' },
  },
})

/** Buckets of points. */
export const rateLimitPolicy = definePolicy('RateLimit', {
  about: 'How many points a credential or an address has spent lately. Names neither: the key is a keyed hash.',
  owned: false,
  subject: 'NOBODY',
  purposes: ['SECURITY'],
  legalBasis: 'LEGITIMATE_INTEREST',
  retention: { after: 'P1D', from: 'at', why: 'a bucket that nobody uses is full again after a minute at most; it is removed a day later' },
  onErasure: 'DELETE',
  export: { omitted: 'a keyed hash and a count' },
  columns: {
    key: { category: 'user.unique_id' },
    spent: { category: 'system.operations' },
    granted: { category: 'system.operations' },
    at: { category: 'system.operations' },
    leases: { category: 'system.operations' },
    version: { category: 'system.operations' },
  },
})
