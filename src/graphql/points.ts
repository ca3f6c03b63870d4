import { complexityFromQuery } from '@pothos/plugin-complexity'
import { type DocumentNode, type GraphQLSchema, Kind, TypeInfo, visit, visitWithTypeInfo } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { RequestCtx } from './builder.ts'
import { pageCost } from './connection.ts'
import { defaultCost } from './fieldCost.ts'
import type { Operation } from './operation.ts'

/** How an operation's points are counted. */
interface Counting {
  /** The operation alone, without `__typename`, which costs nothing and which the counting would take for a field of its own. */
  readonly document: DocumentNode
  /** The variables by which the points go; null where nobody knows. */
  readonly names: readonly string[] | null
  readonly counted: LRUCache<string, number>
}

const countings = new WeakMap<Operation, Counting>()
/** For so many sizes of an operation's pages the points are remembered. */
const maxCounted = 8

/** The points of all that an operation can answer; remembered by the values that they go by. */
export function pointsOf(ctx: RequestCtx, operation: Operation, variables: Readonly<Record<string, unknown>>): number {
  const { schema } = ctx.app
  let counting = countings.get(operation)
  if (!counting) {
    const document = countable(operation)
    countings.set(operation, (counting = { document, names: namesIn(schema, document), counted: new LRUCache({ max: maxCounted }) }))
  }
  const { document, names, counted } = counting
  const count = (): number => complexityFromQuery(document, { schema, ctx, variables }).complexity
  // Null where an argument may not be null is found by counting.
  if (!names || Object.values(variables).includes(null)) return count()
  const key = JSON.stringify(names.map((name) => variables[name]))
  let points = counted.get(key)
  if (points === undefined) counted.set(key, (points = count()))
  return points
}

function countable({ document: { definitions }, node }: Operation): DocumentNode {
  const alone: DocumentNode = { kind: Kind.DOCUMENT, definitions: [node, ...definitions.filter(({ kind }) => kind === Kind.FRAGMENT_DEFINITION)] }
  return visit(alone, { Field: ({ name }) => (name.value === '__typename' ? null : undefined) })
}

/** The variables by which the points of a document go: those that size its pages. Null where a field counts in a way of its own. */
function namesIn(schema: GraphQLSchema, document: DocumentNode): string[] | null {
  const names = new Set<string>()
  let isKnown = true
  const types = new TypeInfo(schema)
  visit(
    document,
    visitWithTypeInfo(types, {
      Field: ({ arguments: args = [] }) => {
        const cost: unknown = types.getFieldDef()?.extensions['complexity']
        if (cost === pageCost) {
          for (const { name, value } of args) if (sizing.has(name.value) && value.kind === Kind.VARIABLE) names.add(value.name.value)
        } else if (typeof cost === 'function' && cost !== defaultCost) isKnown = false
      },
    }),
  )
  return isKnown ? [...names] : null
}

/** The arguments at which `pageCost` looks. */
const sizing = new Set(['first', 'last'])
