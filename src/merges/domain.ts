import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { defineJob } from '../jobs/job.ts'
import { refreshDue } from '../jobs/due.ts'
import './schema.ts'
import { expireMerge } from './service.ts'

const expire = defineJob({
  name: 'merge-expire',
  use: { purpose: 'CRM', models: ['ContactMerge', 'Contact'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  run: async (ctx, { ownerId, entityId }) => {
    await expireMerge(ctx, entityId)
    await schedule(ctx, ownerId, entityId)
  },
})

async function schedule(ctx: Ctx, ownerId: string, id: string): Promise<void> {
  await refreshDue(
    ctx,
    'merge.expire',
    ownerId,
    id,
    async (tx) => (await tx.db.contactMerge.findUnique({ where: { ownerId_id: { ownerId, id } }, select: { undoUntil: true } }))?.undoUntil,
  )
}

/** Merging contacts and undoing it. */
export const merges = defineDomain({
  name: 'merges',
  policies: {},
  jobs: [expire],
  effects: {
    'merge.schedule': (ctx, { mergeId = '' }) => schedule(ctx, ownerOf(ctx), mergeId),
  },
  dues: { 'merge.expire': expire.name },
  dueSources: [{ table: 'contact_merges', effect: 'merge.schedule', id: 'mergeId' }],
})
