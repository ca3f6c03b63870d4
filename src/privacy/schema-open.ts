import { ConflictError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { PrivacyRequest as Row } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { followToken } from './follow.ts'
import { sendCodeAgain, verify } from './prove.ts'
import * as requests from './requests.ts'
import { isOverdue } from './schedule.ts'
import { PrivacyRegime, PrivacyRequestState, PrivacyRequestType } from './schema-enums.ts'
import type { Regime, RequestState, RequestType } from './vocabulary.ts'

const PrivacyRequester = builder.enumType('PrivacyRequester', {
  description: 'Who asks.',
  values: {
    SELF: { description: 'The person whose data it is.' },
    AGENT: { description: 'Somebody whom that person has authorised.' },
    GUARDIAN: { description: 'The parent or guardian of a child whose data it is.' },
  },
})

const Receipt = builder.objectRef<Row>('PrivacyRequestReceipt').implement({
  description: 'A request of somebody without an account, as far as its token shows it.',
  fields: (t) => ({
    token: t.string({
      description: 'What the request is followed, proven and withdrawn by. Whoever has it can do so: keep it.',
      resolve: (request, _args, ctx) => followToken(ctx.app, request.id),
    }),
    type: t.field({ type: PrivacyRequestType, description: 'What is asked for.', resolve: (request) => request.type as RequestType }),
    state: t.field({ type: PrivacyRequestState, description: 'How far it has come.', resolve: (request) => request.state as RequestState }),
    regime: t.field({ type: PrivacyRegime, description: 'Whose law sets the dates.', resolve: (request) => request.regime as Regime }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When it came in.' }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'By when it is answered.' }),
    overdue: t.boolean({ description: 'Whether that has passed without an answer.', resolve: (request, _args, ctx) => isOverdue(request, ctx.clock.now()) }),
    closedAt: t.expose('closedAt', { type: 'DateTime', nullable: true, description: 'When it was closed.' }),
  }),
})

const FileInput = builder.inputType('PrivacyRequestFileInput', {
  description: 'What somebody without an account asks for.',
  fields: (t) => ({
    type: t.field({ type: PrivacyRequestType, required: true, description: 'The right that is used.' }),
    regime: t.field({ type: PrivacyRegime, description: 'Whose law sets the dates; the strictest of all where nothing is said.' }),
    address: t.string({ required: true, description: 'The e-mail address that answers go to. Most requests are proven by a code that is sent there.' }),
    requester: t.field({ type: PrivacyRequester, description: 'Who asks; the person themselves where nothing is said.' }),
    details: t.string({ description: 'Anything that helps to answer it; at most 10,000 characters.' }),
    identifiers: t.stringList({
      description: 'Other e-mail addresses, and telephone numbers with their country code, under which data may be held; at most 20.',
    }),
    purpose: t.string({ description: 'Of an OBJECTION: to which use, such as MARKETING, as the data map calls it.' }),
    submissionKey: t.string({ description: 'A random name of your own, 16 characters at least: sent again under it, it is the same request.' }),
  }),
})

const CodeSent = builder.objectRef<{ sent: boolean }>('PrivacyRequestCodeSent').implement({
  description: 'That a code was asked for. Whether one went out is not told.',
  fields: (t) => ({ asked: t.boolean({ description: 'Always true.', resolve: () => true }) }),
})

const open = { extensions: { scope: 'public' }, skipTypeScopes: true } as const

builder.queryField('privacyRequestByToken', (t) =>
  t.field({
    ...open,
    type: Receipt,
    nullable: true,
    description: 'The request of a token; null for a token that is not ours. Public.',
    args: { token: t.arg.string({ required: true, description: 'What filing it answered.' }) },
    resolve: async (_root, { token }, ctx) => {
      try {
        return await requests.follow(ctx, token)
      } catch (error) {
        if (error instanceof NotFoundError) return null
        throw error
      }
    },
  }),
)

const token = { required: true, description: 'What filing it answered.' } as const

builder.mutationFields((t) => ({
  privacyRequestFile: t.field({
    ...open,
    type: Receipt,
    description:
      'Uses a right without an account, for people in somebody’s address book, visitors, agents and guardians. What is answered does not depend on whether anything is held. Public.',
    errors: { types: [InvalidInputError, ConflictError] },
    args: { input: t.arg({ type: FileInput, required: true, description: 'What is asked for.' }) },
    resolve: (_root, { input: { details, requester, identifiers, ...input } }, ctx) =>
      requests.submitOpenly(ctx, { ...input, text: details, requester: requester ?? 'SELF', identifiers: identifiers ?? [] } as requests.OpenSubmission),
  }),
  privacyRequestVerify: t.field({
    ...open,
    type: Receipt,
    description: 'Proves by the code that was sent there that one controls the address of a request. A code has 15 minutes and three tries. Public.',
    errors: { types: [InvalidInputError] },
    args: { token: t.arg.string(token), code: t.arg.string({ required: true, description: 'Eight digits.' }) },
    resolve: (_root, { token: given, code }, ctx) => verify(ctx, given, code),
  }),
  privacyRequestCodeSend: t.field({
    ...open,
    type: CodeSent,
    description: 'Sends another code for a request that waits for one, three in all. Public.',
    errors: { types: [ConflictError] },
    args: { token: t.arg.string(token) },
    resolve: async (_root, { token: given }, ctx) => {
      await sendCodeAgain(ctx, given)
      return { sent: true }
    },
  }),
  privacyRequestRecall: t.field({
    ...open,
    type: Receipt,
    description: 'Withdraws a request that was filed without an account and is not being carried out yet. Public.',
    errors: { types: [NotFoundError, ConflictError] },
    args: { token: t.arg.string(token) },
    resolve: (_root, { token: given }, ctx) => requests.withdrawOpenly(ctx, given),
  }),
}))
