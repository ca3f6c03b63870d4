import { randomInt } from 'node:crypto'
import { existsSync } from 'node:fs'
import { Client, Pool } from 'pg'
import type { TestProject } from 'vitest/node'
import { startScratch } from '../../src/db/embedded-scratch.ts'
import { migrate } from '../../src/db/migrate.ts'
import { withDatabase } from './database-url.ts'
import { dropDatabase } from './drop-database.ts'

declare module 'vitest' {
  interface ProvidedContext {
    postgres: TestPostgres
  }
}

/** What a test file needs to make databases of its own. */
export interface TestPostgres {
  /** A maintenance database, as a role that may create databases. */
  url: string
  /** What the names of this run's databases begin with. */
  prefix: string
  /** The server's files, when it is this run's own. */
  directory: string | undefined
}

type Server = Pick<TestPostgres, 'url' | 'directory'>

const migrations = { main: new URL('../../prisma/migrations', import.meta.url), keys: new URL('../../src/vault/migrations', import.meta.url) }

let leave: () => Promise<void> = async () => {}

/** Vitest's global setup: one server for the run, with a migrated template of each database. `TEST_DATABASE_URL` names a server to use instead; with `TEST_PARTITIONS` the owned tables are so many hash partitions. */
export async function setup(project: TestProject): Promise<void> {
  const given = process.env['TEST_DATABASE_URL']
  const { url, directory } = given ? await givenServer(given) : await scratchServer()
  const run = randomInt(2 ** 31)
  const client = await session(url)
  await client.query('SELECT pg_advisory_lock($1, $2)', [runs, run]) // held while the run lives: its databases are nobody's leftovers
  const prefix = prefixOf(run)
  const stopServer = leave
  leave = async () => {
    await drop(client, prefix)
    await client.end()
    await stopServer()
  }
  await sweep(client)
  for (const template of ['main', 'keys'] as const) {
    await client.query(`CREATE DATABASE ${prefix}${template}`)
    await migrateTemplate(withDatabase(url, `${prefix}${template}`), migrations[template])
  }
  const partitions = Number(process.env['TEST_PARTITIONS'] ?? 0)
  if (partitions > 0) await distributeTemplate(withDatabase(url, `${prefix}main`), partitions)
  project.provide('postgres', { url, prefix, directory })
}

/** Vitest's global teardown. */
export async function teardown(): Promise<void> {
  await leave()
}

/** Marks the advisory locks of test runs. */
const runs = 1_802_073_192

const prefixOf = (run: number) => `kith_test_${run}_`

async function scratchServer(): Promise<Server> {
  const embedded = await startScratch()
  leave = embedded.stop
  const client = await session(embedded.adminUrl)
  await client.query('ALTER ROLE kith CREATEDB') // and nothing more: the application is tested as the role it has
  await client.end()
  return embedded
}

async function givenServer(url: string): Promise<Server> {
  const client = await session(url)
  const { rows } = await client.query<{ version: number }>(`SELECT current_setting('server_version_num')::int AS version`)
  await client.end()
  if ((rows[0]?.version ?? 0) < 150_000) throw new Error('TEST_DATABASE_URL must name a PostgreSQL 15 or later.')
  return { url, directory: undefined }
}

async function migrateTemplate(url: string, directory: URL): Promise<void> {
  if (!existsSync(directory)) return
  const pool = new Pool({ connectionString: url, max: 1 })
  try {
    await migrate(pool, directory)
  } finally {
    await pool.end()
  }
}

async function distributeTemplate(url: string, partitions: number): Promise<void> {
  // All of the application is loaded for its policies, which a run without partitions need not wait for.
  const { distributeAll } = await import('./distribute.ts')
  await distributeAll(url, partitions)
}

// A killed run lets go of its lock, and leaves its databases.
async function sweep(client: Client): Promise<void> {
  const { rows } = await client.query<{ run: number }>(
    `SELECT DISTINCT split_part(datname, '_', 3)::int AS run FROM pg_database
     WHERE datname ~ '^kith_test_[0-9]+_' AND pg_has_role(datdba, 'USAGE')
       AND NOT EXISTS (SELECT 1 FROM pg_locks WHERE locktype = 'advisory' AND classid = $1 AND objid = split_part(datname, '_', 3)::oid)`,
    [runs],
  )
  for (const { run } of rows) await drop(client, prefixOf(run))
}

async function drop(client: Client, prefix: string): Promise<void> {
  const { rows } = await client.query<{ name: string }>('SELECT datname AS name FROM pg_database WHERE starts_with(datname, $1)', [prefix])
  for (const { name } of rows) await dropDatabase(name, (statement) => client.query(statement))
}

async function session(url: string): Promise<Client> {
  const client = new Client({ connectionString: url })
  client.on('error', () => {})
  await client.connect()
  return client
}
