import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { Session as SessionRow } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { rowId } from '../graphql/globalIds.ts'
import { owned } from '../graphql/nodes.ts'
import * as accounts from './service.ts'
import * as sessions from './sessions.ts'
import { type AccountUsage, readUsage } from './usage.ts'

const Session = builder.prismaNode('Session', {
  ...owned('Session', async (ctx, _ownerId, ids) => (await sessions.listSessions(ctx)).filter((session) => ids.includes(session.id))),
  description: 'A browser that is signed in. It ends 14 days after its last use, and 90 days after its start.',
  extensions: { scope: 'account:read' },
  fields: (t) => ({
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When it signed in.' }),
    lastSeenAt: t.expose('lastSeenAt', { type: 'DateTime', description: 'When it was last used, to five minutes.' }),
    userAgent: t.exposeString('userAgent', { nullable: true, description: 'What the browser called itself when it signed in.' }),
    current: t.boolean({
      description: 'Whether this request comes from it.',
      resolve: (session, _args, ctx) => ctx.actor.kind === 'user' && ctx.actor.sessionId === session.id,
    }),
  }),
})

const Usage = builder.objectRef<AccountUsage>('AccountUsage').implement({
  description: 'How much an account holds, and how often it was signed in to.',
  extensions: { scope: 'account:read' },
  fields: (t) => ({
    storageBytes: t.exposeInt('storageBytes', { description: 'Bytes of stored pictures.' }),
    signInCount: t.exposeInt('signInCount', { description: 'How often a browser has signed in.' }),
    contactCount: t.exposeInt('contactCount', { description: 'Contacts, without those in the bin.' }),
    noteCount: t.exposeInt('noteCount', { description: 'Notes, without those of contacts in the bin.' }),
  }),
})

const Account = builder.prismaNode('Account', {
  ...owned('Account', (ctx, ownerId, ids) => ctx.db.account.findMany({ where: { ownerId, id: { in: ids } } })),
  description: 'The account: who holds it, their settings, and what is signed in to it.',
  extensions: { scope: 'account:read' },
  fields: (t) => ({
    email: t.exposeString('email', { description: 'The address of the Google account, as of the last sign-in. Reminders and alerts go there.' }),
    name: t.exposeString('name', { nullable: true, description: 'What its holder is called.' }),
    locale: t.exposeString('locale', { description: 'BCP 47 tag of the language and customs, such as en-GB.' }),
    timeZone: t.exposeString('timeZone', { description: 'IANA time zone, such as Europe/Berlin.' }),
    region: t.exposeString('region', { description: 'ISO 3166 code of the country by which phone numbers are read, such as DE.' }),
    sendTime: t.exposeString('sendTime', { description: 'Local time, such as 09:00, at which all-day reminders and alerts go out.' }),
    weeklyDigest: t.exposeBoolean('weeklyDigest', { description: 'Whether a digest of the week ahead is sent.' }),
    storeSubjects: t.exposeBoolean('storeSubjects', {
      description: 'Whether the subjects of mail from Gmail are stored, encrypted; without it they are never read.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the account was made.' }),
    sessions: t.field({
      type: [Session],
      description: 'Browsers that are signed in, the latest used first.',
      resolve: (_account, _args, ctx) => sessions.listSessions(ctx),
    }),
    usage: t.field({ type: Usage, description: 'How much it holds.', resolve: (_account, _args, ctx) => readUsage(ctx) }),
  }),
})

const AccountUpdateInput = builder.inputType('AccountUpdateInput', {
  description: 'What changes of the account; what is left out stays.',
  fields: (t) => ({
    name: t.string({ description: 'What its holder is called; null for no name.' }),
    locale: t.string({ description: 'BCP 47 tag, such as en-GB.' }),
    timeZone: t.string({ description: 'IANA time zone, such as Europe/Berlin.' }),
    region: t.string({ description: 'ISO 3166 code, such as DE.' }),
    sendTime: t.string({ description: 'Local time, such as 09:00.' }),
    weeklyDigest: t.boolean({ description: 'Whether a digest of the week ahead is sent.' }),
    storeSubjects: t.boolean({
      description:
        'Whether the subjects of mail from Gmail are stored, encrypted. Turned on, those of the mail that is known are fetched; turned off, all of them are deleted at once.',
    }),
  }),
})

const SessionsRevoked = builder.objectRef<{ sessions: SessionRow[] }>('SessionsRevoked').implement({
  description: 'The browsers that were signed out.',
  extensions: { scope: 'account:read' },
  fields: (t) => ({ sessions: t.field({ type: [Session], description: 'The sessions that have ended.', resolve: (revoked) => revoked.sessions }) }),
})

builder.queryField('viewer', (t) =>
  t.field({
    type: Account,
    nullable: true,
    description: 'The account of the caller.',
    extensions: { scope: 'account:read' },
    resolve: (_root, _args, ctx) => accounts.readAccount(ctx),
  }),
)

builder.mutationFields((t) => ({
  accountUpdate: t.field({
    type: Account,
    description: 'Changes the settings of the account. What depends on its time zone or send time follows.',
    extensions: { scope: 'account:write' },
    errors: { types: [InvalidInputError] },
    args: { input: t.arg({ type: AccountUpdateInput, required: true, description: 'What changes.' }) },
    resolve: (_root, { input }, ctx) => accounts.updateAccount(ctx, input as accounts.AccountUpdate),
  }),
  sessionRevoke: t.field({
    type: Session,
    description: 'Signs a browser out, within a second.',
    extensions: { scope: 'account:write' },
    errors: { types: [NotFoundError] },
    args: { id: t.arg.id({ required: true, description: 'The session.' }) },
    resolve: (_root, { id }, ctx) => sessions.revokeSession(ctx, rowId('Session', id)),
  }),
  sessionsRevokeAll: t.field({
    type: SessionsRevoked,
    description: 'Signs all browsers out, but for the one that asks.',
    extensions: { scope: 'account:write' },
    errors: {},
    args: { includeCurrent: t.arg.boolean({ defaultValue: false, description: 'Also sign out the browser that asks.' }) },
    resolve: async (_root, { includeCurrent }, ctx) => {
      const current = ctx.actor.kind === 'user' && !includeCurrent ? ctx.actor.sessionId : undefined
      return { sessions: await sessions.revokeSessions(ctx, current) }
    },
  }),
}))
