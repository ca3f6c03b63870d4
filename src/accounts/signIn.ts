import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { execute, sql } from '../db/client.ts'
import { inTransaction, record } from '../events/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { erasureLink } from '../privacy/service.ts'
import { findOwner, readAccount } from './service.ts'
import { type NewSession, startSession } from './sessions.ts'

/** An account that nobody is let in to any more: it is about to be erased. */
export class AccountClosedError extends Error {
  override name = 'AccountClosedError'
  /** Where its holder, who has just shown who they are, follows the erasure and can call it back; null where they cannot. */
  readonly link: string | null
  constructor(message: string, link: string | null) {
    super(message)
    this.link = link
  }
}

/** Signs in to the account of a Google subject, taking over the address it has at Google by now; null when the subject has no account. @throws AccountClosedError */
export async function signIn(
  app: App,
  { subject, email }: { subject: string; email: string },
  browser: { userAgent: string | null; replaces?: string | undefined },
): Promise<NewSession | null> {
  const ownerId = await findOwner(app, subject)
  if (ownerId === null) return null
  await inTransaction(systemCtx(app, ownerId, 'sign-in'), async (tx) => {
    const account = await readAccount(tx)
    if (account.quarantinedAt) throw new AccountClosedError('The account is closed and is about to be erased.', await erasureLink(tx, ownerId))
    if (account.email === email) return
    await execute(tx, sql`UPDATE accounts SET email = ${email}, "updatedAt" = ${toDate(tx.clock.now())}::timestamptz WHERE "ownerId" = ${ownerId}::uuid`)
    record(tx, { type: 'account.updated', entityType: 'Account', entityId: account.id, changed: ['email'] })
  })
  return startSession(app, ownerId, browser)
}
