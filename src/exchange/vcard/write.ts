import type { ContactDraft, DraftDate, DraftName, DraftOrganization } from '../../contacts/draft.ts'
import { formatPartialDate, isPartialDate } from '../../core/partialDate.ts'
import { withoutControls } from '../charset.ts'
import { foldLine } from '../../core/foldLine.ts'
import { typesOfLabel, writeAppleLabel } from './labels.ts'
import { formatDataUri } from './photo.ts'
import { kindOfDateLabel } from './properties.ts'
import { escapeText, escapeUri } from './text.ts'

/** A contact on its way into a file. */
export type ExportedContact = ContactDraft & {
  displayName: string
  /** When it last changed. */
  updatedAt?: Temporal.Instant | undefined
}

/** Adds a property; `label` becomes a TYPE where the standard has one, else the X-ABLabel of a group of its own. */
type Add = (
  name: string,
  value: string,
  said?: {
    params?: string
    label?: string | undefined
    types?: string[] | undefined
    country?: string | undefined
  },
) => void

/** Writes a contact as a vCard 4.0 (RFC 6350). What readVcards makes of it equals the contact. */
export function writeVcard(contact: ExportedContact): string {
  const lines = ['BEGIN:VCARD', 'VERSION:4.0', 'PRODID:-//Kith//Kith//EN']
  const nextGroup = groupNames(contact.unmodelled)
  const add: Add = (name, value, { params = '', label, types, country } = {}) => {
    const typed = types === undefined ? '' : `;TYPE=${types.length > 1 ? `"${types.join(',')}"` : types.join()}`
    const isGrouped = (label !== undefined && types === undefined) || country !== undefined
    const group = isGrouped ? nextGroup() : ''
    lines.push(`${group}${name}${typed}${params}:${value}`)
    if (country !== undefined) lines.push(`${group}X-ABADR:${country.toLowerCase()}`)
    if (label !== undefined && types === undefined) lines.push(`${group}X-ABLabel:${escapeText(writeAppleLabel(label))}`)
  }
  if (contact.uid !== undefined)
    add('UID', escapeUri(contact.uid), {
      params: /^[a-z][a-z0-9+.-]*:/i.test(contact.uid) ? '' : ';VALUE=text',
    })
  add('FN', escapeText(contact.displayName))
  addName(add, contact.name)
  addReachable(add, contact)
  for (const organization of contact.organizations) addOrganization(lines, organization, contact.organizations.length > 1 ? nextGroup() : '')
  addDates(add, contact.dates)
  for (const { name, kind } of contact.relations) {
    add('RELATED', escapeText(name), {
      label: kind,
      types: kind !== undefined && relatedTypes.has(kind) ? [kind] : undefined,
      params: ';VALUE=text',
    })
  }
  if (contact.tags.length > 0) add('CATEGORIES', contact.tags.map(escapeText).join(','))
  if (contact.about !== undefined) add('NOTE', escapeText(contact.about))
  if (contact.photo) add('PHOTO', 'url' in contact.photo ? escapeUri(contact.photo.url) : formatDataUri(contact.photo.bytes, contact.photo.contentType))
  if (contact.starred) add('X-KITH-STARRED', 'TRUE')
  for (const { name, value } of contact.customFields) add('X-KITH-FIELD', escapeText(value), { label: name })
  lines.push(...onlyOnce(contact.unmodelled, lines))
  if (contact.updatedAt) add('REV', contact.updatedAt.toString({ smallestUnit: 'second' }).replaceAll(/[-:]/g, ''))
  lines.push('END:VCARD')
  return lines.map((line) => foldLine(withoutControls(line).replaceAll('\n', '\\n'))).join('')
}

// RFC 6350, 6.2 to 6.7: properties of which a card has one at most.
const single = new Set(['ANNIVERSARY', 'BDAY', 'GENDER', 'KIND', 'N', 'UID'])

