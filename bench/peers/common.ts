import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { GraphQLScalarType } from 'graphql'

/** The schema that Apollo Server and Mercurius share. */
export const typeDefs = readFileSync(join(import.meta.dirname, 'schema.graphql'), 'utf8')

/** Instants as ISO 8601. */
export const DateTime = new GraphQLScalarType({
  name: 'DateTime',
  serialize: (value) => (value instanceof Date ? value.toISOString() : value),
  parseValue: (value) => new Date(value as string),
})

/** Resolvers for what is shaped otherwise than its row. */
export const shapes = {
  DateTime,
  Node: { __resolveType: (node: any) => node.__typename },
  ContactDate: { date: (date: any) => date },
  pageOf: (rows: any[], first: number) => {
    const nodes = rows.slice(0, first)
    return { nodes, pageInfo: { hasNextPage: rows.length > first, endCursor: nodes.at(-1)?.id ?? null } }
  },
  nameOf: (contact: any) => ({ given: contact.nameGiven, family: contact.nameFamily, nickname: contact.nameNickname }),
}

/** The type and row of the ids that `nodes` takes. */
export function decoded(ids: string[]): { type: string; id: string }[] {
  return ids.map((each) => {
    const [type = '', id = ''] = Buffer.from(each, 'base64url').toString('utf8').split(':')
    return { type, id }
  })
}
