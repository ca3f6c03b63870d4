import { type DocumentNode, type FragmentDefinitionNode, type GraphQLSchema, Kind, type OperationDefinitionNode, type SelectionSetNode } from 'graphql'
import { type Needs, needsOf } from './scopes.ts'

/** One operation of a valid document, with what is known of it before it runs. */
export interface Operation {
  readonly document: DocumentNode
  readonly node: OperationDefinitionNode
  readonly fragments: Readonly<Record<string, FragmentDefinitionNode>>
  /** The names of its root fields, a field for each time it is selected. */
  readonly rootFields: readonly string[]
  /** What it asks of its caller. */
  readonly needs: Needs
}

/** The operations of a valid document. */
export function operationsOf(schema: GraphQLSchema, document: DocumentNode): Operation[] {
  const fragments: Record<string, FragmentDefinitionNode> = Object.create(null) as Record<string, FragmentDefinitionNode>
  for (const definition of document.definitions) if (definition.kind === Kind.FRAGMENT_DEFINITION) fragments[definition.name.value] = definition
  return document.definitions
    .filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
    .map((node) => ({ document, node, fragments, rootFields: rootFields(node.selectionSet, fragments), needs: needsOf(schema, node, fragments) }))
}

/** The operation of that name; without a name the only one, as GraphQL's GetOperation says. */
export function pickOperation(operations: readonly Operation[], name: string | null | undefined): Operation | null {
  if (name != null) return operations.find((operation) => operation.node.name?.value === name) ?? null
  return operations.length === 1 ? (operations[0] ?? null) : null
}

function rootFields(set: SelectionSetNode, fragments: Operation['fragments']): string[] {
  return set.selections.flatMap((node) => {
    if (node.kind === Kind.FIELD) return [node.name.value]
    const within = node.kind === Kind.INLINE_FRAGMENT ? node : fragments[node.name.value]
    return within ? rootFields(within.selectionSet, fragments) : []
  })
}
