import { getDatamodel } from '../db/generated/pothos.ts'
import type { Model } from './policy.ts'

/** What kind of value a column holds, as Prisma names it. */
export type ColumnType = 'String' | 'Boolean' | 'Int' | 'BigInt' | 'Float' | 'DateTime' | 'Bytes' | 'Json'

/** A column as the Prisma schema has it. */
export interface CatalogueColumn {
  name: string
  type: ColumnType
  list: boolean
  required: boolean
}

/** A model as the Prisma schema has it. */
export interface CatalogueModel {
  model: Model
  /** The columns of the primary key. */
  key: readonly string[]
  columns: readonly CatalogueColumn[]
  /** The models that rows of it point at by a foreign key. */
  pointsAt: readonly Model[]
}

const { models } = getDatamodel().datamodel

/** Every model of the Prisma schema: what a policy says about a column is matched with what the column is. */
export const catalogue = Object.fromEntries(
  Object.entries(models).map(([model, { fields, primaryKey }]): [string, CatalogueModel] => [
    model,
    {
      model: model as Model,
      key: primaryKey?.fields ?? fields.filter(({ isId }) => isId).map(({ name }) => name),
      columns: fields
        .filter(({ kind }) => kind === 'scalar')
        .map(({ name, type, isList, isRequired }) => ({ name, type: type as ColumnType, list: isList, required: isRequired })),
      pointsAt: fields.filter((field) => field.kind === 'object' && (field.relationFromFields?.length ?? 0) > 0).map(({ type }) => type as Model),
    },
  ]),
) as Readonly<Record<Model, CatalogueModel>>
