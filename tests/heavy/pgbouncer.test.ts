import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Pool } from 'pg'
import { afterAll, beforeAll, describe, expect, inject, test } from 'vitest'
import { sql, rows } from '../../src/db/client.ts'
import { inTransaction } from '../../src/events/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { freePorts, kith as command, type RunningKith, serve, type Settings } from '../process/kith.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { type Bouncer, noBouncer, startBouncer } from '../support/pgbouncer.ts'
import { cloneDatabases, type TestDatabases } from '../support/postgres.ts'

if (noBouncer) console.log(`Skipped: ${noBouncer}.`)

describe.skipIf(noBouncer)('behind PgBouncer in transaction mode, with names of statements off', () => {
  const key = Buffer.alloc(32, 'a key for a server behind a pooler')
  let bouncer: Bouncer
  let databases: TestDatabases
  let direct: Pool
  let home: string
  beforeAll(async () => {
    home = await mkdtemp(join(tmpdir(), 'kith-pgbouncer-'))
    await chmod(home, 0o755)
    bouncer = await startBouncer(inject('postgres').url)
    databases = await cloneDatabases()
    direct = new Pool({ connectionString: databases.url, max: 2 })
  }, 60_000)
  afterAll(async () => {
    await direct.end()
    await bouncer.stop()
    await databases.drop()
    await rm(home, { recursive: true, force: true })
  }, 60_000)

  /** Locks that outlived their transaction, statements that were prepared by name, and settings that stayed: none may be on a connection that is lent. */
  const leftovers = async () => {
    const pool = new Pool({ connectionString: bouncer.through(databases.url), max: 12 })
    pool.on('error', () => {})
    try {
      const all = await Promise.all(
        Array.from({ length: 12 }, async () => {
          const client = await pool.connect()
          // Long enough that every connection behind takes part.
          const { rows: found } = await client.query<{ timeout: string; prepared: number }>(
            `SELECT current_setting('statement_timeout') AS timeout, (SELECT count(*)::int FROM pg_prepared_statements) AS prepared FROM pg_sleep(0.02)`,
          )
          client.release()
          return found[0]
        }),
      )
      const { rows: locks } = await direct.query(
        `SELECT l.pid FROM pg_locks AS l JOIN pg_stat_activity AS a ON a.pid = l.pid AND a.state = 'idle' WHERE l.locktype = 'advisory' AND l.database = (SELECT oid FROM pg_database WHERE datname = current_database())`,
      )
      return {
        settings: [...new Set(all.map((each) => each?.timeout))],
        prepared: all.reduce((sum, each) => sum + (each?.prepared ?? 0), 0),
        locks: locks.length,
      }
    } finally {
      await pool.end()
    }
  }

  test(
    'everything is done through it: a demo from end to end, with signing up, syncing, jobs, searching, importing and revoking',
    { timeout: 400_000 },
    async () => {
      const [port = 0] = await freePorts(1)
      const settings: Settings = {
        PORT: String(port),
        KITH_DATA_DIR: join(home, 'data'),
        DATABASE_URL: bouncer.through(databases.url),
        KITH_DATABASE_DIRECT_URL: databases.url,
        KEYS_DATABASE_URL: databases.keysUrl,
        KITH_MASTER_KEY: key.toString('base64'),
        KITH_PREPARED_STATEMENTS: 'off',
      }
      const demo = await command(['demo'], settings)
      expect(demo, demo.stderr).toMatchObject({ code: 0 })
      const running: RunningKith = await serve(settings)
      try {
        const made = await command(['token', 'create', '--email', 'ada@example.test', '--scopes', 'all'], settings)
        const headers = { authorization: `Bearer ${made.stdout.trim()}`, 'content-type': 'application/json' }
        const ask = async (query: string, variables: object = {}, more: Record<string, string> = {}) => {
          const response = await fetch(`${running.url}/graphql`, {
            method: 'POST',
            headers: { ...headers, ...more },
            body: JSON.stringify({ query, variables }),
          })
          const body = (await response.json()) as { data: any; errors?: { extensions: { code: string } }[] } // eslint-disable-line @typescript-eslint/no-explicit-any
          return { ...body, replayed: response.headers.get('idempotency-replayed') }
        }
        expect(await (await fetch(`${running.url}/ready`)).json()).toMatchObject({ status: 'ready' })

        const page =
          '{ contacts(first: 50) { totalCount nodes { id displayName emails { address } notes(first: 3) { nodes { body } } interactions(first: 5) { nodes { id } } } } }'
        const reads = await Promise.all(Array.from({ length: 40 }, () => ask(page)))
        for (const { data, errors } of reads) {
          expect(errors).toBeUndefined()
          expect(data).toEqual(reads[0]!.data)
        }
        const before: number = reads[0]!.data.contacts.totalCount
        expect(before).toBeGreaterThan(0)

        // Writes, each in a transaction; the same one from many sides at once is done once.
        const create = 'mutation ($given: String!) { contactCreate(input: { name: { given: $given, family: "Pooled" } }) { __typename ... on Contact { id } } }'
        const many = await Promise.all(Array.from({ length: 20 }, (_, n) => ask(create, { given: `Number ${n}` })))
        for (const { data } of many) expect(data.contactCreate.__typename).toBe('Contact')
        const race = await Promise.all(Array.from({ length: 12 }, () => ask(create, { given: 'Once' }, { 'idempotency-key': 'once' })))
        expect(race.filter(({ errors, replayed }) => !errors && !replayed)).toHaveLength(1)
        expect((await ask('{ contacts(first: 1) { totalCount } }')).data.contacts.totalCount).toBe(before + 21)
        const found = await ask('{ contacts(first: 50, search: "pooled") { totalCount } }')
        expect(found.data.contacts.totalCount).toBe(21)

        // A job of pg-boss: an import, which a worker takes up.
        const cards = Array.from(
          { length: 200 },
          (_, n) => `BEGIN:VCARD\r\nVERSION:4.0\r\nFN:Imported ${n}\r\nEMAIL:imported${n}@example.test\r\nEND:VCARD\r\n`,
        ).join('')
        const sent = await fetch(`${running.url}/contacts/import`, { method: 'POST', headers: { ...headers, 'content-type': 'text/vcard' }, body: cards })
        expect(sent.status).toBe(202)
        const { id } = (await sent.json()) as { id: string }
        const state = async () => (await ask('query ($id: ID!) { node(id: $id) { ... on ContactsImportRun { state } } }', { id })).data.node.state
        await expect.poll(state, { timeout: 120_000, interval: 500 }).toBe('DONE')
        expect((await ask('{ contacts(first: 1) { totalCount } }')).data.contacts.totalCount).toBe(before + 221)
        // Another run of each sync, as jobs of the server. Its simulator is a new one, which does not know the calendar's old state.
        const synced = await command(['sync', '--email', 'ada@example.test', '--wait'], settings)
        for (const feature of ['contacts', 'gmail']) expect(synced.stdout, synced.stderr).toContain(`${feature}: idle`)

        // The notice goes by the pooler, and is heard on the direct connection: what was relied on for longer than a second is over at once.
        await sleep(2000)
        const { data } = await ask('{ viewer { apiTokens { id } } }')
        await ask('mutation ($id: ID!) { apiTokenRevoke(id: $id) { __typename } }', { id: data.viewer.apiTokens[0].id })
        expect((await ask('{ viewer { id } }')).errors?.[0]?.extensions.code).toBe('UNAUTHENTICATED')
        const { rows: listening } = await direct.query(
          `SELECT query FROM pg_stat_activity WHERE application_name = 'kith notices' AND datname = current_database()`,
        )
        expect(listening).toHaveLength(1)
        // All of this went over the few connections behind.
        const { rows: lent } = await direct.query(`SELECT pid FROM pg_stat_activity WHERE application_name = 'kith' AND datname = current_database()`)
        expect(lent.length).toBeLessThanOrEqual(3)
        expect(await leftovers()).toEqual({ settings: ['15s'], prepared: 0, locks: 0 })
      } finally {
        running.child.kill('SIGTERM')
        expect(await running.ended).toMatchObject({ code: 0 })
      }
    },
  )

  describe('in one process', () => {
    let pooled: TestApp
    let ada: Person
    const options = () => ({
      databases: { ...databases, url: bouncer.through(databases.url) },
      config: { preparedStatements: false, databaseDirectUrl: databases.url, maxConnections: 12 },
      secrets: { masterKeys: [key] },
    })
    beforeAll(async () => {
      pooled = await testApp(options())
      ada = await pooled.signUp()
    }, 60_000)
    afterAll(() => pooled.close())

    test('a setting of a transaction ends with it, and a lock too', async () => {
      await Promise.all(
        Array.from({ length: 12 }, () =>
          inTransaction(systemCtx(pooled.app, ada.ownerId, 'test'), async (tx) => {
            const [timeout] = await rows<{ value: string }>(tx, sql`SELECT current_setting('statement_timeout') AS value`)
            // As long as the transaction may take.
            expect(timeout?.value).toBe('1min')
            await rows(tx, sql`SELECT set_config('work_mem', '9MB', true)`)
            const [lock] = await rows<{ held: boolean }>(tx, sql`SELECT pg_advisory_xact_lock(42) IS NOT NULL AS held`)
            expect(lock?.held).toBe(true)
          }),
        ),
      )
      const settings = await Promise.all(Array.from({ length: 12 }, () => rows<{ value: string }>(ada.ctx, sql`SELECT current_setting('work_mem') AS value FROM pg_sleep(0.01)`))) // prettier-ignore
      expect(new Set(settings.map(([each]) => each?.value))).toEqual(new Set(['4MB']))
      expect(await leftovers()).toEqual({ settings: ['15s'], prepared: 0, locks: 0 })
    })

    test('no request is refused its connection while there are more of them than connections', async () => {
      const answers = await Promise.all(Array.from({ length: 100 }, () => ada.graphql('{ contacts(first: 5) { nodes { id } } viewer { id } }')))
      expect(answers.filter(({ errors }) => errors)).toEqual([])
    })

    test('without a direct way no notices are heard, it is said, and a revoked session is out within a second all the same', { timeout: 60_000 }, async () => {
      const warned: string[] = []
      const log = { warn: (_: unknown, text: string) => void warned.push(text), error: () => {}, info: () => {}, debug: () => {} }
      const { databaseDirectUrl: _none, ...config } = options().config
      const lost = await testApp({ ...options(), config, log: log as never })
      try {
        await lost.app.notices.start()
        expect(warned[0]).toMatch(/No notices/)
        expect(lost.app.notices.era()).toBeNull()
        expect((await lost.graphql('{ viewer { id } }', {}, { headers: ada.browser })).status).toBe(200)
        await ada.graphql('mutation { sessionsRevokeAll(includeCurrent: true) { __typename } }')
        await sleep(1000)
        expect((await lost.graphql('{ viewer { id } }', {}, { headers: ada.browser })).status).toBe(401)
      } finally {
        await lost.close()
      }
    })
  })
})
