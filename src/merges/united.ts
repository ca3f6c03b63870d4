import { type ContactState, nameParts, type RemovedMark, type Row, type ScalarName } from '../contacts/state.ts'
import { type ListName, listNames } from '../contacts/values.ts'

/** Scalars that are taken over together, from the first contact that has any of them. */
const groups: readonly (readonly ScalarName[])[] = [
  [nameParts.prefix, nameParts.given, nameParts.middle, nameParts.family, nameParts.suffix],
  [nameParts.nickname],
  [nameParts.phoneticGiven, nameParts.phoneticFamily],
  ['starred'],
  ['externalReference'],
]

/** The survivor of a merge: it keeps what it has, takes from the others in their order what it lacks, and of equal values of a list keeps its own. */
export function unitedContact(survivor: ContactState, others: readonly ContactState[], removedMark: RemovedMark): ContactState {
  const everybody = [survivor, ...others]
  const scalars: Record<string, unknown> = { ...survivor.scalars }
  const provenance: Record<string, unknown> = { ...survivor.provenance }
  const take = (names: readonly ScalarName[], from: ContactState): void => {
    for (const name of names) {
      scalars[name] = from.scalars[name]
      if (from.provenance[name]) provenance[name] = from.provenance[name]
      else delete provenance[name]
    }
  }
  const has = (contact: ContactState, names: readonly ScalarName[]): boolean =>
    names.some((name) => contact.scalars[name] !== null && contact.scalars[name] !== false)
  for (const names of namedByItself(survivor) ? groups : [...groups, ['displayName'] as const]) {
    const from = everybody.find((contact) => has(contact, names))
    if (from && from !== survivor) take(names, from)
  }
  const abouts = new Map(everybody.flatMap((contact) => (contact.scalars.about === null ? [] : [[contact.scalars.about, contact] as const])).toReversed())
  const [[, only] = [undefined, undefined]] = abouts
  if (abouts.size === 1 && only && survivor.scalars.about === null) take(['about'], only)
  if (abouts.size > 1) {
    scalars['about'] = [...abouts.keys()].toReversed().join('\n\n')
    // No one source says it all, so none may put its own in this place.
    provenance['about'] = { source: 'MANUAL', edited: true }
  }
  const lists = Object.fromEntries(listNames.map((list) => [list, unitedList(list, everybody)])) as Record<ListName, Row[]>
  const held = new Set(listNames.flatMap((list) => lists[list].map((row) => removedMark(list, row.key))))
  const removed = new Set(everybody.flatMap((contact) => [...contact.removed]).filter((mark) => !held.has(mark)))
  return { ...survivor, scalars: scalars as never, provenance: provenance as never, lists, removed }
}

/** Whether what a contact is shown by is its own name, and not merely its organisation, address or number. */
function namedByItself({ scalars }: ContactState): boolean {
  return scalars.displayName !== null || scalars.nameGiven !== null || scalars.nameFamily !== null || scalars.nameNickname !== null
}

function unitedList(list: ListName, everybody: readonly ContactState[]): Row[] {
  const ids = new Set(everybody.map(({ id }) => id))
  const united: Row[] = []
  for (const contact of everybody) {
    const before = new Map(united.map((row) => [row.key, row]))
    const primaryKnown = united.some((row) => row.value['primary'] === true)
    for (const row of contact.lists[list]) {
      // Whom one is related to cannot be oneself.
      if (list === 'relations' && ids.has(String(row.value['relatedContactId']))) continue
      const equal = before.get(row.key)
      if (equal) united[united.indexOf(equal)] = confirmed(equal, row, before)
      else united.push(primaryKnown && row.value['primary'] === true ? { ...row, value: { ...row.value, primary: false } } : row)
    }
  }
  return united.map((row, position) => ({ ...row, position }))
}

/** A value that another contact has as well: its sources speak for it too. */
function confirmed(row: Row, same: Row, known: Map<string, Row>): Row {
  const more = { ...row, sourceIds: [...new Set([...row.sourceIds, ...same.sourceIds])] }
  known.set(row.key, more)
  return more
}
