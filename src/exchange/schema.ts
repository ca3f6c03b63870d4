import { ownerOf } from '../core/ctx.ts'
import { InvalidInputError } from '../core/errors.ts'
import type { Contact as ContactRow, ImportRow } from '../db/generated/prisma/client.ts'
import { builder } from '../graphql/builder.ts'
import { badInput } from '../graphql/errors.ts'
import { loaderOf } from '../graphql/loaders.ts'
import { owned, rowOf } from '../graphql/nodes.ts'
import type { importStates } from './run.ts'
import { filePoints } from './points.ts'
import * as exchange from './service.ts'

const Format = builder.enumType('ContactsImportFormat', {
  description: 'A kind of address-book file.',
  values: { VCARD: { description: 'vCard 2.1, 3.0 or 4.0, any number of cards.' }, CSV: { description: 'CSV as Google Contacts, Outlook or Kith write it.' } },
})
const Outcome = builder.enumType('ContactsImportOutcome', {
  description: 'What became of a card or line.',
  values: {
    CREATED: { description: 'A new contact.' },
    UPDATED: { description: 'A contact that was known has changed.' },
    UNCHANGED: { description: 'Known already, just so.' },
    SKIPPED: { description: 'Left out; the message says why.' },
  } satisfies Record<exchange.ImportedRow['outcome'], object>,
})

const Row = builder.objectRef<exchange.ImportedRow>('ContactsImportRow').implement({
  description: 'What became of one card or line.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the file, from 0.' }),
    outcome: t.field({ type: Outcome, description: 'What became of it.', resolve: (row) => row.outcome }),
    contact: t.field({
      type: 'Contact' as never,
      nullable: true,
      description: 'The contact it went into.',
      resolve: (row, _args, ctx) => (row.contactId === null ? null : rowOf<ContactRow>(ctx, 'Contact', row.contactId)) as never,
    }),
    message: t.exposeString('message', { nullable: true, description: 'Why it was skipped, or what of it could not be taken.' }),
  }),
})

const ContactsImported = builder.objectRef<exchange.Imported>('ContactsImported').implement({
  description: 'What an import did, or in a dry run would do.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    created: t.exposeInt('created', { description: 'New contacts.' }),
    updated: t.exposeInt('updated', { description: 'Contacts that changed.' }),
    unchanged: t.exposeInt('unchanged', { description: 'Cards that were known already.' }),
    skipped: t.exposeInt('skipped', { description: 'Cards that were left out.' }),
    rows: t.field({ type: [Row], description: 'Each card or line, in the order of the file.', resolve: (imported) => imported.rows }),
  }),
})

const ContactsImportInput = builder.inputType('ContactsImportInput', {
  description: 'An address book.',
  fields: (t) => ({
    format: t.field({ type: Format, required: true, description: 'What kind of file it is.' }),
    content: t.string({ required: true, description: 'The file’s text. Larger ones go to POST /contacts/import.' }),
    dryRun: t.boolean({ description: 'Only show what would come of it. A dry run is the only mutation of its request.' }),
  }),
})

builder.mutationField('contactsImport', (t) =>
  t.field({
    type: ContactsImported,
    description: 'Brings an address book in. What cannot be read is a row with a reason, and the rest go in; the same file again changes nothing.',
    extensions: { scope: 'contacts:write', transactional: true },
    complexity: ({ input }) => ({ field: 1 + filePoints(input.content.length) }),
    errors: { types: [InvalidInputError] },
    args: { input: t.arg({ type: ContactsImportInput, required: true, description: 'The address book.' }) },
    resolve: (_root, { input }, ctx) => {
      if (input.dryRun && !ctx.unit) throw badInput('A dry run must be the only mutation of its request.')
      ctx.work.points += filePoints(input.content.length)
      return exchange.importContacts(ctx, input)
    },
  }),
)

const State = builder.enumType('ContactsImportState', {
  description: 'How far an import has come.',
  values: {
    WAITING: { description: 'It will begin.' },
    RUNNING: { description: 'It is under way.' },
    DONE: { description: 'It is done.' },
    FAILED: { description: 'It could not be done; `error` says why. What had gone in stays.' },
  } satisfies Record<(typeof importStates)[number], object>,
})

const RunRow = builder.objectRef<ImportRow>('ContactsImportRunRow').implement({
  description: 'A card or line that was left out, or not taken whole.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    index: t.exposeInt('index', { description: 'Its place in the file, from 0.' }),
    outcome: t.field({ type: Outcome, description: 'What became of it.', resolve: (row) => row.outcome as 'SKIPPED' }),
    message: t.exposeString('message', { description: 'Why.' }),
  }),
})

builder.prismaNode('ImportRun', {
  name: 'ContactsImportRun',
  ...owned('ContactsImportRun', (ctx, ownerId, ids) => ctx.db.importRun.findMany({ where: { ownerId, id: { in: ids } } })),
  description: 'An address book sent to POST /contacts/import, and how far it has come.',
  extensions: { scope: 'contacts:read' },
  fields: (t) => ({
    format: t.field({ type: Format, description: 'What kind of file it is.', resolve: (run) => run.format as 'VCARD' }),
    state: t.field({ type: State, description: 'How far it has come.', resolve: (run) => run.state as 'DONE' }),
    bytes: t.exposeInt('bytes', { description: 'The size of the file.' }),
    processed: t.exposeInt('processed', { description: 'Cards or lines read so far.' }),
    created: t.exposeInt('created', { description: 'New contacts.' }),
    updated: t.exposeInt('updated', { description: 'Contacts that changed.' }),
    unchanged: t.exposeInt('unchanged', { description: 'Cards that were known already.' }),
    skipped: t.exposeInt('skipped', { description: 'Cards that were left out.' }),
    error: t.exposeString('error', { nullable: true, description: 'Why it failed.' }),
    rows: t.field({
      type: [RunRow],
      description: 'What was left out or not taken whole, at most the first 1,000.',
      complexity: 50,
      resolve: (run, _args, ctx) => rowsOf(ctx).load(run.id),
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the file came.' }),
    finishedAt: t.expose('finishedAt', { type: 'DateTime', nullable: true, description: 'When it was done or given up.' }),
  }),
})

function rowsOf(ctx: Parameters<typeof loaderOf>[0]) {
  return loaderOf<string, ImportRow[]>(ctx, 'import rows', async (ids) => {
    const found = Map.groupBy(
      await ctx.db.importRow.findMany({ where: { ownerId: ownerOf(ctx), importId: { in: [...ids] } }, orderBy: { index: 'asc' }, take: 1000 * ids.length }),
      (row) => row.importId,
    )
    return ids.map((id) => (found.get(id) ?? []).slice(0, 1000))
  })
}
