import { InvalidInputError, type InputIssue } from '../core/errors.ts'
import { clean } from '../core/text.ts'
import { isCountryCode } from './countries.ts'
import type { ContactDraft, DraftAddress } from './draft.ts'
import { limits } from './input.ts'
import { displayNameOf } from './normalize.ts'
import type { SourcedValues } from './sourced.ts'
import { type NamePart, nameParts } from './state.ts'
import {
  addressValue,
  customFieldValue,
  dateValue,
  emailValue,
  type Keyed,
  organizationValue,
  phoneValue,
  relationValue,
  tagValue,
  urlValue,
} from './values.ts'

// Most texts: nothing in them to clean.
const plain = /^[\x20-\x7e]*$/

/** Address books hold longer texts than forms take; only what cannot be meant is refused. */
const generosity = 10

/** What a draft says, cleaned and normalised. Unlike the API's input it may hold what is no real address, number or URL: nothing of a file is lost for being odd. @throws InvalidInputError for a draft that is out of all measure */
export function draftValues(draft: ContactDraft, region: string | undefined): SourcedValues {
  const issues: InputIssue[] = []
  const text = (value: string | undefined, max: number, path: string[], multiline = false): string | null => {
    const cleaned = (value === undefined || plain.test(value) ? (value ?? '') : clean(value, multiline)).trim()
    if (cleaned.length > max * generosity) issues.push({ path, message: `At most ${(max * generosity).toLocaleString('en')} characters.` })
    return cleaned || null
  }
  const each = <Entry>(
    list: keyof ContactDraft,
    entries: readonly Entry[],
    read: (entry: Entry, part: (value: string | undefined, max: number, name: string, multiline?: boolean) => string | null) => Keyed | null,
  ): Keyed[] => {
    if (entries.length > limits.entries * generosity) {
      issues.push({ path: [list], message: `At most ${limits.entries * generosity} entries.` })
      return []
    }
    return entries.flatMap((entry, index) => read(entry, (value, max, name, multiline) => text(value, max, [list, String(index), name], multiline)) ?? [])
  }

  const values: SourcedValues = {
    scalars: {
      ...Object.fromEntries(
        (Object.entries(nameParts) as [NamePart, string][]).map(([part, column]) => [column, text(draft.name?.[part], limits.name, ['name', part])]),
      ),
      displayName: ownDisplayName(draft) ? text(draft.displayName, limits.name, ['displayName']) : null,
      about: text(draft.about, limits.about, ['about'], true),
      starred: draft.starred ?? false,
    },
    lists: {
      emails: each('emails', draft.emails, ({ primary, ...email }, part) => {
        const address = part(email.address, limits.email, 'address')
        return address === null ? null : emailValue({ address, label: part(email.label, limits.label, 'label'), primary })
      }),
      phones: each('phones', draft.phones, ({ primary, ...phone }, part) => {
        const number = part(phone.number, limits.phone, 'number')
        return number === null ? null : phoneValue({ number, label: part(phone.label, limits.label, 'label'), primary }, region)
      }),
      addresses: each('addresses', draft.addresses, (address, part) => {
        const parts = Object.fromEntries(addressParts.map((name) => [name, part(address[name], limits.address, name, name === 'street')])) as Partial<
          Record<keyof DraftAddress, string | null>
        >
        const { label, countryCode, ...place } = parts
        const code = countryCode?.toUpperCase() ?? null
        const known = code !== null && isCountryCode(code)
        const country = place.country ?? (known ? null : code)
        return [...Object.values(place), code].some(Boolean) ? addressValue({ ...place, country, label, countryCode: known ? code : null }) : null
      }),
      urls: each('urls', draft.urls, (entry, part) => {
        const url = part(entry.url, limits.url, 'url')
        return url === null ? null : urlValue({ url, label: part(entry.label, limits.label, 'label') })
      }),
      organizations: each('organizations', draft.organizations, (organization, part) => {
        const read = {
          name: part(organization.name, limits.name, 'name'),
          department: part(organization.department, limits.name, 'department'),
          title: part(organization.title, limits.name, 'title'),
        }
        return Object.values(read).some(Boolean) ? organizationValue(read) : null
      }),
      dates: each('dates', draft.dates, ({ kind, label, date }, part) => dateValue({ kind, label: part(label, limits.label, 'label'), date })),
      relations: each('relations', draft.relations, (relation, part) => {
        const name = part(relation.name, limits.name, 'name')
        return name === null ? null : relationValue({ name, kind: part(relation.kind, limits.label, 'kind') })
      }),
      customFields: each('customFields', draft.customFields, (field, part) => {
        const value = part(field.value, limits.custom, 'value', true)
        return value === null ? null : customFieldValue({ name: part(field.name, limits.label, 'name') ?? '', value })
      }),
      tags: each('tags', draft.tags, (tag, part) => {
        const name = part(tag, limits.label, 'name')
        return name === null ? null : tagValue(name)
      }),
    },
  }
  if (issues.length > 0) throw new InvalidInputError(issues)
  return values
}

const addressParts = ['label', 'street', 'extended', 'poBox', 'city', 'region', 'postalCode', 'country', 'countryCode'] as const

/** A display name that only repeats the name follows it, also when the user changes the name later. */
function ownDisplayName(draft: ContactDraft): boolean {
  return draft.displayName !== undefined && draft.displayName.trim() !== displayNameOf({ ...draft, displayName: undefined })
}
