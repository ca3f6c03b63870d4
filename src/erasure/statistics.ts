import type { App } from '../app.ts'

/** Since which version of PostgreSQL what the planner has sampled can be taken away by name. */
const clearable = 180_000

/** The tables or partitions, as SQL names them, from which the planner has sampled values that match one of these patterns; those in which such values are kept as evidence are left out. */
export async function tablesSampled(app: App, patterns: readonly string[], evidence: readonly string[] = []): Promise<string[]> {
  const { rows } = await app.database.pool.query<{ name: string }>(
    `SELECT DISTINCT format('%I.%I', s.schemaname, s.tablename) AS name FROM pg_stats AS s
     CROSS JOIN LATERAL (SELECT format('%I.%I', s.schemaname, s.tablename)::regclass AS oid) AS own JOIN pg_class AS c ON c.oid = coalesce(pg_partition_root(own.oid), own.oid)
     WHERE s.schemaname NOT IN ('pg_catalog', 'information_schema') AND NOT (c.relnamespace = 'public'::regnamespace AND c.relname = ANY ($2))
       AND concat_ws(' ', s.most_common_vals::text, s.histogram_bounds::text, s.most_common_elems::text) LIKE ANY ($1)`,
    [patterns, evidence],
  )
  return rows.map(({ name }) => name)
}

/**
 * Has the planner forget values that it has sampled from tables, or their partitions, whose rows went: a fresh sample replaces the old one, except that an
 * empty table gives none, and its old one is taken away by name where PostgreSQL can (18 and later); before that it stays until the table has rows again.
 */
export async function forgetStatistics(app: App, names: readonly string[]): Promise<void> {
  const client = await app.database.pool.connect()
  try {
    await client.query('SET statement_timeout = 0')
    const { rows: server } = await client.query<{ version: number; citus: boolean }>(
      `SELECT current_setting('server_version_num')::int AS version, to_regproc('create_distributed_table') IS NOT NULL AS citus`,
    )
    const { version, citus } = server[0] ?? { version: 0, citus: false }
    for (const name of names) {
      const { rows: sampled } = await client.query<{ name: string }>(sampledWithin, [name])
      // What the servers of a cluster have sampled is seen there alone.
      if (sampled.length > 0 || citus) await client.query(`ANALYZE ${name}`)
      for (const each of sampled) {
        const { rows: left } = await client.query(`SELECT 1 FROM ${each.name} LIMIT 1`)
        if (left.length > 0 || version < clearable) continue
        await client.query(
          `SELECT pg_clear_attribute_stats(s.schemaname, s.tablename, s.attname, s.inherited) FROM pg_stats AS s WHERE format('%I.%I', s.schemaname, s.tablename) = $1`,
          [each.name],
        )
      }
    }
  } finally {
    client.release(true)
  }
}

/** The table and its partitions, as far as the planner has sampled them. */
const sampledWithin = `
  SELECT DISTINCT format('%I.%I', s.schemaname, s.tablename) AS name
  FROM (SELECT $1::text::regclass AS oid UNION SELECT relid FROM pg_partition_tree($1::text::regclass)) AS tree
  JOIN pg_class AS c ON c.oid = tree.oid JOIN pg_stats AS s ON s.schemaname = c.relnamespace::regnamespace::text AND s.tablename = c.relname ORDER BY 1`
