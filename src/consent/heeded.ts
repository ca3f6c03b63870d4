import type { App } from '../app.ts'
import { type Remembered, remember } from '../db/remembered.ts'

/** For how long an owner's ledger is known to hold what a signal says at most, milliseconds, unless something is decided. */
const lifeMs = 5 * 60_000

const memories = new WeakMap<App, Remembered<{ ownerId: string }>>()

/** The signals that owners' ledgers are known to hold. */
export function heededOf(app: App): Remembered<{ ownerId: string }> {
  let memory = memories.get(app)
  if (!memory) memories.set(app, (memory = remember(app, { max: 20_000, lifeMs, tagsOf: ({ ownerId }) => [ownerId] })))
  return memory
}
