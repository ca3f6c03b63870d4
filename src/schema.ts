import { builder } from './graphql/builder.ts'
import './domains.ts'

/** The GraphQL schema; every domain's schema.ts has added its part by being imported. */
export const schema = builder.toSchema()
