import { createHash } from 'node:crypto'
import { updateAccount } from '../accounts/service.ts'
import type { App } from '../app.ts'
import { withdrawConsent } from '../consent/service.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { systemCtx } from '../jobs/relay.ts'
import { type MailingList, mailingLists } from './mails.ts'

/** The address at which whoever holds a mail leaves a list, without signing in. It is the same in every mail of an owner's list and works for as long as the account is there. */
export async function unsubscribeLink(ctx: Ctx, list: MailingList): Promise<string> {
  const token = await tokenOf(ctx, list)
  // Not in the open transaction: the mail goes out, whatever becomes of that.
  await putToken(ctx.app, ownerOf(ctx), list, token)
  return `${ctx.app.config.publicUrl}/unsubscribe/${token}`
}

/** Takes whoever a link belongs to off its list, however often and however late it is used; answers the list, or null for a link that is nobody's. */
export async function unsubscribe(app: App, token: string): Promise<MailingList | null> {
  const [entry] = await rows<{ ownerId: string; list: MailingList }>(
    { app, db: app.database.prisma },
    sql`SELECT "ownerId", list FROM directory_unsubscribes WHERE "tokenHash" = ${hashOf(token)}::bytea`,
  )
  if (!entry) return null
  const ctx = systemCtx(app, entry.ownerId, 'unsubscribe')
  if (entry.list === 'DIGEST') await updateAccount(ctx, { weeklyDigest: false })
  else await withdrawConsent(ctx, 'MARKETING', { source: 'UI', method: 'one-click unsubscribe' })
  return entry.list
}

/** Makes the directory of links again, an account after the other. */
export async function rebuildUnsubscribes(app: App): Promise<void> {
  const ctx = { app, db: app.database.prisma }
  let last = { ownerId: '00000000-0000-0000-0000-000000000000', id: '00000000-0000-0000-0000-000000000000' }
  for (let more = true; more;) {
    const page = await rows<typeof last>(
      ctx,
      sql`SELECT "ownerId", id FROM accounts WHERE ("ownerId", id) > (${last.ownerId}::uuid, ${last.id}::uuid) ORDER BY "ownerId", id LIMIT ${pageSize}`,
    )
    for (const { ownerId } of page) for (const list of mailingLists) await putToken(app, ownerId, list, await tokenOf(systemCtx(app, ownerId, 'rebuild'), list))
    last = page.at(-1) ?? last
    more = page.length === pageSize
  }
}

const pageSize = 500

/** Made from a key of the owner's: it need not be stored, stays the same whatever the master key is, and is nobody's once that key is shredded. */
async function tokenOf(ctx: Ctx, list: MailingList): Promise<string> {
  const vault = await ctx.app.vault.of(ownerOf(ctx))
  return Buffer.from(vault.hash('unsubscribe', list)).toString('base64url')
}

async function putToken(app: App, ownerId: string, list: MailingList, token: string): Promise<void> {
  await execute(
    { app, db: app.database.prisma },
    sql`INSERT INTO directory_unsubscribes ("tokenHash", "ownerId", list) VALUES (${hashOf(token)}::bytea, ${ownerId}::uuid, ${list}) ON CONFLICT ("tokenHash") DO NOTHING`,
  )
}

function hashOf(token: string): Buffer<ArrayBuffer> {
  return createHash('sha256').update(token).digest()
}
