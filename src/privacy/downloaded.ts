import type { Ctx } from '../core/ctx.ts'
import { asController } from './controller.ts'
import { followLink } from './follow.ts'
import { happen, lockRequest } from './journal.ts'
import { writeTo } from './progress.ts'

/** Writes to whoever asked that the answer can be fetched, and how. Once, however often it is called. In the words of a letter: no file is ever attached. */
export async function announceDownload(ctx: Ctx, requestId: string): Promise<void> {
  await asController(ctx, 'download', async (tx) => {
    const request = await lockRequest(tx, requestId)
    if (!request) return
    const link = request.subject === 'USER' ? null : followLink(tx.app, requestId)
    await writeTo(tx, request, 'DONE', 'download', ({ letters }) => letters.download(tx.app.config.publicUrl, link))
  })
}

/** Completes a request whose answer was fetched. One that waits for no download is left as it is. */
export async function downloaded(ctx: Ctx, requestId: string): Promise<void> {
  await asController(ctx, 'download', async (tx) => {
    const request = await lockRequest(tx, requestId)
    if (request?.state === 'AWAITING_DOWNLOAD') await happen(tx, request, { event: 'download', actor: { kind: 'REQUESTER' } })
  })
}
