import { definePolicy } from '../policy/policy.ts'

/** The chain of events. */
export const eventPolicy = definePolicy('Event', {
  about: 'What changed in the account, when and by whom; names of fields, never values. Each entry is chained to the one before it.',
  owned: true,
  subject: 'OWNER',
  purposes: ['ACCOUNTABILITY', 'SECURITY'],
  legalBasis: 'LEGITIMATE_INTEREST',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: 'AS_IS',
  columns: {
    ownerId: { category: 'system.key', export: { omitted: 'internal key' } },
    seq: { category: 'system.operations' },
    at: { category: 'user.behavior' },
    actor: { category: 'user.behavior' },
    requestId: { category: 'system.operations' },
    type: { category: 'user.behavior' },
    entityType: { category: 'user.behavior' },
    entityId: { category: 'user.unique_id' },
    changed: { category: 'user.behavior' },
    prevHash: { category: 'system.operations', export: { omitted: 'check value' } },
    hash: { category: 'system.operations', export: { omitted: 'check value' } },
  },
})

/** The ends of the chains. */
export const eventHeadPolicy = definePolicy('EventHead', {
  about: 'The end of an account’s chain of events, by which a missing end is noticed.',
  owned: true,
  subject: 'NOBODY',
  purposes: ['ACCOUNTABILITY'],
  legalBasis: 'LEGITIMATE_INTEREST',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: { omitted: 'check values' },
  columns: {
    ownerId: { category: 'system.key' },
    seq: { category: 'system.operations' },
    hash: { category: 'system.operations' },
    mac: { category: 'system.operations' },
  },
})

/** Work that commits have set off. */
export const outboxPolicy = definePolicy('OutboxRow', {
  about: 'What a change still has to set off. Ids only; the row goes when it is done, usually within a second.',
  owned: true,
  subject: 'NOBODY',
  purposes: ['OPERATION'],
  legalBasis: 'CONTRACT',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: { omitted: 'transient, ids only' },
  columns: {
    ownerId: { category: 'system.key' },
    id: { category: 'system.key' },
    kind: { category: 'system.operations' },
    payload: { category: 'system.key' },
    createdAt: { category: 'system.operations' },
    attempts: { category: 'system.operations' },
    notBefore: { category: 'system.operations' },
  },
})

/** What falls due when. */
export const directoryDuePolicy = definePolicy('DirectoryDue', {
  about: 'Finds what falls due: reminders, alerts, digests, deletions. A copy of dates that the owned tables hold.',
  owned: false,
  subject: 'OWNER',
  purposes: ['OPERATION', 'REMINDING'],
  legalBasis: 'CONTRACT',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: { omitted: 'an index over dates that are exported where they belong' },
  columns: {
    kind: { category: 'system.operations' },
    ownerId: { category: 'system.key' },
    entityId: { category: 'system.key' },
    dueAt: { category: 'user.behavior' },
  },
})
