import { type ContactState, nameParts, type ScalarName, scalarNames } from './state.ts'
import { type ListName, listNames, tables } from './values.ts'

/** The fields of the API in which two states of a contact differ, as events name them. */
export function changedFields(before: ContactState, after: ContactState): string[] {
  const scalars = scalarNames.filter((name) => before.scalars[name] !== after.scalars[name]).map(fieldOf)
  return [...new Set([...scalars, ...listNames.filter((list) => listDiffers(list, before, after))])]
}

const nameColumns: ReadonlySet<string> = new Set(Object.values(nameParts))

function fieldOf(name: ScalarName): string {
  return nameColumns.has(name) ? 'name' : name
}

function listDiffers(list: ListName, before: ContactState, after: ContactState): boolean {
  const [old, now] = [before.lists[list], after.lists[list]]
  if (old.length !== now.length) return true
  return now.some((row, index) => {
    const was = old[index]
    return was?.id !== row.id || tables[list].visible.some((column) => was.value[column] !== row.value[column])
  })
}
