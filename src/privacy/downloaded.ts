import type { Ctx } from '../core/ctx.ts'
import { asController } from './controller.ts'
import { happen, lockRequest } from './journal.ts'

/** Completes a request whose answer was fetched. One that waits for no download is left as it is. */
export async function downloaded(ctx: Ctx, requestId: string): Promise<void> {
  await asController(ctx, 'download', async (tx) => {
    const request = await lockRequest(tx, requestId)
    if (request?.state === 'AWAITING_DOWNLOAD') await happen(tx, request, { event: 'download', actor: { kind: 'REQUESTER' } })
  })
}
