import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { ownerOf } from '../core/ctx.ts'
import { rows, sql } from '../db/client.ts'
import { controllerId } from './controller.ts'
import { followLink } from './follow.ts'
import { replyAddressOf } from './inside.ts'
import { isAccountRestricted } from './restriction.ts'

/** Whether the data of the actor's account may only be stored: jobs, sync, search, mail and exports to others then leave it alone. */
export function isRestricted(ctx: Ctx): Promise<boolean> {
  return isAccountRestricted(ctx, ownerOf(ctx))
}

/** The addresses that answers to a request go to, while they are known. */
export async function addressesOf(app: App, requestId: string): Promise<string[]> {
  const request = await app.database.prisma.privacyRequest.findUnique({ where: { ownerId_id: { ownerId: controllerId, id: requestId } } })
  const address = request && (await replyAddressOf({ app }, request))
  return address ? [address] : []
}

/** Where the holder of an account that is to be erased at their own wish follows that; null when nobody has asked for it. */
export async function erasureLink(ctx: Pick<Ctx, 'app' | 'db' | 'unit'>, ownerId: string): Promise<string | null> {
  const [request] = await rows<{ id: string }>(
    ctx,
    sql`SELECT id FROM privacy_requests WHERE "ownerId" = ${controllerId}::uuid AND "subjectOwnerId" = ${ownerId}::uuid AND type = 'ERASURE' AND "closedAt" IS NULL ORDER BY "createdAt" DESC LIMIT 1`,
  )
  return request ? followLink(ctx.app, request.id) : null
}

export { announceDownload, downloaded } from './downloaded.ts'
export { isFresh } from './holder.ts'
export { proveForDownload, sendCodeForDownload } from './proveAgain.ts'
export { controllerActor, controllerId, controllerVault } from './controller.ts'
export { requestChain } from './chain.ts'
export { followLink, followToken, requestOfToken } from './follow.ts'
export { identifiersOf } from './subject.ts'
export type { Downloads, Executed, Execution, Executor, Place, RequestSubject, Restraint, Target } from './execution.ts'
// What the pages on which people meet their rights need.
export { type PrivacyCase, readCase } from './cases.ts'
export { complaintRoute, everything, type PartDecision, remedyRoute } from './decision.ts'
export { decisionOf } from './inside.ts'
export * as officers from './officers.ts'
export { contactsNamed, reportMinorAccount, reportMinorContact } from './minors.ts'
export { confirm, sendCodeAgain, verify } from './prove.ts'
export { eventsOf, findOwn, follow, ownListing, submit, submitOpenly, type Submission, type OpenSubmission, withdraw, withdrawOpenly } from './requests.ts'
export { officerOf } from './roles.ts'
export { decisionText } from './wording.ts'
export { isOverdue, dueNow } from './schedule.ts'
export * from './vocabulary.ts'
