import type { Edit } from './edit.ts'
import type { CheckedInput } from './input.ts'
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

/** The edit that a checked input asks for; `null` clears. Phone numbers are read as people of the region write them; a relation without a name has the related contact's, from `names`. */
export function editOf(input: CheckedInput, region: string | undefined, names: ReadonlyMap<string, string>): Edit {
  const scalars: Edit['scalars'] = {}
  for (const [part, column] of Object.entries(nameParts) as [NamePart, (typeof nameParts)[NamePart]][]) {
    const value = input.name === null ? null : input.name?.[part]
    if (value !== undefined) scalars[column] = value
  }
  if (input.displayName !== undefined) scalars.displayName = input.displayName
  if (input.about !== undefined) scalars.about = input.about
  if (input.starred !== undefined) scalars.starred = input.starred ?? false
  if (input.externalReference !== undefined) scalars.externalReference = input.externalReference
  return {
    scalars,
    lists: {
      ...entries('emails', input.emails, emailValue),
      ...entries('phones', input.phones, (phone) => phoneValue(phone, region)),
      ...entries('addresses', input.addresses, addressValue),
      ...entries('urls', input.urls, urlValue),
      ...entries('organizations', input.organizations, organizationValue),
      ...entries('dates', input.dates, dateValue),
      ...entries('relations', input.relations, ({ contactId, name, ...relation }) =>
        relationValue({ ...relation, name: name ?? names.get(contactId ?? '') ?? '', relatedContactId: contactId }),
      ),
      ...entries('customFields', input.customFields, customFieldValue),
      ...entries('tags', input.tags && distinct(input.tags), ({ name }) => tagValue(name)),
    },
  }
}

function entries<Entry extends { id?: string | null | undefined }>(
  list: keyof Edit['lists'],
  given: readonly Entry[] | null | undefined,
  valueOf: (entry: Entry) => Keyed,
): Edit['lists'] {
  if (given === undefined) return {}
  return { [list]: (given ?? []).map((entry) => ({ ...valueOf(entry), ...(entry.id == null ? {} : { id: entry.id }) })) }
}

// A contact has a tag or has it not; the first spelling counts.
function distinct(tags: readonly string[]): { id?: undefined; name: string }[] {
  return [...new Map(tags.toReversed().map((name) => [tagValue(name).key, { name }])).values()].toReversed()
}
