import { type ContactDraft, type DraftAddress, type DraftCustomField, type DraftDate, emptyDraft } from '../../contacts/draft.ts'
import { displayNameOf } from '../../contacts/normalize.ts'
import { isPartialDate, type PartialDate } from '../../core/partialDate.ts'
import type { Person } from './people.ts'

/** A person as a contact, and what is needed beside it. */
export interface PersonDraft {
  draft: ContactDraft
  /** Where their picture is; null where Google has none of its own (its coloured letters are no picture). */
  photoUrl: string | null
}

/** Turns a person of the People API into a contact. What has no place in a contact stays in the record that is kept of the person. `labels`: names of contact groups by resource name. */
export function draftOfPerson(person: Person, labels: ReadonlyMap<string, string>): PersonDraft {
  const groups = groupsOf(person)
  const { dates, remarks } = datesOf(person)
  const draft: ContactDraft = {
    ...emptyDraft(),
    ...nameOf(person),
    about: joined((person.biographies ?? []).map(({ value }) => value)),
    starred: groups.includes('contactGroups/starred'),
    emails: distinct(
      ordered(person.emailAddresses).flatMap(({ item: { value, type }, primary }) =>
        value?.trim() ? [{ address: value.trim(), label: labelOf(type), primary }] : [],
      ),
      ({ address }) => address.toLowerCase(),
    ),
    phones: distinct(
      ordered(person.phoneNumbers).flatMap(({ item: { value, type }, primary }) =>
        value?.trim() ? [{ number: value.trim(), label: labelOf(type), primary }] : [],
      ),
      ({ number }) => number,
    ),
    addresses: distinct(
      (person.addresses ?? []).flatMap((address) => addressOf(address) ?? []),
      (address) => JSON.stringify(address),
    ),
    urls: distinct(
      (person.urls ?? []).flatMap(({ value, type }) => (value?.trim() ? [{ url: value.trim(), label: labelOf(type) }] : [])),
      ({ url }) => url,
    ),
    organizations: distinct(
      (person.organizations ?? []).flatMap(({ name, department, title }) => {
        const organization = { name: given(name), department: given(department), title: given(title) }
        return Object.values(organization).some(Boolean) ? [organization] : []
      }),
      (organization) => JSON.stringify(organization),
    ),
    dates,
    relations: (person.relations ?? []).flatMap((relation) =>
      relation.person?.trim() ? [{ name: relation.person.trim(), kind: labelOf(relation.type) }] : [],
    ),
    customFields: [
      ...(person.userDefined ?? []).flatMap(({ key, value }) => (key?.trim() && value?.trim() ? [{ name: key.trim(), value: value.trim() }] : [])),
      ...(person.nicknames ?? []).slice(1).flatMap(({ value }) => (value?.trim() ? [{ name: 'Nickname', value: value.trim() }] : [])),
      ...remarks,
    ],
    tags: [...new Set(groups.flatMap((group) => labels.get(group) ?? []))],
  }
  return { draft: recognisable(draft, person), photoUrl: photoOf(person) }
}

/** The labels that a person bears, as Google calls them. */
export function groupsOf(person: Person): string[] {
  return (person.memberships ?? []).flatMap(({ contactGroupMembership }) => contactGroupMembership?.contactGroupResourceName ?? [])
}

/** The record of a person without what changes by itself, in one order: two of them are equal when nothing that matters has changed. Pictures are looked after apart. */
export function contentOf(person: Person, tags: readonly string[]): string {
  const { etag: _etag, photos: _photos, coverPhotos: _covers, metadata: _metadata, ...content } = person
  // Counted up when the reading of a person changes, so that everybody is read anew.
  return JSON.stringify([1, inOrder(content), tags])
}

type Item = { metadata?: { primary?: boolean | null; sourcePrimary?: boolean | null } }

/** A field's values with the primary one marked: the person's own, else the first that is its source's. */
function ordered<T extends Item>(items: readonly T[] | undefined): { item: T; primary: boolean }[] {
  const all = items ?? []
  const primary = all.find(({ metadata }) => metadata?.primary) ?? all.find(({ metadata }) => metadata?.sourcePrimary)
  return all.map((item) => ({ item, primary: item === primary }))
}

function nameOf(person: Person): Pick<ContactDraft, 'name' | 'displayName'> {
  const name = ordered(person.names).find(({ primary }) => primary)?.item ?? person.names?.[0]
  const nickname = given(person.nicknames?.[0]?.value)
  const parts = {
    prefix: given(name?.honorificPrefix),
    given: given(name?.givenName),
    middle: given(name?.middleName),
    family: given(name?.familyName),
    suffix: given(name?.honorificSuffix),
    nickname,
    phoneticGiven: given(name?.phoneticGivenName),
    phoneticFamily: given(name?.phoneticFamilyName),
  }
  // Google writes the whole name from its parts, each account's language its own way: only a name without parts is one somebody wrote.
  const unstructured = [parts.prefix, parts.given, parts.middle, parts.family, parts.suffix].some(Boolean)
    ? undefined
    : given(name?.displayName ?? name?.unstructuredName)
  return { name: parts, ...(unstructured === undefined ? {} : { displayName: unstructured }) }
}

