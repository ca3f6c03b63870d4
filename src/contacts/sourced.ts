import { type Means, onePrimary } from './edit.ts'
import type { ContactState, Row, ScalarName, Scalars, SourceKind } from './state.ts'
import { type Keyed, type ListName, listNames, tables, type Value } from './values.ts'

/** What a source says of a contact, whole: what it does not say, it does not have. */
export interface SourcedValues {
  scalars: Readonly<Partial<Scalars>>
  lists: Readonly<Record<ListName, readonly Keyed[]>>
}

/** The source that speaks. */
export interface Speaker {
  kind: SourceKind
  sourceId: string
}

/** The fields that a source may fill. */
const sourcedScalars: readonly ScalarName[] = [
  'displayName',
  'namePrefix',
  'nameGiven',
  'nameMiddle',
  'nameFamily',
  'nameSuffix',
  'nameNickname',
  'namePhoneticGiven',
  'namePhoneticFamily',
  'about',
  'starred',
]

/**
 * The contact after a source has spoken: what is new comes in, what this source alone had brought and has no more goes.
 * What the user wrote, edited or took away stays as the user left it, and so does what another source brought.
 */
export function applySource(state: ContactState, said: SourcedValues, from: Speaker, means: Means): ContactState {
  const scalars = { ...state.scalars }
  const provenance = { ...state.provenance }
  for (const name of sourcedScalars) {
    const value = said.scalars[name] ?? (name === 'starred' ? false : null)
    const origin = provenance[name]
    const blank = scalars[name] === null || scalars[name] === false
    const mine = origin?.sourceId === from.sourceId && !origin.edited
    if (!mine && (origin?.edited || !blank)) continue
    Object.assign(scalars, { [name]: value })
    if (value === null || value === false) {
      if (mine) delete provenance[name]
    } else provenance[name] = { source: from.kind, sourceId: from.sourceId }
  }
  const lists = Object.fromEntries(listNames.map((list) => [list, mergeList(list, state.lists[list], said.lists[list], state.removed, from, means)])) as Record<
    ListName,
    Row[]
  >
  return { ...state, scalars, provenance, lists }
}

function mergeList(list: ListName, old: readonly Row[], said: readonly Keyed[], removed: ReadonlySet<string>, from: Speaker, means: Means): Row[] {
  // A contact has a tag or has it not.
  const pending = list === 'tags' ? said.filter(({ key }, index) => said.findIndex((other) => other.key === key) === index) : [...said]
  const kept: { row: Row; order: number }[] = []
  for (const row of old) {
    const at = bestMatch(pending, row)
    const value = at === -1 ? undefined : pending[at]
    if (value) {
      pending.splice(at, 1)
      kept.push({ row: confirmed(list, row, value, from), order: said.indexOf(value) })
    } else {
      const left = withdrawn(row, from)
      if (left) kept.push({ row: left, order: -1 })
    }
  }
  const added = pending
    .filter(({ key }) => removed.size === 0 || !removed.has(means.removedMark(list, key)))
    .map((entry) => ({
      order: said.indexOf(entry),
      row: { id: means.newId(), key: entry.key, value: entry.value, position: 0, source: from.kind, sourceIds: [from.sourceId], edited: false },
    }))
  const all = [...kept, ...added]
  // The source orders the list as long as nobody else has a hand in it.
  const alone = all.every(({ row, order }) => order !== -1 && !row.edited && row.source !== 'MANUAL' && row.sourceIds.length === 1)
  const ordered = (alone ? all.toSorted((left, right) => left.order - right.order) : all).map(({ row }, position) => ({ ...row, position }))
  return withPrimary(list, ordered, old)
}

function bestMatch(pending: readonly Keyed[], row: Row): number {
  const exact = pending.findIndex((entry) => entry.key === row.key && entry.value['label'] === row.value['label'])
  return exact === -1 ? pending.findIndex((entry) => entry.key === row.key) : exact
}

function confirmed(list: ListName, row: Row, said: Keyed, from: Speaker): Row {
  const sourceIds = row.sourceIds.includes(from.sourceId) ? row.sourceIds : [...row.sourceIds, from.sourceId]
  const speaksFirst = !row.edited && row.source !== 'MANUAL' && sourceIds[0] === from.sourceId
  return speaksFirst && list !== 'tags' ? { ...row, sourceIds, value: updated(list, row.value, said.value) } : { ...row, sourceIds }
}

// Which relation is which contact is the user's to say, not the source's.
function updated(list: ListName, old: Value, said: Value): Value {
  return list === 'relations' ? { ...said, relatedContactId: old['relatedContactId'] ?? null } : said
}

function withdrawn(row: Row, from: Speaker): Row | null {
  if (!row.sourceIds.includes(from.sourceId)) return row
  const sourceIds = row.sourceIds.filter((id) => id !== from.sourceId)
  return sourceIds.length > 0 || row.edited || row.source === 'MANUAL' ? { ...row, sourceIds } : null
}

/** The user's choice of a primary value stands; else the source's, else the one there was. */
function withPrimary(list: ListName, rows: readonly Row[], old: readonly Row[]): Row[] {
  if (!tables[list].visible.includes('primary')) return [...rows]
  const was = old.find((row) => row.value['primary'] === true)
  const chosen = rows.find((row) => row.id === was?.id && (row.edited || row.source === 'MANUAL'))
  if (!chosen) return onePrimary(list, rows, was?.id)
  return onePrimary(
    list,
    rows.map((row) => ({ ...row, value: { ...row.value, primary: row === chosen } })),
    chosen.id,
  )
}
