import { builder } from '../graphql/builder.ts'
import { dataMap, type MappedColumn, type MappedModel } from './dataMap.ts'
import type { LegalBasis } from './policy.ts'

/** On what ground data is processed. */
export const LegalBasisEnum = builder.enumType('LegalBasis', {
  description: 'On what ground data is processed (GDPR, Article 6).',
  values: {
    CONTRACT: { description: 'To do what the account’s owner signed up for (Article 6(1)(b)).' },
    CONSENT: { description: 'Because the person said yes, and until they say no (Article 6(1)(a)).' },
    LEGITIMATE_INTEREST: { description: 'For an interest that outweighs the person’s, such as security (Article 6(1)(f)).' },
    LEGAL_OBLIGATION: { description: 'Because a law demands it (Article 6(1)(c)).' },
  } satisfies Record<LegalBasis, object>,
})

const DataMapColumn = builder.objectRef<MappedColumn>('DataMapColumn').implement({
  description: 'What one column of the database is.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The column’s name.' }),
    category: t.exposeString('category', { description: 'The kind of data, in Fideslang’s words where it has one.' }),
    purposes: t.exposeStringList('purposes', { description: 'What the data is used for.' }),
    legalBasis: t.field({ type: LegalBasisEnum, nullable: true, description: 'On what ground it is processed.', resolve: (column) => column.legalBasis }),
    sealed: t.boolean({ description: 'Whether it is encrypted under a key of its owner.', resolve: (column) => column.sealed !== null }),
    retention: t.exposeString('retention', { description: 'How long it is kept.' }),
    onErasure: t.exposeString('onErasure', { description: 'What erasing the account does to it.' }),
    export: t.exposeString('export', { description: 'How it appears in an export, or why it does not.' }),
  }),
})

const DataMapModel = builder.objectRef<MappedModel>('DataMapModel').implement({
  description: 'What one table of the database holds.',
  fields: (t) => ({
    model: t.exposeString('model', { description: 'The table’s name in the data model.' }),
    columns: t.field({
      type: [DataMapColumn],
      complexity: { field: 10, multiplier: 10 },
      description: 'Each of its columns.',
      resolve: ({ columns }) => columns,
    }),
  }),
})

builder.queryField('dataMap', (t) =>
  t.field({
    type: [DataMapModel],
    description: 'What every column of the database is, why and how long it is held, and what erasure and export do with it. Public.',
    extensions: { scope: 'public' },
    skipTypeScopes: true,
    complexity: { field: 50, multiplier: 50 },
    resolve: (_root, _args, ctx) => dataMap(ctx.app.policies),
  }),
)
