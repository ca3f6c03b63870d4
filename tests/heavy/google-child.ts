import { createApp } from '../../src/app.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { smallPages, syncWhole } from '../google/whole.ts'

// A worker to be killed: syncs all that an owner has connected, over the databases that it is told. It is killed right after so many committed steps, or at so many statements.
const { config, key, now, ownerId, killAfter, killAt } = JSON.parse(process.argv[2] ?? '{}')
let [steps, statements] = [0, 0]
const app = createApp(
  config,
  { masterKeys: [Buffer.from(key, 'base64')], googleClientSecret: 'simulator-client-secret' },
  {
    clock: fixedClock(now),
    afterStep: () => {
      steps += 1
      if (steps === killAfter) process.kill(process.pid, 'SIGKILL')
    },
    onQuery: () => {
      statements += 1
      // The statement is on its way to the database by then, and what it belongs to has not committed.
      if (statements === killAt) setImmediate(() => process.kill(process.pid, 'SIGKILL'))
    },
  },
)
Object.assign(app, { relay: { ...app.relay, nudge: () => {} }, syncs: { ...app.syncs, ...smallPages } })
await syncWhole(app, ownerId)
await app.close()
process.send?.({ steps, statements })
process.disconnect?.()
