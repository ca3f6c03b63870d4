import { createApp } from '../../src/app.ts'
import { startWorker } from '../../src/worker.ts'

// A worker as `kith worker` is one, over the databases that it is told; it ends when its parent lets go of it.
const { config, key } = JSON.parse(process.argv[2] ?? '{}')
const app = createApp(config, { masterKeys: [Buffer.from(key, 'base64')], googleClientSecret: 'simulator-client-secret' })
await app.queue.start()
const worker = await startWorker(app)
process.send?.('ready')
process.on('disconnect', () => void worker.stop().then(() => app.close()))