function addressOf(address: NonNullable<Person['addresses']>[number]): DraftAddress | null {
  const parts = {
    street: given(address.streetAddress),
    extended: given(address.extendedAddress),
    poBox: given(address.poBox),
    city: given(address.city),
    region: given(address.region),
    postalCode: given(address.postalCode),
    country: given(address.country),
    countryCode: given(address.countryCode)?.toUpperCase(),
  }
  const label = labelOf(address.type)
  if (Object.values(parts).some(Boolean)) return { label, ...parts }
  const street = given(address.formattedValue)
  return street === undefined ? null : { label, street }
}

type GoogleDate = { year?: number | null; month?: number | null; day?: number | null }

/** A date of Google's writes 0, or nothing, for a part that is not known. */
function partialDate(date: GoogleDate | null | undefined): PartialDate | undefined {
  const read: PartialDate = {
    ...(date?.year ? { year: date.year } : {}),
    ...(date?.month ? { month: date.month } : {}),
    ...(date?.day ? { day: date.day } : {}),
  }
  return isPartialDate(read) ? read : undefined
}

/** Birthdays and events; what somebody wrote in words in place of a date is kept as a field of its own. */
function datesOf(person: Person): { dates: DraftDate[]; remarks: DraftCustomField[] } {
  const dates: DraftDate[] = []
  const remarks: DraftCustomField[] = []
  for (const { date, text } of person.birthdays ?? []) {
    const read = partialDate(date)
    const words = given(text)
    if (read) dates.push({ kind: 'BIRTHDAY', date: read })
    else if (words) remarks.push({ name: 'Birthday', value: words })
  }
  for (const { date, type, formattedType } of person.events ?? []) {
    const read = partialDate(date)
    if (!read) continue
    if (type?.toLowerCase() === 'anniversary') dates.push({ kind: 'ANNIVERSARY', date: read })
    else dates.push({ kind: 'OTHER', label: labelOf(type) ?? given(formattedType), date: read })
  }
  return { dates: distinct(dates, (date) => JSON.stringify(date)), remarks: distinct(remarks, ({ value }) => value) }
}

/** Google's own types run words together (`homeFax`); what a person wrote stays as written. */
function labelOf(type: string | null | undefined): string | undefined {
  const written = given(type)
  return written !== undefined && ownTypes.has(written) ? written.replace(/(\p{Ll})(?=\p{Lu})/gu, '$1 ').toLowerCase() : written
}

const ownTypes = new Set([
  'homePage',
  'homeFax',
  'workFax',
  'otherFax',
  'workMobile',
  'workPager',
  'googleVoice',
  'domesticPartner',
  'referredBy',
  'freeBusy',
  'appInstallPage',
])

/** A person of whom nobody knows the name is called by the first words that there are. */
function recognisable(draft: ContactDraft, person: Person): ContactDraft {
  const { phoneticFamily, phoneticGiven } = draft.name ?? {}
  const named =
    displayNameOf(draft) !== '' ||
    [phoneticFamily, phoneticGiven, draft.organizations[0]?.department, draft.relations[0]?.name].some(Boolean) ||
    draft.addresses.length > 0
  if (named) return draft
  const [field] = draft.customFields
  const handle = person.imClients?.[0]?.username ?? person.sipAddresses?.[0]?.value
  const words = [draft.about?.split('\n').find((line) => line.trim() !== ''), given(handle), field && `${field.name}: ${field.value}`].find(Boolean)?.trim()
  return words ? { ...draft, displayName: words.length > 60 ? `${[...words].slice(0, 59).join('').trimEnd()}…` : words } : draft
}

function photoOf(person: Person): string | null {
  const own = (person.photos ?? []).filter((photo) => !photo.default && photo.url)
  return (own.find(({ metadata }) => metadata?.primary) ?? own[0])?.url ?? null
}

function given(text: string | null | undefined): string | undefined {
  return text?.trim() || undefined
}

function joined(texts: readonly (string | null | undefined)[]): string | undefined {
  return [...new Set(texts.flatMap((text) => given(text) ?? []))].join('\n\n') || undefined
}

function distinct<T>(items: readonly T[], key: (item: T) => string): T[] {
  const seen = new Set<string>()
  return items.filter((item) => !seen.has(key(item)) && seen.add(key(item)))
}

/** A value with the keys of its objects in one order, and of its metadata only which value is the primary one: where a value is from, and what is verified, moves by itself. */
function inOrder(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inOrder)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([one], [other]) => (one < other ? -1 : 1))
      .map(([key, item]) => (key === 'metadata' ? [key, Boolean((item as { primary?: boolean } | null)?.primary)] : [key, inOrder(item)])),
  )
}
