import { takeAddressChanges } from '../contacts/addressChanges.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { inTransaction } from '../events/service.ts'

/** So many addresses are matched anew at once. */
const batchSize = 500

/** Matches anew the mail and the meetings of addresses whose contacts have changed, until none is left. A crash loses nothing: an address is forgotten with what was matched. */
export async function rematchAddresses(ctx: Ctx): Promise<void> {
  for (let more = true; more;) {
    more = await inTransaction(ctx, async (tx) => {
      // A step that is under way has matched what it writes against the contacts of before, and is not to be seen yet: it ends first.
      await rows(tx, sql`SELECT id FROM google_sync_states WHERE "ownerId" = ${ownerOf(tx)}::uuid ORDER BY id FOR NO KEY UPDATE`)
      const canonical = await takeAddressChanges(tx, batchSize)
      if (canonical.length > 0) for (const sync of Object.values(ctx.app.syncs)) await sync.rematch?.(tx, canonical)
      return canonical.length === batchSize
    })
  }
}
