import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import type { Operation, Sample } from './operations/operation.ts'
import { askOnce, messageOf } from './requests.ts'
import type { RunningServer } from './servers.ts'
import type { Reader } from './world/data.ts'

const tables = [
  'contacts',
  'contact_emails',
  'contact_phones',
  'contact_organizations',
  'contact_tags',
  'contact_address_changes',
  'notes',
  'search_terms',
  'search_variants',
  'events',
]

/** Checks that a write leaves as many rows in each table whoever does it. Outbox rows are left out: Kith takes them away as it carries them out. @throws Error naming the tables */
export async function checkRows(admin: pg.ClientBase, servers: readonly RunningServer[], operation: Operation, sample: Sample): Promise<void> {
  const sides = [
    ['public', servers.find(({ name }) => name === 'kith')],
    ['twin', servers.find(({ name }) => name !== 'kith')],
  ] as const
  const deltas: Record<string, number>[] = []
  for (const [schema, server] of sides) {
    if (!server) return
    const before = await countRows(admin, schema, sample.reader)
    await askOnce(server.port, messageOf(server.name, operation, sample))
    const after = await countRows(admin, schema, sample.reader)
    deltas.push(Object.fromEntries(tables.map((table) => [table, (after[table] ?? 0) - (before[table] ?? 0)])))
  }
  if (!isDeepStrictEqual(deltas[0], deltas[1])) throw new Error(`${operation.key}: Kith and its peers do not write the same rows: ${JSON.stringify(deltas)}`)
}

async function countRows(admin: pg.ClientBase, schema: string, { ownerId }: Reader): Promise<Record<string, number>> {
  const { rows } = await admin.query<{ name: string; count: number }>(
    tables.map((table) => `SELECT '${table}' AS name, count(*)::int AS count FROM ${schema}.${table} WHERE "ownerId" = $1`).join(' UNION ALL '),
    [ownerId],
  )
  return Object.fromEntries(rows.map(({ name, count }) => [name, count]))
}

/** Runs something while what writes set off waits, so that a request's statements can be told from those of the relay, which goes on after the answer. */
export async function whileEffectsWait<Result>(admin: pg.ClientBase, work: () => Promise<Result>): Promise<Result> {
  await admin.query(`CREATE OR REPLACE FUNCTION bench.wait() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW."notBefore" := 'infinity'; RETURN NEW; END $$;
    CREATE TRIGGER wait BEFORE INSERT ON public.outbox FOR EACH ROW EXECUTE FUNCTION bench.wait()`)
  try {
    return await work()
  } finally {
    await admin.query('DROP TRIGGER wait ON public.outbox')
  }
}

/** Keeps a copy of what can be written to in accounts that nobody reads, once and for all runs. */
export async function keepCopies(admin: pg.ClientBase, writers: readonly Reader[]): Promise<void> {
  for (const [schema, table] of copied)
    await admin.query(
      `CREATE TABLE IF NOT EXISTS bench.${schema}_${table} AS SELECT * FROM ${schema}.${table} WHERE "ownerId" IN (${writers.map(({ ownerId }) => `'${ownerId}'`).join(', ')})`,
    )
}

/** Puts the copies back in the place of what was written, so that each run finds what the first found and tables stay as large as they were. */
export async function takeBack(admin: pg.ClientBase, writers: readonly Reader[]): Promise<void> {
  // Row by row nothing is checked: the copies are whole.
  await admin.query('BEGIN; SET LOCAL session_replication_role = replica')
  for (const [schema, table] of copied) {
    await admin.query(`DELETE FROM ${schema}.${table} WHERE "ownerId" = ANY ($1)`, [writers.map(({ ownerId }) => ownerId)])
    await admin.query(`INSERT INTO ${schema}.${table} SELECT * FROM bench.${schema}_${table}`)
  }
  await admin.query('COMMIT')
  await admin.query(`VACUUM ANALYZE ${copied.map((name) => name.join('.')).join(', ')}`)
}

const copied = ['public', 'twin'].flatMap((schema) => [...tables, 'event_heads', 'outbox'].map((table) => [schema, table] as const))
