import { type Ctx, ownerOf } from '../core/ctx.ts'
import { join, rows, type Sql, sql } from '../db/client.ts'
import type { Interaction } from '../db/generated/prisma/client.ts'
import { type InstantFilter, instantConditions, isGiven } from '../db/filters.ts'
import type { Listing } from '../db/keyset.ts'
import type { Owner } from '../db/template.ts'

/** Which interactions. */
export interface InteractionFilter {
  kind?: string | null | undefined
  direction?: string | null | undefined
  source?: string | null | undefined
  occurredAt?: InstantFilter | null | undefined
  contactId?: string | null | undefined
}

/** The owner's interactions, latest first. */
export function interactionsListing(ctx: Ctx, filter: InteractionFilter): Listing {
  const ownerId = ownerOf(ctx)
  const conditions = [
    sql`i."ownerId" = ${ownerId}::uuid`,
    sql`i."hiddenAt" IS NULL`,
    ...(filter.kind ? [sql`i.kind = ${filter.kind}`] : []),
    ...(filter.direction ? [sql`i.direction = ${filter.direction}`] : []),
    ...(filter.source ? [sql`i.source = ${filter.source}`] : []),
    ...instantConditions(sql`i."occurredAt"`, filter.occurredAt),
    ...(filter.contactId
      ? [
          sql`EXISTS (SELECT 1 FROM interaction_contacts AS ic WHERE ic."ownerId" = ${ownerId}::uuid AND ic."interactionId" = i.id AND ic."contactId" = ${filter.contactId}::uuid)`,
        ]
      : []),
  ]
  return {
    name: 'interactions',
    select: sql`i.*`,
    from: sql`interactions AS i`,
    where: join(conditions, ' AND '),
    keys: latestFirst(sql`i."occurredAt"`, sql`i.id`),
    varied: isGiven(filter),
  }
}

/** A contact's interactions, latest first. */
export function contactInteractionsListing(ownerId: Owner): Listing {
  return {
    name: 'contact interactions',
    select: sql`i.*`,
    from: sql`interaction_contacts AS ic JOIN interactions AS i ON i."ownerId" = ${ownerId}::uuid AND i.id = ic."interactionId"`,
    where: sql`ic."ownerId" = ${ownerId}::uuid AND ic."contactId" = parent.id AND i."hiddenAt" IS NULL`,
    keys: latestFirst(sql`ic."occurredAt"`, sql`ic."interactionId"`),
  }
}

/** The last counted interaction of each contact that has one. */
export async function lastInteractionOf(ctx: Ctx, contactIds: readonly string[]): Promise<Map<string, Interaction>> {
  const ownerId = ownerOf(ctx)
  const found = await rows<Interaction & { forContactId: string }>(
    ctx,
    sql`SELECT c.id AS "forContactId", last.* FROM contacts AS c CROSS JOIN LATERAL (
          SELECT i.* FROM interaction_contacts AS ic JOIN interactions AS i ON i."ownerId" = ic."ownerId" AND i.id = ic."interactionId"
          WHERE ic."ownerId" = ${ownerId}::uuid AND ic."contactId" = c.id AND ic.counted AND ic."occurredAt" <= c."lastInteractionAt" AND i."hiddenAt" IS NULL
          ORDER BY ic."occurredAt" DESC, ic."interactionId" DESC LIMIT 1) AS last
        WHERE c."ownerId" = ${ownerId}::uuid AND c.id = ANY(${[...contactIds]}::uuid[])`,
  )
  return new Map(found.map(({ forContactId, ...interaction }) => [forContactId, interaction]))
}

/** The last counted interaction of a contact, a whole row, within the contact's statement. */
export function lastInteractionRow(ownerId: Owner): Sql {
  return sql`SELECT i.* FROM interaction_contacts AS ic JOIN interactions AS i ON i."ownerId" = ${ownerId}::uuid AND i.id = ic."interactionId"
    WHERE ic."ownerId" = ${ownerId}::uuid AND ic."contactId" = parent.id AND ic.counted AND ic."occurredAt" <= parent."lastInteractionAt" AND i."hiddenAt" IS NULL
    ORDER BY ic."occurredAt" DESC, ic."interactionId" DESC LIMIT 1`
}

/** Interactions that are not hidden by their ids, whole rows, within a statement. */
export function shownInteractions(ownerId: Owner, is: Sql): Sql {
  return sql`SELECT i.* FROM interactions AS i WHERE i."ownerId" = ${ownerId}::uuid AND i.id ${is} AND i."hiddenAt" IS NULL`
}

/** Who took part in an interaction, without those whose contact lies in the bin, whole rows in order, within the interaction's statement; each with what its contact is called as "contactName". */
export function participantRows(ownerId: Owner): Sql {
  return sql`SELECT p.*, c."displayName" AS "contactName" FROM interaction_participants AS p
    LEFT JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = p."contactId" AND c."deletedAt" IS NULL
    WHERE p."ownerId" = ${ownerId}::uuid AND p."interactionId" = parent.id AND (p."contactId" IS NULL OR c.id IS NOT NULL) ORDER BY p.position`
}

/** What a participant is called, within their own statement: as the message or event has it, else as the contact is called. */
export function participantName(): Sql {
  return sql`coalesce(parent.name, parent."contactName")`
}

/** The contacts of an interaction that do not lie in the bin, whole rows in order, within the interaction's statement. */
export function contactRows(ownerId: Owner): Sql {
  return sql`SELECT c.* FROM interaction_contacts AS ic JOIN contacts AS c ON c."ownerId" = ${ownerId}::uuid AND c.id = ic."contactId"
    WHERE ic."ownerId" = ${ownerId}::uuid AND ic."interactionId" = parent.id AND c."deletedAt" IS NULL ORDER BY ic."contactId"`
}

function latestFirst(at: Sql, id: Sql): Listing['keys'] {
  return [
    { column: at, type: 'timestamptz', direction: 'desc', nulls: 'none' },
    { column: id, type: 'uuid', direction: 'desc', nulls: 'none' },
  ]
}
