// A worker that stops for good in the middle of sending one message, and waits to be killed.
import { createApp } from '../../src/app.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { createMailer } from '../../src/deliveries/mailer.ts'
import { runDelivery } from '../../src/deliveries/send.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { testConfig } from '../support/app.ts'
import type { Sending } from './deliveries.test.ts'

const told = JSON.parse(process.argv[2] ?? '') as Sending
const clock = fixedClock(told.now)
const config = { ...testConfig(told.dataDir), smtpUrl: told.smtpUrl, databaseUrl: told.url, keysDatabaseUrl: told.keysUrl }
const mailer = createMailer(config, clock)
const app = createApp(
  config,
  { masterKeys: [Buffer.from(told.masterKey, 'hex')], googleClientSecret: null },
  {
    clock,
    mail: {
      send: async (message) => {
        if (told.stop === 'after acceptance') await mailer.send(message)
        process.stdout.write('stopped\n')
        await new Promise(() => setInterval(() => {}, 60_000))
      },
    },
  },
)
await runDelivery(systemCtx(app, told.ownerId, 'child'), told.deliveryId)
