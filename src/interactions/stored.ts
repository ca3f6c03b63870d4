import { type Ctx, ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { OwnerVault } from '../vault/vault.ts'
import type { Matched } from './match.ts'
import type { Source, SyncedInteraction } from './synced.ts'

/** An interaction that a sync has brought, with who took part, as it is stored. */
export interface Stored {
  id: string
  externalId: string
  kind: string
  direction: string
  occurredAt: Date
  endedAt: Date | null
  subject: Uint8Array | null
  location: Uint8Array | null
  threadId: string | null
  counted: boolean
  /** Whether it was put right by hand: no sync changes what it says. */
  corrected: boolean
  /** Each as role, address, canonical, name and contact, in their order; null where nobody is left. */
  participants: (string | null)[][] | null
  /** Each as contact and whether it counts; null where none is left. */
  contacts: [contactId: string, counted: boolean][] | null
  /** Whether its contacts are said to have been in touch when and how it is, and it is hidden while all of them lie in the bin and only then. */
  agrees: boolean | null
}

/** What is stored of a source's interactions, by their ids there. In an open transaction. */
export async function storedOf(tx: Ctx, source: Source, externalIds: readonly string[]): Promise<Map<string, Stored>> {
  const ownerId = ownerOf(tx)
  const found = await rows<Stored>(
    tx,
    sql`SELECT i.id, i."externalId", i.kind, i.direction, i."occurredAt", i."endedAt", i.subject, i.location, i."threadId", i.counted, i."correctedAt" IS NOT NULL AS corrected, p.participants, c.contacts, c.agrees
        FROM interactions AS i
        CROSS JOIN LATERAL (SELECT json_agg(json_build_array(p.role, p.address, p.canonical, p.name, p."contactId") ORDER BY p.position) AS participants
          FROM interaction_participants AS p WHERE p."ownerId" = ${ownerId}::uuid AND p."interactionId" = i.id) AS p
        CROSS JOIN LATERAL (SELECT json_agg(json_build_array(c."contactId", c.counted)) AS contacts, bool_and(c."occurredAt" = i."occurredAt" AND c.direction = i.direction)
            AND i."hiddenAt" IS NOT DISTINCT FROM CASE WHEN bool_and(b."deletedAt" IS NOT NULL) THEN max(b."deletedAt") END AS agrees
          FROM interaction_contacts AS c JOIN contacts AS b ON b."ownerId" = ${ownerId}::uuid AND b.id = c."contactId" WHERE c."ownerId" = ${ownerId}::uuid AND c."interactionId" = i.id) AS c
        WHERE i."ownerId" = ${ownerId}::uuid AND i.source = ${source} AND i."externalId" = ANY(${[...externalIds]}::text[])`,
  )
  return new Map(found.map((each) => [each.externalId, each]))
}

/** The contacts of an interaction that is to be, and whether it counts with each. */
export function linksOf({ participants }: SyncedInteraction, matched: Matched): Map<string, boolean> {
  const counts = new Map<string, boolean>()
  for (const each of participants) for (const contactId of matched(each)) counts.set(contactId, (counts.get(contactId) ?? false) || each.counts)
  return counts
}

/** Whether an interaction is stored just as it is to be. Most that are looked at again are, and to write them anew would cost some ten times as much. */
export function isStored(stored: Stored, item: SyncedInteraction, matched: Matched, vault: OwnerVault): boolean {
  return (stored.corrected || saysTheSame(stored, item, vault)) && sameParticipants(stored, item, matched) && sameContacts(stored, item, matched)
}

function saysTheSame(stored: Stored, item: SyncedInteraction, vault: OwnerVault): boolean {
  return (
    stored.kind === item.kind &&
    stored.direction === item.direction &&
    stored.threadId === item.threadId &&
    stored.occurredAt.getTime() === item.occurredAt.getTime() &&
    stored.endedAt?.getTime() === item.endedAt?.getTime() &&
    stored.counted === item.participants.some(({ counts }) => counts) &&
    vault.openMaybe('Interaction.subject', stored.id, stored.subject) === item.subject &&
    vault.openMaybe('Interaction.location', stored.id, stored.location) === item.location
  )
}

function sameParticipants({ participants }: Stored, item: SyncedInteraction, matched: Matched): boolean {
  const before = participants ?? []
  return (
    before.length === item.participants.length &&
    item.participants.every((each, place) => {
      const wanted = [each.role, each.address, each.canonical, each.name, matched(each)[0] ?? null]
      return wanted.every((part, index) => part === before[place]?.[index])
    })
  )
}

function sameContacts({ contacts, agrees }: Stored, item: SyncedInteraction, matched: Matched): boolean {
  const wanted = linksOf(item, matched)
  return agrees === true && contacts?.length === wanted.size && contacts.every(([contactId, counted]) => wanted.get(contactId) === counted)
}
