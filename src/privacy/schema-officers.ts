import { ConflictError, InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { PrivacyRequest as Row } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { forwardArgs, pageCost, resolveList } from '../graphql/connection.ts'
import { rowId } from '../graphql/globalIds.ts'
import { readCase, type PrivacyCase as Case } from './cases.ts'
import { reportMinorAccount, reportMinorContact } from './minors.ts'
import * as officers from './officers.ts'
import { PrivacyRequest, PrivacyRequestConnection } from './schema.ts'
import { PrivacyRegime, PrivacyRequestType } from './schema-enums.ts'
import { channels, denialReasons } from './vocabulary.ts'

const read = { scope: 'privacy:read' } as const
const write = { scope: 'privacy:write' } as const

const PrivacyDenialReason = builder.enumType('PrivacyDenialReason', {
  description: 'Why something is refused.',
  values: Object.fromEntries(
    denialReasons.map((reason) => [reason, { description: `${reason.charAt(0)}${reason.slice(1).toLowerCase().replaceAll('_', ' ')}.` }]),
  ),
})
const PrivacyChannel = builder.enumType('PrivacyChannel', {
  description: 'How a request came in.',
  values: Object.fromEntries(channels.map((channel) => [channel, { description: `By ${channel.toLowerCase()}.` }])),
})

const PrivacyCase = builder.objectRef<Case>('PrivacyCase').implement({
  description: 'A request as an officer works on it. Each reading of one is written down.',
  extensions: read,
  fields: (t) => ({
    request: t.field({ type: PrivacyRequest, description: 'The request.', resolve: (each) => each.request }),
    requester: t.string({ description: 'Who asks: SELF, AGENT or GUARDIAN.', resolve: ({ request }) => request.requester }),
    subject: t.string({ description: 'Whose data it is about: USER, CONTACT_PERSON or VISITOR.', resolve: ({ request }) => request.subject }),
    channel: t.string({ description: 'How it came in.', resolve: ({ request }) => request.channel }),
    requiredLevel: t.int({ description: 'How well it must be known who asks, 0 to 5.', resolve: ({ request }) => request.requiredLevel }),
    provenLevel: t.int({ description: 'How well it is known.', resolve: ({ request }) => request.provenLevel }),
    replyTo: t.exposeString('replyTo', { nullable: true, description: 'Where answers go; forgotten 30 days after it is closed.' }),
    details: t.exposeString('details', { nullable: true, description: 'What was written; forgotten as well.' }),
    identifiers: t.exposeStringList('identifiers', { description: 'Other addresses and numbers that the person named.' }),
    matches: t.exposeInt('matches', { description: 'In how many contacts the proven addresses and numbers stand. Whose those are is told to nobody.' }),
  }),
})

const PartDecisionInput = builder.inputType('PrivacyPartDecisionInput', {
  description: 'What is decided on one part of a request. A refusal says why, where one can complain and what remedy there is.',
  fields: (t) => ({
    part: t.string({ required: true, description: 'Which field or kind of data; `everything` for all of it.' }),
    granted: t.boolean({ required: true, description: 'Whether it is granted.' }),
    reason: t.field({ type: PrivacyDenialReason, description: 'Why it is refused.' }),
    explanation: t.string({ description: 'Why, in words for the person.' }),
    citation: t.string({ description: 'The article, order or matter it rests on; needed for a legal obligation, a claim or a hold.' }),
    complaint: t.string({ description: 'Where one can complain.' }),
    remedy: t.string({ description: 'What remedy there is.' }),
    deferredUntil: t.field({ type: 'DateTime', description: 'From when on it is granted after all.' }),
  }),
})

const IntakeInput = builder.inputType('PrivacyIntakeInput', {
  description: 'A request that came in by mail, telephone or letter.',
  fields: (t) => ({
    type: t.field({ type: PrivacyRequestType, required: true, description: 'The right that is used.' }),
    regime: t.field({ type: PrivacyRegime, description: 'Whose law sets the dates.' }),
    address: t.string({ required: true, description: 'The e-mail address that answers go to.' }),
    channel: t.field({ type: PrivacyChannel, required: true, description: 'How it came in.' }),
    receivedAt: t.field({ type: 'DateTime', required: true, description: 'When it came in; its dates run from here.' }),
    details: t.string({ description: 'What was written or said.' }),
    identifiers: t.stringList({ description: 'Other addresses and numbers under which data may be held.' }),
  }),
})

builder.queryFields((t) => ({
  privacyRequestQueue: t.field({
    type: PrivacyRequestConnection,
    description: 'For privacy officers, signed in with a browser: requests that are open, the first due first. For anybody else there are none.',
    extensions: read,
    complexity: pageCost,
    args: {
      ...forwardArgs(t.arg),
      includeClosed: t.arg.boolean({ defaultValue: false, description: 'Closed ones too.' }),
      overdueOnly: t.arg.boolean({ defaultValue: false, description: 'Late ones only.' }),
    },
    resolve: async (_root, { includeClosed, overdueOnly, ...page }, ctx) =>
      resolveList<Row>(ctx, page, await officers.queueListing(ctx, { includeClosed: includeClosed ?? false, overdueOnly: overdueOnly ?? false })),
  }),
  privacyCase: t.field({
    type: PrivacyCase,
    nullable: true,
    description: 'For privacy officers: a request with what was written. Null for anybody else.',
    extensions: read,
    args: { id: t.arg.id({ required: true, description: 'The request.' }) },
    resolve: (_root, { id }, ctx) => readCase(ctx, rowId('PrivacyRequest', id)),
  }),
}))

builder.mutationField('minorReport', (t) =>
  t.field({
    type: PrivacyRequest,
    description:
      'Reports that a contact of yours, or for privacy officers an account, is a child’s. It is out of everybody’s reach at once and is erased within 24 hours.',
    extensions: write,
    errors: { types: [NotFoundError, InvalidInputError] },
    args: {
      contactId: t.arg.id({ description: 'A contact of yours.' }),
      accountEmail: t.arg.string({ description: 'For officers: the address of the account.' }),
    },
    resolve: (_root, { contactId, accountEmail }, ctx) => {
      if ((contactId == null) === (accountEmail == null)) throw new InvalidInputError({ path: ['contactId'], message: 'Name a contact or an account.' })
      return contactId == null ? reportMinorAccount(ctx, accountEmail ?? '') : reportMinorContact(ctx, rowId('Contact', contactId))
    },
  }),
)

const id = { required: true, description: 'The request.' } as const
const errors = { types: [NotFoundError, InvalidInputError, ConflictError] }

builder.mutationFields((t) => {
  const reasoned = (description: string, work: (ctx: Parameters<typeof officers.note>[0], id: string, reason: string) => Promise<Row>) =>
    t.field({
      type: PrivacyRequest,
      description: `For privacy officers: ${description}`,
      extensions: write,
      errors,
      args: { id: t.arg.id(id), reason: t.arg.string({ required: true, description: 'Why, in words; at most 5,000 characters.' }) },
      resolve: (_root, args, ctx) => work(ctx, rowId('PrivacyRequest', args.id), args.reason),
    })
  return {
    privacyCaseNote: reasoned('writes something down about a request.', officers.note),
    privacyCaseExtend: reasoned('takes more time, once, before the answer is due, and tells the person why.', officers.extend),
    privacyCaseReopen: reasoned('opens a request again, for new facts or an upheld complaint.', officers.reopen),
    privacyCaseLiftAnnounce: reasoned('tells a person that their data is used again in a week.', officers.announceLift),
    privacyCaseLift: t.field({
      type: PrivacyRequest,
      description: 'For privacy officers: lets data be used again, a week after its person was told.',
      extensions: write,
      errors,
      args: { id: t.arg.id(id) },
      resolve: (_root, args, ctx) => officers.lift(ctx, rowId('PrivacyRequest', args.id)),
    }),
    privacyCaseProve: t.field({
      type: PrivacyRequest,
      description: 'For privacy officers: writes down how it was found out who asks.',
      extensions: write,
      errors,
      args: {
        id: t.arg.id(id),
        level: t.arg.int({
          required: true,
          description: '3 by two data points that match, 4 by three and a signed declaration, 5 an agent’s confirmed permission.',
        }),
        method: t.arg.string({ required: true, description: 'How, in capitals, such as SIGNED_DECLARATION.' }),
      },
      resolve: (_root, { id: given, level, method }, ctx) => officers.proveByOfficer(ctx, rowId('PrivacyRequest', given), { level, method }),
    }),
    privacyCaseDecide: t.field({
      type: PrivacyRequest,
      description: 'For privacy officers: grants a request, refuses it, or some of each.',
      extensions: write,
      errors,
      args: { id: t.arg.id(id), parts: t.arg({ type: [PartDecisionInput], required: true, description: 'What is decided on each part.' }) },
      resolve: (_root, { id: given, parts }, ctx) =>
        officers.decide(
          ctx,
          rowId('PrivacyRequest', given),
          parts.map(({ granted, deferredUntil, ...rest }) => ({
            ...rest,
            outcome: granted ? 'GRANTED' : 'REFUSED',
            deferredUntil: deferredUntil?.toISOString() ?? null,
          })) as never,
        ),
    }),
    privacyIntakeRecord: t.field({
      type: PrivacyRequest,
      description: 'For privacy officers: files a request that came in by mail, telephone or letter.',
      extensions: write,
      errors,
      args: { input: t.arg({ type: IntakeInput, required: true, description: 'What came in.' }) },
      resolve: (_root, { input: { details, identifiers, ...input } }, ctx) =>
        officers.recordIntake(ctx, { ...input, channel: String(input.channel), text: details, identifiers: identifiers ?? [] } as never),
    }),
  }
})
