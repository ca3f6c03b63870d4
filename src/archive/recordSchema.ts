import type { PlannedColumn, PlannedModel } from '../policy/exportPlan.ts'

/** The JSON Schema (2020-12) of a model's records. */
export function recordSchema({ model, about, columns }: PlannedModel): object {
  return {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    $id: `urn:kith:archive:1:${model}`,
    title: model,
    description: about,
    type: 'object',
    properties: Object.fromEntries(columns.map((column) => [column.name, schemaOf(column)])),
    required: columns.map(({ name }) => name),
    additionalProperties: false,
  }
}

const types = {
  String: { type: 'string' },
  Boolean: { type: 'boolean' },
  Int: { type: 'integer' },
  BigInt: { type: 'integer' },
  Float: { type: 'number' },
  DateTime: { type: 'string', format: 'date-time' },
  Bytes: { type: 'string', pattern: '^([0-9a-f]{2})*$' },
} as const

function schemaOf({ type, list, required, opened }: PlannedColumn): object {
  if (type === 'Json') return {}
  const one = opened ? types.String : types[type]
  if (list) return { type: 'array', items: one }
  return required ? one : { ...one, type: [one.type, 'null'] }
}
