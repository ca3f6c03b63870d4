import { InvalidInputError, NotFoundError } from '../core/errors.ts'
import type { ConsentRecord as ConsentRecordRow } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { connectionOf, forwardArgs, pageCost, resolveList } from '../graphql/connection.ts'
import { rowId } from '../graphql/globalIds.ts'
import { owned } from '../graphql/nodes.ts'
import { LegalBasisEnum } from '../policy/schema.ts'
import * as consents from './service.ts'
import type { consentSources, consentStates } from './states.ts'

const ConsentState = builder.enumType('ConsentState', {
  description: 'How consent to a purpose stands. Data may be used while it is GIVEN or RENEWED, and in no other state.',
  values: {
    UNKNOWN: { description: 'Nobody has asked, and nothing was said.' },
    REQUESTED: { description: 'Asked, and not answered yet.' },
    REFUSED: { description: 'Answered with no.' },
    GIVEN: { description: 'Answered with yes.' },
    RENEWED: { description: 'Answered with yes once more.' },
    EXPIRED: { description: 'The yes has run out, or the purpose is another by now.' },
    WITHDRAWN: { description: 'Taken back.' },
    INVALIDATED: { description: 'Declared void, because it was not asked for as it must be.' },
  } satisfies Record<(typeof consentStates)[number], object>,
})

const ConsentSource = builder.enumType('ConsentSource', {
  description: 'Who or what decided.',
  values: {
    UI: { description: 'The owner, on a page or through a link.' },
    API: { description: 'A program with a token of the owner’s.' },
    GPC: { description: 'The browser, by Global Privacy Control.' },
    DNT: { description: 'The browser, by Do Not Track.' },
    SUPPORT: { description: 'Support, at the owner’s request.' },
    SYSTEM: { description: 'Kith: time was over, or a purpose has changed.' },
  } satisfies Record<(typeof consentSources)[number], object>,
})

const ConsentPurpose = builder.objectRef<consents.ConsentPurpose>('ConsentPurpose').implement({
  description: 'Something that personal data is used for.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'Its name in this API.' }),
    title: t.exposeString('title', { description: 'What it is, in a few words.' }),
    legalBasis: t.field({ type: LegalBasisEnum, description: 'On what ground it rests.', resolve: ({ legalBasis }) => legalBasis }),
    required: t.exposeBoolean('required', { description: 'Whether an account cannot be without it.' }),
    notice: t.string({ description: 'What one agrees to, or is told, at present.', resolve: (purpose, _args, ctx) => currentNotice(purpose, ctx).text }),
    noticeVersion: t.string({ description: 'The version of that text.', resolve: (purpose, _args, ctx) => currentNotice(purpose, ctx).version }),
    validFor: t.exposeString('validFor', { nullable: true, description: 'How long consent lasts, an ISO 8601 period; null: until it is withdrawn.' }),
    recipients: t.stringList({ description: 'Who receives the data for it, beside those who host Kith.', resolve: ({ recipients }) => [...recipients] }),
    perDevice: t.boolean({ description: 'Whether each browser is asked by itself.', resolve: ({ scope }) => scope === 'DEVICE' }),
  }),
})

const Consent = builder.objectRef<consents.Consent>('Consent').implement({
  description: 'How a purpose stands for the account.',
  extensions: { scope: 'privacy:read' },
  fields: (t) => ({
    purpose: t.field({ type: ConsentPurpose, description: 'The purpose.', resolve: ({ purpose }) => purpose }),
    state: t.field({ type: ConsentState, description: 'How consent to it stands; UNKNOWN for what needs none.', resolve: ({ state }) => state }),
    legalBasis: t.field({ type: LegalBasisEnum, description: 'On what ground it rests.', resolve: ({ purpose }) => purpose.legalBasis }),
    source: t.field({ type: ConsentSource, nullable: true, description: 'Who or what has decided; null while nothing is.', resolve: ({ source }) => source }),
    updatedAt: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'Since when it stands so.',
      resolve: ({ since }) => since && new Date(since.epochMilliseconds),
    }),
    effective: t.exposeBoolean('effective', {
      description: 'Whether data is used for it now: consent holds or none is needed, and this browser does not say no.',
    }),
  }),
})

