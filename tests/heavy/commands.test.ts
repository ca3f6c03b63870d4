import { spawnSync } from 'node:child_process'
import { chmod, chown, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Client } from 'pg'
import { afterAll, expect, test } from 'vitest'
import { type Embedded, removeEmbedded, startEmbedded } from '../../src/db/embedded.ts'
import { freePorts, kith, launcher, serve, type Settings } from '../process/kith.ts'

const home = await mkdtemp(join(tmpdir(), 'kith-commands-'))
await chmod(home, 0o755)
const settings: Settings = { KITH_DATA_DIR: join(home, 'demo') }
const embedded: Embedded[] = []
afterAll(async () => {
  for (const each of embedded) await each.stop()
  for (const name of ['demo', 'ordinary/.data']) await removeEmbedded(join(home, name)).catch(() => {})
  await rm(home, { recursive: true, force: true })
})

const directories = ['directory_subjects', 'directory_credentials', 'directory_due']

test('the demo makes every account and its data once, however often it is run', async () => {
  const first = await kith(['demo'], settings)
  expect(first, first.stderr).toMatchObject({ code: 0, stderr: '' })
  for (const email of ['ada', 'grace', 'alan']) expect(first.stdout).toMatch(new RegExp(`${email}@example\\.test +\\d+ contacts`))
  const tables = ['accounts', 'contacts', 'notes', 'reminders', 'interactions']
  const before = await counts(tables)
  for (const table of tables) expect(before[table], table).toBeGreaterThan(2)
  expect(await kith(['demo'], settings)).toMatchObject({ code: 0, stdout: first.stdout })
  expect(await counts(tables)).toEqual(before)
})

test('the directories can be made again from what is owned', async () => {
  expect((await kith(['token', 'create', '--email', 'grace@example.test', '--scopes', 'contacts:read'], settings)).stdout).toMatch(/^kith_/)
  await withDatabase(async (client) => {
    const before = await dump(client)
    for (const table of directories) expect(before[table]?.length, table).toBeGreaterThan(0)
    await client.query(`TRUNCATE ${directories.join(', ')}`)
    expect(await kith(['directories', 'rebuild'], settings)).toMatchObject({ code: 0, stderr: '' })
    expect(await dump(client)).toEqual(before)
  })
})

test('kith audit verify names the entry that was changed, and ends with 1', async () => {
  expect(await kith(['audit', 'verify'], settings)).toMatchObject({ code: 0 })
  await withDatabase((client) =>
    client.query(
      `UPDATE events SET type = 'note.deleted' WHERE type = 'note.created' AND seq = (SELECT max(seq) FROM events AS e WHERE e."ownerId" = events."ownerId" AND e.type = 'note.created')`,
    ),
  )
  const after = await kith(['audit', 'verify', '--email', 'ada@example.test'], settings)
  expect(after.code).toBe(1)
  expect(after.stdout).toMatch(/entry \d+ .*is not what was written/)
})

test('kith distribute takes the data apart by owner, once nobody else uses it, and everything goes on', async () => {
  const tables = ['accounts', 'contacts', 'notes', 'reminders', 'interactions', 'events', 'search_terms']
  const before = await counts(tables)
  const partitions = () =>
    withDatabase(async (client) => (await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM pg_class WHERE relispartition AND relkind = 'r' AND relname LIKE 'notes_%'`)).rows[0]?.count) // prettier-ignore
  const [port = 0] = await freePorts(1)
  const running = await serve({ ...settings, PORT: String(port) })
  const refused = await kith(['distribute', '--partitions', '4'], settings)
  expect(refused).toMatchObject({ code: 1, stdout: '' })
  expect(refused.stderr).toMatch(/Others are connected to this database: .*kith \(\d+ connections?\).*Stop every "kith serve"/)
  running.child.kill('SIGTERM')
  await running.ended
  const planned = await kith(['distribute', '--partitions', '4', '--dry-run'], settings)
  expect(planned.stdout).toMatch(/^notes +into 4 hash partitions by "ownerId"$/m)
  expect(planned.stdout).toMatch(/Nothing was changed\. \d+ tables have no owner/)
  expect(await partitions()).toBe(0)
  expect(await kith(['distribute', '--partitions', '4'], settings)).toMatchObject({ code: 0, stdout: expect.stringMatching(/in 4 hash partitions each; no row was lost/) }) // prettier-ignore
  expect(await partitions()).toBe(4)
  expect(await counts(tables)).toEqual(before)
  expect(await kith(['distribute'], settings)).toMatchObject({ code: 0, stdout: expect.stringMatching(/distributed already/) })
  expect((await kith(['doctor'], settings)).stdout).toMatch(/ok +Tables +\d+ owned tables in 4 hash partitions each/)
  const again = await serve({ ...settings, PORT: String(port) })
  expect((await fetch(`${again.url}/ready`)).status).toBe(200)
  again.child.kill('SIGTERM')
  expect(await again.ended).toMatchObject({ code: 0 })
}, 300_000)

const nobody = 65_534
const root = process.getuid?.() === 0
/** Not in a checkout that others cannot enter, such as one in root's home. */
const mayEnter = root && spawnSync('test', ['-r', launcher], { uid: nobody, gid: nobody }).status === 0

test.runIf(mayEnter)('an ordinary user can run it, too', async () => {
  const place = join(home, 'ordinary')
  const [port = 0] = await freePorts(1)
  await mkdir(place)
  await chown(place, nobody, nobody)
  const running = await serve({ PORT: String(port), KITH_DATA_DIR: join(place, '.data'), HOME: place }, { uid: nobody, gid: nobody })
  expect((await fetch(`${running.url}/ready`)).status).toBe(200)
  running.child.kill('SIGTERM')
  expect(await running.ended).toMatchObject({ code: 0 })
})

async function withDatabase<Result>(work: (client: Client) => Promise<Result>): Promise<Result> {
  embedded[0] ??= await startEmbedded({ dataDir: join(home, 'demo') })
  const client = new Client({ connectionString: embedded[0].url })
  await client.connect()
  try {
    return await work(client)
  } finally {
    await client.end()
  }
}

function counts(tables: readonly string[]): Promise<Record<string, number>> {
  return withDatabase(async (client) => {
    const found: Record<string, number> = {}
    for (const table of tables) found[table] = Number((await client.query<{ count: string }>(`SELECT count(*) FROM ${table}`)).rows[0]?.count)
    return found
  })
}

// When somebody looks after a picture's bytes, or asks Google again to watch a calendar, counts from the last look.
const columns: Record<string, string> = {
  directory_due: `kind, "ownerId", "entityId", CASE WHEN kind NOT IN ('avatar.blob', 'calendar.watch') THEN "dueAt" END AS "dueAt"`,
}

async function dump(client: Client): Promise<Record<string, string[]>> {
  const found: Record<string, string[]> = {}
  for (const table of directories) {
    const { rows } = await client.query<{ row: string }>(`SELECT to_jsonb(t)::text AS row FROM (SELECT ${columns[table] ?? '*'} FROM ${table}) AS t`)
    found[table] = rows.map(({ row }) => row).toSorted()
  }
  return found
}
