import type { IndexedWhole } from '../search/service.ts'
import { nameParts, type ContactState, shownNameOf } from './state.ts'
import type { KnownTags } from './tagIds.ts'
import type { Cell } from './values.ts'

/** The parts of a name that a contact is found by. */
const indexedNames = [nameParts.given, nameParts.middle, nameParts.family, nameParts.nickname, nameParts.phoneticGiven, nameParts.phoneticFamily]

/** What of a contact is indexed, as it is stored: a tag by the spelling it has, whatever was typed. */
function indexedOf(state: ContactState, shownName: string, tags: KnownTags): IndexedWhole {
  const { scalars, lists } = state
  const each = (list: keyof typeof lists, column: string): string[] => lists[list].flatMap(({ value }) => textOf(value[column]) ?? [])
  return {
    names: [shownName, ...indexedNames.flatMap((column) => scalars[column] ?? [])],
    emails: each('emails', 'normalized'),
    phones: lists.phones.map(({ value }) => ({ number: String(value['number']), digits: String(value['digits']), e164: textOf(value['e164']) })),
    organizations: each('organizations', 'name'),
    tags: lists.tags.map(({ key, value }) => tags.get(key)?.name ?? String(value['name'])),
    about: scalars.about,
  }
}

/** What a contact that is stored already is found by. */
export function indexedBefore(state: ContactState): IndexedWhole {
  return indexedOf(state, state.shownName, new Map())
}

/** What a contact is found by once it is written. */
export function indexedAfter(state: ContactState, tags: KnownTags): IndexedWhole {
  return indexedOf(state, shownNameOf(state), tags)
}

function textOf(cell: Cell | undefined): string | null {
  return typeof cell === 'string' ? cell : null
}
