import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { record, setOff } from '../events/service.ts'
import { refreshFollowUps } from '../followUps/service.ts'
import type { Restraint } from '../privacy/service.ts'
import { leaveBin, moveToBin } from './bin.ts'

/** How a contact's data is kept from being used. Restricted, it stays where it is: neither found nor exported, mailed or synced. In quarantine it lies in the bin besides, shown nowhere and restored by nobody. */
export const contactRestraint: Restraint = {
  restrict: async (tx, target, at) => {
    if (target.kind === 'CONTACT') await setRestricted(tx, target.contactId, at)
  },
  quarantine: async (tx, target, at) => {
    if (target.kind !== 'CONTACT') return
    await setRestricted(tx, target.contactId, at)
    if (at !== null) await moveToBin(tx, target.contactId)
    else await leaveBin(tx, target.contactId)
  },
}

async function setRestricted(tx: Ctx, id: string, at: Date | null): Promise<void> {
  const changed = await rows<{ id: string }>(
    tx,
    sql`UPDATE contacts SET "restrictedAt" = ${at}::timestamptz, "updatedAt" = ${toDate(tx.clock.now())}::timestamptz
        WHERE "ownerId" = ${ownerOf(tx)}::uuid AND id = ${id}::uuid AND ("restrictedAt" IS NULL) <> ${at === null} RETURNING id`,
  )
  if (changed.length === 0) return
  record(tx, { type: at === null ? 'contact.unrestricted' : 'contact.restricted', entityType: 'Contact', entityId: id, changed: ['restrictedAt'] })
  if (at === null) setOff(tx, { kind: 'contacts.returned', payload: {} })
  // What it was to be reminded of comes again, or waits.
  await refreshFollowUps(tx, [id])
}
