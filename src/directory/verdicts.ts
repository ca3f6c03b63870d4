import type { App } from '../app.ts'
import type { Actor } from '../core/ctx.ts'
import { type Remembered, remember } from '../db/remembered.ts'

/** How long a credential that was found good is taken for good at most, milliseconds; its last use is written down as often. */
const lifeMs = 5 * 60_000

/** A credential that was found good: whom it lets in, and when it ends by itself. */
export interface Verdict {
  actor: Exclude<Actor, { kind: 'anonymous' }>
  entityId: string
  expiresAt: Temporal.Instant
}

/** The verdict on a credential that is remembered, until a notice tells of its end, its owner's, or the clock says so; else a fresh one. Bad credentials are not remembered. */
export async function verdictOn(app: App, key: string, check: () => Promise<Verdict | null>): Promise<Verdict | null> {
  const verdicts = verdictsOf(app)
  const known = verdicts.get(key)
  if (known && Temporal.Instant.compare(app.clock.now(), known.expiresAt) < 0) return known
  return verdicts.renew(key, check)
}

const memories = new WeakMap<App, Remembered<Verdict>>()

function verdictsOf(app: App): Remembered<Verdict> {
  let memory = memories.get(app)
  if (!memory) {
    const tagsOf = ({ entityId, actor }: Verdict): string[] => [entityId, actor.ownerId]
    memories.set(app, (memory = remember(app, { max: 20_000, lifeMs, tagsOf })))
  }
  return memory
}
