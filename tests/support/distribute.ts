import { connect } from '../../src/db/client.ts'
import { planDistribution } from '../../src/db/distribution/plan.ts'
import type { DistributableTable } from '../../src/db/distribution/step.ts'
import { policies } from '../../src/domains.ts'
import { distributable } from '../../src/policy/tables.ts'

/** Distributes a database as `kith distribute` does; answers which tables it had to. `among` leaves out those that a database does not have yet. */
export async function distributeAll(url: string, parts: number | null, among: (table: DistributableTable) => boolean = () => true): Promise<string[]> {
  const database = connect({ url, maxConnections: 1, prepared: false, statementTimeoutMs: 0, onError: () => {} })
  const client = await database.pool.connect()
  try {
    const steps = await planDistribution(client, distributable({ database }, policies).filter(among), parts)
    for (const step of steps) await step.run(client)
    return steps.map(({ table }) => table)
  } finally {
    client.release(true)
    await database.close()
  }
}
