import type { Ctx } from '../core/ctx.ts'
import { builder } from '../graphql/builder.ts'
import { rowId } from '../graphql/globalIds.ts'
import { contactRowId } from './ids.ts'
import type { ContactInput } from './input.ts'
import { ContactDateKind } from './schema-children.ts'

const idText = 'The entry that this one replaces, so that it keeps its id; without it, an entry of the same value does.'
const labelText = 'Home, work or any other word; at most 100 characters.'

const Name = builder.inputType('ContactNameInput', {
  description: 'A name in parts, each of at most 200 characters. In an update, what is left out stays, and null clears.',
  fields: (t) => ({
    prefix: t.string({ description: 'Such as Dr.' }),
    given: t.string({ description: 'Given name.' }),
    middle: t.string({ description: 'Further given names.' }),
    family: t.string({ description: 'Family name.' }),
    suffix: t.string({ description: 'Such as Jr.' }),
    nickname: t.string({ description: 'What friends say.' }),
    phoneticGiven: t.string({ description: 'How the given name is spoken.' }),
    phoneticFamily: t.string({ description: 'How the family name is spoken.' }),
  }),
})
const Email = builder.inputType('ContactEmailInput', {
  description: 'An e-mail address.',
  fields: (t) => ({
    id: t.id({ description: idText }),
    address: t.string({ required: true, description: 'The address.' }),
    label: t.string({ description: labelText }),
    primary: t.boolean({ description: 'Whether it is the one to write to; at most one of a list is. Where none is, the one that was, else the first.' }),
  }),
})
const Phone = builder.inputType('ContactPhoneInput', {
  description: 'A phone number.',
  fields: (t) => ({
    id: t.id({ description: idText }),
    number: t.string({ required: true, description: 'In any writing; without a country code it is read as one of the account’s region.' }),
    label: t.string({ description: labelText }),
    primary: t.boolean({ description: 'Whether it is the one to call; at most one of a list is. Where none is, the one that was, else the first.' }),
  }),
})
const Address = builder.inputType('ContactAddressInput', {
  description: 'A postal address; at least one part besides the label.',
  fields: (t) => ({
    id: t.id({ description: idText }),
    label: t.string({ description: labelText }),
    street: t.string({ description: 'Street and number; may have several lines.' }),
    extended: t.string({ description: 'Flat, floor or building.' }),
    poBox: t.string({ description: 'Post office box.' }),
    city: t.string({ description: 'Town.' }),
    region: t.string({ description: 'State or province.' }),
    postalCode: t.string({ description: 'Postal code.' }),
    country: t.string({ description: 'Country, in words.' }),
    countryCode: t.string({ description: 'Country by ISO 3166, such as DE.' }),
  }),
})
const Url = builder.inputType('ContactUrlInput', {
  description: 'A web address.',
  fields: (t) => ({
    id: t.id({ description: idText }),
    url: t.string({ required: true, description: 'With or without https://; also mailto:, tel: and the like. At most 2,000 characters.' }),
    label: t.string({ description: labelText }),
  }),
})
const Organization = builder.inputType('ContactOrganizationInput', {
  description: 'A place of work; at least one part.',
  fields: (t) => ({
    id: t.id({ description: idText }),
    name: t.string({ description: 'What it is called.' }),
    department: t.string({ description: 'Department.' }),
    title: t.string({ description: 'The contact’s post there.' }),
  }),
})
const PartialDate = builder.inputType('PartialDateInput', {
  description: 'A day of which a part may be unknown; a day of a year needs its month.',
  fields: (t) => ({
    year: t.int({ description: 'Year, 1 to 9999.' }),
    month: t.int({ description: 'Month, 1 to 12.' }),
    day: t.int({ description: 'Day of the month.' }),
  }),
})
const DateInput = builder.inputType('ContactDateInput', {
  description: 'A date of a contact’s life.',
  fields: (t) => ({
    id: t.id({ description: idText }),
    kind: t.field({ type: ContactDateKind, required: true, description: 'What it stands for.' }),
    label: t.string({ description: 'What an OTHER date is; at most 100 characters.' }),
    date: t.field({ type: PartialDate, required: true, description: 'The day, as far as it is known.' }),
  }),
})
const Relation = builder.inputType('ContactRelationInput', {
  description: 'Somebody a contact is related to.',
  fields: (t) => ({
    id: t.id({ description: idText }),
    name: t.string({ description: 'What they are called; where it is left out, what the contact is called now.' }),
    contactId: t.id({ description: 'Their own contact, by id or ref: and external reference.' }),
    kind: t.string({ description: 'A word such as spouse or manager.' }),
  }),
})
const CustomField = builder.inputType('ContactCustomFieldInput', {
  description: 'A field of one’s own naming. Sealed at rest.',
  fields: (t) => ({
    id: t.id({ description: idText }),
    name: t.string({ required: true, description: 'What the field is called; at most 100 characters.' }),
    value: t.string({ required: true, description: 'What it says; at most 10,000 characters.' }),
  }),
})

