// How long `kith serve` takes until /ready says yes, against databases that are migrated: node bench/cold-start.ts [--starts 7]
// Wall time, and the CPU of the process until then, which other load on the machine changes less.
import { spawn } from 'node:child_process'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { setTimeout as sleep } from 'node:timers/promises'
import { parseArgs } from 'node:util'
import { removeEmbedded } from '../src/db/embedded.ts'
import { freePort } from '../tests/support/web.ts'
import { openBench, percentile } from './open.ts'

const { values } = parseArgs({ options: { starts: { type: 'string', default: '7' } } })
/** A second's hundredth: what /proc counts CPU in (sysconf _SC_CLK_TCK on every Linux). */
const tickMs = 10

const dataDir = await mkdtemp(join(tmpdir(), 'kith-bench-start-'))
const wall: number[] = []
const cpu: number[] = []
{
  await using bench = await openBench({ keptIn: dataDir })
  const { config } = bench.app
  for (let start = 0; start < Number(values.starts); start += 1) {
    const port = await freePort()
    const since = performance.now()
    const child = spawn(process.execPath, [new URL('../src/main.ts', import.meta.url).pathname, 'serve'], {
      env: {
        PATH: process.env['PATH'] ?? '',
        PORT: String(port),
        DATABASE_URL: config.databaseUrl ?? '',
        KEYS_DATABASE_URL: config.keysDatabaseUrl ?? '',
        KITH_MASTER_KEY: Buffer.alloc(32, 'bench').toString('base64'),
        KITH_DATA_DIR: dataDir,
        // A Google of its own is nobody's in production.
        GOOGLE_CLIENT_ID: 'bench',
        GOOGLE_CLIENT_SECRET: 'bench',
      },
      stdio: ['ignore', 'ignore', 'inherit'],
    })
    const ended = new Promise((resolve) => child.once('exit', resolve))
    while (!(await isReady(port))) await sleep(5)
    wall.push(performance.now() - since)
    const fields = (await readFile(`/proc/${child.pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? []
    cpu.push((Number(fields[11]) + Number(fields[12])) * tickMs)
    child.kill('SIGTERM')
    await ended
  }
}
await removeEmbedded(dataDir)
await rm(dataDir, { recursive: true, force: true })
for (const [what, all] of Object.entries({ wall, cpu }))
  console.log(`${what.padEnd(5)} median ${Math.round(percentile(all, 0.5))} ms, least ${Math.round(Math.min(...all))}, most ${Math.round(Math.max(...all))}`)

async function isReady(port: number): Promise<boolean> {
  return fetch(`http://127.0.0.1:${port}/ready`).then(
    (answer) => answer.status === 200,
    () => false,
  )
}
