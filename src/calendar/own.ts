import { readAccount } from '../accounts/service.ts'
import { normalizeEmail } from '../contacts/normalize.ts'
import type { Ctx } from '../core/ctx.ts'
import { selfAddresses } from '../gmail/service.ts'
import { readConnection } from '../google/service.ts'

/** The owner's own addresses, as `ContactEmail.canonical` writes them: the one they sign in with, that of the connected account, and those that their mail shows to be theirs. */
export async function ownAddresses(ctx: Ctx): Promise<ReadonlySet<string>> {
  const [account, connection, mail] = [await readAccount(ctx), await readConnection(ctx), await selfAddresses(ctx)]
  return new Set([...mail, ...[account.email, connection.email].flatMap((email) => (email ? (normalizeEmail(email)?.canonical ?? []) : []))])
}
