import { readdir, readFile } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { PrismaPg } from '@prisma/adapter-pg'
import { bindMigrationAwareSqlAdapterFactory, ColumnTypeEnum } from '@prisma/driver-adapter-utils'
import { SchemaEngine, type SchemasContainer } from '@prisma/schema-engine-wasm'
import { Pool, type QueryResult } from 'pg'
import { migrate, readMigrations, type Migration } from '../src/db/migrate.ts'

/** Where a Prisma schema of several files is, and its migrations. */
export interface SchemaPlace {
  schema: string
  migrations: string
}

/** What follows this line of a migration was written by a person: Prisma's schema cannot say it, so no difference is ever made of it. */
export const byHandMarker = '-- by hand'

/** The part of a migration below the marker; empty when there is none. */
export function byHandPart(sql: string): string {
  return sql
    .split(new RegExp(`^${byHandMarker}\\b.*$`, 'm'))
    .slice(1)
    .join('\n')
    .trim()
}

/** The SQL that the migrations lack to arrive at the schema; empty when they arrive. `emptyDatabase` receives the migrations. */
export async function missingSql(emptyDatabase: string, place: SchemaPlace): Promise<string> {
  const pool = new Pool({ connectionString: emptyDatabase })
  try {
    await migrate(pool, place.migrations)
    await dropByHand(pool, await readMigrations(place.migrations))
    return await difference(pool, place.schema)
  } finally {
    await pool.end()
  }
}

/** The SQL that makes the schema in an empty database. */
export async function wholeSql(emptyDatabase: string, place: SchemaPlace): Promise<string> {
  const pool = new Pool({ connectionString: emptyDatabase })
  try {
    return await difference(pool, place.schema)
  } finally {
    await pool.end()
  }
}

async function difference(pool: Pool, directory: string): Promise<string> {
  const schema = await readSchema(directory)
  const adapter = bindMigrationAwareSqlAdapterFactory(withCharColumns(pool))
  const engine = await SchemaEngine.new({ datamodels: schema.files.map(({ path, content }) => [path, content]) }, () => {}, adapter)
  try {
    const { exitCode, stdout } = await engine.diff({
      from: { tag: 'schemaDatasource', ...schema, configDir: directory }, // what the adapter is connected to
      to: { tag: 'schemaDatamodel', ...schema },
      script: true,
      exitCode: true,
      filters: { externalTables: [], externalEnums: [] },
    })
    return exitCode === 0 ? '' : `${stdout?.trim() ?? ''}\n`
  } finally {
    engine.free()
  }
}

async function readSchema(directory: string): Promise<SchemasContainer> {
  const names = (await readdir(directory)).filter((name) => name.endsWith('.prisma')).sort()
  const files = await Promise.all(
    names.map(async (name) => ({ path: join(basename(directory), name), content: await readFile(join(directory, name), 'utf8') })),
  )
  if (!files.length) throw new Error(`There is no Prisma schema in ${directory}.`)
  return { files }
}

// What was made by hand would look like something to drop again. Prisma does not see CHECKs, functions and triggers.
async function dropByHand(pool: Pool, migrations: Migration[]): Promise<void> {
  const sql = migrations.map((migration) => byHandPart(migration.sql).replace(/--.*$/gm, '')).join('\n')
  const namesAfter = (pattern: string) => [...sql.matchAll(new RegExp(`${pattern}\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?"?([\\w]+)"?`, 'gi'))].map((match) => match[1])
  const statements = `
    SELECT format('ALTER TABLE %s DROP CONSTRAINT %I CASCADE', conrelid::regclass, conname) AS statement FROM pg_constraint
      WHERE conname = ANY ($1) AND contype <> 'c' AND connamespace = 'public'::regnamespace
    UNION ALL SELECT format('DROP INDEX %s', oid::regclass) FROM pg_class WHERE relname = ANY ($2) AND relkind IN ('i', 'I') AND relnamespace = 'public'::regnamespace
    UNION ALL SELECT format('DROP TABLE %s CASCADE', oid::regclass) FROM pg_class WHERE relname = ANY ($3) AND relkind IN ('r', 'p') AND relnamespace = 'public'::regnamespace`
  const names = [
    namesAfter('ADD\\s+CONSTRAINT'),
    namesAfter('CREATE\\s+(?:UNIQUE\\s+)?INDEX(?:\\s+CONCURRENTLY)?'),
    namesAfter('CREATE\\s+(?:UNLOGGED\\s+)?TABLE'),
  ]
  const { rows } = await pool.query<{ statement: string }>(statements, names)
  for (const { statement } of rows) await pool.query(statement)
}

// The catalogue's columns of type "char" (OID 18) are unknown to the adapter, and the engine cannot do without them: they pass as bpchar (1042), and are named for what they are on the other side.
function withCharColumns(pool: Pool): PrismaPg {
  const marked = new WeakMap<object, number[]>()
  const reading = new Proxy(pool, {
    get(target, property) {
      const value: unknown = Reflect.get(target, property)
      if (property !== 'query') return typeof value === 'function' ? value.bind(target) : value
      const query = target.query.bind(target) as (...args: unknown[]) => Promise<QueryResult>
      return async (...args: unknown[]) => {
        const result = await query(...args)
        const chars: number[] = []
        for (const [index, field] of result.fields.entries()) {
          if (field.dataTypeID !== 18) continue
          field.dataTypeID = 1042
          chars.push(index)
        }
        marked.set(result.rows, chars)
        return result
      }
    },
  })
  const factory = new PrismaPg(reading)
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    const queryRaw = adapter.queryRaw.bind(adapter)
    adapter.queryRaw = async (query) => {
      const result = await queryRaw(query)
      for (const index of marked.get(result.rows) ?? []) result.columnTypes[index] = ColumnTypeEnum.Character
      return result
    }
    return adapter
  }
  return factory
}
