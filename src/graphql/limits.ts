import {
  type DocumentNode,
  type FragmentDefinitionNode,
  type GraphQLError,
  Kind,
  type OperationDefinitionNode,
  type SelectionNode,
  type SelectionSetNode,
} from 'graphql'
import { refusal } from './refusal.ts'

/** How large a document may be; fragments count wherever they are spread. */
export const documentLimits = {
  tokens: 1000,
  depth: 10,
  aliases: 15,
  directives: 20,
  fields: 300,
  rootFields: 10,
  /** graphql-js's own introspection query unwraps a type nine times. */
  ofType: 9,
} as const

/** The size of an operation with its fragments spread out. */
interface Size {
  depth: number
  /** Fields side by side at this level. */
  width: number
  aliases: number
  directives: number
  fields: number
  /** The longest chain of `ofType` in a row; it leaves the depth alone, since nothing branches there. */
  ofType: number
  /** How many of introspection's lists of types and fields lie inside one another. */
  introspectedLists: number
  introspects: boolean
}

const nothing: Size = { depth: 0, width: 0, aliases: 0, directives: 0, fields: 0, ofType: 0, introspectedLists: 0, introspects: false }
const introspectionLists = new Set(['fields', 'inputFields', 'interfaces', 'possibleTypes'])

/** Why an operation is too large to run, before any of it is validated; empty when it is not. */
export function limitErrors(document: DocumentNode): GraphQLError[] {
  const fragments = new Map(
    document.definitions.flatMap((definition) => (definition.kind === Kind.FRAGMENT_DEFINITION ? [[definition.name.value, definition]] : [])),
  )
  const operations = document.definitions.filter((definition) => definition.kind === Kind.OPERATION_DEFINITION)
  return operations.flatMap((operation) => operationErrors(operation, fragments))
}

function operationErrors(operation: OperationDefinitionNode, fragments: ReadonlyMap<string, FragmentDefinitionNode>): GraphQLError[] {
  const measure = measurer(fragments)
  const size = measure(operation.selectionSet)
  const variables = operation.variableDefinitions ?? []
  const directives = size.directives + [operation, ...variables].reduce((sum, node) => sum + (node.directives?.length ?? 0), 0)
  return [
    ...over('depth', size.depth, documentLimits.depth),
    ...over('number of aliases', size.aliases, documentLimits.aliases),
    ...over('number of directives', directives, documentLimits.directives),
    ...over('number of fields', size.fields, documentLimits.fields),
    ...over(operation.operation === 'mutation' ? 'number of mutations' : 'number of root fields', size.width, documentLimits.rootFields),
    ...(size.introspects ? [...over('depth of ofType', size.ofType, documentLimits.ofType), ...over('depth of introspection', size.introspectedLists, 1)] : []),
  ]
}

function over(what: string, found: number, most: number): GraphQLError[] {
  return found > most ? [refusal('GRAPHQL_VALIDATION_FAILED', `The document's ${what} is more than ${most}.`)] : []
}

/** Measures a selection set. Each fragment is measured once, however often it is spread; one that spreads itself is left to validation. */
function measurer(fragments: ReadonlyMap<string, FragmentDefinitionNode>): (set: SelectionSetNode) => Size {
  const measured = new Map<string, Size>()
  const measureSet = (set: SelectionSetNode): Size => set.selections.map(measureNode).reduce(beside, nothing)
  const measureFragment = (name: string): Size => {
    const known = measured.get(name)
    if (known) return known
    measured.set(name, nothing)
    const fragment = fragments.get(name)
    const size = fragment ? measureSet(fragment.selectionSet) : nothing
    const whole = { ...size, directives: size.directives + (fragment?.directives?.length ?? 0) }
    measured.set(name, whole)
    return whole
  }
  const measureNode = (node: SelectionNode): Size => {
    const directives = node.directives?.length ?? 0
    if (node.kind === Kind.FRAGMENT_SPREAD) return beside({ ...nothing, directives }, measureFragment(node.name.value))
    const below = node.selectionSet ? measureSet(node.selectionSet) : nothing
    if (node.kind === Kind.INLINE_FRAGMENT) return beside({ ...nothing, directives }, below)
    const unwraps = node.name.value === 'ofType'
    return {
      depth: below.depth + (unwraps ? 0 : 1),
      width: 1,
      aliases: below.aliases + (node.alias ? 1 : 0),
      directives: below.directives + directives,
      fields: below.fields + 1,
      ofType: unwraps ? below.ofType + 1 : below.ofType,
      introspectedLists: below.introspectedLists + (introspectionLists.has(node.name.value) ? 1 : 0),
      introspects: below.introspects || node.name.value === '__schema' || node.name.value === '__type',
    }
  }
  return measureSet
}

function beside(left: Size, right: Size): Size {
  return {
    depth: Math.max(left.depth, right.depth),
    width: left.width + right.width,
    aliases: left.aliases + right.aliases,
    directives: left.directives + right.directives,
    fields: left.fields + right.fields,
    ofType: Math.max(left.ofType, right.ofType),
    introspectedLists: Math.max(left.introspectedLists, right.introspectedLists),
    introspects: left.introspects || right.introspects,
  }
}
