import { z } from 'zod'
import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { NotFoundError } from '../core/errors.ts'
import { newId } from '../core/ids.ts'
import { parse } from '../core/parse.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { Account } from '../db/generated/prisma/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { defaultSendTime, Locale, Name, Region, SendTime, TimeZone } from './settings.ts'

/** What an account is made of; the subject is Google's `sub`. */
export const NewAccount = z.object({
  subject: z.string().min(1).max(255),
  email: z.email().max(320),
  name: Name.nullish().transform((name) => name ?? null),
  locale: Locale,
  timeZone: TimeZone,
  region: Region,
})
export type NewAccount = z.input<typeof NewAccount>

/** What an owner may change of their account; what is absent stays. */
export const AccountUpdate = z.strictObject({
  name: Name.nullish(),
  locale: Locale.optional(),
  timeZone: TimeZone.optional(),
  region: Region.optional(),
  sendTime: SendTime.optional(),
  weeklyDigest: z.boolean('Say true or false.').optional(),
  storeSubjects: z.boolean('Say true or false.').optional(),
})
export type AccountUpdate = z.input<typeof AccountUpdate>

/**
 * Makes the account of a Google subject, or answers the one it has. The subject is claimed in the directory first and the account is made under
 * the claimed owner, so that of two at once one makes it and both get it, and a crash in between leaves a claim that the next try takes up.
 * @throws InvalidInputError
 */
export async function createAccount(app: App, input: NewAccount): Promise<{ ownerId: string; accountId: string }> {
  const { subject, ...settings } = parse(NewAccount, input)
  const ownerId = await claimSubject(app, subject)
  return inTransaction(systemCtx(app, ownerId, 'sign-up'), async (tx) => {
    const at = toDate(tx.clock.now())
    const accountId = newId(tx.clock)
    const made = await execute(
      tx,
      sql`INSERT INTO accounts ("ownerId", id, email, name, locale, "timeZone", region, "sendTime", "createdAt", "updatedAt")
          VALUES (${ownerId}::uuid, ${accountId}::uuid, ${settings.email}, ${settings.name}, ${settings.locale}, ${settings.timeZone}, ${settings.region}, ${defaultSendTime}, ${at}::timestamptz, ${at}::timestamptz)
          ON CONFLICT ("ownerId") DO NOTHING`,
    )
    if (made === 0) return { ownerId, accountId: (await readAccount(tx)).id }
    await tx.db.googleIdentity.create({
      data: { ownerId, id: newId(tx.clock), subject, createdAt: at },
    })
    record(tx, {
      type: 'account.created',
      entityType: 'Account',
      entityId: accountId,
      changed: Object.keys(settings),
    })
    announce(tx, 'accountCreated')
    return { ownerId, accountId }
  })
}

/** The owner of a Google subject's account; null when it has none. */
export async function findOwner(app: App, subject: string): Promise<string | null> {
  const ctx = { app, db: app.database.prisma }
  const [claim] = await rows<{ ownerId: string }>(ctx, sql`SELECT "ownerId" FROM directory_subjects WHERE subject = ${subject}`)
  if (!claim) return null
  const [account] = await rows(ctx, sql`SELECT id FROM accounts WHERE "ownerId" = ${claim.ownerId}::uuid`)
  return account ? claim.ownerId : null
}

/** The actor's account. @throws NotFoundError */
export async function readAccount(ctx: Ctx): Promise<Account> {
  const [account] = await rows<Account>(ctx, sql`SELECT * FROM accounts WHERE "ownerId" = ${ownerOf(ctx)}::uuid`)
  if (!account) throw new NotFoundError()
  return account
}

/** Changes the actor's account; what depends on its zone, send time or digest follows. @throws InvalidInputError, NotFoundError */
export async function updateAccount(ctx: Ctx, input: AccountUpdate): Promise<Account> {
  const wanted: Partial<Account> = Object.fromEntries(Object.entries(parse(AccountUpdate, input)).filter(([, value]) => value !== undefined))
  return inTransaction(ctx, async (tx) => {
    const before = await readAccount(tx)
    const changed = (Object.keys(wanted) as (keyof Account)[]).filter((field) => wanted[field] !== before[field])
    if (changed.length === 0) return before
    const after = await tx.db.account.update({
      where: { ownerId_id: { ownerId: before.ownerId, id: before.id } },
      data: { ...wanted, updatedAt: toDate(tx.clock.now()) },
    })
    record(tx, { type: 'account.updated', entityType: 'Account', entityId: before.id, changed })
    announce(tx, 'accountChanged')
    return after
  })
}

/** Sets off the handlers by which other domains follow an account: each kind that ends in `.accountCreated` or `.accountChanged` is one domain's. */
function announce(tx: Ctx, what: 'accountCreated' | 'accountChanged'): void {
  for (const kind of Object.keys(tx.app.relay.handlers)) if (kind.endsWith(`.${what}`)) setOff(tx, { kind, payload: {} })
}

/** The owner that a subject belongs to from now on; the first claim stands. */
async function claimSubject(app: App, subject: string): Promise<string> {
  const ctx = { app, db: app.database.prisma }
  await execute(ctx, sql`INSERT INTO directory_subjects (subject, "ownerId") VALUES (${subject}, ${newId(app.clock)}::uuid) ON CONFLICT (subject) DO NOTHING`)
  const [claim] = await rows<{ ownerId: string }>(ctx, sql`SELECT "ownerId" FROM directory_subjects WHERE subject = ${subject}`)
  if (!claim) throw new Error('The claim of a subject was withdrawn while an account was made for it.')
  return claim.ownerId
}
