import type { Hono } from 'hono'
import type { App } from './app.ts'
import type { Ctx } from './core/ctx.ts'
import type { Attachments, Rendering, Restoring } from './archive/forms.ts'
import type { Job } from './jobs/job.ts'
import type { DueSource } from './jobs/rebuild.ts'
import type { Sync } from './google/sync.ts'
import type { Relay } from './jobs/relay.ts'
import type { ModelPolicy, Model } from './policy/policy.ts'
import type { Downloads, Executor, Restraint } from './privacy/execution.ts'
import type { RequestType } from './privacy/vocabulary.ts'

/** What a domain brings: the rules of its models, its jobs, what its events and outbox rows set off, its HTTP routes. Its GraphQL types register by import. */
export interface Domain {
  name: string
  policies: { [M in Model]?: ModelPolicy<M> }
  jobs?: readonly Job[]
  /** Answers for outbox rows of these kinds; called at least once each, after the commit. */
  effects?: Relay['handlers']
  /** Which job does what falls due under a kind of the due directory; its payload is { ownerId, entityId }. */
  dues?: Readonly<Record<string, string>>
  /** What its entries in the due directory are made from; needed by every domain with `dues`. */
  dueSources?: readonly DueSource[]
  /** What it keeps in sync with Google. */
  syncs?: readonly Sync[]
  /** What it does to carry out an approved privacy request of a type; called at least once each, so each call must find what the one before has done. */
  executes?: Readonly<Partial<Record<RequestType, Executor>>>
  /** How it keeps data from being used that may only be stored, or not even be seen. */
  restraint?: Restraint
  /** Files of an archive in forms that other programs read. */
  renders?: readonly Rendering[]
  /** Files of an archive that its records name. */
  attaches?: readonly Attachments[]
  /** How records of an archive become rows again; a model that nobody restores stays behind. */
  restores?: readonly Restoring[]
  /** How answers that are files are fetched; one domain brings it. */
  downloads?: Downloads
  routes?: (app: App) => Hono
  /** Whether it holds the ctx's owner restricted to storage (GDPR, Article 18): then nothing is done with their data on Kith's own initiative. */
  restricts?: (ctx: Ctx) => Promise<boolean>
}

/** Declares a domain, keeping the exact models it has policies for, so that the list of all of them can be checked for gaps. */
export function defineDomain<const D extends Domain>(domain: D): D {
  return domain
}
