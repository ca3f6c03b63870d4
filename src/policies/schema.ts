import type { Controller } from '../config.ts'
import { toInstant } from '../core/clock.ts'
import { InvalidInputError } from '../core/errors.ts'
import { builder } from '../graphql/builder.ts'
import type { RetentionRule as Rule } from '../policy/retention.ts'
import { retentionSchedule } from '../policy/retention.ts'
import * as policies from './service.ts'

const open = { extensions: { scope: 'public' }, skipTypeScopes: true } as const

const PolicyVersion = builder.objectRef<policies.PublishedPolicy>('PolicyVersion').implement({
  description: 'A published version of the privacy policy. It never changes.',
  fields: (t) => ({
    version: t.exposeInt('version', { description: '1, 2, 3 …' }),
    text: t.exposeString('text', { description: 'The whole text, in Markdown.' }),
    hash: t.string({
      description: 'SHA-256 of the version and of the hash of the one before, in hexadecimal.',
      resolve: ({ hash }) => Buffer.from(hash).toString('hex'),
    }),
    reason: t.exposeString('reason', { description: 'What has changed, and why.' }),
    material: t.exposeBoolean('material', { description: 'Whether the change matters to people.' }),
    changedPurposes: t.exposeStringList('changedPurposes', {
      description: 'The purposes that are others than before: consent to them ends when the version takes effect.',
    }),
    publishedAt: t.expose('publishedAt', { type: 'DateTime', description: 'When it was published.' }),
    effectiveAt: t.expose('effectiveAt', { type: 'DateTime', description: 'From when on it holds.' }),
    announcedAt: t.expose('announcedAt', {
      type: 'DateTime',
      nullable: true,
      description: 'When every account had been told of it; null where that is not needed or not done.',
    }),
    inForce: t.boolean({
      description: 'Whether it has taken effect, if only for a time.',
      resolve: (version, _args, ctx) => policies.canTakeEffect(version) && Temporal.Instant.compare(toInstant(version.effectiveAt), ctx.clock.now()) <= 0,
    }),
  }),
})

const PolicyDiffKind = builder.enumType('PolicyDiffKind', {
  description: 'What became of a line.',
  values: { SAME: { description: 'It stays.' }, ADDED: { description: 'It is new.' }, REMOVED: { description: 'It is gone.' } } satisfies Record<
    policies.DiffLine['kind'],
    object
  >,
})

const PolicyDiffLine = builder.objectRef<policies.DiffLine>('PolicyDiffLine').implement({
  description: 'A line of two versions side by side.',
  fields: (t) => ({
    kind: t.field({ type: PolicyDiffKind, description: 'What became of it.', resolve: ({ kind }) => kind }),
    text: t.exposeString('text', { description: 'The line.' }),
  }),
})

const RetentionRule = builder.objectRef<Rule>('RetentionRule').implement({
  description: 'How long something is kept.',
  fields: (t) => ({
    key: t.exposeString('key', { description: 'The table, or the column that is kept for another time than its table.' }),
    category: t.exposeString('category', { description: 'The kinds of data.' }),
    period: t.exposeString('period', { description: 'An ISO 8601 period; P0D: no longer than until it starts.' }),
    startsAt: t.exposeString('startsAt', { description: 'The column whose instant starts it, or what does.' }),
    action: t.exposeString('action', { description: 'What happens then: DELETE, SHRED (the key is destroyed too) or KEEP_AS_EVIDENCE.' }),
  }),
})

const ControllerType = builder.objectRef<Controller>('Controller').implement({
  description: 'Who answers for the personal data.',
  fields: (t) => ({
    name: t.exposeString('name', { description: 'Their name.' }),
    address: t.exposeString('address', { description: 'Their postal address.' }),
    email: t.exposeString('email', { description: 'Where to write about one’s data.' }),
    country: t.exposeString('country', { description: 'Where they are established, ISO 3166.' }),
    authority: t.exposeString('authority', { description: 'The authority that one may complain to.' }),
    dpo: t.exposeString('dpo', { nullable: true, description: 'The data protection officer, where there is one.' }),
    representative: t.exposeString('representative', { nullable: true, description: 'The representative in the Union, where there is one.' }),
    processingCountries: t.exposeStringList('processingCountries', { description: 'Where data are stored and processed, ISO 3166.' }),
  }),
})

const PolicyAcknowledged = builder.objectRef<{ version: number; at: Date }>('PolicyAcknowledged').implement({
  description: 'That a version was seen. It is consent to nothing.',
  extensions: { scope: 'privacy:read' },
  fields: (t) => ({
    version: t.exposeInt('version', { description: 'The version.' }),
    at: t.expose('at', { type: 'DateTime', description: 'When.' }),
  }),
})

builder.queryFields((t) => ({
  policyVersions: t.field({
    ...open,
    type: [PolicyVersion],
    description: 'Every published version of the privacy policy, the latest first. Public.',
    complexity: { field: 5, multiplier: 10 },
    resolve: async (_root, _args, ctx) => (await policies.readVersions(ctx)).toReversed(),
  }),
  policyDiff: t.field({
    ...open,
    type: [PolicyDiffLine],
    nullable: true,
    description: 'Two versions side by side; null when there is no such version. Public.',
    complexity: { field: 50, multiplier: 1 },
    args: {
      from: t.arg.int({ required: true, description: 'The earlier version.' }),
      to: t.arg.int({ required: true, description: 'The later version.' }),
    },
    resolve: async (_root, { from, to }, ctx) => {
      const versions = await policies.readVersions(ctx)
      const [before, after] = [from, to].map((number) => versions.find(({ version }) => version === number))
      return before && after ? policies.diffLines(before.text, after.text) : null
    },
  }),
  retentionSchedule: t.field({
    ...open,
    type: [RetentionRule],
    description: 'How long everything is kept, from the policies of the tables. Public.',
    complexity: { field: 10, multiplier: 60 },
    resolve: (_root, _args, ctx) => retentionSchedule(ctx.app.policies),
  }),
  controller: t.field({
    ...open,
    type: ControllerType,
    description: 'Who answers for the personal data. Public.',
    resolve: (_root, _args, ctx) => ctx.app.config.controller,
  }),
}))

builder.mutationField('policyAcknowledge', (t) =>
  t.field({
    type: PolicyAcknowledged,
    description: 'Says that one has seen the version of the privacy policy that holds. It is consent to nothing.',
    extensions: { scope: 'privacy:write' },
    errors: { types: [InvalidInputError] },
    args: { hash: t.arg.string({ required: true, description: 'Its hash.' }) },
    resolve: (_root, { hash }, ctx) => policies.acknowledgePolicy(ctx, { hash, method: 'graphql' }),
  }),
)
