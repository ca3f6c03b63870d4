import { type CatalogueColumn, catalogue } from '../policy/catalogue.ts'
import type { AnyPolicy, Model } from '../policy/policy.ts'
import type { OwnerVault } from '../vault/vault.ts'
import type { ArchivedRecord } from './forms.ts'
import { refuse } from './readBag.ts'

/** Turns a record of an archive into a row of an owner: each value of its column's kind, sealed where the policy seals it. What no column is called is left out. @throws InvalidInputError */
export function rowOf(policy: AnyPolicy, record: ArchivedRecord, vault: OwnerVault): Record<string, unknown> {
  const { model } = policy
  const { columns, key } = catalogue[model]
  const id = key
    .filter((name) => name !== 'ownerId')
    .map((name) => String(record[name] as string | number))
    .join('/')
  const row: Record<string, unknown> = { ownerId: vault.ownerId }
  for (const column of columns) {
    const value = record[column.name]
    if (column.name === 'ownerId' || value === undefined || (value === null && !column.required)) continue
    row[column.name] = policy.columns[column.name]?.sealed
      ? vault.seal(`${model}.${column.name}`, id, textOf(model, column, value))
      : valueOf(model, column, value)
  }
  return row
}

function valueOf(model: Model, column: CatalogueColumn, value: unknown): unknown {
  if (!column.list) return one(model, column, value)
  return Array.isArray(value) ? value.map((each) => one(model, column, each)) : misfit(model, column)
}

function one(model: Model, column: CatalogueColumn, value: unknown): unknown {
  const { type } = column
  if (type === 'Json') return value
  if (type === 'Boolean') return typeof value === 'boolean' ? value : misfit(model, column)
  if (type === 'String') return textOf(model, column, value)
  if (type === 'Bytes') return value instanceof Uint8Array ? value : hexOf(model, column, value)
  if (type === 'DateTime') return instantOf(model, column, value)
  if (typeof value !== 'number' || !Number.isFinite(value)) return misfit(model, column)
  if (type === 'Float') return value
  if (!Number.isSafeInteger(value) || (type === 'Int' && Math.abs(value) > 2_147_483_647)) return misfit(model, column)
  return type === 'BigInt' ? BigInt(value) : value
}

// PostgreSQL holds no NUL in a text.
function textOf(model: Model, column: CatalogueColumn, value: unknown): string {
  return typeof value === 'string' && !value.includes('\0') && value.isWellFormed() ? value : misfit(model, column)
}

function hexOf(model: Model, column: CatalogueColumn, value: unknown): Uint8Array {
  return typeof value === 'string' && /^([0-9a-f]{2})*$/.test(value) ? Buffer.from(value, 'hex') : misfit(model, column)
}

function instantOf(model: Model, column: CatalogueColumn, value: unknown): Date {
  const date = typeof value === 'string' && /^\d{4}-\d{2}-\d{2}T/.test(value) ? new Date(value) : undefined
  return date && !Number.isNaN(date.getTime()) ? date : misfit(model, column)
}

function misfit(model: Model, { name }: CatalogueColumn): never {
  return refuse(`a record of ${model} has a ${name} that cannot be`)
}
