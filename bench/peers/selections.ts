import { type FieldNode, type GraphQLResolveInfo, Kind, type SelectionSetNode, valueFromASTUntyped } from 'graphql'

/** What is selected of a field: its arguments and its fields. */
export interface Selected {
  args: Record<string, any>
  fields: Map<string, Selected>
}

/** What the operation selects below a field, so that a resolver can fetch all of it at once. */
export function selectedIn(info: GraphQLResolveInfo): Selected {
  const [node] = info.fieldNodes
  return selectedOf(node!, info.variableValues)
}

function selectedOf(node: FieldNode, variables: Record<string, unknown>): Selected {
  const args = Object.fromEntries((node.arguments ?? []).map(({ name, value }) => [name.value, valueFromASTUntyped(value, variables)]))
  return { args, fields: new Map(fieldsOf(node.selectionSet).map((field) => [field.name.value, selectedOf(field, variables)])) }
}

function fieldsOf(set: SelectionSetNode | undefined): FieldNode[] {
  return (set?.selections ?? []).flatMap((each) => (each.kind === Kind.FIELD ? [each] : each.kind === Kind.INLINE_FRAGMENT ? fieldsOf(each.selectionSet) : []))
}
