// Requests a second and CPU of `kith serve`: by 1, 2 and 4 processes, and with and without names of statements, directly and through PgBouncer.
// node bench/processes.ts [--seconds 5] [--rounds 3] [--connections 32]. The ways take turns, and each figure is the median of the rounds.
import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { applyDrafts, fingerprintOf } from '../src/contacts/drafts.ts'
import { removeEmbedded } from '../src/db/embedded.ts'
import { inTransaction } from '../src/events/service.ts'
import { createToken } from '../src/tokens/service.ts'
import { noBouncer, startBouncer } from '../tests/support/pgbouncer.ts'
import { freePort } from '../tests/support/web.ts'
import { openBench, percentile } from './open.ts'
import { personOf } from './people.ts'

const { values } = parseArgs({
  options: { seconds: { type: 'string', default: '5' }, rounds: { type: 'string', default: '3' }, connections: { type: 'string', default: '32' } },
})
const [seconds, rounds, connections] = [Number(values.seconds), Number(values.rounds), Number(values.connections)]
/** A second's hundredth: what /proc counts CPU in (sysconf _SC_CLK_TCK on every Linux). */
const tickMs = 10

interface Way {
  name: string
  processes: number
  settings?: Record<string, string>
}
interface Figures {
  perSecond: number
  p50: number
  p99: number
  /** µs of the server processes' CPU a request. */
  cpu: number
}

const dataDir = await mkdtemp(join(tmpdir(), 'kith-bench-processes-'))
{
  await using bench = await openBench({ keptIn: dataDir })
  const { app, ctx, ownerId } = bench
  const vault = await app.vault.of(ownerId)
  const drafts = Array.from({ length: 500 }, (_, index) => ({
    contactId: null,
    draft: personOf(index),
    source: { kind: 'IMPORT' as const, externalId: `bench:${index}`, raw: '{}', fingerprint: fingerprintOf(vault, String(index)) },
  }))
  await inTransaction(ctx, (tx) => applyDrafts(tx, drafts))
  const { token } = await createToken(ctx, { name: 'bench', scopes: ['contacts:read', 'account:read'] })
  const url = app.config.databaseUrl ?? ''
  const bouncer = noBouncer ? null : await startBouncer(url, { connections: 10 })
  const names = { KITH_PREPARED_STATEMENTS: 'off' }
  const ways: Way[] = [
    { name: '1 process', processes: 1 },
    { name: '2 processes', processes: 2 },
    { name: '4 processes', processes: 4 },
    { name: '1 process, no names', processes: 1, settings: names },
    ...(bouncer
      ? [{ name: '1 process, no names, PgBouncer', processes: 1, settings: { ...names, DATABASE_URL: bouncer.through(url), KITH_DATABASE_DIRECT_URL: url } }]
      : []),
  ]
  if (noBouncer) console.log(noBouncer)
  const figures = new Map<string, Figures[]>(ways.map(({ name }) => [name, []]))
  for (let round = 0; round < rounds; round += 1) {
    for (const way of ways) {
      const shared = {
        DATABASE_URL: url,
        KEYS_DATABASE_URL: app.config.keysDatabaseUrl ?? '',
        KITH_MASTER_KEY: Buffer.alloc(32, 'bench').toString('base64'),
        KITH_DATA_DIR: dataDir,
        KITH_COST_CAPACITY: '100000000',
        KITH_COST_RESTORE: '10000000',
      }
      figures.get(way.name)?.push(await measured(way, { ...shared, ...way.settings }, token))
    }
  }
  console.log(`contacts(first: 50) of 500 by a token, ${connections} connections, ${rounds} rounds of ${seconds} s; medians`)
  console.table(
    Object.fromEntries(
      [...figures].map(([name, all]) => [
        name,
        Object.fromEntries((['perSecond', 'p50', 'p99', 'cpu'] as const).map((what) => [what, Math.round(percentile(all.map((each) => each[what]), 0.5) * 10) / 10])), // prettier-ignore
      ]),
    ),
  )
  await bouncer?.stop()
}
await removeEmbedded(dataDir)
await rm(dataDir, { recursive: true, force: true })

async function measured({ processes }: Way, settings: Record<string, string>, token: string): Promise<Figures> {
  const port = await freePort()
  const main = new URL('../src/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [main, 'serve', '--no-worker', '--processes', String(processes)], {
    env: { PATH: process.env['PATH'] ?? '', PORT: String(port), ...settings },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const ended = new Promise((resolve) => child.once('exit', resolve))
  await new Promise<void>((resolve, reject) => {
    child.stdout.setEncoding('utf8').on('data', (text: string) => (text.includes('is ready') ? resolve() : undefined))
    child.once('exit', () => reject(new Error('kith serve did not start.')))
  })
  try {
    const pids = await below(child.pid ?? 0, 'server')
    await load(port, token, 4000) // until everything is compiled and known
    const [before, since] = [await cpuOf(pids), performance.now()]
    const times = await load(port, token, seconds * 1000)
    const took = performance.now() - since
    const cpu = ((await cpuOf(pids)) - before) * tickMs * 1000
    return { perSecond: times.length / (took / 1000), p50: percentile(times, 0.5), p99: percentile(times, 0.99), cpu: cpu / times.length }
  } finally {
    child.kill('SIGTERM')
    await ended
  }
}

/** Sends requests for so long, each connection one after the other; answers how long each took, milliseconds. */
async function load(port: number, token: string, forMs: number): Promise<number[]> {
  const times: number[] = []
  const until = performance.now() + forMs
  const body = JSON.stringify({ query: '{ contacts(first: 50) { nodes { id displayName } } }' })
  await Promise.all(
    Array.from({ length: connections }, async () => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      while (performance.now() < until) {
        const since = performance.now()
        await new Promise<void>((resolve, reject) => {
          const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/json', 'content-length': Buffer.byteLength(body) }
          const sent = request({ port, host: '127.0.0.1', path: '/graphql', method: 'POST', agent, headers }, (answer) => {
            if (answer.statusCode !== 200) reject(new Error(`It answered ${answer.statusCode}.`))
            answer.resume().once('end', resolve)
          })
          sent.once('error', reject).end(body)
        })
        times.push(performance.now() - since)
      }
      agent.destroy()
    }),
  )
  return times
}

/** The processes of a role that a process has begun. */
async function below(parent: number, role: string): Promise<number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    const [stat, args] = await Promise.all(['stat', 'cmdline'].map((file) => readFile(`/proc/${name}/${file}`, 'utf8').catch(() => '')))
    if (Number(stat?.split(') ')[1]?.split(' ')[1]) === parent && args?.split('\0').includes(role)) found.push(Number(name))
  }
  return found
}

/** The CPU that processes have used, in ticks. */
async function cpuOf(pids: readonly number[]): Promise<number> {
  let ticks = 0
  for (const pid of pids) {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
    ticks += Number(fields[11]) + Number(fields[12])
  }
  return ticks
}
