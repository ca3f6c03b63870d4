import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import type { PrivacyRequest } from '../db/generated/prisma/client.ts'
import { detailsOf } from './inside.ts'
import { canObjectTo } from './rights.ts'
import { quarantine, restrain } from './restriction.ts'
import { subjectOf } from './subject.ts'

/**
 * What must not wait until a request is weighed, in the transaction in which it is known who asks: a use that is objected to stops (Article 18(1)(d)),
 * data whose accuracy somebody else disputes is only stored (18(1)(a)), and a child's is out of reach.
 */
export async function stopFirst(tx: Ctx, request: PrivacyRequest): Promise<void> {
  const at = toDate(tx.clock.now())
  if (request.type === 'MINOR_ERASURE') await quarantine(tx, await subjectOf(tx, request), at)
  // To what cannot be objected to, nothing stops.
  const { purpose } = await detailsOf(tx, request)
  const objected = request.type === 'OBJECTION' && purpose !== 'MARKETING' && (purpose === null || canObjectTo(tx.app.policies, purpose))
  const disputed = request.type === 'RECTIFICATION' && request.subject !== 'USER'
  if (objected || disputed) await restrain(tx, await subjectOf(tx, request), at)
}