/** Unmodelled properties, such as a second name, of which the card already has the one that is allowed: these are written as extensions. */
function onlyOnce(unmodelled: string[], lines: string[]): string[] {
  const parts = (line: string) => /^((?:[\w-]+\.)?)([\w-]+)([\s\S]*)$/.exec(line)
  const said = new Set(lines.map((line) => parts(line)?.[2]))
  return unmodelled.map((line) => {
    const [, group = '', name = '', rest = ''] = parts(line) ?? []
    if (!single.has(name) || !said.has(name)) {
      said.add(name)
      return line
    }
    return `${group}X-${name}${rest}`
  })
}

/** Names for the groups of this card that no group of its unmodelled properties bears. */
function groupNames(unmodelled: string[]): () => string {
  const used = new Set(unmodelled.map((line) => /^([\w-]+)\./.exec(line)?.[1]?.toLowerCase()))
  let number = 0
  return () => {
    do number++
    while (used.has(`item${number}`))
    return `item${number}.`
  }
}

function addName(add: Add, name: DraftName | undefined): void {
  if (!name) return
  const parts = [name.family, name.given, name.middle, name.prefix, name.suffix]
  if (parts.some((part) => part !== undefined)) add('N', parts.map((part) => escapeText(part ?? '')).join(';'))
  if (name.nickname !== undefined) add('NICKNAME', escapeText(name.nickname))
  if (name.phoneticGiven !== undefined) add('X-PHONETIC-FIRST-NAME', escapeText(name.phoneticGiven))
  if (name.phoneticFamily !== undefined) add('X-PHONETIC-LAST-NAME', escapeText(name.phoneticFamily))
}

function addReachable(add: Add, contact: ExportedContact): void {
  const said = (label: string | undefined, property: 'TEL' | 'OTHER') => ({
    label,
    types: label === undefined ? undefined : typesOfLabel(label, property),
  })
  const preferred = (primary: boolean | undefined) => (primary ? ';PREF=1' : '')
  for (const { address, label, primary } of contact.emails) add('EMAIL', escapeText(address), { ...said(label, 'OTHER'), params: preferred(primary) })
  for (const { number, label, primary } of contact.phones) add('TEL', escapeText(number), { ...said(label, 'TEL'), params: preferred(primary) })
  for (const address of contact.addresses) {
    const { poBox, extended, street, city, region, postalCode, country, countryCode } = address
    const parts = [poBox, extended, street, city, region, postalCode, country].map((part) => escapeText(part ?? ''))
    add('ADR', parts.join(';'), { ...said(address.label, 'OTHER'), country: countryCode })
  }
  for (const { url, label } of contact.urls) add('URL', escapeUri(url), said(label, 'OTHER'))
}

function addOrganization(lines: string[], { name, department, title }: DraftOrganization, group: string): void {
  const units = department?.split('; ') ?? []
  const isList = units.every((unit) => unit !== '' && unit === unit.trim())
  const divisions = department === undefined ? [] : isList ? units : [department]
  if (name !== undefined || department !== undefined) lines.push(`${group}ORG:${[name ?? '', ...divisions].map(escapeText).join(';')}`)
  if (title !== undefined) lines.push(`${group}TITLE:${escapeText(title)}`)
}

// 4.0 has room for one birthday and one anniversary; further ones are written as Apple writes any date.
function addDates(add: Add, dates: DraftDate[]): void {
  const said = new Set<string>()
  for (const { kind, label, date } of dates) {
    if (!isPartialDate(date)) continue
    if (kind !== 'OTHER' && !said.has(kind)) {
      said.add(kind)
      add(kind === 'BIRTHDAY' ? 'BDAY' : 'ANNIVERSARY', formatPartialDate(date, 'basic'), {
        label,
      })
      continue
    }
    const name = label ?? (kind === 'OTHER' ? undefined : kind.toLowerCase())
    add('X-ABDATE', formatPartialDate(date, 'extended'), {
      label: name,
      params: kindOfDateLabel(name) === kind ? '' : `;X-KIND=${kind.toLowerCase()}`,
    })
  }
}

// RFC 6350, 6.6.6
const relatedTypes = new Set([
  'contact',
  'acquaintance',
  'friend',
  'met',
  'co-worker',
  'colleague',
  'co-resident',
  'neighbor',
  'child',
  'parent',
  'sibling',
  'spouse',
  'kin',
  'muse',
  'crush',
  'date',
  'sweetheart',
  'me',
  'agent',
  'emergency',
])
