import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { ownerOf } from '../core/ctx.ts'
import { policies } from './policy.ts'
import { exchangeRoutes } from './routes.ts'
import { runImport } from './run.ts'
import './schema.ts'

const importJob = defineJob({
  name: 'contacts-import',
  payload: z.object({ ownerId: z.uuid(), importId: z.uuid() }),
  retries: 11,
  run: (ctx, { importId }) => runImport(ctx, importId),
})

/** Address books as files, in and out. */
export const exchange = defineDomain({
  name: 'exchange',
  policies,
  jobs: [importJob],
  effects: { 'import.run': (ctx, { importId = '' }) => ctx.app.queue.send(importJob.name, { ownerId: ownerOf(ctx), importId }) },
  routes: exchangeRoutes,
})
