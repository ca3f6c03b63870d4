import { takeAddressChanges } from '../contacts/addressChanges.ts'
import type { Ctx } from '../core/ctx.ts'
import { inTransaction } from '../events/service.ts'

/** So many addresses are matched anew at once. */
const batchSize = 200

/** Matches anew the mail and the meetings of addresses whose contacts have changed, until none is left. A crash loses nothing: an address is forgotten with what was matched. */
export async function rematchAddresses(ctx: Ctx): Promise<void> {
  for (let more = true; more;) {
    more = await inTransaction(ctx, async (tx) => {
      const canonical = await takeAddressChanges(tx, batchSize)
      if (canonical.length > 0) for (const sync of Object.values(ctx.app.syncs)) await sync.rematch?.(tx, canonical)
      return canonical.length === batchSize
    })
  }
}
