import { systemCtx } from '../jobs/relay.ts'
import { controllerId } from '../privacy/controller.ts'
import { grantRole, listRoles, revokeRole } from '../privacy/roles.ts'
import { open } from './open.ts'
import { ownerOfAddress } from './owners.ts'

/** Gives an account a role, or takes it away; says what has changed. @throws InvalidInputError, NotFoundError */
export async function roleSet({ email, role }: { email: string; role: string }, change: 'grant' | 'revoke'): Promise<void> {
  await using opened = await open({ simulator: false })
  const { app } = opened
  const ownerId = await ownerOfAddress(app, email, { simulated: false })
  const ctx = systemCtx(app, ownerId, 'command line')
  const changed = await (change === 'grant' ? grantRole(ctx, ownerId, role) : revokeRole(ctx, ownerId, role))
  const state = change === 'grant' ? 'is' : 'is not'
  process.stdout.write(`${email} ${state} ${changed ? 'now ' : ''}a ${role}${changed ? '' : ' already'}.\n`)
}

/** Prints who has which role, a line each. */
export async function roleList(): Promise<void> {
  await using opened = await open({ simulator: false })
  const { app } = opened
  const granted = await listRoles(systemCtx(app, controllerId, 'command line'))
  for (const { role, ownerId, grantedAt } of granted) {
    const account = await app.database.prisma.account.findUnique({ where: { ownerId }, select: { email: true } })
    process.stdout.write(`${role}  ${account?.email ?? '(no account any more)'}  since ${grantedAt.toISOString().slice(0, 10)}\n`)
  }
  if (granted.length === 0) process.stdout.write('Nobody has a role. "kith role grant --email <address> --role privacy-officer" gives one.\n')
}
