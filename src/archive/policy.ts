import { definePolicy } from '../policy/policy.ts'

/** Rules of archives. */
export const policies = {
  Archive: definePolicy('Archive', {
    about: 'Archives that were made in answer to requests for access or portability: how far they are, and until when they can be fetched.',
    owned: true,
    subject: 'OWNER',
    purposes: ['ACCOUNTABILITY'],
    legalBasis: 'LEGAL_OBLIGATION',
    retention: 'ACCOUNT',
    onErasure: 'DELETE',
    export: { omitted: 'a passing copy of what is exported' },
    columns: {
      ownerId: { category: 'system.key' },
      id: { category: 'system.key' },
      scope: { category: 'system.operations' },
      state: { category: 'system.operations' },
      blobKey: {
        category: 'system.key',
        retention: { after: 'P7D', from: 'readyAt', why: 'so long there is to fetch it; the file itself goes with its name' },
      },
      processed: { category: 'system.operations' },
      total: { category: 'system.operations' },
      bytes: { category: 'system.operations' },
      linkHash: { category: 'user.authorization', retention: { after: 'P0D', from: 'linkUntil', why: 'a link is good for five minutes, and once' } },
      linkUntil: { category: 'system.operations' },
      createdAt: { category: 'system.operations' },
      readyAt: { category: 'system.operations' },
      expiresAt: { category: 'system.operations' },
      fetchedAt: { category: 'system.operations' },
    },
  }),
}
