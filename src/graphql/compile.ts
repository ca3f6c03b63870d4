import {
  type DocumentNode,
  execute,
  type ExecutionResult,
  GraphQLScalarType,
  GraphQLSchema,
  isAbstractType,
  Kind,
  type NamedTypeNode,
  print,
  type VariableDefinitionNode,
} from 'graphql'
import { compileQuery, isCompiledQuery } from 'graphql-jit'
import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'
import type { RequestCtx } from './builder.ts'
import type { Operation } from './operation.ts'
import { coercedVariables } from './variables.ts'

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
  passAbstractTypes(schema)
  const config = schema.toConfig()
  const compilable = new GraphQLSchema({ ...config, types: [...config.types, Coerced], assumeValid: true })
  const interpret = interpreter(schema)
  const compiled = new LRUCache<Operation, Compiled>({ max: maxCompiled })
  const seen = new WeakMap<Operation, number>()

  const interpreted = (operation: Operation, why: unknown): Compiled => {
    log.warn({ err: why, operation: operation.node.name?.value ?? 'unnamed' }, 'An operation cannot be compiled; it is interpreted.')
    return (_root, ctx, variables) => interpret(operation, ctx, variables)
  }
  const compile = (operation: Operation): Compiled => {
    const { node } = operation
    const query = compileQuery(compilable, withCoercedVariables(operation), node.name?.value, { disablingCapturingStackErrors: true })
    if (!isCompiledQuery(query)) return interpreted(operation, query.errors?.[0])
    log.debug({ operation: node.name?.value ?? 'unnamed' }, 'An operation was compiled.')
    const run = query.query as Compiled
    return (root, ctx, variables) => run(root, ctx, coercedVariables(schema, node, variables) ?? {})
  }
  return async (operation, ctx, variables) => {
    let run = compiled.get(operation)
    if (!run) {
      const times = (seen.get(operation) ?? 0) + 1
      seen.set(operation, times)
      if (times < after || introspects(operation)) return interpret(operation, ctx, variables)
      compiled.set(operation, (run = compile(operation)))
    }
    try {
      return await run({}, ctx, variables)
    } catch (error) {
      // Errors of fields are part of the answer: this one is of the compiled code. What changes something is not run twice.
      compiled.set(operation, interpreted(operation, error))
      if (operation.node.operation !== 'query') throw error
      return interpret(operation, ctx, variables)
    }
  }
}

/** Values that graphql-js has coerced already. */
const Coerced = new GraphQLScalarType({ name: 'Coerced' })

/** graphql-jit compiles a reader for each variable, and does not come to an end where an input type contains itself, as filters do: graphql-js reads them instead. Booleans stay, because @skip and @include look at their type. */
function withCoercedVariables({ document, node }: Operation): DocumentNode {
  const variableDefinitions = node.variableDefinitions?.map((definition): VariableDefinitionNode => {
    const { type, variable } = definition
    return print(type).startsWith('Boolean')
      ? { kind: Kind.VARIABLE_DEFINITION, variable, type }
      : { kind: Kind.VARIABLE_DEFINITION, variable, type: coercedType }
  })
  return {
    ...document,
    definitions: document.definitions.map((definition) =>
      definition === node ? { ...node, ...(variableDefinitions ? { variableDefinitions } : {}) } : definition,
    ),
  }
}

const coercedType: NamedTypeNode = { kind: Kind.NAMED_TYPE, name: { kind: Kind.NAME, value: Coerced.name } }

const passing = new WeakSet<GraphQLSchema>()

/** graphql-js calls `resolveType` with the abstract type as its fourth argument, on which Pothos relies; graphql-jit leaves it out. */
function passAbstractTypes(schema: GraphQLSchema): void {
  if (passing.has(schema)) return
  passing.add(schema)
  for (const type of Object.values(schema.getTypeMap())) {
    const resolveType = isAbstractType(type) ? type.resolveType : null
    if (isAbstractType(type) && resolveType) type.resolveType = (value, ctx, info, abstractType = type) => resolveType(value, ctx, info, abstractType)
  }
}

/** Introspection is asked rarely, and its resolvers live outside the schema. */
function introspects(operation: Operation): boolean {
  return operation.needs.introspects
}
