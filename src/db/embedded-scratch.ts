import { chmod, mkdtemp, readdir, rm, stat, statfs } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { removeEmbedded, startEmbedded, type Embedded } from './embedded.ts'

const prefix = 'kith-scratch-'

/** Linux's directory in memory, where a database of many small files is cloned ten times as fast. Containers often give it a mere 64 MB. */
const memory = '/dev/shm'
const enoughBytes = 2 * 1024 ** 3

/** Starts an empty server for a test run or a script, fast and not durable; `stop` deletes it. Clears away those of runs that were killed. */
export async function startScratch(): Promise<Embedded> {
  for (const place of [memory, tmpdir()]) await sweep(place)
  const dataDir = (await makeIn(memory)) ?? (await mkdtemp(join(tmpdir(), prefix)))
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

async function makeIn(directory: string): Promise<string | undefined> {
  try {
    const { bavail, bsize } = await statfs(directory)
    return bavail * bsize > enoughBytes ? await mkdtemp(join(directory, prefix)) : undefined
  } catch {
    return undefined
  }
}

async function sweep(directory: string): Promise<void> {
  const uid = process.getuid?.()
  for (const name of await readdir(directory).catch(() => [])) {
    if (!name.startsWith(prefix)) continue
    const path = join(directory, name)
    const found = await stat(path).catch(() => undefined)
    if (found?.uid === uid) await removeEmbedded(path).catch(() => {}) // another run may be sweeping too
  }
}
