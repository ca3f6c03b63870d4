import { LRUCache } from 'lru-cache'
import type { App } from '../app.ts'

/** For how long an owner's ledger is known to hold what a signal says, unless something is decided in this process; milliseconds. */
const heededForMs = 10_000

/** Forgets which signals an owner's ledger is known to hold, after something was decided. */
export function forgetHeeded(app: App, ownerId: string): void {
  const heeded = heededOf(app)
  for (const key of heeded.keys()) if (key.startsWith(ownerId)) heeded.delete(key)
}

const caches = new WeakMap<App, LRUCache<string, true>>()

/** The signals that owners' ledgers are known to hold: the owner and the signals' names. */
export function heededOf(app: App): LRUCache<string, true> {
  let cache = caches.get(app)
  if (!cache) caches.set(app, (cache = new LRUCache({ max: 20_000, ttl: heededForMs })))
  return cache
}
