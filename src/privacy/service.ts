import type { Ctx } from '../core/ctx.ts'
import { ownerOf } from '../core/ctx.ts'
import { isAccountRestricted } from './restriction.ts'

/** Whether the data of the actor's account may only be stored: jobs, sync, search, mail and exports to others then leave it alone. */
export function isRestricted(ctx: Ctx): Promise<boolean> {
  return isAccountRestricted(ctx, ownerOf(ctx))
}

export type { Downloads, Executed, Execution, Executor, Place, RequestSubject, Restraint, Target } from './execution.ts'
// What the pages on which people meet their rights need.
export { type PrivacyCase, readCase } from './cases.ts'
export { complaintRoute, everything, type PartDecision, remedyRoute } from './decision.ts'
export { decisionOf } from './inside.ts'
export * as officers from './officers.ts'
export { confirm, sendCodeAgain, verify } from './prove.ts'
export { eventsOf, findOwn, follow, ownListing, submit, submitOpenly, type Submission, type OpenSubmission, withdraw, withdrawOpenly } from './requests.ts'
export { followToken } from './follow.ts'
export { officerOf } from './roles.ts'
export { isOverdue, dueNow } from './schedule.ts'
export * from './vocabulary.ts'
