import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Pool } from 'pg'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { migrate, MigrationError, pendingMigrations } from '../../src/db/migrate.ts'
import { createDatabase } from '../support/postgres.ts'

let directory: string
let pool: Pool
let database: { url: string; drop(): Promise<void> }

beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'migrations-'))
  database = await createDatabase()
  pool = new Pool({ connectionString: database.url })
  pool.on('error', () => {})
})

afterEach(async () => {
  await pool.end()
  await database.drop()
  await rm(directory, { recursive: true })
})

async function write(name: string, sql: string): Promise<void> {
  await mkdir(join(directory, name), { recursive: true })
  await writeFile(join(directory, name, 'migration.sql'), sql)
}

async function column<Value>(statement: string): Promise<Value[]> {
  const { rows } = await pool.query<{ value: Value }>(`SELECT value FROM (${statement}) AS found (value)`)
  return rows.map((row) => row.value)
}

describe('migrate', () => {
  test('applies what is lacking, in order of name, once', async () => {
    await write('2_second', 'INSERT INTO cards VALUES (1);')
    await write('1_first', 'CREATE TABLE cards (id int);\nCREATE INDEX ON cards (id);')
    expect(await pendingMigrations(pool, directory)).toEqual(['1_first', '2_second'])
    expect(await migrate(pool, directory)).toEqual(['1_first', '2_second'])
    expect(await migrate(pool, directory)).toEqual([])
    expect(await pendingMigrations(pool, directory)).toEqual([])
    await write('3_third', 'INSERT INTO cards VALUES (2);')
    expect(await migrate(pool, directory)).toEqual(['3_third'])
    expect(await column('SELECT id FROM cards ORDER BY id')).toEqual([1, 2])
  })

  test('keeps the records that Prisma would', async () => {
    await write('1_first', 'SELECT 1;\n')
    await migrate(pool, directory)
    const { rows } = await pool.query('SELECT * FROM _prisma_migrations')
    expect(rows).toEqual([
      {
        id: expect.stringMatching(/^[0-9a-f]{8}-[0-9a-f-]{27}$/),
        // printf 'SELECT 1;\n' | sha256sum
        checksum: 'b4e0497804e46e0a0b0b8c31975b062152d551bac49c3c2e80932567b4085dcd',
        finished_at: expect.any(Date),
        migration_name: '1_first',
        logs: null,
        rolled_back_at: null,
        started_at: expect.any(Date),
        applied_steps_count: 1,
      },
    ])
  })

  test('several at once apply each migration exactly once, and all of them end well', async () => {
    await write('1_first', 'CREATE TABLE cards (id int); SELECT pg_sleep(0.1);')
    await write('2_second', 'INSERT INTO cards VALUES (1);')
    const applied = await Promise.all([migrate(pool, directory), migrate(pool, directory), migrate(pool, directory)])
    expect(applied.flat().sort()).toEqual(['1_first', '2_second'])
    expect(await column('SELECT id FROM cards')).toEqual([1])
  })

  test('waits for a runner of Prisma’s, which takes the same lock', async () => {
    await write('1_first', 'CREATE TABLE cards (id int);')
    const other = await pool.connect()
    await other.query('SELECT pg_advisory_lock(72707369)')
    const ours = migrate(pool, directory)
    await expect.poll(() => column(`SELECT count(*)::int FROM pg_locks WHERE locktype = 'advisory' AND objid = 72707369 AND NOT granted`)).toEqual([1])
    await other.query('SELECT pg_advisory_unlock(72707369)')
    other.release()
    expect(await ours).toEqual(['1_first'])
  })

  test('refuses a migration that was edited after it was applied, and names it', async () => {
    await write('1_first', 'CREATE TABLE cards (id int);')
    await migrate(pool, directory)
    await write('1_first', 'CREATE TABLE cards (id bigint);')
    await write('2_second', 'CREATE TABLE more (id int);')
    await expect(migrate(pool, directory)).rejects.toThrow(/edited.*1_first/)
    await expect(pendingMigrations(pool, directory)).rejects.toThrow(MigrationError)
    expect(await column(`SELECT to_regclass('more')::text`)).toEqual([null])
  })

  test('a migration that fails leaves nothing of itself, keeps those before it, and says where', async () => {
    await write('1_first', 'CREATE TABLE cards (id int);')
    await write('2_second', 'INSERT INTO cards VALUES (1);\nCREATE TABLE half (id int);\nINSERT INTO missing VALUES (1);')
    await expect(migrate(pool, directory)).rejects.toThrow(/2_second failed at line 3.*missing/)
    expect(await column(`SELECT to_regclass('half')::text`)).toEqual([null])
    expect(await column('SELECT count(*)::int FROM cards')).toEqual([0])
    await write('2_second', 'INSERT INTO cards VALUES (1);')
    expect(await migrate(pool, directory)).toEqual(['2_second'])
  })

  test('an older release runs on a newer database, but lays nothing on migrations it does not know', async () => {
    await write('1_first', 'SELECT 1;')
    await write('2_second', 'SELECT 2;')
    await migrate(pool, directory)
    await rm(join(directory, '2_second'), { recursive: true })
    expect(await migrate(pool, directory)).toEqual([])
    await write('3_other', 'SELECT 3;')
    await expect(migrate(pool, directory)).rejects.toThrow(/does not know \(2_second\).*3_other/)
  })

  test('refuses to go on after a migration that another tool left half-applied', async () => {
    await write('1_first', 'SELECT 1;')
    await migrate(pool, directory)
    await pool.query('UPDATE _prisma_migrations SET finished_at = NULL')
    await expect(migrate(pool, directory)).rejects.toThrow(/half-applied: 1_first/)
    await pool.query('UPDATE _prisma_migrations SET rolled_back_at = now()')
    expect(await migrate(pool, directory)).toEqual(['1_first'])
  })
})
