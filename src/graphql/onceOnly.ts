import { getNamedType, type GraphQLCompositeType, type GraphQLSchema, isCompositeType, isUnionType, Kind, type SelectionSetNode } from 'graphql'
import type { Operation } from './operation.ts'

type Data = Record<string, unknown>

/** The answer without what is shown once: fields declared with `extensions: { onceOnly: true }` become null. */
export function withoutOnceOnly(schema: GraphQLSchema, operation: Operation, data: Data): Data {
  const root = schema.getRootType(operation.node.operation)
  const copy = structuredClone(data)
  if (root) clear(schema, operation, operation.node.selectionSet, root, [copy])
  return copy
}

function clear(schema: GraphQLSchema, operation: Operation, set: SelectionSetNode, type: GraphQLCompositeType, objects: Data[]): void {
  for (const node of set.selections) {
    if (node.kind === Kind.FIELD) {
      const field = isUnionType(type) ? undefined : type.getFields()[node.name.value]
      if (!field) continue
      const key = node.alias?.value ?? node.name.value
      const holders = objects.filter((object) => Object.hasOwn(object, key))
      const answered = getNamedType(field.type)
      if (field.extensions['onceOnly'] === true) for (const holder of holders) holder[key] = null
      else if (node.selectionSet && isCompositeType(answered))
        clear(
          schema,
          operation,
          node.selectionSet,
          answered,
          holders.flatMap((holder) => objectsOf(holder[key])),
        )
    } else {
      const within = node.kind === Kind.INLINE_FRAGMENT ? node : operation.fragments[node.name.value]
      const condition = within?.typeCondition ? schema.getType(within.typeCondition.name.value) : type
      // Objects of other types are gone through as well: what they do not have is not cleared.
      if (within && isCompositeType(condition)) clear(schema, operation, within.selectionSet, condition, objects)
    }
  }
}

function objectsOf(value: unknown): Data[] {
  if (Array.isArray(value)) return value.flatMap(objectsOf)
  return typeof value === 'object' && value !== null ? [value as Data] : []
}
