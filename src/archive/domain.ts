import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { sendCodeForDownload } from '../privacy/service.ts'
import { makeArchive } from './execute.ts'
import { archiveDue, lookAfterArchive } from './lookAfter.ts'
import { policies } from './policy.ts'
import { archiveRoutes } from './routes.ts'
import { createDownloadLink, createDownloadLinkOpenly } from './service.ts'
import './schema.ts'

const lookAfter = defineJob({
  name: 'archive-look-after',
  use: { purpose: 'ACCOUNTABILITY', models: ['Archive'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  run: (ctx, { entityId }) => lookAfterArchive(ctx, entityId),
})

/** Archives: what is held of somebody, as a file that they take with them and that comes back into an account. */
export const archive = defineDomain({
  name: 'archive',
  policies,
  jobs: [lookAfter],
  effects: { 'archive.over': (ctx, { archiveId = '' }) => lookAfterArchive(ctx, archiveId) },
  dues: { [archiveDue]: lookAfter.name },
  dueSources: [{ table: 'archives', where: '"blobKey" IS NOT NULL', effect: 'archive.over', id: 'archiveId' }],
  executes: { ACCESS: makeArchive, PORTABILITY: makeArchive },
  downloads: { link: createDownloadLink, sendCode: sendCodeForDownload, linkByCode: createDownloadLinkOpenly },
  routes: archiveRoutes,
})
