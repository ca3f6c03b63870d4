import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Pool } from 'pg'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { migrationDirectories } from '../../src/db/databases.ts'
import { distributionOf, planDistribution } from '../../src/db/distribution/plan.ts'
import { migrate } from '../../src/db/migrate.ts'
import { policies } from '../../src/domains.ts'
import { healthRoutes } from '../../src/http/health.ts'
import { distributable } from '../../src/policy/tables.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { callsOf, pretendCitus } from '../support/citus.ts'
import { distributeAll } from '../support/distribute.ts'
import { cloneDatabases, createDatabase, type TestDatabases } from '../support/postgres.ts'

let databases: TestDatabases
let kith: TestApp

beforeAll(async () => {
  databases = await cloneDatabases()
  const { url, drop } = await createDatabase()
  const own = new Pool({ connectionString: url, max: 1 })
  await migrate(own, migrationDirectories.main)
  await pretendCitus(own)
  await own.end()
  kith = await testApp({ databases: { ...databases, url, drop } })
}, 60_000)
afterAll(async () => {
  await kith.close()
  await databases.drop()
})

const tables = () => distributable(kith.app, policies)
const ready = async () => (await (await healthRoutes(kith.app).request('/ready')).json()).checks.distribution as boolean

test('owned tables are distributed by their owner and together, what is pointed at first, and the coordinator’s copies go last', async () => {
  await kith.signUp()
  expect(await distributionOf(kith.app.database.pool, tables())).toMatchObject({ by: 'citus', distributed: [], parts: null })
  expect(await ready()).toBe(true)
  // Broken off after some, and done again with another number, which is refused.
  const client = await kith.app.database.pool.connect()
  try {
    const steps = await planDistribution(client, tables(), 8)
    for (const step of steps.slice(0, 20)) await step.run(client)
    await expect(planDistribution(client, tables(), 9)).rejects.toThrow(/in 8 parts each already/)
  } finally {
    client.release()
  }
  expect(await ready()).toBe(false)
  await distributeAll(kith.databases.url, null)
  expect(await ready()).toBe(true)

  const owned = tables().flatMap(({ name, owned: is }) => (is ? [name] : []))
  const calls = await callsOf(kith.app.database.pool)
  const [first = '', ...others] = owned
  expect(calls.slice(0, owned.length)).toEqual([
    `distribute ${first} by ownerId with none, 8`,
    ...others.map((table) => `distribute ${table} by ownerId with public."${first}", `),
  ])
  const truncated = calls.slice(owned.length)
  expect(truncated).toContain('truncate accounts')
  expect(truncated.every((call) => /^truncate \w+$/.test(call))).toBe(true)
  const { rows } = await kith.app.database.pool.query('SELECT DISTINCT colocationid FROM pg_dist_partition')
  expect(rows).toHaveLength(1)
  expect(await distributionOf(kith.app.database.pool, tables())).toMatchObject({ by: 'citus', parts: 8, plain: [] })
}, 60_000)

test('tables without an owner stay on the coordinator', async () => {
  const calls = (await callsOf(kith.app.database.pool)).join('\n')
  for (const { name } of tables().filter(({ owned }) => !owned)) expect(calls).not.toMatch(new RegExp(`\\b${name}\\b`))
})

test('a migration changes shards one after another', async () => {
  const directory = await mkdtemp(join(tmpdir(), 'migrations-'))
  try {
    await cp(fileURLToPath(migrationDirectories.main), directory, { recursive: true })
    await mkdir(join(directory, '29990101000000_mode'))
    await writeFile(
      join(directory, '29990101000000_mode', 'migration.sql'),
      `CREATE TABLE citus.mode AS SELECT current_setting('citus.multi_shard_modify_mode') AS mode`,
    )
    await migrate(kith.app.database.pool, directory)
    expect((await kith.app.database.pool.query('SELECT mode FROM citus.mode')).rows).toEqual([{ mode: 'sequential' }])
  } finally {
    await rm(directory, { recursive: true })
  }
})

test('a database that is split into partitions is not taken', async () => {
  const { url, drop } = await createDatabase()
  const own = new Pool({ connectionString: url, max: 1 })
  try {
    await migrate(own, migrationDirectories.main)
    const client = await own.connect()
    const [step] = await planDistribution(client, tables(), 2)
    await step?.run(client)
    client.release()
    await pretendCitus(own)
    await expect(distributeAll(url, null)).rejects.toThrow(/split into hash partitions already/)
  } finally {
    await own.end()
    await drop()
  }
})
