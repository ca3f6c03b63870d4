import { ownerOf } from '../core/ctx.ts'
import { ConflictError, ForbiddenError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { PrivacyRequest as Row } from '../db/generated/prisma/client.ts'
import { builder, type RequestCtx } from '../graphql/builder.ts'
import { connectionOf, forwardArgs, pageCost, resolveList } from '../graphql/connection.ts'
import { decodeId, rowId } from '../graphql/globalIds.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { owned } from '../graphql/nodes.ts'
import { controllerId } from './controller.ts'
import { confirm } from './prove.ts'
import * as requests from './requests.ts'
import { isOverdue } from './schedule.ts'
import { PrivacyRegime, PrivacyRequestState, PrivacyRequestType } from './schema-enums.ts'
import type { RequestState, RequestType, Regime } from './vocabulary.ts'

type Event = Awaited<ReturnType<typeof requests.eventsOf>> extends Map<string, (infer E)[]> ? E : never

const scope = 'privacy:read'

const PrivacyRequestEvent = builder.objectRef<Event>('PrivacyRequestEvent').implement({
  description: 'Something that happened to a request. These are only ever added to, and each is chained to the one before it.',
  extensions: { scope },
  fields: (t) => ({
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
    from: t.field({
      type: PrivacyRequestState,
      nullable: true,
      description: 'How far it had come; null when it came in.',
      resolve: (event) => event.from as RequestState | null,
    }),
    to: t.field({ type: PrivacyRequestState, description: 'How far it has come with this.', resolve: (event) => event.to as RequestState }),
    reason: t.exposeString('reason', { nullable: true, description: 'Why, in words, where somebody said so.' }),
    reasonCode: t.exposeString('reasonCode', { nullable: true, description: 'Why, in a word: of a refusal, or how it was found out who asks.' }),
  }),
})

/** A request, as whoever it is about and officers see it. */
export const PrivacyRequest = builder.prismaNode('PrivacyRequest', {
  ...owned('PrivacyRequest', (ctx, _ownerId, ids) => requests.findOwn(ctx, ids)),
  // It belongs to the controller; the holder finds those that are about their account.
  findUnique: (id, ctx) => ({ ownerId_id: { ownerId: controllerId, id }, subjectOwnerId: ownerOf(ctx) }),
  description: 'What somebody asked of their data.',
  extensions: { scope },
  fields: (t) => ({
    type: t.field({ type: PrivacyRequestType, description: 'What is asked for.', resolve: (request) => request.type as RequestType }),
    state: t.field({ type: PrivacyRequestState, description: 'How far it has come.', resolve: (request) => request.state as RequestState }),
    regime: t.field({ type: PrivacyRegime, description: 'Whose law sets the dates.', resolve: (request) => request.regime as Regime }),
    receivedAt: t.expose('receivedAt', { type: 'DateTime', description: 'When it came in; the dates run from here.' }),
    dueAt: t.expose('dueAt', { type: 'DateTime', description: 'By when it is answered: midnight at the end of the last day.' }),
    overdue: t.boolean({ description: 'Whether that has passed without an answer.', resolve: (request, _args, ctx) => isOverdue(request, ctx.clock.now()) }),
    executeAt: t.expose('executeAt', {
      type: 'DateTime',
      nullable: true,
      description: 'Once approved: when it is carried out; until then it can be withdrawn.',
    }),
    closedAt: t.expose('closedAt', { type: 'DateTime', nullable: true, description: 'When it was closed.' }),
    events: t.field({
      type: [PrivacyRequestEvent],
      description: 'All that happened to it, in order.',
      resolve: (request, _args, ctx) => eventsOf(ctx, request.id),
    }),
  }),
})

export const PrivacyRequestConnection = connectionOf<Row>('PrivacyRequest', PrivacyRequest)

const CorrectionInput = builder.inputType('PrivacyCorrectionInput', {
  description: 'One value that is to be put right.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Of what: a contact, a source of one, or an interaction.' }),
    field: t.string({ required: true, description: 'Which field of it, as the data map or the API calls it.' }),
    value: t.string({ description: 'What it should say; null to empty it.' }),
  }),
})

