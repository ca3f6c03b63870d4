import type { App } from '../app.ts'
import type { Db } from '../db/client.ts'
import type { Unit } from '../events/service.ts'
import type { Signals } from '../consent/service.ts'
import type { Clock } from './clock.ts'
import { ForbiddenError } from './errors.ts'

/** A permission that an API token carries, such as `contacts:read`. */
export type Scope = `${'contacts' | 'notes' | 'reminders' | 'interactions' | 'privacy' | 'account' | 'google'}:${'read' | 'write'}`

/** Who acts: a signed-in browser, an API token, Kith itself for an owner, or nobody known. */
export type Actor =
  | { kind: 'user'; ownerId: string; sessionId: string }
  | { kind: 'token'; ownerId: string; tokenId: string; scopes: ReadonlySet<Scope> }
  | { kind: 'system'; ownerId: string; reason: string }
  | { kind: 'anonymous' }

/** What every rule is a function of, besides its input: one shape for a resolver, a route and a job. */
export interface Ctx {
  readonly app: App
  /** Prisma, inside `inTransaction` the open transaction. */
  readonly db: Db
  readonly clock: Clock
  readonly actor: Actor
  readonly requestId: string
  /** What the browser that asks says of its owner's will; none where no browser asks. */
  readonly signals?: Signals
  /** The unit of work of the open transaction: events and outbox rows that commit with it. */
  readonly unit?: Unit
}

/** The owner to whom all that the actor may touch belongs. @throws ForbiddenError for an anonymous actor */
export function ownerOf(ctx: Ctx): string {
  if (ctx.actor.kind === 'anonymous') throw new ForbiddenError('Sign in first.')
  return ctx.actor.ownerId
}

/** The actor as events name it. */
export function actorName(actor: Actor): string {
  if (actor.kind === 'user') return `user:${actor.sessionId}`
  if (actor.kind === 'token') return `token:${actor.tokenId}`
  if (actor.kind === 'system') return `system:${actor.reason}`
  return 'anonymous'
}
