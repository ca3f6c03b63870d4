import { randomBytes, randomUUID } from 'node:crypto'
import { link, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { ConfigError, parseMasterKey, type Configuration } from './config.ts'

/** Where development keeps the master key that it makes for itself. */
export const masterKeyFile = (dataDir: string): string => join(dataDir, 'master-key')

/** A new random master key, as `KITH_MASTER_KEY` takes it. */
export function generateMasterKey(): string {
  return randomBytes(32).toString('base64')
}

/** Gives a development configuration its master key, made at the first start and kept in the data directory; production must bring its own. */
export async function withMasterKey(configuration: Configuration): Promise<Configuration> {
  const { config, secrets } = configuration
  if (secrets.masterKeys.length > 0 || config.production) return configuration
  const path = masterKeyFile(config.dataDir)
  const text = (await read(path)) ?? (await create(path, config.dataDir))
  const key = parseMasterKey(text.trim())
  if (!key) throw new ConfigError([`${path} does not hold a master key. Bring back the file that was there: without it, nothing sealed can be opened`])
  return { ...configuration, secrets: Object.freeze({ ...secrets, masterKeys: [key] }) }
}

// Two processes may start at once: the file appears whole, and only the first of two links is made.
async function create(path: string, dataDir: string): Promise<string> {
  await mkdir(dataDir, { recursive: true, mode: process.getuid?.() === 0 ? 0o711 : 0o700 })
  const draft = `${path}.${randomUUID()}`
  await writeFile(draft, `${generateMasterKey()}\n`, { mode: 0o600, flag: 'w' })
  try {
    await link(draft, path)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error
  } finally {
    await rm(draft, { force: true })
  }
  return readFile(path, 'utf8')
}

async function read(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined
    throw error
  }
}
