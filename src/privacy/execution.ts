import type { Ctx } from '../core/ctx.ts'
import type { Details } from './details.ts'
import type { PartDecision } from './decision.ts'
import type { Regime, RequestType } from './vocabulary.ts'

/** A contact that an address or number of somebody stands in. Whose address book it is, is told to nobody. */
export interface Place {
  ownerId: string
  contactId: string
}

/** Whose data a request is carried out on. */
export type RequestSubject =
  | { kind: 'USER'; ownerId: string }
  /** Somebody without an account: the contacts that hold an address or number that was proven to be theirs, found when it is carried out. */
  | { kind: 'PERSON'; places: readonly Place[]; hashes: readonly Uint8Array[] }

/** An approved request, ready to be carried out. */
export interface Execution {
  requestId: string
  type: RequestType
  regime: Regime
  subject: RequestSubject
  details: Details
  /** What was granted and what was refused; what was refused is left as it is. */
  decision: readonly PartDecision[]
}

/** How one domain's part ended. DOWNLOAD: there is something to fetch, for seven days. Null: it has no part in this one; where nobody has, the request has failed. */
export type Executed = 'DONE' | 'DOWNLOAD' | null

/**
 * Carries out one domain's part of a request, outside of any transaction. It may be called again after a crash or a failure, and then must find what
 * it has done. @throws Error when it could not: the request is shown as failed and is tried again
 */
export type Executor = (ctx: Ctx, execution: Execution) => Promise<Executed>

/** Whose data of an owner is kept from being used: all of the account, or one contact. */
export type Target = { kind: 'ACCOUNT' } | { kind: 'CONTACT'; contactId: string }

/** How a domain keeps data from being used. Each runs in the open transaction of the data's owner, and may be called again. */
export interface Restraint {
  /** Only stored from an instant on, or used again (null). */
  restrict?: (tx: Ctx, target: Target, at: Date | null) => Promise<void>
  /** Out of everybody's reach from an instant on until it is erased, or within reach again (null), where the erasure was called back. */
  quarantine?: (tx: Ctx, target: Target, at: Date | null) => Promise<void>
}

/** How the answer to an ACCESS or PORTABILITY request is fetched: by a link that is good once and for some minutes. The domain that makes the answers brings it. */
export interface Downloads {
  /** A link for the signed-in holder. @throws ForbiddenError when the sign-in is too old, NotFoundError when there is nothing to fetch */
  link: (ctx: Ctx, requestId: string) => Promise<{ url: string }>
  /** Sends a code to somebody without an account; says nothing of whether it does. @throws ConflictError */
  sendCode: (ctx: Ctx, followToken: string) => Promise<void>
  /** A link for whoever has that code. @throws InvalidInputError, NotFoundError */
  linkByCode: (ctx: Ctx, followToken: string, code: string) => Promise<{ url: string }>
}
