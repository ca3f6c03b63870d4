import { builder } from '../graphql/builder.ts'
import { erasurePlan, type ErasurePlan, type PlannedItem } from './plan.ts'

const scope = 'privacy:read'

const Kept = builder.objectRef<PlannedItem['kept'][number]>('ErasureKept').implement({
  description: 'Something that an erasure leaves, because it proves what was done.',
  extensions: { scope },
  fields: (t) => ({
    columns: t.exposeStringList('columns', { description: 'Which columns stay.' }),
    ground: t.exposeString('ground', { description: 'On what legal basis.' }),
    until: t.exposeString('until', { description: 'How long, and why.' }),
  }),
})

const Item = builder.objectRef<PlannedItem>('ErasurePlanItem').implement({
  description: 'What an erasure does with one kind of data.',
  extensions: { scope },
  fields: (t) => ({
    name: t.exposeString('name', { description: 'The model in the data map, or what other copy it is.' }),
    about: t.exposeString('about', { description: 'What it is.' }),
    what: t.exposeString('what', {
      description: 'DELETE: it goes. SHRED: it goes, and so does the key that opened it. EVIDENCE: it stays, less what says more than the proof needs.',
    }),
    count: t.exposeInt('count', { description: 'How much of it there is now.' }),
    kept: t.field({
      type: [Kept],
      complexity: { field: 1, multiplier: 3 },
      description: 'Of EVIDENCE: what stays, why and how long.',
      resolve: ({ kept }) => [...kept],
    }),
  }),
})

const Plan = builder.objectRef<ErasurePlan>('ErasurePlan').implement({
  description: 'What erasing your account would do, as things stand now. Nothing is changed by asking.',
  extensions: { scope },
  fields: (t) => ({
    items: t.field({
      type: [Item],
      complexity: { field: 1, multiplier: 60 },
      description: 'Every kind of data, in the order in which it is done; also those of which there is none.',
      resolve: ({ items }) => [...items],
    }),
    keysDestroyed: t.stringList({
      description: 'The classes of keys that are destroyed, so that nothing sealed with them can be read from any backup.',
      resolve: ({ keys }) => [...keys.shredded],
    }),
    recipients: t.stringList({ description: 'Who else is told.', resolve: ({ recipients }) => [...recipients] }),
    backupDays: t.exposeInt('backupDays', { description: 'For how many days copies may lie in backups.' }),
    version: t.exposeString('version', { description: 'A hash of what is declared: plans of one version do the same.' }),
  }),
})

builder.queryField('erasurePlan', (t) =>
  t.field({
    type: Plan,
    description: 'What erasing your account would do: what goes, what is kept as evidence, and why. To do it, submit a privacy request of the type ERASURE.',
    extensions: { scope },
    complexity: { field: 200 },
    resolve: (_root, _args, ctx) => erasurePlan(ctx),
  }),
)
