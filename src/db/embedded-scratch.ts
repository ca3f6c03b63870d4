import { chmod, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeEmbedded, startEmbedded, type Embedded } from './embedded.ts'

const prefix = 'kith-scratch-'

/** Starts an empty server for a test run or a script, fast and not durable; `stop` deletes it. Clears away those of runs that were killed. */
export async function startScratch(): Promise<Embedded> {
  await sweep()
  const dataDir = await mkdtemp(join(tmpdir(), prefix))
  await chmod(dataDir, 0o711) // PostgreSQL's user must get through
  const embedded = await startEmbedded({ dataDir, durable: false }).catch(async (error: unknown) => {
    await rm(dataDir, { recursive: true })
    throw error
  })
  return {
    ...embedded,
    stop: async () => {
      await embedded.stop()
      await removeEmbedded(dataDir)
    },
  }
}

async function sweep(): Promise<void> {
  const uid = process.getuid?.()
  for (const name of await readdir(tmpdir())) {
    if (!name.startsWith(prefix)) continue
    const path = join(tmpdir(), name)
    const found = await stat(path).catch(() => undefined)
    if (found?.uid === uid) await removeEmbedded(path).catch(() => {}) // another run may be sweeping too
  }
}
