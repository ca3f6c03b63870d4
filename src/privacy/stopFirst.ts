import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { detailsOf } from './inside.ts'
import { canObjectTo } from './rights.ts'
import { controllerId } from './controller.ts'
import { quarantine, restrain } from './restriction.ts'
import { subjectOf } from './subject.ts'

/**
 * What must not wait until a request is weighed, in the transaction in which it is known who asks: a use that is objected to stops (Article 18(1)(d)),
 * data whose accuracy somebody else disputes is only stored (18(1)(a)), and a child's, or an account that its holder wants gone, is out of reach.
 */
export async function stopFirst(tx: Ctx, request: PrivacyRequest): Promise<void> {
  const at = toDate(tx.clock.now())
  if (request.type === 'MINOR_ERASURE' || isAccountErasure(request)) await quarantine(tx, await subjectOf(tx, request), at)
  // To what cannot be objected to, nothing stops.
  const { purpose } = await detailsOf(tx, request)
  const objected = request.type === 'OBJECTION' && purpose !== 'MARKETING' && (purpose === null || canObjectTo(tx.app.policies, purpose))
  const disputed = request.type === 'RECTIFICATION' && request.subject !== 'USER'
  // What somebody without an account wants gone is weighed first, and meanwhile only stored.
  const weighed = request.type === 'ERASURE' && request.subject !== 'USER'
  if (objected || disputed || weighed) await restrain(tx, await subjectOf(tx, request), at)
}

/** Gives back what was stopped when a request to erase comes to nothing: it was called back, or refused. */
export async function goOnAgain(tx: Ctx, request: PrivacyRequest): Promise<void> {
  if (request.type !== 'ERASURE' || request.provenLevel < request.requiredLevel || (await isStoppedBesides(tx, request))) return
  const subject = await subjectOf(tx, request)
  if (isAccountErasure(request)) await quarantine(tx, subject, null)
  else await restrain(tx, subject, null)
}

function isAccountErasure({ type, subject }: PrivacyRequest): boolean {
  return type === 'ERASURE' && subject === 'USER'
}

/** Whether another request stands that has stopped the same: an erasure, or of somebody without an account whatever lets data only be stored and was neither refused nor lifted. */
async function isStoppedBesides(tx: Ctx, request: PrivacyRequest): Promise<boolean> {
  const { id, subjectOwnerId, addressHash } = request
  const onlyStored = isAccountErasure(request)
    ? sql`false`
    : sql`(r.type = 'RESTRICTION' OR (r.type IN ('OBJECTION', 'RECTIFICATION') AND r."closedAt" IS NULL) OR (r.type = 'OBJECTION' AND r.state = 'COMPLETED'))
          AND r.state NOT IN ('DENIED', 'WITHDRAWN', 'DUPLICATE')
          AND NOT EXISTS (SELECT 1 FROM privacy_request_events AS e WHERE e."ownerId" = ${controllerId}::uuid AND e."requestId" = r.id AND e."reasonCode" = 'LIFTED')`
  const found = await rows(
    tx,
    sql`SELECT 1 FROM privacy_requests AS r WHERE r."ownerId" = ${controllerId}::uuid AND r.id <> ${id}::uuid AND r."provenLevel" >= r."requiredLevel"
        AND ((r.type IN ('ERASURE', 'MINOR_ERASURE') AND r."closedAt" IS NULL) OR (${onlyStored}))
        AND (r."subjectOwnerId" = ${subjectOwnerId}::uuid OR r."addressHash" = ${addressHash}::bytea) LIMIT 1`,
  )
  return found.length > 0
}
