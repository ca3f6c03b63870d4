import type { PartialDate } from '../core/partialDate.ts'
import { matchKey } from './matchKey.ts'
import { normalizeEmail, normalizePhone } from './normalize.ts'

/** What a column of a child row holds. */
export type Cell = string | number | boolean | null
/** The columns of a child row that say something about the person, by name. */
export type Value = Readonly<Record<string, Cell>>
/** A value, and what it is recognised by: two entries of a list with one key are the same. */
export interface Keyed {
  key: string
  value: Value
}

/** The lists of a contact. */
export const listNames = ['emails', 'phones', 'addresses', 'urls', 'organizations', 'dates', 'relations', 'customFields', 'tags'] as const
/** One of the lists of a contact. */
export type ListName = (typeof listNames)[number]

/** Where a list is stored, with the columns of its values; `visible` are those that its owner sees and edits. */
export interface ListTable {
  table: string
  columns: Readonly<Record<string, 'text' | 'integer' | 'boolean' | 'uuid' | 'bytea'>>
  visible: readonly string[]
}

/** How each list is stored. The columns of `customFields` are sealed on their way; those of `tags` stand in `tags`. */
export const tables: Readonly<Record<ListName, ListTable>> = {
  emails: {
    table: 'contact_emails',
    columns: { address: 'text', normalized: 'text', canonical: 'text', addressFolded: 'text', label: 'text', primary: 'boolean' },
    visible: ['address', 'label', 'primary'],
  },
  phones: {
    table: 'contact_phones',
    columns: { number: 'text', e164: 'text', digits: 'text', label: 'text', primary: 'boolean' },
    visible: ['number', 'label', 'primary'],
  },
  addresses: {
    table: 'contact_addresses',
    columns: {
      label: 'text',
      street: 'text',
      extended: 'text',
      poBox: 'text',
      city: 'text',
      region: 'text',
      postalCode: 'text',
      country: 'text',
      countryCode: 'text',
    },
    visible: ['label', 'street', 'extended', 'poBox', 'city', 'region', 'postalCode', 'country', 'countryCode'],
  },
  urls: { table: 'contact_urls', columns: { url: 'text', label: 'text' }, visible: ['url', 'label'] },
  organizations: {
    table: 'contact_organizations',
    columns: { name: 'text', nameFolded: 'text', department: 'text', title: 'text' },
    visible: ['name', 'department', 'title'],
  },
  dates: {
    table: 'contact_dates',
    columns: { kind: 'text', label: 'text', year: 'integer', month: 'integer', day: 'integer' },
    visible: ['kind', 'label', 'year', 'month', 'day'],
  },
  relations: { table: 'contact_relations', columns: { name: 'text', kind: 'text', relatedContactId: 'uuid' }, visible: ['name', 'kind', 'relatedContactId'] },
  customFields: { table: 'contact_custom_fields', columns: { name: 'bytea', value: 'bytea' }, visible: ['name', 'value'] },
  tags: { table: 'contact_tags', columns: {}, visible: [] },
}

type Part = string | null | undefined

/** An e-mail address as typed; one that is none keeps its text as its normalised form, in lower case. */
export function emailValue(of: { address: string; label?: Part; primary?: boolean | null | undefined }): Keyed {
  const read = normalizeEmail(of.address)
  const address = read?.address ?? of.address
  const normalized = read?.normalized ?? address.toLowerCase()
  const value = {
    address,
    normalized,
    canonical: read?.canonical ?? normalized,
    addressFolded: matchKey(address),
    label: of.label ?? null,
    primary: of.primary ?? false,
  }
  return { key: normalized, value }
}

/** A phone number as typed, with its E.164 form where the account's region allows to tell it. */
export function phoneValue(of: { number: string; label?: Part; primary?: boolean | null | undefined }, region: string | undefined): Keyed {
  const { number, e164, digits } = normalizePhone(of.number, region)
  const value = { number, e164: e164 ?? null, digits, label: of.label ?? null, primary: of.primary ?? false }
  return { key: keyOf('phones', value), value }
}

const addressParts = ['street', 'extended', 'poBox', 'city', 'region', 'postalCode', 'country', 'countryCode'] as const

/** A postal address. */
export function addressValue(of: Partial<Record<'label' | (typeof addressParts)[number], Part>>): Keyed {
  const value = { label: of.label ?? null, ...Object.fromEntries(addressParts.map((part) => [part, of[part] ?? null])) }
  return { key: keyOf('addresses', value), value }
}

/** A web address as typed. */
export function urlValue(of: { url: string; label?: Part }): Keyed {
  const value = { url: of.url, label: of.label ?? null }
  return { key: keyOf('urls', value), value }
}

/** A place of work. */
export function organizationValue(of: { name?: Part; department?: Part; title?: Part }): Keyed {
  const value = { name: of.name ?? null, nameFolded: of.name == null ? null : matchKey(of.name), department: of.department ?? null, title: of.title ?? null }
  return { key: keyOf('organizations', value), value }
}

/** A date of the contact's life. */
export function dateValue(of: { kind: string; label?: Part; date: PartialDate }): Keyed {
  const value = { kind: of.kind, label: of.label ?? null, year: of.date.year ?? null, month: of.date.month ?? null, day: of.date.day ?? null }
  return { key: keyOf('dates', value), value }
}

/** Somebody the contact is related to. */
export function relationValue(of: { name: string; kind?: Part; relatedContactId?: Part }): Keyed {
  const value = { name: of.name, kind: of.kind ?? null, relatedContactId: of.relatedContactId ?? null }
  return { key: keyOf('relations', value), value }
}

/** A field that the user named. */
export function customFieldValue(of: { name: string; value: string }): Keyed {
  const value = { name: of.name, value: of.value }
  return { key: keyOf('customFields', value), value }
}

/** A tag: its spelling counts where the owner has none of that key yet. */
export function tagValue(name: string): Keyed {
  return { key: matchKey(name), value: { name } }
}

/** The key of a stored value. */
export function keyOf(list: ListName, value: Value): string {
  const text = (cell: Cell | undefined): string => matchKey(String(cell ?? '')).trim()
  if (list === 'emails') return String(value['normalized'])
  if (list === 'phones') return phoneKey(String(value['number']), value['e164'], String(value['digits']))
  if (list === 'addresses') return addressParts.map((part) => text(value[part])).join('\n')
  if (list === 'urls') return urlKey(String(value['url']))
  if (list === 'organizations') return ['name', 'department', 'title'].map((part) => text(value[part])).join('\n')
  if (list === 'dates') return ['kind', 'label', 'year', 'month', 'day'].map((part) => text(value[part])).join('\n')
  if (list === 'relations') return ['name', 'kind'].map((part) => text(value[part])).join('\n')
  if (list === 'customFields') return `${text(value['name'])}\n${String(value['value'])}`
  return text(value['name'])
}

// The stored forms count, since the account's region may have changed; `digits` leaves out an extension, which the text then has beyond them.
function phoneKey(number: string, e164: Cell | undefined, digits: string): string {
  const extension = number.replace(/\D/g, '').slice(digits.length)
  return `${e164 ?? (digits || matchKey(number))}${extension && `x${extension}`}`
}

function urlKey(text: string): string {
  const url = URL.parse(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`)
  return url ? url.href.replace(/\/$/, '') : text.toLowerCase()
}
