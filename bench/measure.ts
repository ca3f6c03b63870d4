import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
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

/** The number of statements of one request: what most of some requests that come one after the other take, since now and then a server has something else to do as well. */
export async function statementsOf(server: RunningServer, ask: () => Promise<unknown>, times = 9): Promise<number> {
  const counts: number[] = []
  for (let before = (await server.usage()).statements; counts.length < times;) {
    await ask()
    const { statements } = await server.usage()
    counts.push(statements - before)
    before = statements
  }
  return mode(counts)
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
