import { setTimeout as wait } from 'node:timers/promises'
import type { Ctx } from '../core/ctx.ts'
import { type FeatureState, readFeatures } from './service.ts'

/** How often the states are looked at, milliseconds: as often as a person can follow. */
const everyMs = 1000
/** A stream ends by itself after so long; a client that is still there opens another. */
const longest = { minutes: 15 }

/** How each connected feature stands now, and then each change of it, until the stream has been open for 15 minutes or the server is told to stop. */
export async function* followProgress(ctx: Ctx): AsyncGenerator<FeatureState, void> {
  const until = ctx.clock.now().add(longest)
  const told = new Map<string, string>()
  while (!ctx.app.state.stopping && Temporal.Instant.compare(ctx.clock.now(), until) < 0) {
    for (const state of await readFeatures(ctx)) {
      const text = JSON.stringify(state)
      const before = told.get(state.feature)
      told.set(state.feature, text)
      if (before === undefined ? state.status !== 'OFF' : before !== text) yield state
    }
    await wait(everyMs, undefined, { ref: false })
  }
}
