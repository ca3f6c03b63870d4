import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { record } from '../events/service.ts'
import type { Restraint } from '../privacy/service.ts'
import { revokeSessions } from './sessions.ts'

/** How an account's data is kept from being used. Restricted, its holder still reads it and has their rights, and nothing else touches it. In quarantine nobody is let in. */
export const accountRestraint: Restraint = {
  restrict: async (tx, target, at) => {
    if (target.kind === 'ACCOUNT') await set(tx, 'restrictedAt', at)
  },
  quarantine: async (tx, target, at) => {
    if (target.kind !== 'ACCOUNT') return
    await set(tx, 'quarantinedAt', at)
    if (at !== null) await revokeSessions(tx)
  },
}

async function set(tx: Ctx, column: 'restrictedAt' | 'quarantinedAt', at: Date | null): Promise<void> {
  const owner = sql`"ownerId" = ${ownerOf(tx)}::uuid`
  const [changed] = await rows<{ id: string }>(
    tx,
    column === 'restrictedAt'
      ? sql`UPDATE accounts SET "restrictedAt" = ${at}::timestamptz WHERE ${owner} AND ("restrictedAt" IS NULL) <> ${at === null} RETURNING id`
      : sql`UPDATE accounts SET "quarantinedAt" = ${at}::timestamptz WHERE ${owner} AND ("quarantinedAt" IS NULL) <> ${at === null} RETURNING id`,
  )
  const types = {
    restrictedAt: at === null ? 'account.unrestricted' : 'account.restricted',
    quarantinedAt: at === null ? 'account.released' : 'account.quarantined',
  } as const
  if (changed) record(tx, { type: types[column], entityType: 'Account', entityId: changed.id, changed: [column] })
}