type InputFields = Parameters<NonNullable<Parameters<typeof builder.inputType>[1]>['fields']>[0]

function contactFields(t: InputFields) {
  return {
    name: t.field({ type: Name, description: 'Its name in parts.' }),
    displayName: t.string({ description: 'What it is called, where that does not follow from the name; null lets it follow again. At most 200 characters.' }),
    about: t.string({ description: 'Free text, at most 50,000 characters. Sealed at rest.' }),
    starred: t.boolean({ description: 'Whether it is one of the favourites.' }),
    emails: t.field({ type: [Email], description: 'E-mail addresses, at most 100.' }),
    phones: t.field({ type: [Phone], description: 'Phone numbers, at most 100.' }),
    addresses: t.field({ type: [Address], description: 'Postal addresses, at most 100.' }),
    urls: t.field({ type: [Url], description: 'Web addresses, at most 100.' }),
    organizations: t.field({ type: [Organization], description: 'Places of work, at most 100.' }),
    dates: t.field({ type: [DateInput], description: 'Birthday and other dates, at most 100.' }),
    relations: t.field({ type: [Relation], description: 'Whom it is related to, at most 100.' }),
    customFields: t.field({ type: [CustomField], description: 'Fields of one’s own naming, at most 100.' }),
    tags: t.stringList({ description: 'Tags, at most 100 of at most 100 characters; case and accents make no new tag.' }),
    externalReference: t.string({ description: 'What another system calls it; unique among the contacts outside the bin. At most 200 characters.' }),
  }
}

/** What a new contact is made of. */
export const ContactCreateInput = builder.inputType('ContactCreateInput', {
  description: 'A new contact: at least a name, an e-mail address, a phone number or an organisation.',
  fields: (t) => contactFields(t as InputFields),
})
/** What changes of a contact. */
export const ContactUpdateInput = builder.inputType('ContactUpdateInput', {
  description: 'What changes of a contact: what is left out stays, null clears, a list replaces the list.',
  fields: (t) => contactFields(t as InputFields),
})

interface Entry {
  id?: string | null | undefined
}
const entryTypes = {
  emails: 'ContactEmail',
  phones: 'ContactPhone',
  addresses: 'ContactAddress',
  urls: 'ContactUrl',
  organizations: 'ContactOrganization',
  dates: 'ContactDate',
  relations: 'ContactRelation',
  customFields: 'ContactCustomField',
} as const

/** The service's input of an API input: opaque ids become row ids, what names nothing an id that no row has. */
export async function contactInputOf(ctx: Ctx, input: typeof ContactCreateInput.$inferInput): Promise<ContactInput> {
  const given = input as unknown as Readonly<Record<string, readonly Entry[] | null | undefined>>
  const lists = Object.fromEntries(
    Object.entries(entryTypes).flatMap(([list, typename]) => {
      const entries = given[list]
      return entries ? [[list, entries.map((entry) => ({ ...entry, ...(entry.id == null ? {} : { id: rowId(typename, entry.id) }) }))]] : []
    }),
  ) as Partial<ContactInput>
  for (const relation of lists.relations ?? []) if (relation.contactId != null) relation.contactId = await contactRowId(ctx, relation.contactId)
  return { ...(input as unknown as ContactInput), ...lists }
}
