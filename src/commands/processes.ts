import { fork } from 'node:child_process'
import cluster from 'node:cluster'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import type { Config } from '../config.ts'
import { createLog } from '../log.ts'
import { checkAddress } from '../serve.ts'
import { aborted, stopSignal } from '../stopSignal.ts'
import { type Ground, lay, readConfiguration } from './open.ts'
import { createGathering, type Gathering, type Member } from './gather.ts'
import type { FromChild, FromParent, Role } from './process.ts'
import { progress } from './progress.ts'
import { greeting } from './serve.ts'

/** How long to wait before a process that ended is replaced: at first, and at most, doubled each time; milliseconds. */
const [firstWaitMs, longestWaitMs] = [250, 30_000]
/** When a process has lived long enough that its end is a new matter, milliseconds. */
const settledMs = 60_000
/** How many connections the embedded server has for them all, of its 100. */
const embeddedConnections = 90
/** What a process has besides those to the main database: three to the keys, and one for notices. */
const otherConnections = 4

const program = fileURLToPath(new URL('../main.ts', import.meta.url))

/** What a child process offers, whether of the cluster or not. */
interface Child {
  send(message: FromParent, sent: () => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  on(event: 'message', listener: (message: FromChild) => void): unknown
  once(event: 'exit', listener: (code: number | null, signal: string | null) => void): unknown
}

/**
 * Runs `processes` servers that share the port, and beside them one for the background work unless `worker` is false. This process starts the databases
 * and the simulator once, hands out connections, replaces processes that end, and ends all of them when it is told to.
 */
export async function serveInProcesses({ worker, processes }: { worker: boolean; processes: number }): Promise<void> {
  const stop = stopSignal()
  const since = performance.now()
  const { config } = await readConfiguration()
  await checkAddress(config)
  const shown = progress()
  await using ground = await lay(config, { simulator: true, shown })
  if (stop.aborted) return
  const log = createLog(config)
  const roles: Role[] = [...Array.from({ length: processes }, () => 'server' as const), ...(worker ? (['jobs'] as const) : [])]
  const given: FromParent = { kith: 'start', ground: { databases: ground.databases, simulator: ground.simulator }, ...connectionsFor(config, ground, roles) }
  shown.step(`Starting ${processes} servers`)
  const gathering = createGathering()
  const failed = new AbortController()
  const over = AbortSignal.any([stop, failed.signal])
  const children = roles.map((role) => keepRunning({ role, given, gathering }, over, (end) => log.error({ role, ...end }, 'A process ended and is replaced.')))
  try {
    const started = await Promise.race([Promise.all(children.map((each) => each.ready)), aborted(stop)]).finally(() => shown.done())
    if (started) process.stdout.write(greeting({ config, databases: ground.databases, simulator: ground.simulator }, performance.now() - since, worker))
    await aborted(stop)
  } finally {
    failed.abort()
    await Promise.all(children.map((each) => each.ended))
  }
}

function connectionsFor({ maxConnections }: Config, { databases }: Ground, roles: readonly Role[]): { maxConnections: number } {
  if (databases.embeddedIn === null) return { maxConnections }
  return { maxConnections: Math.max(2, Math.min(maxConnections, Math.floor(embeddedConnections / roles.length) - otherConnections)) }
}

/** Starts a process and replaces it whenever it ends; `ready` fails when the first does not come so far. */
function keepRunning(
  { role, given, gathering }: { role: Role; given: FromParent; gathering: Gathering },
  stop: AbortSignal,
  lost: (end: { code: number | null; signal: string | null }) => void,
): { ready: Promise<void>; ended: Promise<void> } {
  const ready = Promise.withResolvers<void>()
  const run = async (): Promise<void> => {
    for (let [waitMs, wasReady] = [firstWaitMs, false]; !stop.aborted; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
      const since = performance.now()
      const end = await live(start(role), { given, gathering }, stop, () => {
        wasReady = true
        ready.resolve()
      })
      if (stop.aborted) return
      // What has never run would never run: its own words on standard error say why.
      if (!wasReady) return ready.reject(new ChildError(role))
      lost(end)
      if (performance.now() - since > settledMs) waitMs = firstWaitMs
      await sleep(waitMs, undefined, { signal: stop }).catch(() => {})
    }
  }
  return { ready: ready.promise, ended: run() }
}

/** A process that could not be started, which has said itself why. */
class ChildError extends Error {
  override name = 'ChildError'
  constructor(role: Role) {
    super(`The process for ${role === 'jobs' ? 'background work' : 'requests'} did not start.`)
  }
}

function start(role: Role): Child {
  if (role === 'jobs') return fork(program, ['process', role])
  cluster.setupPrimary({ exec: program, args: ['process', role] })
  return cluster.fork() as Child
}

/** A process from its start to its end. */
async function live(
  child: Child,
  { given, gathering }: { given: FromParent; gathering: Gathering },
  stop: AbortSignal,
  ready: () => void,
): Promise<{ code: number | null; signal: string | null }> {
  const end = (): void => send(child, { kith: 'stop' })
  stop.addEventListener('abort', end, { once: true })
  let member: Member | undefined
  child.on('message', (message: FromChild) => {
    switch (message.kith) {
      case 'hello':
        return send(child, stop.aborted ? { kith: 'stop' } : given)
      case 'ready':
        return ready()
      case 'measures':
        member = gathering.join((question) => send(child, { kith: 'measure', question }))
        return
      case 'measured':
        return member?.measured(message.question, message.figures)
      case 'gather': {
        const { question } = message
        const answer = (text: string | null): void => send(child, { kith: 'gathered', question, text })
        gathering.gather().then(answer, () => answer(null))
      }
    }
  })
  child.on('error', () => {}) // it could not be started, or not be reached: its end says so
  const ended = await new Promise<{ code: number | null; signal: string | null }>((resolve) => child.once('exit', (code, signal) => resolve({ code, signal })))
  member?.leave()
  stop.removeEventListener('abort', end)
  return ended
}

/** Sends to a process, which may have ended: then there is nobody to tell. */
function send(child: Child, message: FromParent): void {
  child.send(message, () => {})
}
