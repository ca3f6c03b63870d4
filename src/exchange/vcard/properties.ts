import { given, type DraftDateKind, type DraftName } from '../../contacts/draft.ts'
import { parsePartialDate } from '../../core/partialDate.ts'
import { readAndroidCustom } from './android.ts'
import { preferenceOf } from './labels.ts'
import { readPhoto } from './photo.ts'
import type { Property } from './property.ts'
import { addDate, addNickname, addRelation, labelOf, manyLines, oneLine, type Reading } from './reading.ts'
import { splitEscaped } from './text.ts'

/** Puts a property into the draft; false if the draft has no place for it. */
type Reader = (reading: Reading, property: Property) => boolean

/** How each property that the model knows is read. */
export const readers: Record<string, Reader> = {
  VERSION: () => true,
  PROFILE: () => true,
  // About the file rather than the person; written anew on export.
  PRODID: () => true,
  REV: () => true,
  KIND: readKind,
  'X-ADDRESSBOOKSERVER-KIND': readKind,
  FN: (reading, { value }) => {
    const name = oneLine(value)
    if (name === '' || name === reading.draft.displayName) return true
    if (reading.draft.displayName !== undefined) return false
    reading.draft.displayName = name
    return true
  },
  N: readName,
  NICKNAME: (reading, { value }) => (addNickname(reading, splitEscaped(value, ',').map(oneLine).filter(Boolean).join(', ')), true),
  'X-PHONETIC-FIRST-NAME': (reading, { value }) => readNamePart(reading, 'phoneticGiven', value),
  'X-PHONETIC-LAST-NAME': (reading, { value }) => readNamePart(reading, 'phoneticFamily', value),
  NOTE: (reading, { value }) => {
    const note = manyLines(value)
    const { about } = reading.draft
    if (note !== '' && about !== note) reading.draft.about = about === undefined ? note : `${about}\n\n${note}`
    return true
  },
  EMAIL: (reading, property) => {
    const address = oneLine(property.value).replace(/^mailto:\s*/i, '')
    if (address === '') return true
    prefer(reading, 'EMAIL', property, reading.draft.emails.length)
    reading.draft.emails.push({ address, ...given('label', labelOf(reading, property)) })
    return true
  },
  TEL: readPhone,
  'X-MS-TEL': readPhone,
  ADR: readAddress,
  URL: (reading, property) => {
    const url = oneLine(property.value)
    if (url !== '') reading.draft.urls.push({ url, ...given('label', labelOf(reading, property)) })
    return true
  },
  ORG: (reading, { group, value }) => {
    const [name, ...units] = splitEscaped(value, ';').map(oneLine)
    const department = units.filter(Boolean).join('; ')
    if (name || department !== '') reading.jobs.push({ group, ...given('name', name), ...given('department', department) })
    return true
  },
  TITLE: (reading, { group, value }) => {
    const title = oneLine(value)
    if (title !== '') reading.jobs.push({ group, title })
    return true
  },
  BDAY: (reading, property) => readDate(reading, property, 'BIRTHDAY', false),
  ANNIVERSARY: (reading, property) => readDate(reading, property, 'ANNIVERSARY', false),
  'X-ANNIVERSARY': (reading, property) => readDate(reading, property, 'ANNIVERSARY', true),
  'X-EVOLUTION-ANNIVERSARY': (reading, property) => readDate(reading, property, 'ANNIVERSARY', true),
  'X-KADDRESSBOOK-X-ANNIVERSARY': (reading, property) => readDate(reading, property, 'ANNIVERSARY', true),
  'X-MS-ANNIVERSARY': (reading, property) => readDate(reading, property, 'ANNIVERSARY', true),
  'X-ABDATE': readAppleDate,
  RELATED: (reading, property) => {
    const isText = property.params.get('VALUE')?.[0]?.toLowerCase() === 'text'
    const name = oneLine(property.value)
    if (name === '' || (!isText && /^[a-z][a-z0-9+.-]*:/i.test(name))) return false
    addRelation(reading, { name, ...given('kind', labelOf(reading, property)) }, false)
    return true
  },
  'X-ABRELATEDNAMES': (reading, property) => {
    const name = oneLine(property.value)
    if (name !== '') addRelation(reading, { name, ...given('kind', labelOf(reading, property)) }, false)
    return true
  },
  ...relations('spouse', ['X-SPOUSE', 'X-EVOLUTION-SPOUSE', 'X-MS-SPOUSE', 'X-KADDRESSBOOK-X-SPOUSESNAME', 'X-KADDRESSBOOK-X-SPOUSENAME']),
  ...relations('manager', ['X-MANAGER', 'X-EVOLUTION-MANAGER', 'X-MS-MANAGER', 'X-KADDRESSBOOK-X-MANAGERSNAME']),
  ...relations('assistant', ['X-ASSISTANT', 'X-EVOLUTION-ASSISTANT', 'X-MS-ASSISTANT', 'X-KADDRESSBOOK-X-ASSISTANTSNAME']),
  ...relations('child', ['X-CHILD', 'X-MS-CHILD']),
  CATEGORIES: readCategories,
  UID: (reading, { value }) => {
    const uid = oneLine(value)
    if (reading.draft.uid !== undefined && uid !== '') return false
    if (uid !== '') reading.draft.uid = uid
    return true
  },
  PHOTO: (reading, property) => {
    if (property.value === '') return true
    const photo = reading.draft.photo === undefined ? readPhoto(property) : undefined
    if (photo) reading.draft.photo = photo
    return photo !== undefined
  },
  'X-ANDROID-CUSTOM': (reading, { value }) => readAndroidCustom(reading, value),
  'X-KITH-STARRED': (reading, { value }) => (reading.draft.starred = value.trim().toUpperCase() === 'TRUE'),
  'X-KITH-FIELD': (reading, property) => {
    const value = manyLines(property.value)
    const name = labelOf(reading, property)
    if (name === undefined || value === '') return false
    reading.draft.customFields.push({ name, value })
    return true
  },
}