const SubmitInput = builder.inputType('PrivacyRequestSubmitInput', {
  description: 'What is asked for.',
  fields: (t) => ({
    type: t.field({ type: PrivacyRequestType, required: true, description: 'The right that is used.' }),
    regime: t.field({ type: PrivacyRegime, description: 'Whose law sets the dates; the strictest of all where nothing is said.' }),
    details: t.string({ description: 'Anything that helps to answer it; at most 10,000 characters.' }),
    corrections: t.field({ type: [CorrectionInput], description: 'Of a RECTIFICATION: what is wrong, and what is right.' }),
    purpose: t.string({ description: 'Of an OBJECTION: to which use, such as MARKETING, as the data map calls it.' }),
    delayHours: t.int({ description: 'Of an ERASURE: for how many hours, 0 to 72, it can still be called back.' }),
  }),
})

builder.prismaObjectFields('Account', (t) => ({
  privacyRequests: t.field({
    type: PrivacyRequestConnection,
    description: 'Your privacy requests, the latest first.',
    extensions: { scope },
    complexity: pageCost,
    args: forwardArgs(t.arg),
    resolve: (_account, page, ctx) => resolveList<Row>(ctx, page, requests.ownListing(ctx)),
  }),
  restrictedAt: t.expose('restrictedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'Since when its data is only stored, at your wish: nothing is synced, mailed or worked on.',
  }),
}))

builder.prismaObjectField('Contact', 'restrictedAt', (t) =>
  t.expose('restrictedAt', {
    type: 'DateTime',
    nullable: true,
    description: 'Since when what is held of this person may only be stored: it is neither found, exported, mailed nor synced, and cannot be edited.',
  }),
)

builder.mutationFields((t) => ({
  privacyRequestSubmit: t.field({
    type: PrivacyRequest,
    description:
      'Uses a right over your data. Who signed in within the last ten minutes needs no further proof; anybody else confirms it with `privacyRequestConfirm`.',
    extensions: { scope: 'privacy:write' },
    errors: { types: [InvalidInputError] },
    args: { input: t.arg({ type: SubmitInput, required: true, description: 'What is asked for.' }) },
    resolve: (_root, { input: { details, corrections, ...input } }, ctx) =>
      requests.submit(ctx, {
        ...input,
        text: details,
        delayHours: input.delayHours ?? 0,
        corrections: (corrections ?? []).map(correctionOf),
      } as requests.Submission),
  }),
  privacyRequestConfirm: t.field({
    type: PrivacyRequest,
    description: 'Confirms a request that waits for proof of who asks, from a browser that signed in within the last ten minutes.',
    extensions: { scope: 'privacy:write' },
    errors: { types: [NotFoundError, ForbiddenError] },
    args: { id: t.arg.id({ required: true, description: 'The request.' }) },
    resolve: (_root, { id }, ctx) => confirm(ctx, rowId('PrivacyRequest', id)),
  }),
  privacyRequestWithdraw: t.field({
    type: PrivacyRequest,
    description: 'Withdraws a request that is not being carried out yet.',
    extensions: { scope: 'privacy:write' },
    errors: { types: [NotFoundError, ConflictError] },
    args: { id: t.arg.id({ required: true, description: 'The request.' }) },
    resolve: (_root, { id }, ctx) => requests.withdraw(ctx, rowId('PrivacyRequest', id)),
  }),
}))

const correctable = ['Contact', 'ContactSource', 'Interaction']

function correctionOf({ id, field, value }: { id: string; field: string; value?: string | null | undefined }): object {
  const model = decodeId(id)?.typename ?? ''
  return { model: correctable.includes(model) ? model : 'Contact', id: rowId(model, id), field, value: value ?? null }
}

function eventsOf(ctx: RequestCtx, requestId: string): Promise<Event[]> {
  return loaderOf<string, Event[]>(ctx, 'events of privacy requests', async (ids) => {
    const found = await requests.eventsOf(ctx, ids)
    return ids.map((id) => found.get(id) ?? [])
  }).load(requestId)
}
