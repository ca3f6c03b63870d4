import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'
import type { Actor } from '../core/ctx.ts'

/** How long a credential that was found good is taken for good without asking again: what bounds how long a revoked one lives on in another process. */
const trusted = { milliseconds: 900 }

/** A credential that was found good: whom it lets in, and when it ends by itself. */
export interface Verdict {
  actor: Exclude<Actor, { kind: 'anonymous' }>
  entityId: string
  expiresAt: Temporal.Instant
}

interface Remembered extends Verdict {
  checkedAt: Temporal.Instant
}

/** The verdict on a credential if it was given within the last second, else a fresh one. Bad credentials are not remembered. */
export async function verdictOn(app: App, key: string, check: () => Promise<Verdict | null>): Promise<Verdict | null> {
  const verdicts = verdictsOf(app)
  const now = app.clock.now()
  const known = verdicts.get(key)
  if (known && isBetween(known.checkedAt, now, known.checkedAt.add(trusted)) && Temporal.Instant.compare(now, known.expiresAt) < 0) return known
  const verdict = await check()
  if (verdict) verdicts.set(key, { ...verdict, checkedAt: now })
  else verdicts.delete(key)
  return verdict
}

/** Forgets what was found about a credential, so that revoking it holds at once in this process. */
export function forgetVerdicts(app: App, entityIds: readonly string[]): void {
  const verdicts = verdictsOf(app)
  for (const [key, verdict] of verdicts.entries()) if (entityIds.includes(verdict.entityId)) verdicts.delete(key)
}

const caches = new WeakMap<App, LRUCache<string, Remembered>>()

function verdictsOf(app: App): LRUCache<string, Remembered> {
  let cache = caches.get(app)
  if (!cache) caches.set(app, (cache = new LRUCache({ max: 20_000 })))
  return cache
}

function isBetween(from: Temporal.Instant, instant: Temporal.Instant, to: Temporal.Instant): boolean {
  return Temporal.Instant.compare(from, instant) <= 0 && Temporal.Instant.compare(instant, to) < 0
}
