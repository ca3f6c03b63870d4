import type { people_v1 } from 'googleapis/build/src/apis/people/v1.js'
import { parsePhoneNumberFromString, type CountryCode } from 'libphonenumber-js'
import { hashedName } from '../random.ts'

/** A person as the People API writes it. */
export type Person = people_v1.Schema$Person

/** Fields to replace; null removes the field. */
export type PersonChanges = { [Field in keyof Person]?: Person[Field] | null }

/** The fields a mask may name (personFields of the API reference). */
export const personFields = [
  'addresses',
  'ageRanges',
  'biographies',
  'birthdays',
  'calendarUrls',
  'clientData',
  'coverPhotos',
  'emailAddresses',
  'events',
  'externalIds',
  'genders',
  'imClients',
  'interests',
  'locales',
  'locations',
  'memberships',
  'metadata',
  'miscKeywords',
  'names',
  'nicknames',
  'occupations',
  'organizations',
  'phoneNumbers',
  'photos',
  'relations',
  'sipAddresses',
  'skills',
  'urls',
  'userDefined',
] as const satisfies (keyof Person)[]

/** A field a mask may name. */
export type PersonField = (typeof personFields)[number]

/** Identity and age of a person, which fill in what a client cannot write. */
export interface PersonStamp {
  /** Number behind `people/c…`; the CONTACT source's id is the same in hexadecimal. */
  number: bigint
  sourceNumber: bigint
  updatedAt: Temporal.Instant
  /** Differs whenever the person does; etags come of it. */
  revision: number
  region: string
  /** Default: people. */
  collection?: 'people' | 'otherContacts'
}

interface FieldItem {
  metadata?: people_v1.Schema$FieldMetadata
}

/** Completes what the owner typed with what the server adds: ids, etags, sources, primary marks, display names, formatted types, canonical phone numbers. */
export function completePerson(input: Person, { number, sourceNumber, updatedAt, revision, region, collection = 'people' }: PersonStamp): Person {
  const ownType = collection === 'people' ? 'CONTACT' : 'OTHER_CONTACT'
  const contact: people_v1.Schema$Source = { type: ownType, id: sourceNumber.toString(16) }
  const sources = new Map<string, people_v1.Schema$Source>([[ownType, contact]])
  const fields: Record<string, unknown[]> = {}
  for (const field of personFields) {
    const items = input[field] as FieldItem[] | undefined
    if (field === 'metadata' || !items?.length) continue
    const seen = new Set<string>()
    fields[field] = items.map(({ metadata: given, ...item }, index) => {
      const source = given?.source ?? contact
      const type = source.type ?? ownType
      if (!sources.has(type)) sources.set(type, source)
      const { primary: _, sourcePrimary: __, source: ___, ...rest } = given ?? {}
      const metadata = { ...(index === 0 && { primary: true }), ...(!seen.has(type) && { sourcePrimary: true }), ...rest, source }
      seen.add(type)
      return { metadata, ...formatted(field, item, region) }
    })
  }
  const etag = hashedName(27, 'etag', String(number), revision)
  const updateTime = updatedAt.toString()
  return {
    resourceName: `${collection}/c${number}`,
    etag: `%${etag}=`,
    metadata: {
      sources: [...sources.values()].map((source) => ({
        ...source,
        etag: `#${etag.slice(0, 11)}=`,
        updateTime,
        ...(source.type === 'PROFILE' && { profileMetadata: { objectType: 'PERSON', userTypes: ['GOOGLE_USER'] } }),
      })),
      objectType: 'PERSON',
    },
    ...fields,
  }
}

function formatted(field: PersonField, item: object, region: string): object {
  if (field === 'names') return named(item as people_v1.Schema$Name)
  const typed = item as { type?: string; value?: string; protocol?: string; formattedValue?: string }
  const type = typed.type ? { formattedType: formattedTypes[typed.type] ?? typed.type } : {}
  if (field === 'phoneNumbers') {
    const phone = parsePhoneNumberFromString(typed.value ?? '', region as CountryCode)
    return { ...typed, ...(phone?.isPossible() && { canonicalForm: phone.number }), ...type }
  }
  if (field === 'addresses') return { ...typed, formattedValue: typed.formattedValue ?? writtenAddress(item), ...type }
  if (field === 'imClients' && typed.protocol) return { ...typed, ...type, formattedProtocol: typed.protocol.charAt(0).toUpperCase() + typed.protocol.slice(1) }
  if (field === 'genders' && typed.value) return { ...typed, formattedValue: typed.value.charAt(0).toUpperCase() + typed.value.slice(1) }
  return { ...typed, ...type }
}

const formattedTypes: Record<string, string> = {
  home: 'Home',
  work: 'Work',
  mobile: 'Mobile',
  other: 'Other',
  main: 'Main',
  homeFax: 'Home Fax',
  workFax: 'Work Fax',
  otherFax: 'Other Fax',
  pager: 'Pager',
  workMobile: 'Work Mobile',
  workPager: 'Work Pager',
  anniversary: 'Anniversary',
  homePage: 'Home Page',
  blog: 'Blog',
  profile: 'Profile',
  school: 'School',
  spouse: 'Spouse',
  child: 'Child',
  mother: 'Mother',
  father: 'Father',
  parent: 'Parent',
  brother: 'Brother',
  sister: 'Sister',
  friend: 'Friend',
  relative: 'Relative',
  domesticPartner: 'Domestic Partner',
  manager: 'Manager',
  assistant: 'Assistant',
  referredBy: 'Referred By',
  partner: 'Partner',
}

const writtenFamilyFirst = /\p{Script=Han}|\p{Script=Hiragana}|\p{Script=Katakana}|\p{Script=Hangul}/u

function named(name: people_v1.Schema$Name): people_v1.Schema$Name {
  const familyFirst = writtenFamilyFirst.test(`${name.familyName ?? ''}${name.givenName ?? ''}`)
  const given = [name.givenName, name.middleName].filter(Boolean).join(familyFirst ? '' : ' ')
  const suffix = name.honorificSuffix ? `, ${name.honorificSuffix}` : ''
  const plain = familyFirst ? `${name.familyName ?? ''}${given}` : [name.honorificPrefix, given, name.familyName].filter(Boolean).join(' ') + suffix
  const displayName = name.displayName ?? (plain || name.unstructuredName) ?? ''
  const lastFirst =
    familyFirst || !name.familyName || !given ? displayName : `${name.familyName}, ${[name.honorificPrefix, given].filter(Boolean).join(' ')}${suffix}`
  return { displayName, displayNameLastFirst: lastFirst, unstructuredName: displayName, ...name }
}

function writtenAddress(address: people_v1.Schema$Address): string {
  const town = [address.postalCode, address.city].filter(Boolean).join(' ')
  return [address.poBox, address.streetAddress, address.extendedAddress, town, address.region, address.country].filter(Boolean).join('\n')
}
