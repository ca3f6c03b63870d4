import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { empty, rows, sql } from '../db/client.ts'
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
  const stop = await stopOf(tx, request)
  if (stop === null) return
  await (stop === 'OUT_OF_REACH' ? quarantine : restrain)(tx, await subjectOf(tx, request), toDate(tx.clock.now()))
}

/** Gives back what was stopped when a request comes to nothing: it was called back, or it was one to erase and was refused. What another request has stopped as well stays so. */
export async function goOnAgain(tx: Ctx, request: PrivacyRequest): Promise<void> {
  // What was found to be a child's is not given back at anybody's wish.
  if (request.type === 'MINOR_ERASURE' || request.provenLevel < request.requiredLevel) return
  const stop = await stopOf(tx, request)
  if (stop === null || (await isStoppedBesides(tx, request))) return
  await (stop === 'OUT_OF_REACH' ? quarantine : restrain)(tx, await subjectOf(tx, request), null)
}

/** Lets be used again what a request let only be stored, unless another one does too. */
export async function letBeUsed(tx: Ctx, request: PrivacyRequest): Promise<void> {
  if (!(await isStoppedBesides(tx, request))) await restrain(tx, await subjectOf(tx, request), null)
}

/** How a request stops a use before it is weighed. */
async function stopOf(tx: Ctx, request: PrivacyRequest): Promise<'OUT_OF_REACH' | 'ONLY_STORED' | null> {
  const { type, subject } = request
  if (type === 'MINOR_ERASURE' || isAccountErasure(request)) return 'OUT_OF_REACH'
  if (type === 'OBJECTION') return (await isStopping(tx, request)) ? 'ONLY_STORED' : null
  // What somebody without an account wants gone, or says is wrong, is weighed first, and meanwhile only stored.
  return (type === 'RECTIFICATION' || type === 'ERASURE') && subject !== 'USER' ? 'ONLY_STORED' : null
}

/** Whether an objection is to a use that stops by it: to what cannot be objected to nothing stops, and marketing ends by itself. */
async function isStopping(tx: Ctx, request: Pick<PrivacyRequest, 'id' | 'details'>): Promise<boolean> {
  const { purpose } = await detailsOf(tx, request)
  return purpose !== 'MARKETING' && (purpose === null || canObjectTo(tx.app.policies, purpose))
}

function isAccountErasure({ type, subject }: PrivacyRequest): boolean {
  return type === 'ERASURE' && subject === 'USER'
}

/** Whether another request stands that has stopped the same: an account's erasure keeps it out of reach; anything else that was neither refused nor lifted lets data only be stored. */
async function isStoppedBesides(tx: Ctx, request: PrivacyRequest): Promise<boolean> {
  const { id, subject, subjectOwnerId, addressHash } = request
  const erasing = sql`(r.type IN ('ERASURE', 'MINOR_ERASURE') AND r."closedAt" IS NULL)`
  const onlyStored = sql`((r.type = 'RESTRICTION' OR (r.type = 'RECTIFICATION' AND r.subject <> 'USER' AND r."closedAt" IS NULL) OR (r.type = 'OBJECTION' AND (r."closedAt" IS NULL OR r.state = 'COMPLETED')))
          AND r.state NOT IN ('DENIED', 'WITHDRAWN', 'DUPLICATE')
          AND NOT EXISTS (SELECT 1 FROM privacy_request_events AS e WHERE e."ownerId" = ${controllerId}::uuid AND e."requestId" = r.id AND e."reasonCode" = 'LIFTED'))`
  const found = await rows<Pick<PrivacyRequest, 'id' | 'type' | 'details'>>(
    tx,
    sql`SELECT r.id, r.type, r.details FROM privacy_requests AS r WHERE r."ownerId" = ${controllerId}::uuid AND r.id <> ${id}::uuid AND r."provenLevel" >= r."requiredLevel"
        AND (${isAccountErasure(request) ? erasing : onlyStored} ${!isAccountErasure(request) && subject !== 'USER' ? sql`OR ${erasing}` : empty})
        AND (r."subjectOwnerId" = ${subjectOwnerId}::uuid OR r."addressHash" = ${addressHash}::bytea)`,
  )
  for (const other of found) if (other.type !== 'OBJECTION' || (await isStopping(tx, other))) return true
  return false
}
