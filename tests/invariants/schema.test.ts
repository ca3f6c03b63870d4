import { readFile } from 'node:fs/promises'
import {
  type GraphQLNamedType,
  isEnumType,
  isInputObjectType,
  isIntrospectionType,
  isObjectType,
  isInterfaceType,
  isSpecifiedScalarType,
  isUnionType,
  lexicographicSortSchema,
  printSchema,
} from 'graphql'
import { expect, test } from 'vitest'
import { policies } from '../../src/domains.ts'
import { printDataMap } from '../../src/policy/print.ts'
import { schema } from '../../src/schema.ts'

const read = (name: string): Promise<string> => readFile(new URL(`../../${name}`, import.meta.url), 'utf8')
const types = Object.values(schema.getTypeMap()).filter((type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type))

test('schema.graphql is what the code says: run `npm run generate`', async () => {
  expect(await read('schema.graphql')).toBe(`${printSchema(lexicographicSortSchema(schema))}\n`)
})

test('docs/data-map.md is what the policies say: run `npm run generate`', async () => {
  expect(await read('docs/data-map.md')).toBe(printDataMap(policies))
})

test('every type, field, argument, input and value has a description', () => {
  expect(types.flatMap(undescribed)).toEqual([])
})

function undescribed(type: GraphQLNamedType): string[] {
  // A result union is described by its field.
  const itself = type.description || isUnionType(type) ? [] : [type.name]
  if (isEnumType(type))
    return [
      ...itself,
      ...type
        .getValues()
        .filter(({ description }) => !description)
        .map(({ name }) => `${type.name}.${name}`),
    ]
  if (isInputObjectType(type))
    return [
      ...itself,
      ...Object.values(type.getFields())
        .filter(({ description }) => !description)
        .map(({ name }) => `${type.name}.${name}`),
    ]
  if (!isObjectType(type) && !isInterfaceType(type)) return itself
  return [
    ...itself,
    ...Object.values(type.getFields()).flatMap((field) => [
      ...(field.description ? [] : [`${type.name}.${field.name}`]),
      ...field.args.filter(({ description }) => !description).map(({ name }) => `${type.name}.${field.name}(${name}:)`),
    ]),
  ]
}

test('what was deprecated says what to use and until when it stays', () => {
  const reasons = types.flatMap((type) =>
    isObjectType(type) || isInterfaceType(type) || isInputObjectType(type)
      ? Object.values(type.getFields()).map(({ deprecationReason }) => deprecationReason)
      : [],
  )
  for (const reason of reasons.filter((each) => each != null)) expect(reason).toMatch(/^Use .+\. Removed after \d{4}-\d\d-\d\d\.$/)
})

test('each mutation answers a union named after it, whose errors are of the one interface', () => {
  for (const [name, field] of Object.entries(schema.getMutationType()?.getFields() ?? {})) {
    expect(String(field.type)).toBe(`${name.slice(0, 1).toUpperCase()}${name.slice(1)}Result!`)
    const union = schema.getType(`${name.slice(0, 1).toUpperCase()}${name.slice(1)}Result`)
    if (!isUnionType(union)) throw new Error(`${name} answers no union.`)
    for (const member of union.getTypes()) if (member.name.endsWith('Error')) expect(member.getInterfaces().map(String)).toEqual(['Error'])
  }
})
