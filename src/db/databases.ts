import pg from 'pg'
import type { Config } from '../config.ts'
import { startEmbedded } from './embedded.ts'
import { migrate, pendingMigrations } from './migrate.ts'

/** Where the two databases are, and how to leave them. */
export interface Databases {
  readonly databaseUrl: string
  readonly keysDatabaseUrl: string
  /** The directory of the embedded server; null with a server of the user's own. */
  readonly embeddedIn: string | null
  /** Leaves the embedded server; nothing to do with one of the user's own. */
  stop(): Promise<void>
}

/** The databases cannot be used; the message says what to do. */
export class DatabaseError extends Error {
  override name = 'DatabaseError'
}

/** The oldest PostgreSQL that Kith runs on. */
const oldestMajor = 15

/** Where the migrations of each database lie. */
export const migrationDirectories = { main: new URL('../../prisma/migrations', import.meta.url), keys: new URL('../vault/migrations', import.meta.url) }

/** Finds the databases: those of the configuration, or the embedded server's, which is started or joined. @throws DatabaseError */
export async function openDatabases(config: Config, log: (line: string) => void = () => {}): Promise<Databases> {
  const { databaseUrl, keysDatabaseUrl, dataDir } = config
  if (databaseUrl === null) {
    const embedded = await startEmbedded({ dataDir, log })
    return { databaseUrl: embedded.url, keysDatabaseUrl: embedded.keysUrl, embeddedIn: embedded.directory, stop: embedded.stop }
  }
  if (keysDatabaseUrl === null) throw new DatabaseError('There is no database of keys.')
  return { databaseUrl, keysDatabaseUrl, embeddedIn: null, stop: async () => {} }
}

/** Brings both databases up to date, making the database of keys in development if there is none; `applied` hears the name of each migration. @throws DatabaseError, MigrationError */
export async function prepareDatabases(config: Config, databases: Databases, applied: (name: string) => void = () => {}): Promise<void> {
  // Migrations go around a pooler, whose connections may be few and whose statements may be bounded.
  const direct = config.databaseDirectUrl ?? databases.databaseUrl
  const main = await inspect(config.databaseDirectUrl === undefined ? 'DATABASE_URL' : 'KITH_DATABASE_DIRECT_URL', direct)
  if (!config.production && databases.embeddedIn === null) await createMissing(databases)
  const keys = await inspect('KEYS_DATABASE_URL', databases.keysDatabaseUrl)
  if (config.production && main.cluster !== null && main.cluster === keys.cluster)
    throw new DatabaseError(
      'DATABASE_URL and KEYS_DATABASE_URL lead to the same PostgreSQL server: who got at the one would have the other. Put the keys on a server of their own.',
    )
  await using(databases.keysDatabaseUrl, async (pool) => (await migrate(pool, migrationDirectories.keys)).forEach(applied))
  await using(direct, async (pool) => (await migrate(pool, migrationDirectories.main)).forEach(applied))
}

/** The names of the migrations that the databases still lack. @throws DatabaseError, MigrationError */
export async function pendingIn(databases: Databases): Promise<{ main: string[]; keys: string[] }> {
  await inspect('DATABASE_URL', databases.databaseUrl)
  await inspect('KEYS_DATABASE_URL', databases.keysDatabaseUrl)
  return {
    main: await using(databases.databaseUrl, (pool) => pendingMigrations(pool, migrationDirectories.main)),
    keys: await using(databases.keysDatabaseUrl, (pool) => pendingMigrations(pool, migrationDirectories.keys)),
  }
}

/** Says what server a URL leads to. @throws DatabaseError naming the setting, never the password */
async function inspect(setting: string, url: string): Promise<{ version: string; cluster: string | null }> {
  const found = await using(url, async (pool) => {
    const { rows } = await pool.query<{ number: number; version: string }>(
      `SELECT current_setting('server_version_num')::int AS number, current_setting('server_version') AS version`,
    )
    const cluster = await pool.query<{ id: string }>('SELECT system_identifier::text AS id FROM pg_control_system()').catch(() => null) // not everybody may ask
    return { number: rows[0]?.number ?? 0, version: rows[0]?.version ?? 'unknown', cluster: cluster?.rows[0]?.id ?? null }
  }).catch((cause: unknown) => {
    throw new DatabaseError(`${setting} does not work: ${reason(cause, url)}`, { cause })
  })
  if (found.number < oldestMajor * 10_000) throw new DatabaseError(`${setting} leads to PostgreSQL ${found.version}; Kith needs ${oldestMajor} or later.`)
  return found
}

/** In development the database of keys is made beside the main one, if it was not named and the role may. */
async function createMissing({ databaseUrl, keysDatabaseUrl }: Databases): Promise<void> {
  const missing = await using(keysDatabaseUrl, async (pool) => void (await pool.query('SELECT 1'))).then(
    () => false,
    (error: unknown) => codeOf(error) === '3D000', // invalid_catalog_name
  )
  if (!missing) return
  const name = decodeURIComponent(new URL(keysDatabaseUrl).pathname.slice(1))
  await using(databaseUrl, (pool) => pool.query(`CREATE DATABASE ${pg.escapeIdentifier(name)}`)).catch((cause: unknown) => {
    if (codeOf(cause) === '42P04') return // duplicate_database: another process was faster
    throw new DatabaseError(
      `There is no database ${name} for the keys, and it cannot be made: ${reason(cause, databaseUrl)}. Create it, or set KEYS_DATABASE_URL.`,
      { cause },
    )
  })
}

async function using<Result>(url: string, work: (pool: pg.Pool) => Promise<Result>): Promise<Result> {
  const pool = new pg.Pool({ connectionString: url, max: 1, connectionTimeoutMillis: 10_000, application_name: 'kith' })
  pool.on('error', () => {}) // the statement that runs fails by itself
  try {
    return await work(pool)
  } finally {
    await pool.end()
  }
}

function codeOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error ? String(error.code) : undefined
}

function reason(error: unknown, url: string): string {
  const text = error instanceof AggregateError ? error.errors.map(String).join('; ') : error instanceof Error ? error.message : String(error)
  const { password } = new URL(url)
  return (text || codeOf(error) || 'no answer').replaceAll(password || '\0', '***')
}
