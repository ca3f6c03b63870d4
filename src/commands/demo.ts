import { createHash, randomBytes } from 'node:crypto'
import { createAccount } from '../accounts/service.ts'
import { ConfigError, demoClient } from '../config.ts'
import { createContact } from '../contacts/service.ts'
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { inTransaction } from '../events/service.ts'
import { setContactFollowUp } from '../followUps/service.ts'
import { features, scopesOf } from '../google/features.ts'
import { connectWithTokens, readConnection, syncNow } from '../google/service.ts'
import { logInteraction } from '../interactions/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { createNote } from '../notes/service.ts'
import { createReminder } from '../reminders/service.ts'
import { demoPeople, type DemoPerson } from './demoPeople.ts'
import { open, readConfiguration } from './open.ts'
import { progress } from './progress.ts'
import { consentAs, type DemoAccount, demoAccounts } from './simulator.ts'

/** The zone of the demo accounts until somebody signs in and changes it. */
const timeZone = 'UTC'

/** Makes the demo accounts and what they know, as far as it is not there yet. @throws ConfigError in production, or with a Google other than the simulated one */
export async function demo(): Promise<void> {
  const configuration = await readConfiguration()
  const { config } = configuration
  if (config.production) throw new ConfigError(['the demo is for development, and NODE_ENV says production'])
  if (config.google !== null && config.google.clientId !== demoClient.clientId)
    throw new ConfigError(['the demo needs the simulated Google, and GOOGLE_CLIENT_ID names another'])
  const shown = progress()
  await using opened = await open({ patient: true, simulator: true, configuration, shown })
  const { app } = opened
  await app.queue.start()
  for (const account of await demoAccounts()) {
    shown.step(`Making ${account.email}`)
    const { ownerId } = await createAccount(app, { ...account, timeZone })
    const ctx = systemCtx(app, ownerId, 'demo')
    shown.step(`Bringing in the contacts, mail and meetings of ${account.email}`)
    await connectGoogle(ctx, ownerId, account)
    shown.step(`Making notes, reminders and interactions of ${account.email}`)
    for (const person of demoPeople[account.email] ?? []) await introduce(ctx, person)
    await app.relay.drain(ownerId)
    const contacts = await app.database.prisma.contact.count({ where: { ownerId, deletedAt: null } })
    const interactions = await app.database.prisma.interaction.count({ where: { ownerId, hiddenAt: null } })
    shown.done()
    process.stdout.write(`${account.email.padEnd(20)} ${contacts} contacts, ${interactions} interactions\n`)
  }
}

/** Connects everything at the simulated Google as its holder would with a browser, and brings it in here and now. */
async function connectGoogle(ctx: Ctx, ownerId: string, { email, subject }: DemoAccount): Promise<void> {
  const { app } = ctx
  if ((await readConnection(ctx)).connected) return
  const codeVerifier = randomBytes(32).toString('base64url')
  const redirectUri = new URL('/auth/google/callback', app.config.publicUrl).href
  const scopes = ['openid', 'email', ...scopesOf(features)]
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url')
  const back = await consentAs(
    email,
    app.google.authorizationUrl({ redirectUri, scopes, state: 'demo', nonce: 'demo', codeChallenge, offline: true, prompt: 'consent', loginHint: subject }),
  )
  const { accessToken, refreshToken, ...granted } = await app.google.exchangeCode({ code: back.searchParams.get('code') ?? '', codeVerifier, redirectUri })
  const { scopes: allowed, expiresInSeconds } = granted
  await connectWithTokens(app, ownerId, { accessToken, refreshToken: refreshToken ?? '', scopes: allowed, expiresInSeconds }, features)
  await syncNow(app, ownerId)
  // Whose addresses came in after their mail is matched with it now.
  await app.relay.drain(ownerId)
}

/** Makes a contact and everything about it in one transaction, unless the contact is there. */
async function introduce(ctx: Ctx, { contact, notes = [], interactions = [], reminders = [], followUp }: DemoPerson): Promise<void> {
  await inTransaction(ctx, async (tx) => {
    if (ctx.actor.kind === 'anonymous') return
    const known = await tx.db.contact.findFirst({ where: { ownerId: ctx.actor.ownerId, externalReference: contact.externalReference }, select: { id: true } })
    if (known) return
    const now = tx.clock.now().toZonedDateTimeISO(timeZone)
    const contactId = await createContact(tx, contact)
    for (const { body, pinned = false } of notes) await createNote(tx, { contactId, body, pinned })
    for (const { kind, daysAgo, direction, subject } of interactions) {
      const occurredAt = toDate(
        now.subtract({ days: daysAgo }).with({ hour: 16, minute: 0, second: 0, millisecond: 0, microsecond: 0, nanosecond: 0 }).toInstant(),
      )
      await logInteraction(tx, { kind, direction, occurredAt, contactIds: [contactId], subject })
    }
    for (const { title, details, inDays, time, recurrence } of reminders) {
      const day = now.add({ days: inDays }).toPlainDate().toString()
      await createReminder(tx, { contactId, title, details, dueAt: `${day}T${time ?? '00:00'}`, allDay: time === undefined, recurrence })
    }
    if (followUp) await setContactFollowUp(tx, contactId, followUp)
  })
}
