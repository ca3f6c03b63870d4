import { z } from 'zod'
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { parse } from '../core/parse.ts'
import { execute, rows, sql } from '../db/client.ts'
import { inTransaction, record } from '../events/service.ts'

/** What an account can act for the controller as. */
export const roles = ['privacy-officer'] as const
/** What an account can act for the controller as. */
export type Role = (typeof roles)[number]

const RoleInput = z.enum(roles, { error: () => `There is no such role; there is: ${roles.join(', ')}.` })

/** Gives the actor's account a role; false when it has it. @throws InvalidInputError */
export async function grantRole(ctx: Ctx, ownerId: string, role: string): Promise<boolean> {
  const granted = parse(RoleInput, role)
  return inTransaction(ctx, async (tx) => {
    const accounts = await rows(tx, sql`SELECT 1 FROM accounts WHERE "ownerId" = ${ownerId}::uuid`)
    if (accounts.length === 0) return false
    const count = await execute(
      tx,
      sql`INSERT INTO directory_roles (role, "ownerId", "grantedAt") VALUES (${granted}, ${ownerId}::uuid, ${toDate(tx.clock.now())}::timestamptz) ON CONFLICT DO NOTHING`,
    )
    if (count > 0) await note(tx, ownerId, 'account.roleGranted')
    return count > 0
  })
}

/** Takes a role from the actor's account, at once; false when it has it not. @throws InvalidInputError */
export async function revokeRole(ctx: Ctx, ownerId: string, role: string): Promise<boolean> {
  const revoked = parse(RoleInput, role)
  return inTransaction(ctx, async (tx) => {
    const count = await execute(tx, sql`DELETE FROM directory_roles WHERE role = ${revoked} AND "ownerId" = ${ownerId}::uuid`)
    if (count > 0) await note(tx, ownerId, 'account.roleRevoked')
    return count > 0
  })
}

/** Which accounts have which role, the earliest granted first. */
export function listRoles(ctx: Ctx): Promise<{ role: Role; ownerId: string; grantedAt: Date }[]> {
  return rows(ctx, sql`SELECT role, "ownerId", "grantedAt" FROM directory_roles ORDER BY role, "grantedAt", "ownerId"`)
}

/** The account that acts as an officer in a browser that is signed in; null for anybody else, and for tokens, which may lie about in scripts. */
export async function officerOf({ actor, ...ctx }: Ctx): Promise<string | null> {
  if (actor.kind !== 'user') return null
  // Directories may lie on another server than the accounts: no statement reads both.
  const granted = await rows(ctx, sql`SELECT 1 FROM directory_roles WHERE role = 'privacy-officer' AND "ownerId" = ${actor.ownerId}::uuid`)
  if (granted.length === 0) return null
  const [officer] = await rows<{ id: string }>(ctx, sql`SELECT id FROM accounts WHERE "ownerId" = ${actor.ownerId}::uuid AND "quarantinedAt" IS NULL`)
  return officer?.id ?? null
}

async function note(tx: Ctx, ownerId: string, type: 'account.roleGranted' | 'account.roleRevoked'): Promise<void> {
  const [account] = await rows<{ id: string }>(tx, sql`SELECT id FROM accounts WHERE "ownerId" = ${ownerId}::uuid`)
  if (account) record(tx, { type, entityType: 'Account', entityId: account.id, changed: ['role'] })
}