function relations(kind: string, names: string[]): Record<string, Reader> {
  const read: Reader = (reading, { value }) => {
    const name = oneLine(value)
    if (name !== '') addRelation(reading, { name, kind }, true)
    return true
  }
  return Object.fromEntries(names.map((name) => [name, read]))
}

function readKind(reading: Reading, { value }: Property): boolean {
  const kind = value.trim().toLowerCase()
  if (kind === 'group') reading.reason = 'This card is a group of contacts, not a contact.'
  return kind === '' || kind === 'individual' || kind === 'group'
}

function readName(reading: Reading, { value }: Property): boolean {
  const { draft } = reading
  const lists = reading.version === '2.1' ? (part: string) => [part] : (part: string) => splitEscaped(part, ',')
  const part = (written = '', separator = ' ') => lists(written).map(oneLine).filter(Boolean).join(separator)
  const [family, forename, middle, prefix, suffix] = splitEscaped(value, ';')
  const name: DraftName = {
    ...given('prefix', part(prefix, ', ')),
    ...given('given', part(forename)),
    ...given('middle', part(middle)),
    ...given('family', part(family)),
    ...given('suffix', part(suffix, ', ')),
  }
  if (Object.keys(name).length === 0) return true
  const { name: known } = draft
  if (known && (known.prefix ?? known.given ?? known.middle ?? known.family ?? known.suffix) !== undefined) return false
  draft.name = { ...name, ...known }
  return true
}

function readNamePart(reading: Reading, part: 'phoneticGiven' | 'phoneticFamily', value: string): boolean {
  const text = oneLine(value)
  if (text === '') return true
  const name = (reading.draft.name ??= {})
  if (name[part] !== undefined) return false
  name[part] = text
  return true
}

function readPhone(reading: Reading, property: Property): boolean {
  const number = telephoneOf(oneLine(property.value))
  if (number === '') return true
  prefer(reading, 'TEL', property, reading.draft.phones.length)
  reading.draft.phones.push({ number, ...given('label', labelOf(reading, property)) })
  return true
}

// RFC 3966
function telephoneOf(text: string): string {
  if (!/^tel:/i.test(text)) return text
  const [number = '', ...params] = text.slice('tel:'.length).split(';')
  const extension = params.find((param) => /^ext=/i.test(param))?.slice('ext='.length)
  const plain = number.replace(/%([0-9A-Fa-f]{2})/g, (_whole, hex: string) => String.fromCharCode(Number.parseInt(hex, 16))).trim()
  return extension ? `${plain} ext. ${extension}` : plain
}

