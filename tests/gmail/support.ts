import type { Mail } from '../../dev/google/gmail/message.ts'
import { createAccount } from '../../src/accounts/service.ts'
import { createContact } from '../../src/contacts/service.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { rows, sql } from '../../src/db/client.ts'
import type { GoogleSyncState } from '../../src/db/generated/prisma/client.ts'
import { runSync } from '../../src/google/runSync.ts'
import { connectWithTokens } from '../../src/google/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import type { WebApp } from '../support/web.ts'

export const gmailScope = 'https://www.googleapis.com/auth/gmail.metadata'

/** An owner whose mail is connected. */
export interface MailOwner {
  email: string
  ownerId: string
  ctx: Ctx
  readonly stateId: string
  /** Connects again, as after a disconnection. */
  reconnect(): Promise<void>
  /** Does what is due of their mail, until it is up to date or waits; what it set off is done as well. */
  sync(): Promise<void>
  /** A person of the address book with these addresses; answers their id. */
  contact(name: string, ...addresses: string[]): Promise<string>
  deliver(mail: Mail): { id: string; threadId: string }
  send(mail: Mail): { id: string; threadId: string }
}

let owners = 0

/** A Google account of its own, and an owner who has connected its mail. */
export async function mailOwner(kith: Pick<WebApp, 'app' | 'google'>, email = `owner${(owners += 1)}@gmail.com`): Promise<MailOwner> {
  const { world } = kith.google
  if (!world.find(email)) world.addAccount({ email, givenName: 'Test', familyName: 'Example' })
  const { ownerId } = await createAccount(kith.app, {
    subject: world.account(email).sub,
    email,
    name: 'Test',
    locale: 'en-GB',
    timeZone: 'Europe/Berlin',
    region: 'US',
  })
  const ctx = systemCtx(kith.app, ownerId, 'test')
  const connect = async (): Promise<string> => {
    const tokens = kith.google.issueTokens({ account: email, scopes: ['openid', gmailScope] })
    await connectWithTokens(kith.app, ownerId, { ...tokens, scopes: ['openid', gmailScope] }, ['GMAIL'])
    const [state] = await rows<{ id: string }>(ctx, sql`SELECT id FROM google_sync_states WHERE "ownerId" = ${ownerId}::uuid AND resource = 'gmail'`)
    return state!.id
  }
  let stateId = await connect()
  return {
    email,
    ownerId,
    ctx,
    get stateId() {
      return stateId
    },
    reconnect: async () => void (stateId = await connect()),
    sync: async () => {
      await runSync(ctx, stateId)
      await kith.app.relay.drain(ownerId)
    },
    contact: (name, ...addresses) => createContact(ctx, { name: { given: name }, emails: addresses.map((address) => ({ address })) }),
    deliver: (mail) => world.deliverMail(email, { to: email, ...mail }),
    send: (mail) => world.sendMail(email, mail),
  }
}

/** An interaction as a test looks at it. */
export interface Shown {
  externalId: string
  threadId: string
  direction: string
  counted: boolean
  at: string
  /** Names of the contacts, those with whom it counts first marked with `!`. */
  with: string[]
}

/** The owner's interactions from Gmail, by id. */
export async function shownOf(ctx: Ctx): Promise<Shown[]> {
  return rows<Shown>(
    ctx,
    sql`SELECT i."externalId", i."threadId", i.direction, i.counted, to_char(i."occurredAt" AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') AS at,
          ARRAY(SELECT CASE WHEN ic.counted THEN '!' ELSE '' END || c."displayName" FROM interaction_contacts AS ic JOIN contacts AS c ON c."ownerId" = ic."ownerId" AND c.id = ic."contactId"
                WHERE ic."ownerId" = i."ownerId" AND ic."interactionId" = i.id ORDER BY 1) AS with
        FROM interactions AS i WHERE i."ownerId" = ${ctx.actor.kind === 'anonymous' ? null : ctx.actor.ownerId}::uuid AND i.source = 'GMAIL' ORDER BY i."externalId"`,
  )
}

/** The whole of what is known of the owner's mail, without what counts runs and time. */
export async function mirrorOf(ctx: Ctx): Promise<unknown> {
  const ownerId = ctx.actor.kind === 'anonymous' ? '' : ctx.actor.ownerId
  const messages = await rows(
    ctx,
    sql`SELECT m.id, m."threadId", m.labels, m.at, m.bulk, (SELECT json_agg(json_build_array(a.role, a.address, a.normalized, a.canonical, a.name) ORDER BY a.position) FROM gmail_addresses AS a WHERE a."ownerId" = m."ownerId" AND a."messageId" = m.id) AS addresses
        FROM gmail_messages AS m WHERE m."ownerId" = ${ownerId}::uuid AND m.state = 'KNOWN' ORDER BY m.id`,
  )
  const participants = await rows(
    ctx,
    sql`SELECT i."externalId", p.position, p.role, p.address, p.name, p."contactId" FROM interactions AS i JOIN interaction_participants AS p ON p."ownerId" = i."ownerId" AND p."interactionId" = i.id WHERE i."ownerId" = ${ownerId}::uuid AND i.source = 'GMAIL' ORDER BY 1, 2`,
  )
  const contacts = await rows(
    ctx,
    sql`SELECT "displayName", "lastInteractionAt", "lastInboundAt", "lastOutboundAt" FROM contacts WHERE "ownerId" = ${ownerId}::uuid ORDER BY "displayName", id`,
  )
  const own = await rows(ctx, sql`SELECT canonical, origin FROM gmail_self_addresses WHERE "ownerId" = ${ownerId}::uuid ORDER BY 1`)
  return { messages, interactions: await shownOf(ctx), participants, contacts, own }
}

/** The ids of the messages that are known. */
export async function knownIds(ctx: Ctx): Promise<string[]> {
  const ownerId = ctx.actor.kind === 'anonymous' ? '' : ctx.actor.ownerId
  const known = await ctx.db.gmailMessage.findMany({ where: { ownerId, state: 'KNOWN' }, select: { id: true } })
  return known.map(({ id }) => id).toSorted()
}

/** How the sync stands. */
export function stateOf({ ctx, ownerId, stateId }: MailOwner): Promise<GoogleSyncState> {
  return ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, id: stateId } })
}
