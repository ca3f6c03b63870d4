import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createContacts } from '../../src/contacts/service.ts'
import { migrationDirectories } from '../../src/db/databases.ts'
import { execute, sql } from '../../src/db/client.ts'
import { distributionOf, planDistribution } from '../../src/db/distribution/plan.ts'
import { problemsOf } from '../../src/db/distribution/problems.ts'
import { migrate } from '../../src/db/migrate.ts'
import { keepStatistics } from '../../src/db/statistics.ts'
import { policies } from '../../src/domains.ts'
import { inTransaction } from '../../src/events/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { distributable } from '../../src/policy/tables.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { everythingStored } from '../support/crm.ts'
import { distributeAll } from '../support/distribute.ts'
import { cloneDatabases, createDatabase, type TestDatabases } from '../support/postgres.ts'
import { shapeOf } from '../support/shape.ts'

let databases: TestDatabases
let kith: TestApp
let ada: Person

const pool = () => kith.app.database.pool
const tables = () => distributable(kith.app, policies)
const lines = (text: string) => text.split('\n').toSorted()
const addNote = async (name: string) => {
  const made = await createContacts(ada.ctx, [{ name: { given: name }, emails: [{ address: `${name}@example.test` }], tags: ['Tag'] }], 'REJECT_ALL')
  for (const each of made) if ('contactId' in each) await createNote(ada.ctx, { contactId: each.contactId, body: 'Note' })
  await kith.runJobs()
}
/** Works with a database of one's own that has every table, not distributed, and is empty. */
async function inPlain(work: (pool: Pool, url: string) => Promise<void>): Promise<void> {
  const { url, drop } = await createDatabase()
  const own = new Pool({ connectionString: url, max: 2 })
  try {
    await migrate(own, migrationDirectories.main)
    await work(own, url)
  } finally {
    await own.end()
    await drop()
  }
}
const planOn = async (own: Pool, parts: number | null = null) => {
  const client = await own.connect()
  try {
    return await planDistribution(client, tables(), parts)
  } finally {
    client.release()
  }
}

beforeAll(async () => {
  databases = await cloneDatabases()
  const plain = await createDatabase()
  // The template may be distributed already: what is distributed here begins as plain tables.
  const own = new Pool({ connectionString: plain.url, max: 1 })
  await migrate(own, migrationDirectories.main)
  await own.end()
  kith = await testApp({ databases: { ...databases, url: plain.url, drop: plain.drop } })
  ada = await kith.signUp()
  await addNote('before')
}, 60_000)
afterAll(async () => {
  await kith.close()
  await databases.drop()
})

