import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { quarantine, restrain } from './restriction.ts'
import { subjectOf } from './subject.ts'

/**
 * What must not wait until a request is weighed, in the transaction in which it is known who asks: a use that is objected to stops (Article 18(1)(d)),
 * data whose accuracy somebody else disputes is only stored (18(1)(a)), and a child's is out of reach.
 */
export async function stopFirst(tx: Ctx, request: PrivacyRequest): Promise<void> {
  const at = toDate(tx.clock.now())
  if (request.type === 'MINOR_ERASURE') await quarantine(tx, await subjectOf(tx, request), at)
  const disputed = request.type === 'RECTIFICATION' && request.subject !== 'USER'
  if (request.type === 'OBJECTION' || disputed) await restrain(tx, await subjectOf(tx, request), at)
}
