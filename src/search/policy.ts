import { definePolicy } from '../policy/policy.ts'

/** Rules of the search index. */
export const policies = {
  SearchTerm: definePolicy('SearchTerm', {
    about: 'Words by which a contact is found; words of sealed text as keyed hashes only.',
    owned: true,
    subject: 'CONTACT_PERSON',
    purposes: ['CRM'],
    legalBasis: 'CONTRACT',
    retention: 'ACCOUNT',
    onErasure: 'DELETE',
    export: { omitted: 'derived from what is exported' },
    columns: {
      ownerId: { category: 'system.key' },
      kind: { category: 'system.operations' },
      term: { category: 'user.name', provenance: 'DERIVED' },
      contactId: { category: 'system.key' },
      entityId: { category: 'system.key' },
    },
  }),
}
