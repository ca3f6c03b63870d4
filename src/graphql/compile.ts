import { execute, type ExecutionResult, type GraphQLSchema } from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'
import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'
import type { RequestCtx } from './builder.ts'
import type { Operation } from './operation.ts'

/** Runs an operation. */
export type Execute = (operation: Operation, ctx: RequestCtx, variables: Record<string, unknown>) => Promise<ExecutionResult>

/** Runs operations by the interpreter. */
export function interpreter(schema: GraphQLSchema): Execute {
  return async ({ document, node }, ctx, variables) =>
    execute({ schema, document, contextValue: ctx, variableValues: variables, operationName: node.name?.value ?? null })
}

type Compiled = (root: unknown, ctx: RequestCtx, variables: Record<string, unknown>) => ExecutionResult | Promise<ExecutionResult>

/** Compiling takes milliseconds and running a compiled operation half the time: it pays once an operation comes again. */
export const compileAfter = 3
const maxCompiled = 500

/** Runs operations by the interpreter until each has been seen a few times, then compiled. `after: 1` compiles at once. */
export function compiler({ schema, log }: Pick<App, 'schema' | 'log'>, after = compileAfter): Execute {
  const interpret = interpreter(schema)
  const compiled = new LRUCache<Operation, Compiled>({ max: maxCompiled })
  const seen = new WeakMap<Operation, number>()

  const compile = (operation: Operation): Compiled => {
    const { document, node } = operation
    const query = compileQuery(schema, document, node.name?.value, { disablingCapturingStackErrors: true })
    log.debug({ operation: node.name?.value ?? 'unnamed' }, 'An operation was compiled.')
    if (isCompiledQuery(query)) return query.query as Compiled
    log.warn({ errors: query.errors?.map((error) => error.message) }, 'An operation cannot be compiled; it is interpreted.')
    return (_root, ctx, variables) => interpret(operation, ctx, variables)
  }
  return async (operation, ctx, variables) => {
    let run = compiled.get(operation)
    if (!run) {
      const times = (seen.get(operation) ?? 0) + 1
      seen.set(operation, times)
      if (times < after || introspects(operation)) return interpret(operation, ctx, variables)
      compiled.set(operation, (run = compile(operation)))
    }
    return run({}, ctx, variables)
  }
}

/** Introspection is asked rarely, and its resolvers live outside the schema. */
function introspects(operation: Operation): boolean {
  return operation.needs.introspects
}
