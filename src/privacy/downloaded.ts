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
    const where =
      request.subject === 'USER'
        ? `Sign in at ${tx.app.config.publicUrl} and open your privacy requests; for the download itself you are asked to sign in again.`
        : `Open ${followLink(tx.app, requestId)} and ask for a code, which is sent to this address.`
    await writeTo(tx, request, 'DONE', 'download', {
      subject: 'Your data can be fetched',
      text: `What you asked for is ready as a file. You can fetch it within seven days; then it is deleted.\n\n${where}\n`,
    })
  })
}

/** Completes a request whose answer was fetched. One that waits for no download is left as it is. */
export async function downloaded(ctx: Ctx, requestId: string): Promise<void> {
  await asController(ctx, 'download', async (tx) => {
    const request = await lockRequest(tx, requestId)
    if (request?.state === 'AWAITING_DOWNLOAD') await happen(tx, request, { event: 'download', actor: { kind: 'REQUESTER' } })
  })
}
