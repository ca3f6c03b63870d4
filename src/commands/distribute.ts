import type pg from 'pg'
import { connect } from '../db/client.ts'
import { openDatabases, pendingIn } from '../db/databases.ts'
import { distributionOf, planDistribution } from '../db/distribution/plan.ts'
import { DistributionError } from '../db/distribution/step.ts'
import { migrationsLock } from '../db/migrate.ts'
import { policies } from '../domains.ts'
import { distributable } from '../policy/tables.ts'
import { readConfiguration } from './open.ts'
import { progress } from './progress.ts'

/** How long a table is waited for that somebody uses although nothing should, milliseconds. */
const lockTimeoutMs = 10_000

/** Has the owned tables lie by their owner: over the shards of a Citus cluster where Citus is installed, else in hash partitions. What is done already stays; what is told to stop can be run again. */
export async function distribute({ partitions, dryRun }: { partitions: number | null; dryRun: boolean }): Promise<void> {
  const { config } = await readConfiguration()
  const shown = progress()
  await using stack = new AsyncDisposableStack()
  const databases = await openDatabases(config, shown.step)
  stack.defer(() => databases.stop())
  const { main } = await pendingIn(databases)
  if (main.length > 0) throw new DistributionError(`These migrations are pending: ${main.join(', ')}. Run "kith migrate" first.`)
  const database = connect({
    url: config.databaseDirectUrl ?? databases.databaseUrl,
    maxConnections: 1,
    prepared: false,
    statementTimeoutMs: 0,
    onError: () => {},
  }) // the statement that runs fails by itself
  stack.defer(() => database.close())
  const client = await database.pool.connect()
  stack.defer(() => client.release(true))
  const tables = distributable({ database }, policies)
  if (!dryRun) await alone(client)
  const steps = await planDistribution(client, tables, partitions)
  shown.done()
  const before = await distributionOf(client, tables)
  if (steps.length === 0) {
    process.stdout.write(`All ${before.distributed.length} owned tables are distributed already, ${described(before)}.\n`)
    return
  }
  for (const { table, text } of steps) if (dryRun) process.stdout.write(`${table.padEnd(28)} ${text}\n`)
  const local = tables.filter(({ owned }) => !owned).map(({ name }) => name)
  if (dryRun) {
    process.stdout.write(`Nothing was changed. ${local.length} tables have no owner and stay as they are: ${local.join(', ')}.\n`)
    return
  }
  await client.query(`SET statement_timeout = 0; SET lock_timeout = ${lockTimeoutMs}`)
  for (const [index, step] of steps.entries()) {
    shown.step(`${index + 1} of ${steps.length}: ${step.table} ${step.text}`)
    await step.run(client)
  }
  shown.done()
  const after = await distributionOf(client, tables)
  process.stdout.write(
    `${after.distributed.length} owned tables are distributed, ${described(after)}; no row was lost. ${local.length} tables have no owner and stay as they are.\n`,
  )
}

function described({ by, parts }: { by: string; parts: number | null }): string {
  return by === 'citus' ? `over ${parts} shards of Citus` : `in ${parts} hash partitions each`
}

/** Keeps servers that start waiting, until this connection ends, and finds out whether one runs already. @throws DistributionError */
async function alone(client: pg.ClientBase): Promise<void> {
  const { rows: lock } = await client.query<{ taken: boolean }>('SELECT pg_try_advisory_lock($1) AS taken', [migrationsLock])
  if (!lock[0]?.taken) throw new DistributionError('Another process migrates or distributes this database. Wait until it is done.')
  // Citus has connections of its own between its nodes.
  const { rows: others } = await client.query<{ name: string; count: number }>(
    `SELECT coalesce(nullif(application_name, ''), 'a program without a name') AS name, count(*)::int AS count FROM pg_stat_activity
     WHERE datname = current_database() AND backend_type = 'client backend' AND pid <> pg_backend_pid() AND application_name NOT LIKE 'citus%' GROUP BY 1 ORDER BY 1`,
  )
  if (others.length > 0)
    throw new DistributionError(
      `Others are connected to this database: ${others.map(({ name, count }) => `${name} (${count} ${count === 1 ? 'connection' : 'connections'})`).join(', ')}. Stop every "kith serve" and "kith worker", and what else uses it, then try again.`,
    )
}