const ConsentRecord = builder.prismaNode('ConsentRecord', {
  ...owned('ConsentRecord', (ctx, ownerId, ids) => ctx.db.consentRecord.findMany({ where: { ownerId, id: { in: ids } } })),
  description: 'One entry of the ledger of consents. It never changes; another one follows.',
  extensions: { scope: 'privacy:read' },
  fields: (t) => ({
    purpose: t.field({ type: ConsentPurpose, description: 'What it is about.', resolve: ({ purpose }) => consents.purposeOf(purpose) ?? gone(purpose) }),
    state: t.field({ type: ConsentState, description: 'What was decided.', resolve: ({ state }) => state as consents.ConsentState }),
    source: t.field({ type: ConsentSource, description: 'Who or what decided.', resolve: ({ source }) => source as consents.ConsentSource }),
    noticeVersion: t.exposeString('noticeVersion', { nullable: true, description: 'The version of the notice that was shown.' }),
    method: t.exposeString('method', { nullable: true, description: 'Where it was decided.' }),
    validUntil: t.expose('validUntil', { type: 'DateTime', nullable: true, description: 'Until when a yes lasts.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
  }),
})

const ConsentReceiptFormat = builder.enumType('ConsentReceiptFormat', {
  description: 'How a receipt is written.',
  values: {
    ISO_27560: { description: 'With the fields of ISO/IEC TS 27560:2023.' },
    KANTARA_1_1: { description: 'As Kantara’s Consent Receipt 1.1 wants it.' },
  } satisfies Record<consents.ReceiptFormat, object>,
})

const ConsentReceipt = builder.objectRef<consents.Receipt>('ConsentReceipt').implement({
  description: 'A receipt of a decision, to keep. Who has it can verify it without Kith, by the keys of /.well-known/jwks.json.',
  extensions: { scope: 'privacy:read' },
  fields: (t) => ({
    format: t.field({ type: ConsentReceiptFormat, description: 'How it is written.', resolve: ({ format }) => format }),
    json: t.exposeString('json', { description: 'The receipt, a JSON text.' }),
    jws: t.exposeString('jws', { description: 'The same, signed with Ed25519: a JWS in compact form.' }),
  }),
})

const ConsentRecordConnection = connectionOf<ConsentRecordRow>('ConsentRecord', ConsentRecord)

const CookieCategory = builder.enumType('CookieCategory', {
  description: 'What a cookie is for. All but the essential ones need consent.',
  values: {
    ESSENTIAL: { description: 'The service cannot do without it.' },
    FUNCTIONAL: { description: 'Remembers how one likes the pages.' },
    ANALYTICAL: { description: 'Measures how the pages are used.' },
    PERFORMANCE: { description: 'Measures how fast the pages are.' },
  } satisfies Record<consents.CookieCategory, object>,
})

const RegisteredCookie = builder.objectRef<consents.CookieDefinition & { name: string }>('RegisteredCookie').implement({
  description: 'A cookie that Kith may set. It sets no other.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Its name in the registry; in a browser it has a prefix or a suffix more.' }),
    category: t.field({ type: CookieCategory, description: 'What it is for.', resolve: ({ category }) => category }),
    about: t.exposeString('about', { description: 'What it does.' }),
    justification: t.string({
      nullable: true,
      description: 'Why the service cannot do without it; null for one that needs consent.',
      resolve: (cookie) => (cookie.category === 'ESSENTIAL' ? cookie.justification : null),
    }),
    maxAgeSeconds: t.exposeInt('maxAgeSeconds', { description: 'How long a browser keeps it at most.' }),
  }),
})

