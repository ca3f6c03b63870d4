// The worker of bench/export.ts: makes one archive over the databases it is told of, and tells what that took.
import { buildArchive } from '../src/archive/build.ts'
import { createApp } from '../src/app.ts'
import { collectSooner } from '../src/worker.ts'
import { systemCtx } from '../src/jobs/relay.ts'

collectSooner()
const { config, key, ownerId, requestId } = JSON.parse(process.argv[2] ?? '{}')
const app = createApp(config, { masterKeys: [Buffer.from(key, 'base64')], googleClientSecret: null })
await app.vault.of(ownerId)
await app.database.prisma.contact.findFirst({ where: { ownerId } })
const before = process.memoryUsage.rss()
let most = before
const watch = setInterval(() => (most = Math.max(most, process.memoryUsage.rss())), 10)
const [begun, worked] = [performance.now(), process.cpuUsage()]
await buildArchive(systemCtx(app, ownerId, 'bench'), { ownerId, requestId, scope: 'ACCESS', whose: { kind: 'HOLDER', ownerId } })
const { user, system } = process.cpuUsage(worked)
clearInterval(watch)
console.log(JSON.stringify({ seconds: (performance.now() - begun) / 1000, cpuSeconds: (user + system) / 1e6, before, most }))
await app.close()
