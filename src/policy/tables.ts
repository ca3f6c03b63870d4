import type { App } from '../app.ts'
import { getDatamodel } from '../db/generated/pothos.ts'
import type { Model } from './policy.ts'

/** A model as it lies in the database. */
export interface Table {
  model: Model
  /** The table's name in SQL. */
  table: string
  columns: readonly { name: string; type: string; list: boolean; required: boolean }[]
  /** The columns of the primary key. */
  key: readonly string[]
  /** The models that its rows point at by a foreign key. */
  pointsAt: readonly Model[]
}

const { models } = getDatamodel().datamodel
const known = new WeakMap<object, readonly Table[]>()

/** Every model of the Prisma schema, those that point at others before those they point at: the order in which rows can be deleted. */
export function tablesOf({ database: { prisma } }: Pick<App, 'database'>): readonly Table[] {
  const found = known.get(prisma)
  if (found) return found
  // The client's own data model is the one place at run time that has the names of @@map; its public face does not show them.
  const names = (prisma as unknown as { _runtimeDataModel: { models: Record<string, { dbName: string | null }> } })._runtimeDataModel.models
  const made = ordered(
    Object.entries(models).map(([model, { fields, primaryKey }]) => ({
      model: model as Model,
      table: names[model]?.dbName ?? model,
      columns: fields.filter(({ kind }) => kind === 'scalar').map(({ name, type, isList, isRequired }) => ({ name, type, list: isList, required: isRequired })),
      key: primaryKey?.fields ?? fields.filter(({ isId }) => isId).map(({ name }) => name),
      pointsAt: fields.filter((field) => field.kind === 'object' && (field.relationFromFields?.length ?? 0) > 0).map(({ type }) => type as Model),
    })),
  )
  known.set(prisma, made)
  return made
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
