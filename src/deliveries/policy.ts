import { definePolicy } from '../policy/policy.ts'

/** Rules of messages and of the links that end them. */
export const policies = {
  Delivery: definePolicy('Delivery', {
    about: 'Messages to the owner: reminders, alerts, digests, and what became of them.',
    owned: true,
    subject: 'OWNER',
    purposes: ['REMINDING', 'ACCOUNT', 'SECURITY', 'ACCOUNTABILITY'],
    legalBasis: 'CONTRACT',
    retention: 'ACCOUNT',
    onErasure: 'DELETE',
    export: 'AS_IS',
    columns: {
      ownerId: { category: 'system.key', export: { omitted: 'the key of storage, not of the person' } },
      id: { category: 'system.key' },
      kind: { category: 'system.operations' },
      entityId: { category: 'system.key' },
      occurrenceAt: { category: 'user.behavior' },
      state: { category: 'system.operations' },
      attempts: { category: 'system.operations' },
      messageId: { category: 'system.operations' },
      message: { category: 'user.content', sealed: 'delivery', retention: { after: 'P30D', from: 'sentAt', why: 'so that one can see what went out' } },
      lastError: { category: 'system.operations' },
      nextAttemptAt: { category: 'system.operations' },
      sentAt: { category: 'system.operations' },
      createdAt: { category: 'system.operations' },
    },
  }),
  DirectoryUnsubscribe: definePolicy('DirectoryUnsubscribe', {
    about: 'Finds who leaves which list by the link in a mail.',
    owned: false,
    subject: 'OWNER',
    purposes: ['ACCOUNT'],
    legalBasis: 'LEGAL_OBLIGATION',
    retention: 'ACCOUNT',
    onErasure: 'DELETE',
    export: { omitted: 'made from keys, and found again in every mail' },
    columns: {
      tokenHash: { category: 'system.key' },
      ownerId: { category: 'system.key' },
      list: { category: 'system.operations' },
    },
  }),
}
