import { builder } from '../graphql/builder.ts'
import { type ProcessingActivity, type ProcessingRecord, processingRecord } from './processing.ts'
import type { Recipient } from './recipients.ts'
import { LegalBasisEnum } from './schema.ts'

const Activity = builder.objectRef<ProcessingActivity>('ProcessingActivity').implement({
  description: 'One purpose for which personal data are processed.',
  fields: (t) => ({
    purpose: t.exposeString('purpose', { description: 'The purpose, as the data map calls it.' }),
    about: t.exposeString('about', { description: 'What that means.' }),
    legalBases: t.field({ type: [LegalBasisEnum], description: 'On what grounds.', resolve: ({ legalBases }) => legalBases }),
    subjects: t.exposeStringList('subjects', { description: 'Whose data: account holders’ (OWNER) or those of people in address books (CONTACT_PERSON).' }),
    categories: t.exposeStringList('categories', { description: 'What kinds of data.' }),
    sources: t.exposeStringList('sources', { description: 'Where data come from that nobody typed in.' }),
    kept: t.exposeStringList('kept', { description: 'How long.' }),
  }),
})

const RecipientType = builder.objectRef<Recipient>('DataRecipient').implement({
  description: 'Somebody who receives personal data.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Who.' }),
    why: t.exposeString('why', { description: 'For what.' }),
    where: t.exposeString('where', { description: 'Where they are.' }),
  }),
})

const Record = builder.objectRef<ProcessingRecord>('ProcessingRecord').implement({
  description: 'The record of processing of this server (GDPR, Article 30).',
  fields: (t) => ({
    controller: t.string({
      description: 'Who answers for it: name and postal address.',
      resolve: ({ controller }) => `${controller.name}, ${controller.address}`,
    }),
    controllerEmail: t.string({ description: 'Where to write about personal data.', resolve: ({ controller }) => controller.email }),
    dataProtectionOfficer: t.string({ nullable: true, description: 'Who that is, where there is one.', resolve: ({ controller }) => controller.dpo }),
    representative: t.string({ nullable: true, description: 'Of a controller outside the Union.', resolve: ({ controller }) => controller.representative }),
    supervisoryAuthority: t.string({ description: 'Whom one can complain to.', resolve: ({ controller }) => controller.authority }),
    activities: t.field({ type: [Activity], description: 'What data are processed for.', resolve: ({ activities }) => activities }),
    recipients: t.field({ type: [RecipientType], description: 'Who receives data.', resolve: ({ recipients }) => recipients }),
    transfers: t.exposeStringList('transfers', { description: 'Transfers to other countries, and what allows them.' }),
    measures: t.exposeStringList('measures', { description: 'How data are protected.' }),
  }),
})

builder.queryField('processingRecord', (t) =>
  t.field({
    type: Record,
    complexity: { field: 20 },
    description: 'What personal data are processed for, by whom, and who receives them. Public.',
    extensions: { scope: 'public' },
    skipTypeScopes: true,
    resolve: (_root, _args, ctx) => processingRecord(ctx.app.policies, ctx.app.config),
  }),
)
