import { definePolicy } from '../policy/policy.ts'

/** What holds for everything about the people of an address book. */
export const ofContacts = {
  owned: true,
  subject: 'CONTACT_PERSON',
  purposes: ['CRM'],
  legalBasis: 'CONTRACT',
  retention: 'ACCOUNT',
  onErasure: 'DELETE',
  export: 'AS_IS',
  limitedUse: true,
} as const

/** The columns that say whose and from where an entry is. */
export const entryColumns = {
  ownerId: { category: 'system.key', export: { omitted: 'the key of storage, not of the person' } },
  id: { category: 'system.key' },
  contactId: { category: 'system.key' },
  source: { category: 'system.operations' },
  edited: { category: 'system.operations' },
} as const

const listColumns = { ...entryColumns, position: { category: 'system.operations' }, sourceIds: { category: 'system.key' } } as const
const derived = { category: 'user.contact', provenance: 'DERIVED', export: { omitted: 'derived from what was typed' } } as const

/** Rules of the entries of contacts' lists. */
export const childPolicies = {
  ContactEmail: definePolicy('ContactEmail', {
    ...ofContacts,
    about: 'An e-mail address of a contact.',
    columns: {
      ...listColumns,
      address: { category: 'user.contact' },
      normalized: derived,
      canonical: derived,
      addressFolded: derived,
      label: { category: 'user.contact' },
      primary: { category: 'user.contact' },
    },
  }),
  ContactPhone: definePolicy('ContactPhone', {
    ...ofContacts,
    about: 'A phone number of a contact.',
    columns: {
      ...listColumns,
      number: { category: 'user.contact' },
      e164: { category: 'user.contact', provenance: 'DERIVED' },
      digits: derived,
      label: { category: 'user.contact' },
      primary: { category: 'user.contact' },
    },
  }),
  ContactAddress: definePolicy('ContactAddress', {
    ...ofContacts,
    about: 'A postal address of a contact.',
    columns: {
      ...listColumns,
      label: { category: 'user.contact' },
      street: { category: 'user.contact' },
      extended: { category: 'user.contact' },
      poBox: { category: 'user.contact' },
      city: { category: 'user.contact' },
      region: { category: 'user.contact' },
      postalCode: { category: 'user.contact' },
      country: { category: 'user.contact' },
      countryCode: { category: 'user.contact' },
    },
  }),
  ContactUrl: definePolicy('ContactUrl', {
    ...ofContacts,
    about: 'A web address of a contact.',
    columns: { ...listColumns, url: { category: 'user.contact' }, label: { category: 'user.contact' } },
  }),
  ContactOrganization: definePolicy('ContactOrganization', {
    ...ofContacts,
    about: 'A place of work of a contact.',
    columns: {
      ...listColumns,
      name: { category: 'user.workplace' },
      nameFolded: { category: 'user.workplace', provenance: 'DERIVED', export: { omitted: 'derived from the name' } },
      department: { category: 'user.workplace' },
      title: { category: 'user.workplace' },
    },
  }),
  ContactDate: definePolicy('ContactDate', {
    ...ofContacts,
    about: 'A birthday or another date of a contact’s life.',
    columns: {
      ...listColumns,
      kind: { category: 'user.demographic' },
      label: { category: 'user.demographic' },
      year: { category: 'user.demographic' },
      month: { category: 'user.demographic' },
      day: { category: 'user.demographic' },
    },
  }),
  ContactRelation: definePolicy('ContactRelation', {
    ...ofContacts,
    about: 'Somebody a contact is related to.',
    columns: { ...listColumns, name: { category: 'user.social' }, kind: { category: 'user.social' }, relatedContactId: { category: 'system.key' } },
  }),
  ContactCustomField: definePolicy('ContactCustomField', {
    ...ofContacts,
    about: 'A field of a contact that the owner named.',
    columns: { ...listColumns, name: { category: 'user.content', sealed: 'content' }, value: { category: 'user.content', sealed: 'content' } },
  }),
}
