import { createApp } from '../../src/app.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { syncContacts } from '../google/support.ts'

// A worker to be killed: imports one owner's contacts over the databases that it is told.
const { config, key, ownerId, stateId } = JSON.parse(process.argv[2] ?? '{}')
const app = createApp(config, { masterKeys: [Buffer.from(key, 'base64')], googleClientSecret: 'simulator-client-secret' })
await syncContacts(systemCtx(app, ownerId, 'child'), stateId, { pageSize: 50 })
await app.close()
