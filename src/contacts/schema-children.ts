import { builder } from '../graphql/builder.ts'
import { encodeId } from '../graphql/globalIds.ts'
import { rowOf } from '../graphql/nodes.ts'
import { read } from '../graphql/read.ts'
import { formatAddress } from './countries.ts'
import type { Tables } from './schema-entries.ts'
import type { ContactRow } from './reads.ts'
import type { SourceKind } from './state.ts'

const extensions = { scope: 'contacts:read' }
const idText = 'Opaque; what `input` entries are matched by.'
const labelText = 'Home, work or any other word.'

/** A contact's name in parts. */
export const ContactName = builder.objectRef<ContactRow>('ContactName').implement({
  description: 'A name in parts, each as it was typed.',
  extensions,
  fields: (t) => ({
    prefix: t.exposeString('namePrefix', { nullable: true, description: 'Such as Dr.' }),
    given: t.exposeString('nameGiven', { nullable: true, description: 'Given name.' }),
    middle: t.exposeString('nameMiddle', { nullable: true, description: 'Further given names.' }),
    family: t.exposeString('nameFamily', { nullable: true, description: 'Family name.' }),
    suffix: t.exposeString('nameSuffix', { nullable: true, description: 'Such as Jr.' }),
    nickname: t.exposeString('nameNickname', { nullable: true, description: 'What friends say.' }),
    phoneticGiven: t.exposeString('namePhoneticGiven', { nullable: true, description: 'How the given name is spoken.' }),
    phoneticFamily: t.exposeString('namePhoneticFamily', { nullable: true, description: 'How the family name is spoken.' }),
  }),
})

/** An e-mail address of a contact. */
export const ContactEmail = builder.objectRef<Tables['contact_emails']>('ContactEmail').implement({
  description: 'An e-mail address.',
  extensions,
  fields: (t) => ({
    id: t.id({ description: idText, resolve: (row) => encodeId('ContactEmail', row.id) }),
    address: t.exposeString('address', { description: 'As it was typed.' }),
    label: t.exposeString('label', { nullable: true, description: labelText }),
    primary: t.exposeBoolean('primary', { description: 'Whether it is the one to write to.' }),
  }),
})

/** A phone number of a contact. */
export const ContactPhone = builder.objectRef<Tables['contact_phones']>('ContactPhone').implement({
  description: 'A phone number.',
  extensions,
  fields: (t) => ({
    id: t.id({ description: idText, resolve: (row) => encodeId('ContactPhone', row.id) }),
    number: t.exposeString('number', { description: 'As it was typed.' }),
    e164: t.exposeString('e164', { nullable: true, description: 'In international writing (E.164), where it could be understood.' }),
    label: t.exposeString('label', { nullable: true, description: labelText }),
    primary: t.exposeBoolean('primary', { description: 'Whether it is the one to call.' }),
  }),
})

/** A postal address of a contact. */
export const ContactAddress = builder.objectRef<Tables['contact_addresses']>('ContactAddress').implement({
  description: 'A postal address.',
  extensions,
  fields: (t) => ({
    id: t.id({ description: idText, resolve: (row) => encodeId('ContactAddress', row.id) }),
    label: t.exposeString('label', { nullable: true, description: labelText }),
    street: t.exposeString('street', { nullable: true, description: 'Street and number; may have several lines.' }),
    extended: t.exposeString('extended', { nullable: true, description: 'Flat, floor or building.' }),
    poBox: t.exposeString('poBox', { nullable: true, description: 'Post office box.' }),
    city: t.exposeString('city', { nullable: true, description: 'Town.' }),
    region: t.exposeString('region', { nullable: true, description: 'State or province.' }),
    postalCode: t.exposeString('postalCode', { nullable: true, description: 'Postal code.' }),
    country: t.exposeString('country', { nullable: true, description: 'Country, in words.' }),
    countryCode: t.exposeString('countryCode', { nullable: true, description: 'Country by ISO 3166, such as DE.' }),
    formatted: t.string({
      nullable: true,
      description: 'As on an envelope, line by line.',
      extensions: read({ columns: ['street', 'extended', 'poBox', 'city', 'region', 'postalCode', 'country', 'countryCode'] }),
      resolve: (row) => formatAddress(row),
    }),
  }),
})

/** A web address of a contact. */
export const ContactUrl = builder.objectRef<Tables['contact_urls']>('ContactUrl').implement({
  description: 'A web address.',
  extensions,
  fields: (t) => ({
    id: t.id({ description: idText, resolve: (row) => encodeId('ContactUrl', row.id) }),
    url: t.exposeString('url', { description: 'As it was typed.' }),
    label: t.exposeString('label', { nullable: true, description: labelText }),
  }),
})

