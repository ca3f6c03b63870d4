import pg from 'pg'
import { type Distribution, DistributionError, type Step } from './step.ts'

/** What Citus holds. */
export interface CitusState {
  /** The tables that are distributed by "ownerId". */
  distributed: ReadonlySet<string>
  /** Of each distributed table; null while there is none. */
  shards: number | null
}

/** What Citus holds in this database; null where it is not installed. */
export async function citusState(client: pg.ClientBase | pg.Pool): Promise<CitusState | null> {
  const { rows: installed } = await client.query<{ there: boolean }>(`SELECT to_regproc('create_distributed_table') IS NOT NULL AS there`)
  if (!installed[0]?.there) return null
  const { rows } = await client.query<{ name: string; shards: number }>(
    `SELECT c.relname AS name, (SELECT count(*)::int FROM pg_dist_shard AS s WHERE s.logicalrelid = p.logicalrelid) AS shards
     FROM pg_dist_partition AS p JOIN pg_class AS c ON c.oid = p.logicalrelid
     WHERE p.partmethod = 'h' AND c.relnamespace = 'public'::regnamespace ORDER BY 1`,
  )
  return { distributed: new Set(rows.map(({ name }) => name)), shards: rows[0]?.shards ?? null }
}

/**
 * Distributes each owned table that is not yet, in the order in which they come, which is that of Citus's documentation: what a foreign key points at before what has the key.
 * All lie together with the first. Then the coordinator's own copies of the rows go, once every table that points at them is distributed too.
 */
export async function citusSteps(client: pg.ClientBase, { distributed, plain }: Distribution, shards: number): Promise<Step[]> {
  const { rows: partitioned } = await client.query(
    `SELECT 1 FROM pg_class WHERE relkind = 'p' AND relnamespace = 'public'::regnamespace AND relname = ANY ($1) LIMIT 1`,
    [plain],
  )
  if (partitioned.length > 0)
    throw new DistributionError(
      'The tables are split into hash partitions already. Load the data into a new, migrated database with Citus, and distribute that.',
    )
  const first = distributed[0] ?? plain[0]
  const all = [...distributed, ...plain]
  const steps = plain.map((table): Step => ({
    table,
    text: table === first ? `over ${shards} shards by "ownerId"` : `by "ownerId", together with ${first}`,
    run: async (running) => {
      const before = await count(running, table)
      await (table === first
        ? running.query(`SELECT create_distributed_table($1, 'ownerId', colocate_with => 'none', shard_count => $2)`, [sqlName(table), shards])
        : running.query(`SELECT create_distributed_table($1, 'ownerId', colocate_with => $2)`, [sqlName(table), sqlName(first ?? '')]))
      const after = await count(running, table)
      if (after !== before)
        throw new DistributionError(`Of ${table} ${after} rows are distributed where there were ${before}; the coordinator still has them all.`)
    },
  }))
  const { rows: left } = await client.query<{ name: string }>(
    `SELECT c.relname AS name FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($1) AND pg_relation_size(c.oid) > 0`,
    [all],
  )
  const withRows = new Set(left.map(({ name }) => name))
  // What points at others goes first, as a truncation would take it along.
  const truncations = all.toReversed().filter((table) => withRows.has(table))
  return [
    ...steps,
    ...truncations.map((table): Step => ({
      table,
      text: 'remove the copy that is left on the coordinator',
      run: async (running) => void (await running.query('SELECT truncate_local_data_after_distributing_table($1)', [sqlName(table)])),
    })),
  ]
}

const sqlName = (table: string): string => `public.${pg.escapeIdentifier(table)}`

async function count(client: pg.ClientBase, table: string): Promise<string> {
  const { rows } = await client.query<{ count: string }>(`SELECT count(*)::text AS count FROM ${sqlName(table)}`)
  return rows[0]?.count ?? '0'
}
