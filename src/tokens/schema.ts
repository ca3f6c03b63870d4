import { ForbiddenError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { ApiToken as ApiTokenRow } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { rowId } from '../graphql/globalIds.ts'
import { owned } from '../graphql/nodes.ts'
import { refusal } from '../graphql/refusal.ts'
import { allScopes, isScope } from './scopes.ts'
import * as tokens from './service.ts'

const doing = { read: 'Read', write: 'Change' } as const
const things: Record<string, string> = {
  contacts: 'contacts and what hangs on them',
  notes: 'notes',
  reminders: 'reminders',
  interactions: 'interactions',
  privacy: 'consents and privacy requests',
  account: 'the account, its sessions and its tokens',
  google: 'the connection to Google',
}

const TokenScope = builder.enumType('TokenScope', {
  description: 'What a token may do.',
  values: Object.fromEntries(
    allScopes.map((scope) => {
      const [thing = '', deed = 'read'] = scope.split(':')
      return [scope.toUpperCase().replace(':', '_'), { value: scope, description: `${doing[deed as keyof typeof doing]} ${things[thing]}.` }]
    }),
  ),
})

const ApiToken = builder.prismaNode('ApiToken', {
  ...owned('ApiToken', async (ctx, _ownerId, ids) => (await tokens.listTokens(ctx)).filter((token) => ids.includes(token.id))),
  description: 'A token by which a program acts for the account. Its text is shown once, when it is made.',
  extensions: { scope: 'account:read' },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'What it is for, in its owner’s words.' }),
    prefix: t.exposeString('prefix', { description: 'How its text begins.' }),
    scopes: t.field({ type: [TokenScope], description: 'What it may do.', resolve: (token) => token.scopes.filter(isScope) as never }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it was made.' }),
    expiresAt: t.expose('expiresAt', { type: 'DateTime', description: 'When it ends.' }),
    lastUsedAt: t.expose('lastUsedAt', { type: 'DateTime', nullable: true, description: 'When it was last used, to five minutes; null if never.' }),
  }),
})

const ApiTokenCreated = builder.objectRef<{ apiToken: ApiTokenRow; token: string }>('ApiTokenCreated').implement({
  description: 'A new token, and its text for this one time.',
  extensions: { scope: 'account:read' },
  fields: (t) => ({
    apiToken: t.field({ type: ApiToken, description: 'The token.', resolve: (created) => created.apiToken }),
    token: t.exposeString('token', {
      nullable: true,
      description:
        'Its text, for the Authorization header after "Bearer". It is stored nowhere: keep it now. Null when the answer of an earlier request is repeated.',
      extensions: { onceOnly: true },
    }),
  }),
})

const ApiTokenCreateInput = builder.inputType('ApiTokenCreateInput', {
  description: 'A new token.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'What it is for; at most 100 characters.' }),
    scopes: t.field({ type: [TokenScope], required: true, description: 'What it may do; at least one.' }),
    expiresAt: t.field({ type: 'DateTime', description: 'When it ends: a year from now at most, 90 days from now where it is left out.' }),
  }),
})

builder.prismaObjectField('Account', 'apiTokens', (t) =>
  t.field({ type: [ApiToken], description: 'Tokens that are good, the latest made first.', resolve: (_account, _args, ctx) => tokens.listTokens(ctx) }),
)

builder.mutationFields((t) => ({
  apiTokenCreate: t.field({
    type: ApiTokenCreated,
    description: 'Makes an API token. Only a signed-in browser can: a token cannot make tokens.',
    extensions: { scope: 'account:write' },
    errors: { types: [InvalidInputError] },
    args: { input: t.arg({ type: ApiTokenCreateInput, required: true, description: 'The token.' }) },
    resolve: async (_root, { input }, ctx) => {
      try {
        return await tokens.createToken(ctx, { ...input, scopes: input.scopes as never })
      } catch (error) {
        throw error instanceof ForbiddenError ? refusal('FORBIDDEN', error.message) : error
      }
    },
  }),
  apiTokenRevoke: t.field({
    type: ApiToken,
    description: 'Revokes a token, within a second.',
    extensions: { scope: 'account:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The token.' }) },
    resolve: (_root, { id }, ctx) => tokens.revokeToken(ctx, rowId('ApiToken', id)),
  }),
}))
