import { toDate } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { send, sql } from '../db/client.ts'
import { refreshFollowUps } from '../followUps/service.ts'

/** Derives when the contacts were last in touch, from counted interactions that have happened; nothing else ever writes it. Follow-up clocks follow. */
export async function refreshLastInteractions(tx: Ctx, contactIds: readonly string[]): Promise<void> {
  if (contactIds.length === 0) return
  const ownerId = ownerOf(tx)
  // Locked by a statement of its own: only the next one sees what another transaction logged while this one waited.
  send(tx, sql`SELECT id FROM contacts WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${[...contactIds]}::uuid[]) ORDER BY id FOR NO KEY UPDATE`)
  send(
    tx,
    sql`UPDATE contacts AS c SET "lastInteractionAt" = last.any_at, "lastInboundAt" = last.inbound_at, "lastOutboundAt" = last.outbound_at
        FROM unnest(${[...contactIds]}::uuid[]) AS wanted(id)
        CROSS JOIN LATERAL (
          SELECT max(ic."occurredAt") AS any_at,
                 max(ic."occurredAt") FILTER (WHERE ic.direction IN ('INBOUND', 'MUTUAL')) AS inbound_at,
                 max(ic."occurredAt") FILTER (WHERE ic.direction IN ('OUTBOUND', 'MUTUAL')) AS outbound_at
          FROM interaction_contacts AS ic
          WHERE ic."ownerId" = ${ownerId}::uuid AND ic."contactId" = wanted.id AND ic.counted AND ic."occurredAt" <= ${toDate(tx.clock.now())}::timestamptz
        ) AS last
        WHERE c."ownerId" = ${ownerId}::uuid AND c.id = wanted.id
          AND (c."lastInteractionAt", c."lastInboundAt", c."lastOutboundAt") IS DISTINCT FROM (last.any_at, last.inbound_at, last.outbound_at)`,
  )
  await refreshFollowUps(tx, contactIds)
}
