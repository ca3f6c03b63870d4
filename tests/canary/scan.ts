import { outcomes } from '../../src/erasure/outcome.ts'
import { tablesOf } from '../../src/policy/tables.ts'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type pg from 'pg'
import type { App } from '../../src/app.ts'
import type { Canary } from './plant.ts'

/** Where a canary was found. */
export interface Found {
  canary: Canary
  where: string
}

/** Looks for canaries in every column of every table of both databases, the queue's included, and in what the planner has sampled. */
export async function inDatabases(app: App, canaries: readonly Canary[]): Promise<Found[]> {
  const found: Found[] = []
  for (const [name, pool] of [
    ['main', app.database.pool],
    ['keys', app.keys.pool],
  ] as const) {
    await pool.query('ANALYZE')
    for (const { place, text } of await texts(pool)) for (const canary of holding(text, canaries)) found.push({ canary, where: `${name}: ${place}` })
  }
  return found
}

/** Looks for canaries in every file below some folders, and in what it is called: blobs, mail that was written to files, the database's own files. */
export async function inFiles(folders: readonly string[], canaries: readonly Canary[]): Promise<Found[]> {
  const found: Found[] = []
  for (const folder of folders) {
    const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch((error: unknown) => gone(error, []))
    for (const entry of entries.filter((each) => each.isFile())) {
      const path = join(entry.parentPath, entry.name)
      const bytes = await readFile(path).catch((error: unknown) => gone(error, Buffer.alloc(0)))
      for (const canary of holding(`${path}\n${bytes.toString('latin1')}`, canaries)) found.push({ canary, where: path })
    }
  }
  return found
}

/** What stands for a file or folder that went while it was looked for. @throws whatever else kept it from being read */
function gone<T>(error: unknown, instead: T): T {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  return instead
}

/** The canaries that a text holds. */
export function holding(text: string, canaries: readonly Canary[]): Canary[] {
  const lower = text.toLowerCase()
  return canaries.filter(({ token }) => lower.includes(token.toLowerCase()) || lower.includes(Buffer.from(token).toString('hex')))
}

async function texts(pool: pg.Pool): Promise<{ place: string; text: string }[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT format('%I.%I', relnamespace::regnamespace, relname) AS name FROM pg_class WHERE relkind IN ('r', 'p') AND NOT relispartition AND relnamespace::regnamespace::text NOT IN ('pg_catalog', 'information_schema', 'pg_toast') ORDER BY 1`,
  )
  const client = await pool.connect()
  try {
    await client.query(`SET TimeZone = 'UTC'`)
    const found: { place: string; text: string }[] = []
    for (const { name } of tables) {
      const { rows } = await client.query<{ text: string | null }>(`SELECT string_agg(t::text, E'\\n') AS text FROM ${name} AS t`)
      found.push({ place: name, text: rows[0]?.text ?? '' })
    }
    const { rows: sampled } = await client.query<{ place: string; text: string }>(
      `SELECT format('statistics of %s.%s', tablename, attname) AS place, concat_ws(' ', most_common_vals::text, histogram_bounds::text, most_common_elems::text) AS text FROM pg_stats WHERE schemaname NOT IN ('pg_catalog', 'information_schema')`,
    )
    return [...found, ...sampled]
  } finally {
    client.release(true)
  }
}

/** Whether an account leaves it: what its policies keep as evidence, which its certificate lists, and rows in which nothing is an account's. */
export function staysByRule(app: App, { place }: Canary): boolean {
  const [model = '', column = ''] = place.split('.')
  const outcome = outcomes(app.policies, tablesOf(app)).find((each) => each.model === model)
  if (outcome?.what === 'EVIDENCE') return outcome.table.key.includes(column) || outcome.kept.some(({ name }) => name === column)
  return outcome?.what === 'UNTOUCHED'
}
