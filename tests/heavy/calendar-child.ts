import { createApp } from '../../src/app.ts'
import { scheduleEvent } from '../../src/calendar/scheduling.ts'
import { calendarSync } from '../../src/calendar/sync.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { runSync } from '../../src/google/runSync.ts'
import { systemCtx } from '../../src/jobs/relay.ts'

// A worker to be killed: syncs one owner's calendar, or puts an event into it, over the databases that it is told. With `killAfter` it is killed right after so many transactions.
const { config, key, now, ownerId, stateId, killAfter, event } = JSON.parse(process.argv[2] ?? '{}')
let steps = 0
const app = createApp(
  config,
  { masterKeys: [Buffer.from(key, 'base64')], googleClientSecret: 'simulator-client-secret' },
  {
    clock: fixedClock(now),
    afterStep: () => {
      steps += 1
      if (steps === killAfter) process.kill(process.pid, 'SIGKILL')
    },
  },
)
const ctx = systemCtx({ ...app, syncs: { ...app.syncs, calendar: calendarSync({ pageSize: 3 }) } }, ownerId, 'child')
if (event) await scheduleEvent(ctx, event)
else await runSync(ctx, stateId)
await app.close()
