import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { execute, sql } from '../db/client.ts'
import { inTransaction } from '../events/service.ts'
import { markDirty } from '../google/schedule.ts'
import { systemCtx } from '../jobs/relay.ts'
import { findMailboxOwners } from './directory.ts'

/** Longer than the seven days for which Pub/Sub sends a notice again. */
const keptFor = { hours: 8 * 24 }

/** Takes in a notice that a mailbox has changed: its next run is due. One that has come before does nothing, and neither does one about a mailbox that nobody here has. What else it says is not relied on. */
export async function takeNotice(app: App, { messageId, email }: { messageId: string; email: string }): Promise<void> {
  for (const ownerId of await findMailboxOwners(app, email)) {
    await inTransaction(systemCtx(app, ownerId, 'notice'), async (tx) => {
      const isNew = await execute(
        tx,
        sql`INSERT INTO gmail_notices ("messageId", "seenAt") VALUES (${`${messageId} ${ownerId}`}, ${toDate(tx.clock.now())}::timestamptz) ON CONFLICT DO NOTHING`,
      )
      if (isNew === 1) await markDirty(tx, 'gmail')
    })
  }
}

/** Forgets notices that will not come again; answers when done. */
export async function purgeNotices(app: App): Promise<void> {
  await execute({ app, db: app.database.prisma }, sql`DELETE FROM gmail_notices WHERE "seenAt" <= ${toDate(app.clock.now().subtract(keptFor))}::timestamptz`)
}