describe('hash partitions', () => {
  test('hold all that was there, under the same keys, checks and indexes, also when the work was broken off in between', async () => {
    const [before, shape] = [await everythingStored(kith), await shapeOf(pool())]
    await pool().query('GRANT SELECT ON notes TO PUBLIC')
    await pool().query('REVOKE DELETE ON events FROM CURRENT_USER')
    const rights = (await shapeOf(pool())).filter((line) => !shape.includes(line))
    const steps = await planOn(pool(), 4)
    expect(steps.map(({ table }) => table).toSorted()).toEqual(tables().flatMap(({ name, owned }) => (owned ? [name] : [])).toSorted()) // prettier-ignore
    const client = await pool().connect()
    try {
      for (const step of steps.slice(0, 30)) await step.run(client)
      // The one at which it breaks off is as it was.
      const failing = {
        query: async (text: string, values?: unknown[]) => (text.startsWith('ANALYZE') ? client.query('SELECT 1/0') : client.query(text, values)),
      }
      await expect(steps[30]!.run(failing as never)).rejects.toThrow(/division by zero/)
    } finally {
      client.release()
    }
    expect((await distributionOf(pool(), tables())).distributed).toHaveLength(30)
    expect(lines(await everythingStored(kith))).toEqual(lines(before))
    await addNote('between')
    const between = lines(await everythingStored(kith))
    expect(await distributeAll(kith.databases.url, null)).toHaveLength(steps.length - 30)
    expect(lines(await everythingStored(kith))).toEqual(between)
    expect(await shapeOf(pool())).toEqual([...shape, ...rights].toSorted((one, other) => (one < other ? -1 : 1)))
    expect(await distributionOf(pool(), tables())).toMatchObject({ by: 'partitions', parts: 4, plain: [] })
    expect(await distributeAll(kith.databases.url, null)).toEqual([])
    await pool().query('GRANT DELETE ON events TO CURRENT_USER')
    await addNote('after')
    expect((await ada.graphql('{ notes { totalCount } }')).data).toEqual({ notes: { totalCount: 3 } })
  }, 120_000)

  test('are not kept if a row did not arrive', async () => {
    await inPlain(async (own) => {
      await own.query(`INSERT INTO outbox VALUES (gen_random_uuid(), gen_random_uuid(), 'test', '{}', now(), 0, now())`)
      const step = (await planOn(own)).find(({ table }) => table === 'outbox')
      const client = await own.connect()
      const losing = async (text: string, values?: unknown[]) => {
        const result = await client.query(text, values)
        if (text.startsWith('INSERT INTO public.')) await client.query('DELETE FROM public.outbox')
        return result
      }
      await expect(step?.run({ query: losing } as never).finally(() => client.release())).rejects.toThrow('Of outbox 0 rows arrived where there were 1; nothing was changed.') // prettier-ignore
      expect((await own.query('SELECT 1 FROM outbox')).rowCount).toBe(1)
      expect((await distributionOf(own, tables())).by).toBe('nothing')
    })
  }, 30_000)

  test('are counted by the planner each by itself, once much was written to it', async () => {
    const sizes = async () =>
      (await pool().query<{ counted: number }>(`SELECT reltuples::int AS counted FROM pg_class WHERE relispartition AND relname LIKE 'search_terms_%' AND relkind = 'r'`)).rows.map(({ counted }) => counted).toSorted((one, other) => one - other) // prettier-ignore
    const before = await sizes()
    await inTransaction(ada.ctx, async (tx) => {
      await execute(
        tx,
        sql`INSERT INTO search_terms SELECT ${ada.ownerId}::uuid, 'name', 'term' || n, gen_random_uuid(), gen_random_uuid() FROM generate_series(1, 5000) AS n`,
      )
      await keepStatistics(tx, ['search_terms'])
    })
    const after = await sizes()
    expect(after.at(-1)).toBeGreaterThan(4000)
    expect(after.slice(0, -1)).toEqual(before.slice(0, -1))
  })

  test('keep their number', async () => {
    await expect(planOn(pool(), 8)).rejects.toThrow(/in 4 parts each already/)
  })

  test('take every migration there has been since the first, and tables that those bring are distributed when it is done again', async () => {
    const { url, drop } = await createDatabase()
    const directory = await mkdtemp(join(tmpdir(), 'migrations-'))
    const own = new Pool({ connectionString: url, max: 2 })
    try {
      const all = fileURLToPath(migrationDirectories.main)
      const [first = ''] = (await readdir(all)).toSorted()
      await cp(join(all, first), join(directory, first), { recursive: true })
      await migrate(own, directory)
      const { rows } = await own.query<{ name: string }>(`SELECT relname AS name FROM pg_class WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'`)
      const there = new Set(rows.map(({ name }) => name))
      // Tables that later migrations drop have no policy any more.
      for (const name of there) if (!tables().some((table) => table.name === name) && name !== '_prisma_migrations') await own.query(`ALTER TABLE ${name} RENAME TO "_${name}"`) // prettier-ignore
      const early = await distributeAll(url, 3, ({ name }) => there.has(name)).catch((error: unknown) => expect.fail(String(error)))
      await migrate(own, all)
      expect((await distributionOf(own, tables())).plain.length).toBeGreaterThan(0)
      expect((await distributeAll(url, null)).length + early.length).toBe(tables().filter(({ owned }) => owned).length)
      expect(await distributionOf(own, tables())).toMatchObject({ parts: 3, plain: [] })
      await inPlain(async (plain) => expect((await shapeOf(own)).join('\n')).toBe((await shapeOf(plain)).join('\n')))
    } finally {
      await own.end()
      await drop()
      await rm(directory, { recursive: true })
    }
  }, 120_000)
})

describe('what stands in the way', () => {
  test('is nothing in the tables that there are', async () => {
    const client = await pool().connect()
    expect(await problemsOf(client, tables()).finally(() => client.release())).toEqual([])
  })

  test('is named, and then nothing is done', async () => {
    await inPlain(async (own) => {
      for (const [statement, problem] of [
        ['CREATE TABLE mine (id int)', /table mine has no policy/],
        ['CREATE UNIQUE INDEX once ON notes (id)', /unique index once of the owned table notes/],
        ['ALTER TABLE tags DROP CONSTRAINT tags_pkey CASCADE', /tags has no primary key/],
        [
          `ALTER TABLE notes ADD CONSTRAINT astray FOREIGN KEY (body) REFERENCES directory_credentials ("secretHash")`,
          /foreign key astray of notes does not keep/,
        ],
        [`ALTER TABLE notes ADD CONSTRAINT moving FOREIGN KEY ("ownerId") REFERENCES accounts ("ownerId") ON UPDATE CASCADE`, /moving of notes would change/],
        [`CREATE TRIGGER bell BEFORE INSERT ON notes EXECUTE FUNCTION suppress_redundant_updates_trigger()`, /trigger bell of the owned table notes/],
        [`CREATE TYPE colour AS ENUM ('red'); ALTER TABLE notes ADD COLUMN colour colour`, /"colour" of the owned table notes is of an enum/],
        [`ALTER TABLE search_variants ALTER COLUMN "ownerId" TYPE text`, /search_variants has no column "ownerId" that is a uuid/],
      ] as const) {
        const client = await own.connect()
        try {
          await client.query('BEGIN')
          await client.query(statement)
          await expect(planDistribution(client, tables(), null), statement).rejects.toThrow(problem)
        } finally {
          await client.query('ROLLBACK')
          client.release()
        }
      }
      expect(await planOn(own)).not.toEqual([])
      // What has no equal around partitions is not quietly dropped.
      await own.query('CREATE RULE quiet AS ON DELETE TO notes DO INSTEAD NOTHING')
      const step = (await planOn(own)).find(({ table }) => table === 'notes')
      const client = await own.connect()
      await expect(step?.run(client).finally(() => client.release())).rejects.toThrow(/notes has what would be lost: the rule quiet/)
    })
  }, 60_000)
})
