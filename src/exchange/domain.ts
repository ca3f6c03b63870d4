import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { ownerOf } from '../core/ctx.ts'
import { exportContacts, exportJsContacts } from './export.ts'
import { expectOpenImport, importDue, importJobName, lookAfterImport } from './lookAfter.ts'
import { policies } from './policy.ts'
import { exchangeRoutes } from './routes.ts'
import { runImport } from './run.ts'
import './schema.ts'

const importJob = defineJob({
  name: importJobName,
  use: { purpose: 'CRM', models: ['ImportRun', 'ImportRow', 'Contact'] },
  payload: z.object({ ownerId: z.uuid(), importId: z.uuid() }),
  retries: 11,
  run: (ctx, { importId }) => runImport(ctx, importId),
})

const lookAfter = defineJob({
  name: 'contacts-import-look-after',
  use: { purpose: 'CRM', models: ['ImportRun', 'ImportRow'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  run: (ctx, { entityId }) => lookAfterImport(ctx, entityId),
})

/** Address books as files, in and out. */
export const exchange = defineDomain({
  name: 'exchange',
  policies,
  jobs: [importJob, lookAfter],
  effects: {
    'import.run': (ctx, { importId = '' }) => ctx.app.queue.send(importJob.name, { ownerId: ownerOf(ctx), importId }),
    'import.finished': (ctx, { importId = '' }) => lookAfterImport(ctx, importId),
    'import.expected': (ctx, { importId = '' }) => expectOpenImport(ctx, importId),
  },
  dues: { [importDue]: lookAfter.name },
  dueSources: [{ table: 'import_runs', where: '"finishedAt" IS NULL', effect: 'import.expected', id: 'importId' }],
  renders: [
    {
      path: 'contacts/contacts.vcf',
      mediaType: 'text/vcard',
      about: 'Your contacts as vCards 4.0, pictures included, for any address book.',
      write: (ctx) => exportContacts(ctx, 'VCARD'),
    },
    {
      path: 'contacts/contacts.csv',
      mediaType: 'text/csv',
      about: 'Your contacts for a spreadsheet, in Google’s columns.',
      write: (ctx) => exportContacts(ctx, 'CSV'),
    },
    { path: 'contacts/contacts.jscontact.json', mediaType: 'application/json', about: 'Your contacts as JSContact Cards.', write: exportJsContacts },
  ],
  routes: exchangeRoutes,
})