function prefer(reading: Reading, list: 'EMAIL' | 'TEL', property: Property, at: number): void {
  const rank = preferenceOf(property)
  if (rank !== undefined && rank < reading.preferred[list].rank) reading.preferred[list] = { rank, at }
}

function readAddress(reading: Reading, property: Property): boolean {
  const [poBox, extended, street, city, region, postalCode, country] = splitEscaped(property.value, ';').map(manyLines)
  const { group, params } = property
  const formatted = params.get('LABEL')?.[0]?.replaceAll('\\n', '\n').trim()
  const parts = {
    ...given('street', street),
    ...given('extended', extended),
    ...given('poBox', poBox),
    ...given('city', city),
    ...given('region', region),
    ...given('postalCode', postalCode),
    ...given('country', country),
  }
  const isEmpty = Object.keys(parts).length === 0
  if (isEmpty && !formatted) return true
  const written = (group === undefined ? undefined : reading.countries.get(group)) ?? params.get('CC')?.[0] ?? ''
  const countryCode = /^[a-z]{2}$/i.test(written) ? written.toUpperCase() : undefined
  if (group !== undefined && countryCode !== undefined) reading.taken.countries.add(group)
  const label = labelOf(reading, property)
  reading.draft.addresses.push({
    ...given('label', label),
    ...(isEmpty ? { street: formatted } : parts),
    ...given('countryCode', countryCode),
  })
  // What 4.0 says of an address in parameters has a property of its own in other versions.
  const types = params.get('TYPE')
  const beside = (name: string, value: string | undefined) => {
    if (value)
      reading.unmodelled.push({
        name,
        params: new Map(types ? [['TYPE', types]] : []),
        value: value.replaceAll('\n', '\\n'),
      })
  }
  if (!isEmpty) beside('LABEL', formatted)
  beside('GEO', params.get('GEO')?.[0])
  beside('TZ', params.get('TZ')?.[0])
  return true
}

function readDate(reading: Reading, property: Property, kind: DraftDateKind, repeats: boolean): boolean {
  if (property.value.trim() === '') return true
  const date = dateOf(property)
  if (!date) return false
  addDate(
    reading,
    {
      kind,
      ...given('label', property.group === undefined ? undefined : labelOf(reading, property)),
      date,
    },
    repeats,
  )
  return true
}

function readAppleDate(reading: Reading, property: Property): boolean {
  const date = dateOf(property)
  if (!date) return false
  const label = labelOf(reading, property)
  const kind = kindNamed(property.params.get('X-KIND')?.[0]) ?? kindOfDateLabel(label)
  const isOwnName = kind !== 'OTHER' && label?.toUpperCase() === kind
  addDate(reading, { kind, ...given('label', isOwnName ? undefined : label), date }, false)
  return true
}

function dateOf({ value, params }: Property): ReturnType<typeof parsePartialDate> {
  const date = parsePartialDate(value)
  // Apple says "without a year" with a year that stands for none (1604).
  if (date && params.get('X-APPLE-OMIT-YEAR')?.[0] === String(date.year)) delete date.year
  return date
}

/** What an X-ABDATE is of, going by its label. */
export function kindOfDateLabel(label: string | undefined): DraftDateKind {
  return kindNamed(label) ?? 'OTHER'
}

function kindNamed(text: string | undefined): DraftDateKind | undefined {
  const name = text?.toUpperCase()
  return name === 'BIRTHDAY' || name === 'ANNIVERSARY' || name === 'OTHER' ? name : undefined
}

// Google's 3.0 cards carry its own groups among the labels: everybody is in myContacts, and a star is a group too.
function readCategories(reading: Reading, { value }: Property): boolean {
  const names = splitEscaped(value, ',').map(oneLine).filter(Boolean)
  const byGoogle = reading.version === '3.0' && names.includes('myContacts')
  for (const name of names) {
    if (byGoogle && name === 'myContacts') continue
    if (byGoogle && name === 'starred') reading.draft.starred = true
    else reading.tags.add(name)
  }
  return true
}
