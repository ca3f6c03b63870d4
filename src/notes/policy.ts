import { definePolicy } from '../policy/policy.ts'

/** Rules of notes. */
export const policies = {
  Note: definePolicy('Note', {
    about: 'What the owner writes down about a contact.',
    owned: true,
    subject: 'CONTACT_PERSON',
    purposes: ['CRM'],
    legalBasis: 'CONTRACT',
    retention: 'ACCOUNT',
    onErasure: 'DELETE',
    export: 'AS_IS',
    columns: {
      ownerId: { category: 'system.key', export: { omitted: 'the key of storage, not of the person' } },
      id: { category: 'system.key' },
      contactId: { category: 'system.key' },
      body: { category: 'user.content', sealed: 'content' },
      pinned: { category: 'user.content' },
      hiddenAt: { category: 'system.operations', retention: { after: 'P30D', from: 'hiddenAt', why: 'a deleted contact lies in the bin for 30 days' } },
      createdAt: { category: 'system.operations' },
      updatedAt: { category: 'system.operations' },
    },
  }),
}
