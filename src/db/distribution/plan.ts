import type pg from 'pg'
import { citusState, citusSteps } from './citus.ts'
import { partitionStep } from './partitions.ts'
import { problemsOf } from './problems.ts'
import { type DistributableTable, type Distribution, DistributionError, type Step } from './step.ts'

/** How many parts the tables get when nothing else is said: PostgreSQL's own examples stop at 16; 32 shards is what Citus takes by itself. */
const defaultParts = { partitions: 16, citus: 32 }

/** How the owned tables lie now. */
export async function distributionOf(client: pg.ClientBase | pg.Pool, tables: readonly DistributableTable[]): Promise<Distribution> {
  const owned = tables.filter((table) => table.owned).map(({ name }) => name)
  const citus = await citusState(client)
  if (citus) {
    const distributed = owned.filter((name) => citus.distributed.has(name))
    return { by: 'citus', parts: citus.shards, distributed, plain: owned.filter((name) => !citus.distributed.has(name)) }
  }
  const { rows } = await client.query<{ name: string; parts: number }>(
    `SELECT c.relname AS name, (SELECT count(*)::int FROM pg_inherits WHERE inhparent = c.oid) AS parts
     FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'p' AND c.relname = ANY ($1)`,
    [owned],
  )
  const parts = new Map(rows.map((row) => [row.name, row.parts]))
  const distributed = owned.filter((name) => parts.has(name))
  return {
    by: distributed.length > 0 ? 'partitions' : 'nothing',
    parts: Math.max(0, ...parts.values()) || null,
    distributed,
    plain: owned.filter((name) => !parts.has(name)),
  }
}

/**
 * What has to be done until every owned table is distributed by its owner: tables that others point at come first, as `tables` has them. Nothing when all are.
 * @throws DistributionError when a table is of no policy, a key does not name its owner, or another number of parts is asked for than there is
 */
export async function planDistribution(client: pg.ClientBase, tables: readonly DistributableTable[], parts: number | null): Promise<Step[]> {
  const problems = await problemsOf(client, tables)
  if (problems.length > 0) throw new DistributionError(`The database cannot be distributed:\n${problems.map((problem) => `  ${problem}\n`).join('')}`.trimEnd())
  const now = await distributionOf(client, tables)
  if (parts !== null && now.parts !== null && now.distributed.length > 0 && parts !== now.parts)
    throw new DistributionError(
      `The tables lie in ${now.parts} parts each already, and new ones go with them: leave the number out. Another number needs a new database, into which the data is loaded.`,
    )
  if (now.by === 'citus') return citusSteps(client, now, parts ?? defaultParts.citus)
  return now.plain.map((table) => partitionStep(table, parts ?? now.parts ?? defaultParts.partitions))
}
