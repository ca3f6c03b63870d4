import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { ownerOf } from '../core/ctx.ts'
import { defineJob } from '../jobs/job.ts'
import { refreshDue, setDue } from '../jobs/due.ts'
import './schema.ts'
import { expireMerge } from './service.ts'

const expire = defineJob({
  name: 'merge-expire',
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  run: async (ctx, { ownerId, entityId }) => {
    await expireMerge(ctx, entityId)
    await setDue(ctx, 'merge.expire', ownerId, entityId, null)
  },
})

/** Merging contacts and undoing it. */
export const merges = defineDomain({
  name: 'merges',
  policies: {},
  jobs: [expire],
  effects: {
    'merge.schedule': async (ctx, { mergeId = '' }) => {
      const ownerId = ownerOf(ctx)
      await refreshDue(
        ctx,
        'merge.expire',
        ownerId,
        mergeId,
        async (tx) => (await tx.db.contactMerge.findUnique({ where: { ownerId_id: { ownerId, id: mergeId } }, select: { undoUntil: true } }))?.undoUntil,
      )
    },
  },
  dues: { 'merge.expire': expire.name },
  dueSources: [{ table: 'contact_merges', effect: 'merge.schedule', id: 'mergeId' }],
})
