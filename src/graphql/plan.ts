import { GraphQLError, type GraphQLSchema } from 'graphql'
import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'
import { ownerOf } from '../core/ctx.ts'
import { tookTooLong } from '../db/errors.ts'
import { PageError } from '../db/keyset.ts'
import type { Execute } from './compile.ts'
import type { Operation } from './operation.ts'
import { objectCounts } from './objectCounts.ts'
import { type Run, Unplanned } from './planning.ts'
import { type Root, rootOf } from './planRoots.ts'
import { selectedOn, shapeOf, type Variables } from './planSelection.ts'
import { coercedVariables } from './variables.ts'

/** An operation's roots, by the names under which they are answered. */
type Plan = readonly { key: string; root: Root }[]

/** What is known of an operation: its plans by shape, null where the plain way is the way. */
interface Known {
  shape: (variables: Variables) => string
  plans: LRUCache<string, { plan: Plan | null }>
}

/** Of so many shapes of an operation the plans are kept. */
const maxShapes = 8

/**
 * Runs queries of which every field says how it is read: the whole of a list in one statement, and without the executor. Whatever else there is, and
 * whatever does not come as expected, goes the plain way, which answers the same.
 */
export function planner({ schema, log }: Pick<App, 'schema' | 'log'>, plain: Execute): Execute {
  const known = new WeakMap<Operation, Known>()
  const warn = (operation: Operation, error: unknown): void => {
    // The caller is told by the plain way what is wrong with the request.
    if (error instanceof Unplanned || error instanceof PageError || error instanceof GraphQLError) return
    log.warn({ err: error, operation: operation.node.name?.value ?? 'unnamed' }, 'A planned read failed; it goes the plain way.')
  }
  const planOf = (operation: Operation, variables: Variables): { plan: Plan | null } => {
    let about = known.get(operation)
    if (!about) known.set(operation, (about = { shape: shapeOf(operation), plans: new LRUCache({ max: maxShapes }) }))
    const shape = about.shape(variables)
    let found = about.plans.get(shape)
    if (!found) {
      found = { plan: null }
      try {
        found.plan = makePlan(schema, operation, variables)
      } catch (error) {
        warn(operation, error)
      }
      about.plans.set(shape, found)
    }
    return found
  }
  return async (operation, ctx, given) => {
    const { node } = operation
    if (node.operation !== 'query' || ctx.unit || ctx.actor.kind === 'anonymous' || operation.needs.introspects) return plain(operation, ctx, given)
    const variables = coercedVariables(schema, node, given) ?? {}
    const found = planOf(operation, variables)
    const { plan } = found
    if (!plan) return plain(operation, ctx, given)
    try {
      const run: Run = { ctx, ownerId: ownerOf(ctx), variables, made: { objects: 0 } }
      const data = await answer(plan, run)
      objectCounts.set(data, run.made.objects)
      return { data }
    } catch (error) {
      // What took too long is not tried again by another way.
      if (tookTooLong(error)) return { data: null, errors: [new GraphQLError('', { originalError: error as Error })] }
      warn(operation, error)
      // What a plan meets and cannot answer it would meet again.
      if (error instanceof Unplanned) found.plan = null
      return plain(operation, ctx, given)
    }
  }
}

/** @throws Unplanned */
function makePlan(schema: GraphQLSchema, operation: Operation, variables: Variables): Plan {
  const query = schema.getQueryType()
  if (!query) throw new Unplanned()
  return [...selectedOn(schema, operation, query, [operation.node.selectionSet], variables)].map(([key, nodes]) => {
    const name = nodes[0]?.name.value ?? ''
    if (name === '__typename') return { key, root: async () => query.name }
    const field = query.getFields()[name]
    if (!field) throw new Unplanned()
    return { key, root: rootOf({ schema, operation, variables }, field, nodes) }
  })
}

async function answer(plan: Plan, run: Run): Promise<Record<string, unknown>> {
  const values = await Promise.all(plan.map(({ root }) => root(run)))
  return Object.fromEntries(plan.map(({ key }, index) => [key, values[index]]))
}