builder.queryField('cookies', (t) =>
  t.field({
    type: [RegisteredCookie],
    description: 'Every cookie that Kith may set. Public.',
    extensions: { scope: 'public' },
    skipTypeScopes: true,
    resolve: () => Object.entries<consents.CookieDefinition>(consents.cookieRegistry).map(([name, cookie]) => ({ ...cookie, name })),
  }),
)

builder.queryField('purposes', (t) =>
  t.field({
    type: [ConsentPurpose],
    description: 'Everything that personal data is used for. Public.',
    extensions: { scope: 'public' },
    skipTypeScopes: true,
    complexity: { field: 5, multiplier: 15 },
    resolve: () => [...consents.purposes],
  }),
)

builder.queryField('consentReceipt', (t) =>
  t.field({
    type: ConsentReceipt,
    nullable: true,
    description: 'The signed receipt of an entry of the ledger; null for an id that is unknown, malformed or not yours.',
    extensions: { scope: 'privacy:read' },
    args: {
      id: t.arg.id({ required: true, description: 'The entry.' }),
      format: t.arg({ type: ConsentReceiptFormat, defaultValue: 'ISO_27560', description: 'How it is written.' }),
    },
    resolve: async (_root, { id, format }, ctx) => {
      try {
        return await consents.receiptOf(ctx, rowId('ConsentRecord', id), format ?? 'ISO_27560')
      } catch (error) {
        if (error instanceof NotFoundError) return null
        throw error
      }
    },
  }),
)

builder.prismaObjectFields('Account', (t) => ({
  consents: t.field({
    type: [Consent],
    description: 'How each purpose stands.',
    extensions: { scope: 'privacy:read' },
    complexity: { field: 5, multiplier: 15 },
    resolve: (_account, _args, ctx) => consents.consentsOf(ctx),
  }),
  consentRecords: t.field({
    type: ConsentRecordConnection,
    description: 'Everything that was ever decided about purposes, the latest first.',
    extensions: { scope: 'privacy:read' },
    complexity: pageCost,
    args: forwardArgs(t.arg),
    resolve: (_account, page, ctx) => resolveList<ConsentRecordRow>(ctx, page, consents.recordsListing(ctx)),
  }),
}))

builder.mutationFields((t) => ({
  consentGive: t.field({
    type: Consent,
    description: 'Says yes to a purpose, or says it again. SALE_OR_SHARING takes two calls within a day: the first leaves it REQUESTED.',
    extensions: { scope: 'privacy:write' },
    errors: { types: [InvalidInputError] },
    args: {
      purpose: t.arg.string({ required: true, description: 'Its key.' }),
      despiteSignal: t.arg.boolean({ defaultValue: false, description: 'Say yes although the browser sends Global Privacy Control.' }),
    },
    resolve: async (_root, { purpose, despiteSignal }, ctx) => {
      await consents.giveConsent(ctx, purpose, { method: 'graphql', despiteSignal: despiteSignal ?? false })
      return consents.consentOf(ctx, purpose)
    },
  }),
  consentWithdraw: t.field({
    type: Consent,
    description: 'Says no to a purpose: takes consent back, or refuses it. It holds with the next use.',
    extensions: { scope: 'privacy:write' },
    errors: { types: [InvalidInputError] },
    args: { purpose: t.arg.string({ required: true, description: 'Its key.' }) },
    resolve: async (_root, { purpose }, ctx) => {
      await consents.withdrawConsent(ctx, purpose, { method: 'graphql' })
      return consents.consentOf(ctx, purpose)
    },
  }),
}))

function currentNotice(purpose: consents.ConsentPurpose, ctx: { clock: { now(): Temporal.Instant } }) {
  return consents.noticeAt(purpose, ctx.clock.now())
}

/** An entry may outlive its purpose. */
function gone(key: string): consents.ConsentPurpose {
  return { ...consents.purposes[0], key, title: key, legalBasis: 'CONSENT', required: false }
}
