import {
  type ArgumentNode,
  type DirectiveNode,
  type FieldNode,
  type GraphQLObjectType,
  type GraphQLSchema,
  isAbstractType,
  Kind,
  type SelectionSetNode,
  visit,
} from 'graphql'
import type { Operation } from './operation.ts'
import { Unplanned } from './planning.ts'

/** Values of variables, coerced. */
export type Variables = Readonly<Record<string, unknown>>

/** The fields selected on an object, by the names under which they are answered: as GraphQL's CollectFields. */
export type Selected = ReadonlyMap<string, readonly FieldNode[]>

/** Collects what is selected on an object of a type, @skip and @include heeded. */
export function selectedOn(
  schema: GraphQLSchema,
  { fragments }: Pick<Operation, 'fragments'>,
  type: GraphQLObjectType,
  sets: readonly SelectionSetNode[],
  variables: Variables,
): Selected {
  const found = new Map<string, FieldNode[]>()
  const visited = new Set<string>()
  const applies = (condition: string | undefined): boolean => {
    if (condition === undefined || condition === type.name) return true
    const named = schema.getType(condition)
    return isAbstractType(named) && schema.isSubType(named, type)
  }
  const collect = (set: SelectionSetNode): void => {
    for (const node of set.selections) {
      if (!isIncluded(node.directives ?? [], variables)) continue
      if (node.kind === Kind.FIELD) {
        const key = node.alias?.value ?? node.name.value
        const nodes = found.get(key)
        if (nodes) nodes.push(node)
        else found.set(key, [node])
      } else if (node.kind === Kind.INLINE_FRAGMENT) {
        if (applies(node.typeCondition?.name.value)) collect(node.selectionSet)
      } else if (!visited.has(node.name.value)) {
        visited.add(node.name.value)
        const fragment = fragments[node.name.value]
        if (fragment && applies(fragment.typeCondition.name.value)) collect(fragment.selectionSet)
      }
    }
  }
  sets.forEach(collect)
  return found
}

/** What is selected within fields that are answered under one name. */
export function setsOf(nodes: readonly FieldNode[]): SelectionSetNode[] {
  return nodes.flatMap(({ selectionSet }) => selectionSet ?? [])
}

function isIncluded(directives: readonly DirectiveNode[], variables: Variables): boolean {
  return directives.every(({ name, arguments: args }) => {
    const condition = args?.[0]?.value
    const holds = condition?.kind === Kind.VARIABLE ? variables[condition.name.value] : condition?.kind === Kind.BOOLEAN && condition.value
    // What is wrong with it, the plain way says.
    if (typeof holds !== 'boolean') throw new Unplanned()
    return name.value === 'skip' ? !holds : name.value !== 'include' || holds
  })
}

/** Arguments of lists that decide how a statement reads, and not only with what values. */
export const shaping: ReadonlySet<string> = new Set(['first', 'after', 'before', 'last'])

/** What of an operation's variables decides what a plan of it looks like, and thus which of its plans is meant. */
export function shapeOf({ node, document }: Operation): (variables: Variables) => string {
  const names = new Set<string>()
  const add = ({ value }: ArgumentNode): void => {
    if (value.kind === Kind.VARIABLE) names.add(value.name.value)
  }
  visit(document, {
    Directive: ({ arguments: args }) => args?.forEach(add),
    Argument: (arg) => {
      if (shaping.has(arg.name.value)) add(arg)
    },
  })
  if (names.size === 0 || !node.variableDefinitions?.length) return () => ''
  return (variables) => [...names].map((name) => (typeof variables[name] === 'string' ? 'text' : JSON.stringify(variables[name]))).join()
}
