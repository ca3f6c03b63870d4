import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { dropInteractions, putInteractions, type SyncedInteraction, type SyncedParticipant } from '../interactions/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { bulkLabels } from './bulk.ts'
import type { Participant } from './message.ts'
import { chunkSize } from './mirror.ts'
import { reviewSelf, selfAddresses } from './self.ts'

/** What has changed in the mirror. */
export interface Touched {
  /** Messages that have come, changed or gone. */
  ids: readonly string[]
  /** Conversations in which a message that the owner sent is among them: what else is in them may be an answered newsletter now, or none any more. */
  sentIn: readonly string[]
  /** Addresses that sent mail among them came from, as `ContactEmail.canonical` writes them. */
  sentFrom: readonly string[]
}

/** Brings interactions in step with what has changed in the mirror, in an open transaction. */
export async function settle(tx: Ctx, { ids, sentIn, sentFrom }: Touched): Promise<void> {
  const changed = sentIn.length > 0 ? await reviewSelf(tx, sentFrom) : []
  const also = await rows<{ id: string }>(
    tx,
    sql`SELECT id FROM gmail_messages WHERE "ownerId" = ${ownerOf(tx)}::uuid AND "threadId" = ANY(${[...sentIn]}::text[]) AND state = 'KNOWN' AND NOT 'SENT' = ANY(labels) AND (bulk OR labels && ${[...bulkLabels]}::text[])`,
  )
  await projectMessages(tx, [...ids, ...also.map(({ id }) => id)])
  await projectAddresses(tx, changed)
}

/** Matches anew the messages from and to these addresses (as `ContactEmail.canonical` writes them), because other contacts than before may have them. */
export async function rematchMail(tx: Ctx, canonical: readonly string[]): Promise<void> {
  const changed = await reviewSelf(tx, canonical)
  await projectAddresses(tx, [...new Set([...canonical, ...changed])])
}

/** Works out anew the interactions of all messages from and to these addresses. */
export async function projectAddresses(tx: Ctx, canonical: readonly string[]): Promise<void> {
  if (canonical.length === 0) return
  const found = await rows<{ id: string }>(
    tx,
    sql`SELECT DISTINCT "messageId" AS id FROM gmail_addresses WHERE "ownerId" = ${ownerOf(tx)}::uuid AND canonical = ANY(${[...canonical]}::text[])`,
  )
  await projectMessages(
    tx,
    found.map(({ id }) => id),
  )
}

/** Works out anew the interactions of messages; of those that are hidden or gone there are none. */
export async function projectMessages(tx: Ctx, ids: readonly string[]): Promise<void> {
  const all = [...new Set(ids)].toSorted()
  if (all.length === 0) return
  const own = await selfAddresses(tx)
  const vault = await tx.app.vault.of(ownerOf(tx))
  for (let at = 0; at < all.length; at += chunkSize) {
    const chunk = all.slice(at, at + chunkSize)
    const stored = await readStored(tx, chunk)
    const there = new Set(stored.map(({ id }) => id))
    await dropInteractions(
      tx,
      'GMAIL',
      chunk.filter((id) => !there.has(id)),
    )
    await putInteractions(
      tx,
      'GMAIL',
      stored.map((message) => interactionOf(message, own, vault)),
    )
  }
}

interface Stored {
  id: string
  threadId: string
  at: Date
  sent: boolean
  /** Written to many, or by a machine. */
  bulk: boolean
  /** The owner has written to whom it is from in the same conversation. */
  answered: boolean
  subject: Uint8Array | null
  participants: Participant[] | null
}

/** Those of the messages that are to be known of, with who took part. */
function readStored(tx: Ctx, ids: readonly string[]): Promise<Stored[]> {
  const ownerId = ownerOf(tx)
  return rows<Stored>(
    tx,
    sql`SELECT m.id, m."threadId", m.at, m.sent, m.bulk, m.subject, p.participants,
          m.bulk AND NOT m.sent AND EXISTS (
            SELECT 1 FROM gmail_messages AS o JOIN gmail_addresses AS t ON t."ownerId" = o."ownerId" AND t."messageId" = o.id AND t.role <> 'FROM'
            WHERE o."ownerId" = ${ownerId}::uuid AND o."threadId" = m."threadId" AND o.state = 'KNOWN' AND 'SENT' = ANY(o.labels) AND t.canonical = ANY(p."from")) AS answered
        FROM (SELECT id, "threadId", at, subject, 'SENT' = ANY(labels) AS sent, bulk OR (NOT 'SENT' = ANY(labels) AND labels && ${[...bulkLabels]}::text[]) AS bulk
              FROM gmail_messages WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${[...ids]}::text[]) AND state = 'KNOWN') AS m
        LEFT JOIN LATERAL (
          SELECT json_agg(json_build_object('role', a.role, 'address', a.address, 'normalized', a.normalized, 'canonical', a.canonical, 'name', a.name) ORDER BY a.position) AS participants,
                 array_agg(a.canonical) FILTER (WHERE a.role = 'FROM') AS "from"
          FROM gmail_addresses AS a WHERE a."ownerId" = ${ownerId}::uuid AND a."messageId" = m.id) AS p ON true
        ORDER BY m.id`,
  )
}

/** A message as an interaction. Whom it was with: those the owner wrote to, or who wrote to them; who else got it took part and no more. Bulk mail is contact with nobody, unless the owner has answered it. */
export function interactionOf(
  { id, threadId, at, sent, bulk, answered, subject, participants }: Stored,
  own: ReadonlySet<string>,
  vault: OwnerVault,
): SyncedInteraction {
  const counts = !bulk || (answered && !sent)
  return {
    externalId: id,
    threadId,
    kind: 'EMAIL',
    direction: sent ? 'OUTBOUND' : 'INBOUND',
    occurredAt: at,
    endedAt: null,
    subject: vault.openMaybe('GmailMessage.subject', id, subject),
    location: null,
    participants: (participants ?? [])
      // Whatever address it was sent from, it was the owner's.
      .filter(({ canonical, role }) => !own.has(canonical) && !(sent && role === 'FROM'))
      .map((each): SyncedParticipant => ({ ...each, counts: counts && (sent || each.role === 'FROM') })),
  }
}
