import { type Ctx, ownerOf } from '../core/ctx.ts'
import { join, rows, type Sql, sql } from '../db/client.ts'
import type { Interaction } from '../db/generated/prisma/client.ts'
import { type InstantFilter, instantConditions, isGiven } from '../db/filters.ts'
import type { Listing } from '../db/keyset.ts'

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
export function contactInteractionsListing(ctx: Ctx): Listing {
  const ownerId = ownerOf(ctx)
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

function latestFirst(at: Sql, id: Sql): Listing['keys'] {
  return [
    { column: at, type: 'timestamptz', direction: 'desc', nulls: 'none' },
    { column: id, type: 'uuid', direction: 'desc', nulls: 'none' },
  ]
}
