import { InvalidInputError, type InputIssue } from '../core/errors.ts'
import type { ContactState, RemovedMark, Row, ScalarName, Scalars } from './state.ts'
import { nameParts } from './state.ts'
import { type Keyed, type ListName, listNames, tables } from './values.ts'

/** What the user changes of a contact: what is absent stays; a list replaces the list. */
export interface Edit {
  scalars: Partial<Scalars>
  lists: Partial<Record<ListName, readonly (Keyed & { id?: string | undefined })[]>>
}

/** What the rules need besides their input. */
export interface Means {
  newId: () => string
  removedMark: RemovedMark
}

/** The contact after the user's edit. Entries are matched by id, else by what they are recognised by, and keep their ids; what the user changes or takes away is marked, so that no sync or import undoes it. @throws InvalidInputError */
export function editContact(state: ContactState, edit: Edit, means: Means): ContactState {
  const scalars = { ...state.scalars, ...edit.scalars }
  const provenance = { ...state.provenance }
  for (const name of Object.keys(edit.scalars) as ScalarName[]) {
    if (scalars[name] !== state.scalars[name] || (scalars[name] !== null && !provenance[name])) provenance[name] = byHand(scalars[name])
  }
  // Once the user has written the name, what the contact is shown by follows that, whatever a source calls it.
  const renamed = Object.values(nameParts).some((column) => scalars[column] !== state.scalars[column])
  if (renamed && edit.scalars.displayName === undefined && provenance.displayName?.source !== 'MANUAL') {
    scalars.displayName = null
    provenance.displayName = byHand(null)
  }
  const removed = new Set(state.removed)
  const lists = { ...state.lists }
  const issues: InputIssue[] = []
  for (const list of listNames) {
    const entries = edit.lists[list]
    if (entries) lists[list] = replaceList(list, state.lists[list], entries, means, removed, issues)
  }
  if (issues.length > 0) throw new InvalidInputError(issues)
  return { ...state, scalars, provenance, lists, removed }
}

function byHand(value: Scalars[ScalarName]): { source: 'MANUAL'; edited: true; cleared?: true } {
  return { source: 'MANUAL', edited: true, ...(value === null ? { cleared: true } : {}) }
}

function replaceList(
  list: ListName,
  old: readonly Row[],
  entries: readonly (Keyed & { id?: string | undefined })[],
  means: Means,
  removed: Set<string>,
  issues: InputIssue[],
): Row[] {
  const matches = match(list, old, entries, issues)
  const kept = new Set(matches)
  for (const row of old) if (!kept.has(row) && isSourced(row)) removed.add(means.removedMark(list, row.key))
  const replaced = entries.map((entry, position): Row => {
    const row = matches[position]
    if (!row) {
      // A mark is a keyed hash, which costs more than all else here: most contacts have none.
      if (removed.size > 0) removed.delete(means.removedMark(list, entry.key))
      return { id: means.newId(), key: entry.key, value: entry.value, position, source: 'MANUAL', sourceIds: [], edited: false }
    }
    if (row.key !== entry.key && isSourced(row)) removed.add(means.removedMark(list, row.key))
    if (list === 'tags') return { ...row, position }
    return { ...row, key: entry.key, value: entry.value, position, edited: row.edited || differs(list, row, entry) }
  })
  return onePrimary(list, replaced, old.find((row) => row.value['primary'] === true)?.id)
}

function match(list: ListName, old: readonly Row[], entries: readonly (Keyed & { id?: string | undefined })[], issues: InputIssue[]): (Row | undefined)[] {
  const byId = new Map(old.map((row) => [row.id, row]))
  const matches = entries.map((entry, index) => {
    if (entry.id === undefined) return undefined
    const row = byId.get(entry.id)
    if (!row) issues.push({ path: [list, String(index), 'id'], message: 'The contact has no such entry, or it was named before.' })
    byId.delete(entry.id)
    return row
  })
  const free = [...byId.values()]
  return entries.map((entry, index) => {
    if (entry.id !== undefined) return matches[index]
    const at = free.findIndex((row) => row.key === entry.key)
    return at === -1 ? undefined : free.splice(at, 1)[0]
  })
}

/** Whether some source, not the user, brought a value. */
function isSourced(row: Row): boolean {
  return row.source !== 'MANUAL' || row.sourceIds.length > 0
}

// A value that only stops being the primary one was not edited; the one that takes its place was.
function differs(list: ListName, row: Row, entry: Keyed): boolean {
  return tables[list].visible.some((column) =>
    column === 'primary' ? entry.value[column] === true && row.value[column] !== true : row.value[column] !== entry.value[column],
  )
}

/** Leaves exactly one e-mail address and one phone number primary: the first that says so, else `preferredId`'s, else the first. */
export function onePrimary(list: ListName, rows: readonly Row[], preferredId: string | undefined): Row[] {
  if (list !== 'emails' && list !== 'phones') return [...rows]
  const primary = rows.find((row) => row.value['primary'] === true) ?? rows.find((row) => row.id === preferredId) ?? rows[0]
  return rows.map((row) => ((row.value['primary'] === true) === (row === primary) ? row : { ...row, value: { ...row.value, primary: row === primary } }))
}
