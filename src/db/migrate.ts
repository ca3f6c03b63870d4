import { createHash, randomUUID } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { Pool, PoolClient } from 'pg'

/** The database and the migrations do not fit; the message says what to do. */
export class MigrationError extends Error {
  override name = 'MigrationError'
}

/** One folder of a directory of migrations. */
export interface Migration {
  name: string
  sql: string
  /** SHA-256 of the file, in hex. */
  checksum: string
}

/**
 * Brings a database up to date with a directory of migrations, each in a transaction of its own, and returns the names of those it applied.
 * Any number of processes may call it at once: they take turns. @throws MigrationError when an applied migration was edited, or one fails
 */
export async function migrate(pool: Pool, directory: URL | string): Promise<string[]> {
  const migrations = await readMigrations(directory)
  const client = await pool.connect()
  try {
    const applied: string[] = []
    for (let next = await applyNext(client, migrations); next; next = await applyNext(client, migrations)) applied.push(next)
    client.release()
    return applied
  } catch (error) {
    client.release(true)
    throw error
  }
}

/** The names of the migrations that a database still lacks, oldest first. @throws MigrationError when an applied migration was edited */
export async function pendingMigrations(pool: Pool, directory: URL | string): Promise<string[]> {
  const migrations = await readMigrations(directory)
  const { rows } = await pool.query<{ table: string | null }>(`SELECT to_regclass('_prisma_migrations')::text AS table`)
  const records = rows[0]?.table ? (await pool.query<Applied>(selectApplied)).rows : []
  return pendingAmong(migrations, records).map((migration) => migration.name)
}

/** The migrations of a directory, oldest first, which is the order of their names. */
export async function readMigrations(directory: URL | string): Promise<Migration[]> {
  const path = directory instanceof URL ? fileURLToPath(directory) : directory
  const entries = await readdir(path, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.sort().map(async (name) => {
      const sql = await readFile(join(path, name, 'migration.sql'), 'utf8')
      return { name, sql, checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

interface Applied {
  name: string
  checksum: string
  finished: boolean
}

// The table is Prisma's, so that `prisma migrate deploy` and `prisma migrate status` agree with us.
const createTable = `
  CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id varchar(36) PRIMARY KEY,
    checksum varchar(64) NOT NULL,
    finished_at timestamptz,
    migration_name varchar(255) NOT NULL,
    logs text,
    rolled_back_at timestamptz,
    started_at timestamptz NOT NULL DEFAULT now(),
    applied_steps_count integer NOT NULL DEFAULT 0
  )`
const selectApplied = `
  SELECT migration_name AS name, checksum, finished_at IS NOT NULL AS finished
  FROM _prisma_migrations WHERE rolled_back_at IS NULL ORDER BY started_at, migration_name`
const insertApplied = `
  INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at, finished_at, applied_steps_count)
  VALUES ($1, $2, $3, now(), clock_timestamp(), 1)`

/** The key of the advisory lock under which the shape of a database changes; Prisma's own runner takes it too. */
export const migrationsLock = 72_707_369

// The lock belongs to the transaction, as does reading what is applied: this holds through a transaction pooler, and needs no unlocking after a crash.
async function applyNext(client: PoolClient, migrations: Migration[]): Promise<string | undefined> {
  await client.query('BEGIN')
  try {
    await client.query('SET LOCAL statement_timeout = 0')
    await client.query('SET LOCAL client_min_messages = warning')
    await client.query('SELECT pg_advisory_xact_lock($1)', [migrationsLock])
    // Citus changes the shards of a table over several connections at once, which later statements of the same transaction could get in the way of.
    await client.query(`SELECT set_config('citus.multi_shard_modify_mode', 'sequential', true) WHERE to_regproc('create_distributed_table') IS NOT NULL`)
    await client.query(createTable)
    const { rows } = await client.query<Applied>(selectApplied)
    const [next] = pendingAmong(migrations, rows)
    if (next) {
      await run(client, next)
      await client.query(insertApplied, [randomUUID(), next.checksum, next.name])
    }
    await client.query('COMMIT')
    return next?.name
  } catch (error) {
    await client.query('ROLLBACK').catch(() => {}) // a broken connection has rolled back already
    throw error
  }
}

function pendingAmong(migrations: Migration[], records: Applied[]): Migration[] {
  const failed = records.filter((record) => !record.finished).map((record) => record.name)
  if (failed.length)
    throw new MigrationError(
      `Another tool left these migrations half-applied: ${failed.join(', ')}. Repair them with "prisma migrate resolve", then start again.`,
    )

  const checksums = new Map(records.map((record) => [record.name, record.checksum]))
  const edited = migrations.filter(({ name, checksum }) => (checksums.get(name) ?? checksum) !== checksum).map(({ name }) => name)
  if (edited.length)
    throw new MigrationError(
      `These migrations were edited after the database had applied them: ${edited.join(', ')}. Restore their files, and put the change into a new migration.`,
    )

  const pending = migrations.filter(({ name }) => !checksums.has(name))
  // An older release may run on a newer database, but nothing can be laid upon migrations that are not known here.
  const known = new Set(migrations.map(({ name }) => name))
  const unknown = records.map((record) => record.name).filter((name) => !known.has(name))
  if (pending.length && unknown.length)
    throw new MigrationError(
      `The database has had migrations that this release does not know (${unknown.join(', ')}), and lacks ${pending.map(({ name }) => name).join(', ')}. It belongs to another line of development: use the release that made it, or another database.`,
    )
  return pending
}

async function run(client: PoolClient, migration: Migration): Promise<void> {
  try {
    await client.query(migration.sql)
  } catch (cause) {
    const position = cause instanceof Error && 'position' in cause ? Number(cause.position) : undefined
    const line = position ? ` at line ${migration.sql.slice(0, position).split('\n').length}` : ''
    throw new MigrationError(`Migration ${migration.name} failed${line}, and was undone: ${cause instanceof Error ? cause.message : String(cause)}`, { cause })
  }
}
