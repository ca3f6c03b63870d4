import type { ContactDraft, DraftDateKind } from './draft.ts'
import { type ContactState, nameParts } from './state.ts'
import type { Cell, ListName } from './values.ts'

/** A contact as a draft, ready to be written into a file. What a draft has no place for (ids, sources, pointers) stays behind. */
export function draftOf(state: ContactState): ContactDraft {
  const { scalars } = state
  const entries = (list: ListName): Record<string, Cell>[] => state.lists[list].map((row) => row.value)
  const text = (value: Record<string, Cell>, part: string): string => String(value[part] ?? '')
  const name = Object.fromEntries(Object.entries(nameParts).flatMap(([part, column]) => (scalars[column] === null ? [] : [[part, scalars[column]]])))
  return {
    displayName: state.shownName,
    ...(Object.keys(name).length > 0 ? { name } : {}),
    ...(scalars.about === null ? {} : { about: scalars.about }),
    ...(scalars.starred ? { starred: true } : {}),
    emails: entries('emails').map((email) => ({ address: text(email, 'address'), ...texts(email, ['label']), ...(email['primary'] ? { primary: true } : {}) })),
    phones: entries('phones').map((phone) => ({ number: text(phone, 'number'), ...texts(phone, ['label']), ...(phone['primary'] ? { primary: true } : {}) })),
    addresses: entries('addresses').map((address) =>
      texts(address, ['label', 'street', 'extended', 'poBox', 'city', 'region', 'postalCode', 'country', 'countryCode']),
    ),
    urls: entries('urls').map((url) => ({ url: text(url, 'url'), ...texts(url, ['label']) })),
    organizations: entries('organizations').map((organization) => texts(organization, ['name', 'department', 'title'])),
    dates: entries('dates').map((date) => ({
      kind: text(date, 'kind') as DraftDateKind,
      ...texts(date, ['label']),
      date: numbers(date, ['year', 'month', 'day']),
    })),
    relations: entries('relations').map((relation) => ({ name: text(relation, 'name'), ...texts(relation, ['kind']) })),
    customFields: entries('customFields').map((field) => ({ name: text(field, 'name'), value: text(field, 'value') })),
    tags: entries('tags').map((tag) => text(tag, 'name')),
    unmodelled: [],
  }
}

function texts<Part extends string>(value: Record<string, Cell>, parts: readonly Part[]): { [P in Part]?: string } {
  return Object.fromEntries(parts.flatMap((part) => (value[part] == null ? [] : [[part, String(value[part])]]))) as { [P in Part]?: string }
}

function numbers<Part extends string>(value: Record<string, Cell>, parts: readonly Part[]): { [P in Part]?: number } {
  return Object.fromEntries(parts.flatMap((part) => (value[part] == null ? [] : [[part, Number(value[part])]]))) as { [P in Part]?: number }
}
