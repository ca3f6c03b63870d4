import type { App } from '../app.ts'
import type { Actor, Ctx } from '../core/ctx.ts'
import { inTransactionOf } from '../events/service.ts'
import type { OwnerVault } from '../vault/vault.ts'
import { controllerId } from '../core/controllerId.ts'

export { controllerId }

/** The actor of what is done for the controller, and why. */
export function controllerActor(reason: string): Extract<Actor, { kind: 'system' }> {
  return { kind: 'system', ownerId: controllerId, reason }
}

/** Runs work on the controller's rows, in a transaction of its own or in the one open. */
export function asController<T>(ctx: Ctx, reason: string, work: (tx: Ctx) => Promise<T>): Promise<T> {
  return inTransactionOf(ctx, controllerActor(reason), work)
}

/** The controller's keys. What they hash stays recognisable when the master key changes. */
export function controllerVault(app: App): Promise<OwnerVault> {
  return app.vault.of(controllerId)
}
