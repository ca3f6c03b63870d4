import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { freePorts } from '../tests/process/kith.ts'
import type { ServerName } from './operations/operation.ts'
import type { Usage } from './probe.ts'
import type { SelfTime } from './profiler.ts'
import { kithEnvironment, maxConnections } from './world/environment.ts'
import type { World } from './world/world.ts'

/** A server that listens, in a process of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly name: ServerName
  readonly port: number
  /** From its start until it said that it listens, milliseconds. */
  readonly readyMs: number
  usage(): Promise<Usage>
  forgetDelays(): Promise<void>
  startProfile(): Promise<void>
  stopProfile(): Promise<SelfTime[]>
}

const here = import.meta.dirname
const programs: Readonly<Record<ServerName, readonly string[]>> = {
  kith: [resolve(here, '../src/main.ts'), 'serve', '--no-worker'],
  floor: [join(here, 'floor.ts')],
  postgraphile: [join(here, 'peers/postgraphile.ts')],
  mercurius: [join(here, 'peers/mercurius.ts')],
  apollo: [join(here, 'peers/apollo.ts')],
}

/** Starts a server on the world's database and waits until it listens. Its log goes to a file. `flags` are Node's. */
export async function startServer(world: World, name: ServerName, flags: readonly string[] = []): Promise<RunningServer> {
  const [port = 0] = await freePorts(1)
  const logs = join(world.place.directory, 'logs')
  mkdirSync(logs, { recursive: true })
  const logPath = join(logs, `${name}.log`)
  const log = openSync(logPath, 'w')
  const since = performance.now()
  const child = spawn(process.execPath, ['--import', join(here, 'probe.ts'), ...flags, ...programs[name]], {
    env: { PATH: process.env['PATH'] ?? '', ...environmentOf(world, name, port) },
    stdio: ['ignore', 'pipe', log, 'ipc'],
  })
  closeSync(log)
  await listening(child, () => `${name} does not start:\n${readFileSync(logPath, 'utf8')}`)
  return {
    name,
    port,
    readyMs: performance.now() - since,
    usage: () => asked<Usage>(child, 'usage'),
    forgetDelays: () => asked<void>(child, 'forget delays'),
    startProfile: () => asked<void>(child, 'start profile'),
    stopProfile: () => asked<SelfTime[]>(child, 'stop profile'),
    [Symbol.asyncDispose]: async () => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGTERM')
      await once(child, 'exit')
    },
  }
}

async function asked<Answer>(child: ChildProcess, question: string): Promise<Answer> {
  child.send(question)
  const [answer] = (await once(child, 'message')) as [Answer]
  return answer
}

function environmentOf(world: World, name: ServerName, port: number): Record<string, string> {
  if (name === 'kith') return kithEnvironment(world.place, port)
  return { NODE_ENV: 'production', PORT: String(port), DATABASE_URL: world.place.databaseUrl, MAX_CONNECTIONS: String(maxConnections) }
}

async function listening(child: ChildProcess, complaint: () => string): Promise<void> {
  let said = ''
  await new Promise<void>((done, fail) => {
    child.stdout?.on('data', (part: Buffer) => {
      said += part.toString('utf8')
      if (/\bready\b/.test(said)) done()
    })
    child.once('exit', () => fail(new Error(`${complaint()}\n${said}`)))
  })
}
