import type { Ctx } from '../core/ctx.ts'
import { ownerOf } from '../core/ctx.ts'
import { isAccountRestricted } from './restriction.ts'

/** Whether the data of the actor's account may only be stored: jobs, sync, search, mail and exports to others then leave it alone. */
export function isRestricted(ctx: Ctx): Promise<boolean> {
  return isAccountRestricted(ctx, ownerOf(ctx))
}

export type { Executed, Execution, Executor, Place, RequestSubject, Restraint, Target } from './execution.ts'
export { controllerActor, controllerId } from './controller.ts'
export { announceDownload, downloaded } from './downloaded.ts'
export { isFresh } from './holder.ts'
export { proveForDownload, sendCodeForDownload } from './proveAgain.ts'
