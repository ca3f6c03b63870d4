import { toDate, toInstant } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { GoogleFailure } from '../google/failure.ts'
import { stopWatch, watch } from './api.ts'
import { syncDirectory } from './directory.ts'
import { putWatch, readMailbox } from './mailbox.ts'

/** How often Google is asked again to watch, though it does for seven days. */
const renewAfter = { hours: 24 }
/** How long to wait before it is asked again, once it has refused. */
const tryAgainAfter = { hours: 1 }

/** Has Google send notices of what changes in the mailbox, where the server can take them. Without them mail is only noticed later, so that a refusal holds up nothing. */
export async function keepWatch(ctx: Ctx): Promise<void> {
  const { gmailPush } = ctx.app.config
  if (!gmailPush) return
  const mailbox = await readMailbox(ctx)
  if (!mailbox || (mailbox.watchNext && mailbox.watchNext > toDate(ctx.clock.now()))) return
  try {
    const watchedUntil = await watchAfresh(ctx, gmailPush.topic)
    await putWatch(ctx, { watchedUntil, watchNext: ctx.clock.now().add(renewAfter) })
    // Under the master key of today, should that have changed.
    await syncDirectory(ctx)
  } catch (error) {
    if (!(error instanceof GoogleFailure)) throw error
    const watchedUntil = mailbox.watchedUntil && toInstant(mailbox.watchedUntil)
    await putWatch(ctx, { watchedUntil, watchNext: ctx.clock.now().add(tryAgainAfter) })
    ctx.app.log.warn({ reason: error.message }, 'Gmail does not watch a mailbox; it is polled.')
  }
}

/** A mailbox has one watch in a project: where another program of it has one, Google refuses until that has been stopped. */
async function watchAfresh(ctx: Ctx, topic: string): Promise<Temporal.Instant> {
  try {
    return await watch(ctx, topic)
  } catch (error) {
    if (!(error instanceof GoogleFailure && error.kind === 'refused')) throw error
    await stopWatch(ctx)
    return watch(ctx, topic)
  }
}

/** Tells Google to send no more notices. */
export async function stopWatching(ctx: Ctx): Promise<void> {
  const mailbox = await readMailbox(ctx)
  if (!mailbox?.watchedUntil) return
  await putWatch(ctx, { watchedUntil: null, watchNext: null })
  await stopWatch(ctx)
}
