import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chown, mkdir, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { promisify } from 'node:util'
import type { Place } from './embedded-place.ts'

const run = promisify(execFile)

/** What PostgreSQL wrote about itself into postmaster.pid. */
export interface Postmaster {
  pid: number
  port: number
}

/** PostgreSQL's major version, which fixes the format of the files. */
const major = '18'

/** Files beside the cluster. */
export const portFile = (place: Place) => join(place.directory, 'port')
export const logFile = (place: Place) => join(place.directory, 'log')
const pidFile = (place: Place) => join(place.data, 'postmaster.pid')

/** The server that runs on the cluster; undefined when there is none, whatever a dead one has left behind. */
export async function runningServer(place: Place): Promise<Postmaster | undefined> {
  const lines = (await readFile(pidFile(place), 'utf8').catch(() => '')).split('\n')
  const [pid, port] = [Number(lines[0]), Number(lines[3])]
  return pid > 0 && port > 0 && (await serves(pid, place)) ? { pid, port } : undefined
}

// A pid outlives its process in postmaster.pid and may since have become anybody's. A postmaster names its cluster among its arguments, and works in it,
// which still tells when the cluster was moved meanwhile, but only to whom the system lets look. Of a zombie nothing is left to see.
async function serves(pid: number, place: Place): Promise<boolean> {
  if (process.platform !== 'linux') {
    const { stdout } = await run('ps', ['-o', 'command=', '-p', String(pid)]).catch(() => ({ stdout: '' }))
    return stdout.includes(place.data)
  }
  const args = await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')
  if (args.split('\0').includes(place.data)) return true
  const [cwd, data] = await Promise.all([`/proc/${pid}/cwd`, place.data].map((path) => stat(path).catch(() => undefined)))
  return cwd !== undefined && cwd.ino === data?.ino && cwd.dev === data.dev
}

/** Makes the cluster if there is none yet. A crash on the way leaves nothing that looks like one. */
export async function createCluster(place: Place, password: string, durable: boolean): Promise<void> {
  const version = await readFile(join(place.data, 'PG_VERSION'), 'utf8').catch(() => undefined)
  if (version !== undefined) {
    if (version.trim() === major) return
    throw new Error(`The database in ${place.data} was made by PostgreSQL ${version.trim()}, and this is ${major}. Export it with the release that made it.`)
  }
  const draft = `${place.data}.new`
  const passwordFile = join(place.directory, 'password.new')
  await rm(draft, { recursive: true, force: true })
  await mkdir(draft, { mode: 0o700 })
  await writeFile(passwordFile, password, { mode: 0o600 })
  if (place.user) for (const path of [draft, passwordFile]) await chown(path, place.user.uid, place.user.gid)
  const flags = ['--username=postgres', `--pwfile=${passwordFile}`, '--auth=scram-sha-256', '--encoding=UTF8', ...(durable ? [] : ['--no-sync'])]
  // The built-in C.UTF-8 sorts and folds alike on every system; LC_CTYPE, the system's, is what pg_trgm and text search know letters by.
  const locale = ['--locale-provider=builtin', '--builtin-locale=C.UTF-8', '--locale=C']
  try {
    const outcomes: string[] = []
    for (const ctype of ['C.UTF-8', 'en_US.UTF-8', 'C']) {
      const outcome = await finished(start(place, 'initdb', ['--pgdata', draft, ...flags, ...locale, `--lc-ctype=${ctype}`], 'pipe'))
      if (outcome.code === 0) return await rename(draft, place.data)
      outcomes.push(outcome.text)
    }
    throw new Error(`PostgreSQL could not make its files in ${draft}: ${outcomes[0]}`)
  } finally {
    await rm(passwordFile, { force: true })
  }
}

