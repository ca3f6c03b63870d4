import type { Ctx } from '../core/ctx.ts'
import { execute, raw, rows, sql } from './client.ts'

/** Beyond so many of its blocks a table is no longer what the database takes it for: three times as large as when it was last counted. */
const grownTimes = 3
/** Smaller tables are read whole, whatever is known of them; blocks of 8 kB. */
const smallBlocks = 20

/**
 * Lets the database count tables that have grown much since it last did, in the transaction that has written much into them. It plans look-ups once a session;
 * planned for a small table they may read an owner's whole index for each row, which made first imports several times slower. A table that another is
 * counting at that moment is left to it. Of a partitioned table each partition is counted by itself.
 */
export async function keepStatistics(tx: Ctx, tables: readonly string[]): Promise<void> {
  const grown = await rows<{ name: string }>(
    tx,
    sql`SELECT format('%I.%I', c.relnamespace::regnamespace, c.relname) AS name
        FROM unnest(${[...tables]}::text[]::regclass[]) AS named(oid) CROSS JOIN LATERAL (SELECT named.oid UNION SELECT relid FROM pg_partition_tree(named.oid) WHERE isleaf) AS tree(oid)
        JOIN pg_class AS c ON c.oid = tree.oid AND c.relkind = 'r' WHERE pg_relation_size(c.oid) / 8192 > ${grownTimes}::int * greatest(c.relpages, 0) + ${smallBlocks}::int ORDER BY 1`,
  )
  for (const { name } of grown) await execute(tx, sql`ANALYZE (SKIP_LOCKED) ${raw(name)}`)
}
