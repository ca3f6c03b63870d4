import { builder } from '../graphql/builder.ts'
import { type Personal, personalOf } from './personal.ts'
import type { AnyPolicy, Model } from './policy.ts'
import { LegalBasisEnum } from './schema.ts'

const Processing = builder.objectRef<Personal>('Processing').implement({
  description: 'Why this very thing is held, where it comes from and until when, as its policy says.',
  extensions: { scope: 'privacy:read' },
  fields: (t) => ({
    legalBasis: t.field({ type: LegalBasisEnum, description: 'On what ground it is processed.', resolve: ({ legalBasis }) => legalBasis }),
    purposes: t.stringList({ description: 'What it is used for.', resolve: ({ purposes }) => [...purposes] }),
    source: t.exposeString('source', { description: 'Where it comes from: OWNER, or what brought it, such as GOOGLE, GMAIL or IMPORT.' }),
    deleteAfter: t.field({
      type: 'DateTime',
      nullable: true,
      description: 'When it is deleted at the latest as things stand; null: with the account.',
      resolve: ({ deleteAfter }) => (deleteAfter ? new Date(deleteAfter.epochMilliseconds) : null),
    }),
  }),
})

/** The models whose rows are things of their own in the API: each of them answers. */
export const answering = [
  'Account',
  'ApiToken',
  'ConsentRecord',
  'Contact',
  'Delivery',
  'ImportRun',
  'Interaction',
  'Note',
  'PrivacyRequest',
  'Reminder',
  'Session',
] as const satisfies readonly Model[]

for (const model of answering) {
  builder.prismaObjectField(model as 'Note', 'processing', (t) =>
    t.field({
      type: Processing,
      // It is all in memory: the policy, and a row that was read anyway.
      complexity: { field: 0, multiplier: 0 },
      description: 'Why it is held, where it comes from, and until when.',
      resolve: (row, _args, ctx) => personalOf(ctx.app.policies[model] as AnyPolicy, row),
    }),
  )
}
