import { createApp } from '../../src/app.ts'
import { buildArchive } from '../../src/archive/build.ts'
import { systemCtx } from '../../src/jobs/relay.ts'

// A worker to be killed: makes an archive over the databases that it is told, and says which step it has come to.
const { config, key, ownerId, requestId } = JSON.parse(process.argv[2] ?? '{}')
const app = createApp(config, { masterKeys: [Buffer.from(key, 'base64')], googleClientSecret: null })
const say = (step: string): Promise<void> => new Promise((resolve) => void process.stdout.write(`${step}\n`, () => resolve()))
/** Says a step and gives whoever watches time to end the process right there. */
const stop = async (step: string): Promise<void> => {
  await say(step)
  await new Promise((resolve) => setTimeout(resolve, 3000))
}
const { putStream, deleteAll } = app.blobs
Object.assign(app.blobs, {
  deleteAll: async (prefix: string) => {
    await deleteAll.call(app.blobs, prefix)
    await stop('cleared')
  },
  putStream: async (name: string, content: NodeJS.ReadableStream) => {
    await stop('begun')
    let told = false
    content.on('data', () => {
      if (!told) void say('storing')
      told = true
    })
    await putStream.call(app.blobs, name, content as never)
    await stop('stored')
  },
})
await buildArchive(systemCtx(app, ownerId, 'child'), { ownerId, requestId, scope: 'ACCESS', whose: { kind: 'HOLDER', ownerId } })
await stop('ready')
await app.close()
