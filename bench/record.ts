import { execFileSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { arch, cpus, platform, release, totalmem } from 'node:os'
import { join } from 'node:path'
import type { Plan } from './options.ts'
import type { Profile } from './profile.ts'
import type { Row } from './results.ts'
import type { Rig } from './run.ts'
import type { Size } from './world/size.ts'

/** A whole run, as it is kept. */
export interface Run {
  command: string
  /** What of Kith was measured. */
  commit: string
  machine: Machine
  size: Size
  rounds: number
  seconds: number
  connections: number
  rows: Row[]
}

/** What it ran on. */
export interface Machine {
  processor: string
  cores: number
  memoryGb: number
  system: string
  node: string
  postgres: string
}

const directory = join(import.meta.dirname, 'results')

/** Keeps a run in the place of the last one of its kind. */
export async function keepRun({ kind, size, rounds, durationMs, connections }: Plan, rig: Rig, rows: Row[]): Promise<void> {
  const run: Run = {
    command: kind === 'quick' ? 'npm run bench -- --quick' : 'npm run bench',
    commit: commit(),
    machine: await machineOf(rig),
    size,
    rounds,
    seconds: durationMs / 1000,
    connections,
    rows,
  }
  await keep(kind, run)
}

/** Keeps profiles, each in the place of the last one of its operation and server. */
export async function keepProfiles(kind: Plan['kind'], profiles: readonly Profile[]): Promise<void> {
  if (kind === 'quick') return
  const kept = (await recorded<Profile[]>('profiles')) ?? []
  const others = kept.filter(({ key, server }) => !profiles.some((profile) => profile.key === key && profile.server === server))
  await keep(
    'profiles',
    [...others, ...profiles].toSorted((left, right) => (left.key < right.key ? -1 : 1)),
  )
}

/** Keeps what a run came to under a name. */
export async function keep(name: string, value: unknown): Promise<void> {
  await mkdir(directory, { recursive: true })
  // Figures are no more exact than this.
  const rounded = JSON.stringify(value, (_, each: unknown) => (typeof each === 'number' && !Number.isInteger(each) ? Number(each.toPrecision(5)) : each), 1)
  await writeFile(join(directory, `${name}.json`), `${rounded}\n`)
}

/** What was kept under a name; undefined when nothing was. */
export async function recorded<Value>(name: string): Promise<Value | undefined> {
  const text = await readFile(join(directory, `${name}.json`), 'utf8').catch(() => undefined)
  return text === undefined ? undefined : (JSON.parse(text) as Value)
}

/** Says what all runs on. */
export async function machineOf({ admin }: Pick<Rig, 'admin'>): Promise<Machine> {
  const { rows } = await admin.query<{ version: string }>(`SELECT current_setting('server_version') AS version`)
  const [processor] = cpus()
  return {
    processor: processor?.model ?? 'unknown',
    cores: cpus().length,
    memoryGb: Math.round(totalmem() / 1024 ** 3),
    system: `${platform()} ${release()} ${arch()}`,
    node: process.version,
    postgres: rows[0]?.version ?? 'unknown',
  }
}

/** The commit that the sources are at. */
export function commit(): string {
  return execFileSync('git', ['rev-parse', '--short', 'HEAD'], { encoding: 'utf8' }).trim()
}
