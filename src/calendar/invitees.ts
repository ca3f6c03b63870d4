import { normalizeEmail } from '../contacts/normalize.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { type InputIssue, InvalidInputError, NotFoundError } from '../core/errors.ts'
import { rows, sql } from '../db/client.ts'
import type { Interaction } from '../db/generated/prisma/client.ts'
import { isMachine } from '../gmail/service.ts'
import { ownAddresses } from './own.ts'

/** Somebody to be invited. */
export interface Invitee {
  address: string
  name: string | null
}

/** The most people that one event invites; Google takes 200. */
export const mostInvitees = 100

/** What an event is for, as far as invitees go. */
export interface InviteesOf {
  contactIds: readonly string[]
  interactionId: string | null
}

/** The e-mail that an event follows from. */
export interface Occasion {
  messageId: string | null
  threadId: string | null
}

/** Whom an event invites: each contact by their first address, and those who took part in an e-mail but for the owner and machines; everybody once. In an open transaction. @throws NotFoundError, InvalidInputError */
export async function inviteesOf(tx: Ctx, { contactIds, interactionId }: InviteesOf): Promise<{ invitees: Invitee[]; occasion: Occasion | null }> {
  const own = await ownAddresses(tx)
  const contacts = await addressesOf(tx, contactIds)
  const mail = interactionId === null ? null : await participantsOf(tx, interactionId)
  const invitees = new Map<string, Invitee>()
  for (const { address, name } of [...contacts, ...(mail?.participants ?? [])]) {
    const email = normalizeEmail(address)
    if (email && !own.has(email.canonical) && !invitees.has(email.canonical)) invitees.set(email.canonical, { address: email.address, name })
  }
  const path = [interactionId === null ? 'contactIds' : 'interactionId']
  if (invitees.size === 0) throw new InvalidInputError({ path, message: 'Nobody remains to be invited: yourself and automatic senders are left out.' })
  if (invitees.size > mostInvitees) throw new InvalidInputError({ path, message: `At most ${mostInvitees} people can be invited at once.` })
  return { invitees: [...invitees.values()], occasion: mail?.occasion ?? null }
}

/** The contacts' first addresses. @throws NotFoundError; InvalidInputError naming each contact that has none */
async function addressesOf(tx: Ctx, contactIds: readonly string[]): Promise<Invitee[]> {
  if (contactIds.length === 0) return []
  const ownerId = ownerOf(tx)
  const found = new Map(
    (
      await rows<{ id: string; displayName: string; address: string | null }>(
        tx,
        sql`SELECT c.id, c."displayName", e.address FROM contacts AS c
            LEFT JOIN LATERAL (SELECT address FROM contact_emails WHERE "ownerId" = ${ownerId}::uuid AND "contactId" = c.id ORDER BY "primary" DESC, position, id LIMIT 1) AS e ON true
            WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${[...contactIds]}::uuid[]) AND c."deletedAt" IS NULL`,
      )
    ).map((contact) => [contact.id, contact]),
  )
  const issues: InputIssue[] = []
  const invitees = contactIds.map((id, index): Invitee => {
    const contact = found.get(id)
    if (!contact) throw new NotFoundError(contactIds.length === 1 ? 'There is no contact with that id.' : 'There is no contact with one of those ids.')
    if (contact.address === null)
      issues.push({ path: ['contactIds', String(index)], message: `${contact.displayName} has no e-mail address to be invited by.` })
    return { address: contact.address ?? '', name: contact.displayName }
  })
  if (issues.length > 0) throw new InvalidInputError(issues)
  return invitees
}

async function participantsOf(tx: Ctx, interactionId: string): Promise<{ participants: Invitee[]; occasion: Occasion }> {
  const ownerId = ownerOf(tx)
  const [interaction] = await rows<Interaction>(
    tx,
    sql`SELECT * FROM interactions WHERE "ownerId" = ${ownerId}::uuid AND id = ${interactionId}::uuid AND "hiddenAt" IS NULL`,
  )
  if (!interaction) throw new NotFoundError('There is no interaction with that id.')
  const path = ['interactionId']
  if (interaction.kind !== 'EMAIL') throw new InvalidInputError({ path, message: 'An event can follow from an e-mail; for others, name contacts.' })
  if (!interaction.counted) throw new InvalidInputError({ path, message: 'This is mail to many, or from an automatic sender: there is nobody to invite.' })
  const participants = await rows<{ address: string | null; name: string | null }>(
    tx,
    sql`SELECT address, name FROM interaction_participants WHERE "ownerId" = ${ownerId}::uuid AND "interactionId" = ${interactionId}::uuid ORDER BY position`,
  )
  return {
    participants: participants.flatMap(({ address, name }) =>
      address === null || isMachine(normalizeEmail(address)?.normalized ?? address) ? [] : [{ address, name }],
    ),
    occasion: { messageId: interaction.externalId, threadId: interaction.threadId },
  }
}
