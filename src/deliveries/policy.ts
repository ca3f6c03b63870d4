import { definePolicy } from '../policy/policy.ts'

/** Rules of messages. */
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
}
