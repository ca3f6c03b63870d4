import type { App } from '../app.ts'
import type { DistributableTable } from '../db/distribution/step.ts'
import { catalogue, type CatalogueModel } from './catalogue.ts'
import type { AnyPolicy } from './policy.ts'

/** A model as it lies in the database. */
export interface Table extends CatalogueModel {
  /** The table's name in SQL. */
  table: string
}

const known = new WeakMap<object, readonly Table[]>()

/** Every model of the Prisma schema, those that point at others before those they point at: the order in which rows can be deleted. */
export function tablesOf({ database: { prisma } }: Pick<App, 'database'>): readonly Table[] {
  const found = known.get(prisma)
  if (found) return found
  // The client's own data model is the one place at run time that has the names of @@map; its public face does not show them.
  const names = (prisma as unknown as { _runtimeDataModel: { models: Record<string, { dbName: string | null }> } })._runtimeDataModel.models
  const made = ordered(Object.values(catalogue).map((each) => ({ ...each, table: names[each.model]?.dbName ?? each.model })))
  known.set(prisma, made)
  return made
}

/** Every table with what its policy says of its owner, those that others point at before those: the order in which they can be distributed. */
export function distributable(app: Pick<App, 'database'>, policies: Readonly<Record<string, AnyPolicy>>): DistributableTable[] {
  return tablesOf(app)
    .toReversed()
    .map(({ model, table }) => ({ name: table, owned: policies[model]?.owned ?? false }))
}

function ordered(given: readonly Table[]): Table[] {
  const left = given.toSorted((one, other) => one.model.localeCompare(other.model))
  const sorted: Table[] = []
  while (left.length > 0) {
    const next = left.findIndex(({ model }) => !left.some((other) => other.model !== model && other.pointsAt.includes(model)))
    if (next === -1) throw new Error(`The models ${left.map(({ model }) => model).join(', ')} point at each other.`)
    sorted.push(...left.splice(next, 1))
  }
  return sorted
}
