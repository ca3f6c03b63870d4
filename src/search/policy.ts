import { definePolicy } from '../policy/policy.ts'

const index = {
  owned: true,
  subject: 'CONTACT_PERSON',
  purposes: ['CRM'],
  legalBasis: 'CONTRACT',
  limitedUse: true,
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: { omitted: 'derived from what is exported' },
} as const

/** Rules of the search index. */
export const policies = {
  SearchTerm: definePolicy('SearchTerm', {
    ...index,
    about: 'Words by which a contact is found; words of sealed text as keyed hashes only.',
    columns: {
      ownerId: { category: 'system.key' },
      kind: { category: 'system.operations' },
      term: { category: 'user.name', provenance: 'DERIVED' },
      contactId: { category: 'system.key' },
      entityId: { category: 'system.key' },
    },
  }),
  SearchVariant: definePolicy('SearchVariant', {
    ...index,
    about: 'How the words of names and organisations sound and are misspelled.',
    columns: {
      ownerId: { category: 'system.key' },
      kind: { category: 'system.operations' },
      variant: { category: 'user.name', provenance: 'DERIVED' },
      word: { category: 'user.name', provenance: 'DERIVED' },
    },
  }),
}
