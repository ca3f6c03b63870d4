import {
  getNamedType,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLOutputType,
  isAbstractType,
  isInputObjectType,
  isLeafType,
  isObjectType,
  isRequiredArgument,
} from 'graphql'
import { schema } from '../../src/schema.ts'

/** A field of Query or Mutation. */
export interface RootField {
  kind: 'query' | 'mutation'
  name: string
  field: GraphQLField<unknown, unknown>
}

/** Every field of Query and Mutation. */
export const rootFields: readonly RootField[] = (['query', 'mutation'] as const).flatMap((kind) => {
  const type = kind === 'query' ? schema.getQueryType() : schema.getMutationType()
  return Object.entries(type?.getFields() ?? {}).map(([name, field]) => ({ kind, name, field }))
})

/** Where a field takes ids: the paths of all its arguments of type ID, such as `input.contactId`. */
export function idPaths({ field }: RootField): string[] {
  const walk = (path: string, type: GraphQLNamedType, above: readonly GraphQLNamedType[]): string[] => {
    if (type.name === 'ID') return [path]
    if (!isInputObjectType(type) || above.includes(type)) return []
    return Object.values(type.getFields()).flatMap((each) => walk(`${path}.${each.name}`, getNamedType(each.type), [...above, type]))
  }
  return field.args.flatMap((arg) => walk(arg.name, getNamedType(arg.type), []))
}

/** An operation of one root field, as `it`, that takes all arguments as variables and selects what can be selected without arguments, `depth` objects deep. */
export function operationOf({ kind, name, field }: RootField, depth = 1): string {
  const list = (texts: string[]): string => (texts.length > 0 ? `(${texts.join(', ')})` : '')
  const declared = list(field.args.map((arg) => `$${arg.name}: ${String(arg.type)}${arg.name === 'first' ? ' = 5' : ''}`))
  return `${kind} ${declared} { it: ${name}${list(field.args.map((arg) => `${arg.name}: $${arg.name}`))} ${selectionOf(field.type, depth)} }`
}

// What is named is left unselected where members of a union disagree about its type: no two aliases would fit all, and aliases are few.
function selectionOf(output: GraphQLOutputType, depth: number, without: readonly string[] = []): string {
  const type = getNamedType(output)
  if (isLeafType(type)) return ''
  if (isAbstractType(type)) {
    const members = schema.getPossibleTypes(type)
    const depthOfEach = members.length > 4 ? 0 : depth
    const disputed = members.flatMap((member) =>
      Object.values(member.getFields()).flatMap(({ name, type: own }) =>
        members.some((other) => String(other.getFields()[name]?.type ?? own) !== String(own)) ? [name] : [],
      ),
    )
    return `{ __typename ${members.map((member) => `... on ${member.name} ${selectionOf(member, depthOfEach, disputed)}`).join(' ')} }`
  }
  if (!isObjectType(type)) throw new Error(`Nothing can be selected of ${String(type)}.`)
  // What only wraps a page costs no depth.
  const wraps = /(Connection|Edge|Payload)$/.test(type.name)
  const fields = Object.values(type.getFields()).flatMap((field) => {
    if (field.args.some(isRequiredArgument) || field.name === 'edges' || without.includes(field.name)) return []
    const leaf = isLeafType(getNamedType(field.type))
    if (!leaf && depth === 0 && !wraps) return []
    const selected = selectionOf(field.type, wraps ? depth : depth - 1)
    return [`${field.name}${field.args.some(({ name }) => name === 'first') ? '(first: 2)' : ''} ${selected}`]
  })
  return `{ __typename ${fields.join(' ')} }`
}
