import type { App } from '../app.ts'
import { normalizeEmail } from '../contacts/normalize.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { readMailbox } from './mailbox.ts'

const use = 'google mailbox'

/** Brings the directory in step with the owner's mailbox; idempotent. */
export async function syncDirectory(ctx: Ctx): Promise<void> {
  const ownerId = ownerOf(ctx)
  const mailbox = await readMailbox(ctx)
  const hash = mailbox ? ctx.app.vault.master.mac(use, canonicalOf(mailbox.email)) : null
  await execute(ctx, sql`DELETE FROM directory_mailboxes WHERE "ownerId" = ${ownerId}::uuid AND "addressHash" IS DISTINCT FROM ${hash}::bytea`)
  if (hash) await execute(ctx, sql`INSERT INTO directory_mailboxes ("addressHash", "ownerId") VALUES (${hash}::bytea, ${ownerId}::uuid) ON CONFLICT DO NOTHING`)
}

/** Whose mailbox has this address: hardly ever more than one owner's. */
export async function findMailboxOwners(app: App, email: string): Promise<string[]> {
  const hashes = app.vault.master.macs(use, canonicalOf(email))
  const found = await rows<{ ownerId: string }>(
    { app, db: app.database.prisma },
    sql`SELECT DISTINCT "ownerId" FROM directory_mailboxes WHERE "addressHash" = ANY(${hashes}::bytea[])`,
  )
  return found.map(({ ownerId }) => ownerId)
}

function canonicalOf(email: string): string {
  return normalizeEmail(email)?.canonical ?? email.trim().toLowerCase()
}