/** A place of work of a contact. */
export const ContactOrganization = builder.objectRef<Tables['contact_organizations']>('ContactOrganization').implement({
  description: 'A place of work.',
  extensions,
  fields: (t) => ({
    id: t.id({ description: idText, resolve: (row) => encodeId('ContactOrganization', row.id) }),
    name: t.exposeString('name', { nullable: true, description: 'What it is called.' }),
    department: t.exposeString('department', { nullable: true, description: 'Department.' }),
    title: t.exposeString('title', { nullable: true, description: 'The contact’s post there.' }),
  }),
})

/** What a date stands for. */
export const ContactDateKind = builder.enumType('ContactDateKind', {
  description: 'What a date stands for.',
  values: {
    BIRTHDAY: { description: 'Birthday.' },
    ANNIVERSARY: { description: 'Wedding or another anniversary.' },
    OTHER: { description: 'What its label says.' },
  },
})
const PartialDate = builder.objectRef<{ year: number | null; month: number | null; day: number | null }>('PartialDate').implement({
  description: 'A day of which a part may be unknown.',
  extensions,
  fields: (t) => ({
    year: t.exposeInt('year', { nullable: true, description: 'Year.' }),
    month: t.exposeInt('month', { nullable: true, description: 'Month, 1 to 12.' }),
    day: t.exposeInt('day', { nullable: true, description: 'Day of the month.' }),
  }),
})

/** A date of a contact's life. */
export const ContactDate = builder.objectRef<Tables['contact_dates']>('ContactDate').implement({
  description: 'A date of a contact’s life.',
  extensions,
  fields: (t) => ({
    id: t.id({ description: idText, resolve: (row) => encodeId('ContactDate', row.id) }),
    kind: t.field({
      type: ContactDateKind,
      description: 'What it stands for.',
      extensions: read({ columns: ['kind'] }),
      resolve: (row) => row.kind as 'BIRTHDAY',
    }),
    label: t.exposeString('label', { nullable: true, description: 'What an OTHER date is.' }),
    date: t.field({ type: PartialDate, description: 'The day, as far as it is known.', extensions: read({ row: true }), resolve: (row) => row }),
  }),
})

/** Somebody a contact is related to. */
export const ContactRelation = builder.objectRef<Tables['contact_relations']>('ContactRelation').implement({
  description: 'Somebody a contact is related to.',
  extensions,
  fields: (t) => ({
    id: t.id({ description: idText, resolve: (row) => encodeId('ContactRelation', row.id) }),
    name: t.exposeString('name', { description: 'What they are called.' }),
    kind: t.exposeString('kind', { nullable: true, description: 'A word such as spouse or manager.' }),
    contact: t.field({
      type: 'Contact' as never,
      nullable: true,
      description: 'Their own contact, where the relation points at one outside the bin.',
      extensions: read({ node: 'Contact', by: 'relatedContactId' }),
      resolve: (row, _args, ctx) => (row.relatedContactId === null ? null : rowOf(ctx, 'Contact', row.relatedContactId)) as never,
    }),
  }),
})

/** A field that the owner named. */
export const ContactCustomField = builder.objectRef<Tables['contact_custom_fields']>('ContactCustomField').implement({
  description: 'A field that the owner named. Sealed at rest.',
  extensions,
  fields: (t) => ({
    id: t.id({ description: idText, resolve: (row) => encodeId('ContactCustomField', row.id) }),
    name: t.string({
      description: 'What the field is called.',
      extensions: read({ sealed: 'ContactCustomField.name' }),
      resolve: (row, _args, ctx) => ctx.vault?.open('ContactCustomField.name', row.id, row.name) ?? '',
    }),
    value: t.string({
      description: 'What it says.',
      extensions: read({ sealed: 'ContactCustomField.value' }),
      resolve: (row, _args, ctx) => ctx.vault?.open('ContactCustomField.value', row.id, row.value) ?? '',
    }),
  }),
})

const Kind = builder.enumType('ContactSourceKind', {
  description: 'How a contact came here.',
  values: {
    MANUAL: { description: 'Typed in, or made through the API.' },
    GOOGLE: { description: 'From Google Contacts.' },
    IMPORT: { description: 'From a file.' },
  },
})

/** Where a contact came from. */
export const ContactSource = builder.objectRef<Tables['contact_sources']>('ContactSource').implement({
  description: 'Where a contact came from.',
  extensions,
  fields: (t) => ({
    kind: t.field({ type: Kind, description: 'How it came here.', extensions: read({ columns: ['kind'] }), resolve: (row) => row.kind as SourceKind }),
    externalId: t.exposeString('externalId', { nullable: true, description: 'What it is called there.' }),
    firstSeenAt: t.expose('firstSeenAt', { type: 'DateTime', description: 'When it came.' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', description: 'When it was last seen there.' }),
    goneAt: t.expose('goneAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When it was found to be gone there; the contact stays, and is linked no more.',
    }),
  }),
})
