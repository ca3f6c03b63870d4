import { formatPartialDate, isPartialDate } from '../core/partialDate.ts'
import type { DraftName } from '../contacts/draft.ts'
import type { ExportedContact } from './vcard/write.ts'

/** Writes a contact as a JSContact Card (RFC 9553, version 1.0), without its picture. What it has no place for stands under our own name. */
export function writeJsContact(contact: ExportedContact): object {
  const { displayName, name, about, emails, phones, addresses, urls, organizations, dates, relations, tags, customFields, updatedAt } = contact
  const titles = organizations.flatMap(({ title }, index) => (title === undefined ? [] : [{ name: title, organizationId: `o${index + 1}` }]))
  return {
    '@type': 'Card',
    version: '1.0',
    uid: contact.uid ?? '',
    prodId: '-//Kith//Kith//EN',
    ...(updatedAt && { updated: updatedAt.toString({ smallestUnit: 'second' }) }),
    name: { full: displayName, ...componentsOf(name) },
    ...(name?.nickname !== undefined && { nicknames: { n1: { name: name.nickname } } }),
    ...map('organizations', 'o', organizations, ({ name: org, department }) => ({
      ...(org !== undefined && { name: org }),
      ...(department !== undefined && { units: [{ name: department }] }),
    })),
    ...map('titles', 't', titles, (title) => title),
    ...map('emails', 'e', emails, ({ address, label, primary }) => ({ address, ...labelled(label), ...preferred(primary) })),
    ...map('phones', 'p', phones, ({ number, label, primary }) => ({ number, ...labelled(label), ...preferred(primary) })),
    ...map('addresses', 'a', addresses, ({ label, countryCode, ...parts }) => ({
      ...labelled(label),
      ...(countryCode !== undefined && { countryCode }),
      components: addressParts.flatMap(([part, kind]) => (parts[part] === undefined ? [] : [{ kind, value: parts[part] }])),
    })),
    ...map('links', 'l', urls, ({ url, label }) => ({ uri: url, ...labelled(label) })),
    ...map(
      'anniversaries',
      'd',
      dates.filter(({ date }) => isPartialDate(date)),
      ({ kind, label, date }) => ({
        kind: anniversaryKinds[kind] ?? 'other',
        date: { '@type': 'PartialDate', ...given(date) },
        ...(label !== undefined && { 'kith.example:label': label, 'kith.example:text': formatPartialDate(date, 'extended') }),
      }),
    ),
    ...(relations.length > 0 && {
      relatedTo: Object.fromEntries(relations.map(({ name: related, kind }) => [related, { relation: kind === undefined ? {} : { [kind]: true } }])),
    }),
    ...(tags.length > 0 && { keywords: Object.fromEntries(tags.map((tag) => [tag, true])) }),
    ...(about !== undefined && { notes: { n1: { note: about } } }),
    ...(customFields.length > 0 && { 'kith.example:fields': customFields }),
    ...(contact.starred && { 'kith.example:starred': true }),
  }
}

const nameParts = [
  ['prefix', 'title'],
  ['given', 'given'],
  ['middle', 'given2'],
  ['family', 'surname'],
  ['suffix', 'credential'],
] as const

function componentsOf(name: DraftName | undefined): object {
  const components = nameParts.flatMap(([part, kind]) => {
    const value = name?.[part]
    const phonetic = part === 'given' ? name?.phoneticGiven : part === 'family' ? name?.phoneticFamily : undefined
    return value === undefined ? [] : [{ kind, value, ...(phonetic !== undefined && { phonetic }) }]
  })
  if (components.length === 0) return {}
  return { components, ...(components.some((component) => 'phonetic' in component) && { phoneticSystem: 'unknown' }) }
}

const addressParts = [
  ['poBox', 'postOfficeBox'],
  ['extended', 'apartment'],
  ['street', 'name'],
  ['city', 'locality'],
  ['region', 'region'],
  ['postalCode', 'postcode'],
  ['country', 'country'],
] as const
const anniversaryKinds: Readonly<Record<string, string>> = { BIRTHDAY: 'birth', ANNIVERSARY: 'wedding' }

function given(date: object): object {
  return Object.fromEntries(Object.entries(date).filter(([, part]) => part !== undefined && part !== null))
}

function labelled(label: string | undefined): object {
  if (label === undefined) return {}
  const context = { home: 'private', work: 'work' }[label.toLowerCase()]
  return context === undefined ? { label } : { contexts: { [context]: true } }
}

function preferred(primary: boolean | undefined): object {
  return primary ? { pref: 1 } : {}
}

/** A list as a map of ids, as JSContact has it; nothing for an empty one. */
function map<Item, Key extends string>(key: Key, prefix: string, items: readonly Item[], write: (item: Item) => object): object {
  return items.length === 0 ? {} : { [key]: Object.fromEntries(items.map((item, index) => [`${prefix}${index + 1}`, write(item)])) }
}
