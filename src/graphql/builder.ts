import SchemaBuilder from '@pothos/core'
import ComplexityPlugin from '@pothos/plugin-complexity'
import ErrorsPlugin from '@pothos/plugin-errors'
import PrismaPlugin from '@pothos/plugin-prisma'
import RelayPlugin from '@pothos/plugin-relay'
import ScopeAuthPlugin from '@pothos/plugin-scope-auth'
import { DateResolver, DateTimeResolver } from 'graphql-scalars'
import { GraphQLError } from 'graphql'
import type { Ctx, Scope } from '../core/ctx.ts'
import { getDatamodel } from '../db/generated/pothos.ts'
import type PrismaTypes from '../db/generated/pothos.ts'
import { encodeId } from './globalIds.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { defaultCost } from './fieldCost.ts'

/** A request's ctx, with the owner's vault at hand so that sealed fields open without waiting. */
export interface RequestCtx extends Ctx {
  /** The signed-in owner's vault; null for an anonymous request. */
  readonly vault: OwnerVault | null
  /** What the operation has cost besides the objects of its answer; a field whose work does not show in them adds to it. */
  readonly work: { points: number }
}

/** What a root field asks of its caller: a scope, a signed-in caller whose selected types are checked instead, or nothing. */
export type FieldScope = Scope | 'signed-in' | 'public'

export interface BuilderTypes {
  PrismaTypes: PrismaTypes
  Context: RequestCtx
  DefaultAuthStrategy: 'all'
  DefaultFieldNullability: false
  AuthScopes: { signedIn: boolean; public: boolean }
  Scalars: {
    DateTime: { Input: Date; Output: Date }
    Date: { Input: Date; Output: Date | string }
    ID: { Input: string; Output: string }
  }
}

/** The schema under construction; each domain's schema.ts adds its types and fields to it by importing it. */
export const builder = new SchemaBuilder<BuilderTypes>({
  plugins: [ErrorsPlugin, ScopeAuthPlugin, RelayPlugin, PrismaPlugin, ComplexityPlugin],
  defaultFieldNullability: false,
  scopeAuth: {
    defaultStrategy: 'all',
    authScopes: (ctx) => ({ signedIn: ctx.actor.kind !== 'anonymous', public: true }),
    unauthorizedError: () =>
      new GraphQLError('Sign in, or send an API token in the Authorization header.', { extensions: { code: 'UNAUTHENTICATED', http: { status: 401 } } }),
  },
  errors: {
    defaultTypes: [],
    directResult: true,
    defaultUnionOptions: { name: ({ fieldName }) => `${fieldName.slice(0, 1).toUpperCase()}${fieldName.slice(1)}Result` },
  },
  prisma: { client: (ctx) => ctx.db as never, dmmf: getDatamodel(), onUnusedQuery: null },
  relay: {
    encodeGlobalID: (typename, id) => encodeId(typename, String(id)),
    // nodes.ts defines both: the plugin's own fail the whole list for one malformed id
    nodeQueryOptions: false,
    nodesQueryOptions: false,
    nodeTypeOptions: { description: 'A thing with an id that `node` finds again.' },
    idFieldOptions: { description: 'Opaque and stable.' },
    pageInfoTypeOptions: { description: 'Where a page stands in its list.' },
    hasNextPageFieldOptions: { description: 'Whether more follow.' },
    hasPreviousPageFieldOptions: { description: 'Whether others come before.' },
    startCursorFieldOptions: { description: 'The cursor of the first edge; null on an empty page.' },
    endCursorFieldOptions: { description: 'The cursor of the last edge; null on an empty page.' },
  },
  complexity: { fieldComplexity: defaultCost },
})

builder.addScalarType('DateTime', DateTimeResolver)
builder.addScalarType('Date', DateResolver)
builder.queryType({ description: 'What can be read.', authScopes: { signedIn: true } })
builder.subscriptionType({ description: 'What can be followed, as server-sent events.', authScopes: { signedIn: true } })
builder.mutationType({
  description: 'What can be changed. Each mutation answers a union of its result and the errors that it can give.',
  authScopes: { signedIn: true },
})
