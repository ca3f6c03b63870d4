import {
  coerceInputValue,
  getVariableValues,
  GraphQLError,
  type GraphQLInputType,
  type GraphQLSchema,
  isInputType,
  isNonNullType,
  type OperationDefinitionNode,
  print,
  typeFromAST,
} from 'graphql'
import { refusal } from './refusal.ts'

const maxErrors = 5

/** Values of variables as they were given, and what they are by their types. */
const known = new WeakMap<Readonly<Record<string, unknown>>, { operation: OperationDefinitionNode; coerced: Readonly<Record<string, unknown>> | null }>()

/** The values of an operation's variables by their types, made once for the values of a request; null where one does not fit. */
export function coercedVariables(
  schema: GraphQLSchema,
  operation: OperationDefinitionNode,
  given: Readonly<Record<string, unknown>>,
): Readonly<Record<string, unknown>> | null {
  const found = known.get(given)
  if (found?.operation === operation) return found.coerced
  const coerced = getVariableValues(schema, operation.variableDefinitions ?? [], given).coerced ?? null
  known.set(given, { operation, coerced })
  return coerced
}

/** What is wrong with the variables; none when they fit their types. The messages name the variable, the place and the type, never the value. */
export function variableErrors(schema: GraphQLSchema, operation: OperationDefinitionNode, variables: Readonly<Record<string, unknown>>): GraphQLError[] {
  if (coercedVariables(schema, operation, variables)) return []
  const errors: GraphQLError[] = []
  try {
    for (const definition of operation.variableDefinitions ?? []) {
      const name = definition.variable.name.value
      const type = typeFromAST(schema, definition.type as never) as GraphQLInputType | undefined
      if (!type || !isInputType(type)) continue
      if (!Object.hasOwn(variables, name)) {
        if (!definition.defaultValue && isNonNullType(type)) errors.push(fault(`The variable "$${name}" of type ${print(definition.type)} is missing.`))
        continue
      }
      coerceInputValue(variables[name], type, (path, _value, error) => {
        errors.push(fault(`The variable "${[`$${name}`, ...path].join('.')}" does not fit its type: ${withoutValue(error.message)}`))
        if (errors.length === maxErrors) throw enough
      })
    }
  } catch (error) {
    if (error !== enough) throw error
  }
  return errors
}

/** Ends the search for errors in a long list. */
const enough = new Error('These are enough errors.')

function fault(message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { ...refusal('BAD_USER_INPUT', '').extensions, http: { status: 400, spec: true } } })
}

/** graphql-js quotes the value that does not fit; what is expected is enough. */
function withoutValue(message: string): string {
  const expected = /^Expected (?:non-nullable )?type "([^"]+)"/.exec(message)
  if (expected) return `${expected[1]} is expected.`
  const missing = /^Field "([^"]+)" of required type "([^"]+)" was not provided\.$/.exec(message)
  if (missing) return `${missing[1]} of type ${missing[2]} is missing.`
  const unknown = /^Field "[^"]*" is not defined by type "([^"]+)"/.exec(message)
  if (unknown) return `a field is not defined by ${unknown[1]}.`
  const choice = /(?:in "([^"]+)" enum|Enum "([^"]+)")/.exec(message)
  if (choice) return `a value of ${choice[1] ?? choice[2]} is expected.`
  const scalar = /^(\w+) cannot represent/.exec(message)
  return scalar ? `${scalar[1]} is expected.` : 'another type is expected.'
}
