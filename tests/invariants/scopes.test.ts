import { type GraphQLObjectType, isIntrospectionType, isObjectType } from 'graphql'
import { describe, expect, test } from 'vitest'
import { scopeOf } from '../../src/graphql/scopes.ts'
import { schema } from '../../src/schema.ts'
import { allScopes } from '../../src/tokens/scopes.ts'

const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()].filter((type) => type != null)
const objects = Object.values(schema.getTypeMap()).filter(
  (type): type is GraphQLObjectType => isObjectType(type) && !isIntrospectionType(type) && !roots.includes(type),
)

/** What everyone may read. */
const publicFields = new Set(['Query.dataMap', 'Query.signingKeys'])
/** Those that ask for no scope of their own: what lies behind them is checked by its type. */
const checkedByType = new Set(['Query.node', 'Query.nodes'])
/** Types that hold nothing of anybody's: errors, the page of a list, and the data map. */
const impersonal = new Set(['InputIssue', 'PageInfo', 'DataMapModel', 'DataMapColumn', 'SigningKey'])

describe.each(roots.map((type) => [type.name, type] as const))('%s', (name, type) => {
  test.each(Object.values(type.getFields()).map((field) => [field.name, field] as const))('%s says which scope it asks for', (field, declared) => {
    const scope = scopeOf(declared)
    if (publicFields.has(`${name}.${field}`)) expect(scope).toBe('public')
    else if (checkedByType.has(`${name}.${field}`)) expect(scope).toBe('signed-in')
    else expect(allScopes).toContain(scope)
  })
  if (name === 'Mutation')
    test('what changes something asks for a scope to write', () => {
      expect(
        Object.values(type.getFields())
          .filter((field) => !scopeOf(field)?.endsWith(':write'))
          .map((field) => field.name),
      ).toEqual([])
    })
})

test.each(objects.filter(({ name }) => !impersonal.has(name) && !name.endsWith('Error')).map((type) => [type.name, type] as const))(
  '%s, which holds somebody’s data, has a scope',
  (_name, type) => {
    expect(allScopes).toContain(scopeOf(type))
  },
)
