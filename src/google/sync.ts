import type { Ctx } from '../core/ctx.ts'
import type { Model } from '../policy/policy.ts'
import type { Resource } from './features.ts'
import type { Run } from './run.ts'

/** How one resource is brought in and kept in step. Domains bring these (`Domain.syncs`); the engine runs them. */
export interface Sync {
  resource: Resource
  /** The tables that it touches, for the purpose of its feature. */
  models: readonly Model[]
  /**
   * Goes on where `run` stands, to the end: reads pages, commits each with its place (`step`), and ends with `finish`. Throws when it cannot go on; what was
   * committed by then is where the next run begins. @throws GoogleFailure, GrantEnded, LeaseLost, Yield
   */
  run(ctx: Ctx, run: Run): Promise<void>
  /** Deletes every row and blob that came from Google through it, and nothing else; in an open transaction. */
  purge(tx: Ctx): Promise<void>
  /** Matches anew what has one of these addresses (`ContactEmail.canonical`), because other contacts than before may have them; in an open transaction. */
  rematch?(tx: Ctx, canonical: readonly string[]): Promise<void>
  /** Tells Google to send no more news, as far as it can be reached; before the tokens go. */
  stop?(ctx: Ctx): Promise<void>
}
