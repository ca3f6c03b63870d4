// A worker that carries out an approved erasure, stops for good at one moment of it, and waits to be killed.
import { createApp } from '../../src/app.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { eraseWatched } from '../../src/erasure/execute.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { runRequest } from '../../src/privacy/run.ts'
import { controllerId } from '../../src/privacy/service.ts'
import type { Stopping } from './erasure-kill.test.ts'

const told = JSON.parse(process.argv[2] ?? '') as Stopping
const app = createApp(told.config, { masterKeys: [Buffer.from(told.masterKey, 'hex')], googleClientSecret: null } as never, { clock: fixedClock(told.now) })
const watched = eraseWatched(async (moment) => {
  if (moment !== told.moment) return
  process.stdout.write('stopped\n')
  await new Promise(() => setInterval(() => {}, 60_000))
})
Object.assign(app, { executorsOf: () => [watched], relay: { ...app.relay, nudge: () => {} } })
await runRequest(systemCtx(app, controllerId, 'child'), told.requestId)
process.stdout.write('ended\n')
process.exit(0)
