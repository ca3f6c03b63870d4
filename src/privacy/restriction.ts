import type { Ctx } from '../core/ctx.ts'
import { inTransactionOf } from '../events/service.ts'
import { rows, sql } from '../db/client.ts'
import type { RequestSubject, Target } from './execution.ts'

/** Keeps somebody's data from being used, or lets it be used again (null): the account's, or that of every contact which is them. In the open transaction. */
export function restrain(tx: Ctx, subject: RequestSubject, at: Date | null): Promise<void> {
  return onEach(tx, subject, at === null ? 'restriction lifted' : 'restriction', async (own, target) => {
    for (const { restrict } of tx.app.restraints) await restrict?.(own, target, at)
  })
}

/** Takes somebody's data out of everybody's reach until it is erased, or gives it back (null). In the open transaction. */
export function quarantine(tx: Ctx, subject: RequestSubject, at: Date | null): Promise<void> {
  return onEach(tx, subject, at === null ? 'quarantine ended' : 'quarantine', async (own, target) => {
    for (const each of tx.app.restraints) await each.quarantine?.(own, target, at)
  })
}

/** Whether the account that a ctx acts for may only be stored: then no job uses its data. */
export async function isAccountRestricted(ctx: Ctx, ownerId: string): Promise<boolean> {
  const found = await rows(ctx, sql`SELECT 1 FROM accounts WHERE "ownerId" = ${ownerId}::uuid AND ("restrictedAt" IS NOT NULL OR "quarantinedAt" IS NOT NULL)`)
  return found.length > 0
}

async function onEach(tx: Ctx, subject: RequestSubject, reason: string, work: (own: Ctx, target: Target) => Promise<void>): Promise<void> {
  const targets: { ownerId: string; target: Target }[] =
    subject.kind === 'USER'
      ? [{ ownerId: subject.ownerId, target: { kind: 'ACCOUNT' } }]
      : subject.places.map(({ ownerId, contactId }) => ({ ownerId, target: { kind: 'CONTACT', contactId } }))
  // In the order of owners, so that two of these never wait for each other.
  for (const { ownerId, target } of targets.toSorted((one, other) => (one.ownerId < other.ownerId ? -1 : 1)))
    await inTransactionOf(tx, { kind: 'system', ownerId, reason }, (own) => work(own, target))
}
