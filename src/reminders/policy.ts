import { definePolicy } from '../policy/policy.ts'

/** Rules of reminders. */
export const policies = {
  Reminder: definePolicy('Reminder', {
    about: 'What the owner wants to be reminded of, and when.',
    owned: true,
    subject: 'OWNER',
    purposes: ['CRM', 'REMINDING'],
    legalBasis: 'CONTRACT',
    retention: 'ACCOUNT',
    onErasure: 'DELETE',
    export: 'AS_IS',
    columns: {
      ownerId: { category: 'system.key', export: { omitted: 'the key of storage, not of the person' } },
      id: { category: 'system.key' },
      contactId: { category: 'system.key' },
      title: { category: 'user.content', sealed: 'content', subject: 'CONTACT_PERSON' },
      details: { category: 'user.content', sealed: 'content', subject: 'CONTACT_PERSON' },
      startLocal: { category: 'user.content' },
      dueLocal: { category: 'user.content' },
      timeZone: { category: 'user.content' },
      accountZone: { category: 'user.content' },
      allDay: { category: 'user.content' },
      recurrence: { category: 'user.content' },
      dueAt: { category: 'user.content' },
      state: { category: 'user.content' },
      snoozedUntil: { category: 'user.content' },
      completedAt: { category: 'user.content' },
      fireAt: { category: 'system.operations', provenance: 'DERIVED' },
      hiddenAt: { category: 'system.operations', retention: { after: 'P30D', from: 'hiddenAt', why: 'a deleted contact lies in the bin for 30 days' } },
      createdAt: { category: 'system.operations' },
      updatedAt: { category: 'system.operations' },
    },
  }),
}