/** Starts a server and waits until `ready` says it answers on the port. @throws with the end of its log when it gives up */
export async function launch(place: Place, durable: boolean, ready: (port: number) => Promise<boolean>): Promise<number> {
  await disownPidFile(place)
  for (let attempt = 1; ; attempt++) {
    const port = await freePort(place)
    const { child, outcome } = await spawnServer(place, port, durable)
    while (child.exitCode === null && child.signalCode === null) {
      if (await ready(port)) {
        await writeFile(portFile(place), `${port}\n`)
        return port
      }
      await sleep(20)
    }
    const text = await outcome()
    // The port went in between, or backends of a killed server have yet to notice that they are orphans.
    const passing = /could not bind|pre-existing shared memory/.test(text)
    if (!passing || attempt === 20) throw new Error(`PostgreSQL does not start; ${logFile(place)} ends with:\n${text}`)
    await sleep(250)
  }
}

/** Stops the cluster's server, if one runs: politely to the data, not to its clients. */
export async function shutDown(place: Place): Promise<void> {
  for (const [signal, seconds] of [
    ['SIGINT', 30], // fast: clients are cut off, transactions rolled back, and a checkpoint written
    ['SIGQUIT', 10], // immediate: the next start recovers from the log
  ] as const) {
    const server = await runningServer(place)
    if (!server) return
    process.kill(server.pid, signal)
    for (let waitedMs = 0; waitedMs < seconds * 1000; waitedMs += 20) {
      await sleep(20)
      if (!(await runningServer(place))) return
    }
  }
  throw new Error(`PostgreSQL does not stop; its log is ${logFile(place)}.`)
}

// When a dead server's pid has been given to a stranger, PostgreSQL would wait for that stranger to end. It takes its own parent's pid for a stale one,
// and still checks that the shared memory named below it is no longer used.
async function disownPidFile(place: Place): Promise<void> {
  const text = await readFile(pidFile(place), 'utf8').catch(() => '')
  if (text) await writeFile(pidFile(place), text.replace(/^.*/, String(process.pid)))
}

async function spawnServer(place: Place, port: number, durable: boolean) {
  const path = logFile(place)
  const size = (await stat(path).catch(() => undefined))?.size ?? 0
  if (size > 8 * 1024 * 1024) await rename(path, `${path}.old`)
  const log = await open(path, 'a', 0o600)
  const begins = (await log.stat()).size
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    shared_buffers: '128MB',
    max_connections: 100,
    log_checkpoints: 'off',
    // Details and statements hold people's data, which has no place in a log.
    log_error_verbosity: 'terse',
    log_min_error_statement: 'panic',
    ...(durable ? {} : { fsync: 'off', synchronous_commit: 'off', full_page_writes: 'off' }),
  }
  const args = ['-D', place.data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])]
  const child = start(place, 'postgres', args, log.fd)
  try {
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  } finally {
    await log.close()
  }
  child.unref()
  return { child, outcome: async () => (await readFile(path)).subarray(begins).toString('utf8').trim().slice(-2000) }
}

// In a session of its own: a Ctrl-C at the terminal is for us, and the server must outlive us in good order. Its output goes to a file, never to a pipe that breaks when we are killed.
function start(place: Place, program: 'initdb' | 'postgres', args: string[], output: number | 'pipe'): ChildProcess {
  const environment = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' } // nothing from ours: PGPORT, PGOPTIONS and their like change what a server does
  return spawn(join(place.binaries, 'bin', program), args, { ...place.user, cwd: '/', env: environment, detached: true, stdio: ['ignore', output, output] })
}

function finished(child: ChildProcess): Promise<{ code: number | null; text: string }> {
  return new Promise((resolve, reject) => {
    let text = ''
    child.stderr?.on('data', (chunk: Buffer) => (text += chunk.toString()))
    child.stdout?.resume()
    child.once('error', reject).once('close', (code) => resolve({ code, text }))
  })
}

async function freePort(place: Place): Promise<number> {
  const remembered = Number(await readFile(portFile(place), 'utf8').catch(() => '0'))
  return (remembered > 0 && (await listenOn(remembered))) || (await listenOn(0)) || 0
}

function listenOn(port: number): Promise<number | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(undefined))
    server.listen(port, '127.0.0.1', () => {
      const address = server.address()
      server.close(() => resolve(typeof address === 'object' && address ? address.port : undefined))
    })
  })
}
