import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type pg from 'pg'
import type { Load, Outcome } from './load.ts'
import type { RunningServer } from './servers.ts'

/** One turn of one server under one operation. */
export interface Turn {
  perSecond: number
  p50Ms: number
  p99Ms: number
  /** Processor time of the server's process a request, all its threads. */
  serverUs: number
  /** Processor time of PostgreSQL's processes a request. */
  databaseUs: number
  bytes: number
  rssBytes: number
}

/** The process that sends. */
export interface Loader extends Disposable {
  send(load: Load): Promise<Outcome>
}

/** Starts it. */
export function startLoader(): Loader {
  const child: ChildProcess = fork(join(import.meta.dirname, 'load.ts'))
  return {
    send: async (load) => {
      child.send(load)
      const [outcome] = (await once(child, 'message')) as [Outcome]
      return outcome
    },
    [Symbol.dispose]: () => void child.kill(),
  }
}

/** Loads a server once. @throws Error when an answer was a refusal or held errors */
export async function takeTurn(loader: Loader, admin: pg.ClientBase, server: RunningServer, load: Omit<Load, 'port'>): Promise<Turn> {
  const [before, databaseBefore] = [await server.usage(), await databaseUs(admin)]
  const outcome = await loader.send({ ...load, port: server.port })
  const [after, databaseAfter] = [await server.usage(), await databaseUs(admin)]
  if (outcome.failed > 0 || outcome.answered === 0) throw new Error(`${server.name}: ${outcome.failed} of ${outcome.answered} failed: ${outcome.failure}`)
  const each = (sum: number): number => sum / outcome.answered
  return {
    perSecond: outcome.answered / outcome.seconds,
    p50Ms: outcome.p50Ms,
    p99Ms: outcome.p99Ms,
    serverUs: each(after.cpuUs - before.cpuUs),
    databaseUs: each([...databaseAfter].reduce((sum, [pid, us]) => sum + us - (databaseBefore.get(pid) ?? 0), 0)),
    bytes: each(outcome.bytes),
    rssBytes: after.rssBytes,
  }
}

/** How long each of PostgreSQL's processes for the main database was on a processor so far, µs. */
async function databaseUs(admin: pg.ClientBase): Promise<Map<number, number>> {
  const { rows } = await admin.query<{ pid: number }>('SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()')
  return new Map(rows.map(({ pid }) => [pid, onProcessorUs(pid)]))
}

function onProcessorUs(pid: number): number {
  try {
    return Number(readFileSync(`/proc/${pid}/schedstat`, 'utf8').split(' ')[0]) / 1000
  } catch {
    return 0 // it has ended meanwhile
  }
}

/**
 * The number of statements of one request: what most of some requests that come one after the other take. Before each, `warm` has looked up what is cached
 * for a while, so that it is no matter of time who looks it up.
 */
export async function countStatements<Sample>(
  server: RunningServer,
  samples: readonly Sample[],
  warm: (sample: Sample) => Promise<unknown>,
  ask: (sample: Sample) => Promise<unknown>,
): Promise<number> {
  const counts: number[] = []
  for (const sample of samples) {
    await warm(sample)
    const before = await settledStatements(server)
    await ask(sample)
    counts.push((await settledStatements(server)) - before)
  }
  return mode(counts)
}

/** The count, once nothing has been added for a while: some things go on after an answer. */
async function settledStatements(server: RunningServer): Promise<number> {
  for (let last = Number.NaN; ;) {
    const { statements } = await server.usage()
    if (statements === last) return statements
    last = statements
    await sleep(25)
  }
}

function mode(values: readonly number[]): number {
  const tally = Map.groupBy(values, (value) => value)
  return [...tally].toSorted(([left, { length: lefts }], [right, { length: rights }]) => rights - lefts || left - right)[0]?.[0] ?? Number.NaN
}

/** The middle value. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((left, right) => left - right)
  const middle = sorted.length / 2
  return Number.isInteger(middle) ? ((sorted[middle - 1] ?? Number.NaN) + (sorted[middle] ?? Number.NaN)) / 2 : (sorted[Math.floor(middle)] ?? Number.NaN)
}
