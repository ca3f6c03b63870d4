import { createHmac, randomBytes } from 'node:crypto'
import { chown, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Client } from 'pg'
import { alone, lockAlone, lockShared } from './embedded-lock.ts'
import { findPlace, ownerOf, type Place } from './embedded-place.ts'
import { createCluster, launch, logFile, portFile, runningServer, shutDown } from './embedded-server.ts'

/** A PostgreSQL of our own, on loopback. */
export interface Embedded {
  /** The main database, as the role that owns it. */
  url: string
  /** The database of keys, as another role: neither can connect to the other's. */
  keysUrl: string
  /** The maintenance database, as superuser. The application has no use for it. */
  adminUrl: string
  /** Where the cluster (`data`), its password, port and log are. */
  directory: string
  /** Whether it was running already. */
  adopted: boolean
  /** Leaves the server; the last process to leave shuts it down. */
  stop(): Promise<void>
}

/** How to start one. */
export interface EmbeddedOptions {
  /** Holds the files, or a pointer to them where PostgreSQL's user could not enter it. */
  dataDir: string
  log?: (line: string) => void
  /** False for tests: nothing waits for the disk, and a power cut may destroy everything. */
  durable?: boolean
}

/**
 * Starts the data directory's PostgreSQL, or joins the one that runs: another process's, or an orphan whose starter was killed.
 * Whoever uses it holds a shared lock that dies with the process, so the server stops with the last living user, and a crash of any of them does no harm.
 */
export async function startEmbedded({ dataDir, log = () => {}, durable = true }: EmbeddedOptions): Promise<Embedded> {
  const place = await findPlace(resolve(dataDir))
  const turn = join(place.directory, 'turn.lock')
  const users = join(place.directory, 'users.lock')
  return alone(turn, async () => {
    const usage = lockShared(users)
    if (!usage) throw new Error(`The database in ${place.directory} is being removed.`)
    try {
      const secret = await secretOf(place)
      const urlOf = (role: Role, port: number) => `postgresql://${role}:${passwordOf(secret, role)}@127.0.0.1:${port}/${role}`
      const adoptedPort = await adopt(place, (port) => urlOf('postgres', port), log)
      const port = adoptedPort ?? (await startHere(place, secret, (port) => urlOf('postgres', port), durable, log))
      await provision(urlOf('postgres', port), secret)
      await handOver(place, [turn, users])
      return {
        url: urlOf('kith', port),
        keysUrl: urlOf('kith_keys', port),
        adminUrl: urlOf('postgres', port),
        directory: place.directory,
        adopted: adoptedPort !== undefined,
        stop: () => alone(turn, () => leave(place, usage, users)),
      }
    } catch (error) {
      usage.release()
      throw error
    }
  })
}

/**
 * Deletes a data directory's server with all its data, unless a living process uses it or has only begun to make it. True when it is gone.
 * For scratch servers of killed runs; nothing in the application calls it.
 */
export async function removeEmbedded(dataDir: string): Promise<boolean> {
  const place = await findPlace(resolve(dataDir))
  // Whoever makes a cluster holds a lock from before its files are there until it leaves: no cluster, nothing to tell dead from unborn.
  if (!(await stat(place.data).catch(() => undefined))) return false
  const turn = lockAlone(join(place.directory, 'turn.lock'))
  const last = turn && lockAlone(join(place.directory, 'users.lock'))
  try {
    if (!last) return false
    await shutDown(place)
    for (const path of [place.directory, resolve(dataDir)]) await rm(path, { recursive: true, force: true })
    return true
  } finally {
    last?.release()
    turn?.release()
  }
}

type Role = 'postgres' | 'kith' | 'kith_keys'

async function leave(place: Place, usage: { release(): void }, users: string): Promise<void> {
  usage.release()
  const last = lockAlone(users)
  if (!last) return
  try {
    await shutDown(place)
  } finally {
    last.release()
  }
}

async function startHere(place: Place, secret: Buffer, adminUrl: (port: number) => string, durable: boolean, log: (line: string) => void): Promise<number> {
  log(`Starting PostgreSQL in ${place.directory}`)
  await createCluster(place, passwordOf(secret, 'postgres'), durable)
  return launch(place, durable, async (port) => (await knock(adminUrl(port))) === 'ready')
}

// A server may be recovering after a crash, which takes what it takes, or be on its way out. One that does neither and does not answer is stopped, to be started afresh.
async function adopt(place: Place, adminUrl: (port: number) => string, log: (line: string) => void): Promise<number | undefined> {
  const [intervalMs, patienceMs] = [50, 15_000]
  for (let silentMs = 0; silentMs < patienceMs;) {
    const server = await runningServer(place)
    if (!server) return undefined
    const answer = await knock(adminUrl(server.port))
    if (answer === 'ready') return server.port
    if (answer === 'stranger')
      throw new Error(`PostgreSQL in ${place.directory} refuses the password kept beside it. Stop process ${server.pid} and bring back the file "secret".`)
    if (answer !== 'starting') silentMs += intervalMs
    await sleep(intervalMs)
  }
  log(`PostgreSQL in ${place.directory} runs but does not answer: stopping it`)
  await shutDown(place)
  return undefined
}

// Every code is from appendix A of PostgreSQL's manual.
async function knock(url: string): Promise<'ready' | 'starting' | 'stranger' | 'silent'> {
  const client = new Client({ connectionString: url, connectionTimeoutMillis: 2000 })
  client.on('error', () => {})
  try {
    await client.connect()
    return 'ready'
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code === '28P01') return 'stranger'
    if (code === '53300') return 'ready' // too many connections: it is at work
    return code === '57P03' && /starting up|recovery|not yet accepting/.test(String(error)) ? 'starting' : 'silent'
  } finally {
    await client.end().catch(() => {})
  }
}

// At every start, so that one which was killed half-way is completed by the next.
async function provision(adminUrl: string, secret: Buffer): Promise<void> {
  const client = new Client({ connectionString: adminUrl })
  await client.connect()
  try {
    for (const role of ['kith', 'kith_keys'] as const) {
      const { rows } = await client.query('SELECT 1 FROM pg_database WHERE datname = $1', [role])
      if (rows.length) continue
      const { rows: roles } = await client.query('SELECT 1 FROM pg_roles WHERE rolname = $1', [role])
      if (!roles.length) await client.query(`CREATE ROLE ${role} LOGIN PASSWORD '${passwordOf(secret, role)}'`)
      await client.query(`CREATE DATABASE ${role} OWNER ${role}`)
    }
    await client.query('REVOKE CONNECT ON DATABASE kith, kith_keys FROM PUBLIC')
  } finally {
    await client.end()
  }
}

async function secretOf(place: Place): Promise<Buffer> {
  const path = join(place.directory, 'secret')
  const kept = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (kept?.length) return kept
  await writeFile(path, randomBytes(32).toString('base64url'), { mode: 0o600 })
  await handOver(place, [path])
  return readFile(path)
}

function passwordOf(secret: Buffer, role: Role): string {
  return createHmac('sha256', secret).update(role).digest('base64url')
}

// Root may act in a directory that is somebody else's, who must be able to go on alone.
async function handOver(place: Place, paths: string[]): Promise<void> {
  if (!place.user) return
  const owner = await ownerOf(place.directory)
  for (const path of [...paths, portFile(place), logFile(place)]) await chown(path, owner.uid, owner.gid).catch(() => {})
}
