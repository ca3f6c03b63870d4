import { createAccount } from '../accounts/service.ts'
import type { App } from '../app.ts'
import { NotFoundError } from '../core/errors.ts'
import { rows, sql } from '../db/client.ts'
import { demoAccounts } from './simulator.ts'

/** The zone of accounts that are made without a browser; theirs is found out when they sign in with one. */
const demoZone = 'UTC'

/** The owner of the account with an address. Next to a simulated Google, the account of one of its people is made if there is none yet. @throws NotFoundError */
export async function ownerOfAddress(app: App, email: string, { simulated }: { simulated: boolean }): Promise<string> {
  // Addresses are no keys: Google may give one to somebody else, and then two accounts have had it.
  const [owner, ...more] = await rows<{ ownerId: string }>(
    { app, db: app.database.prisma },
    sql`SELECT "ownerId" FROM accounts WHERE lower(email) = lower(${email})`,
  )
  if (more.length > 0) throw new NotFoundError(`${more.length + 1} accounts have the address ${email}. Make the token in the browser.`)
  if (owner) return owner.ownerId
  const demo = simulated ? (await demoAccounts()).find((account) => account.email === email.toLowerCase()) : undefined
  if (!demo) throw new NotFoundError(`Nobody with the address ${email} has an account here. Sign in once with a browser: ${app.config.publicUrl}/auth/google`)
  return (await createAccount(app, { ...demo, timeZone: demoZone })).ownerId
}
