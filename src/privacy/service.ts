import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { ownerOf } from '../core/ctx.ts'
import { controllerId } from './controller.ts'
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

export type { Executed, Execution, Executor, Place, RequestSubject, Restraint, Target } from './execution.ts'
export { controllerActor, controllerId, controllerVault } from './controller.ts'
export { requestChain } from './chain.ts'
export { followLink, requestOfToken } from './follow.ts'
export { identifiersOf } from './subject.ts'
