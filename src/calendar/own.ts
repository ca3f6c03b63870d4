import { readAccount } from '../accounts/service.ts'
import { normalizeEmail } from '../contacts/normalize.ts'
import type { Ctx } from '../core/ctx.ts'
import { readConnection } from '../google/service.ts'

/** The owner's own addresses, as `ContactEmail.canonical` writes them: the one they sign in with and that of the connected account. */
export async function ownAddresses(ctx: Ctx): Promise<ReadonlySet<string>> {
  const [account, connection] = await Promise.all([readAccount(ctx), readConnection(ctx)])
  return new Set([account.email, connection.email].flatMap((email) => (email ? (normalizeEmail(email)?.canonical ?? []) : [])))
}
