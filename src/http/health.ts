import { Hono } from 'hono'
import type pg from 'pg'
import type { App } from '../app.ts'
import { migrationDirectories } from '../db/databases.ts'
import { distributionOf } from '../db/distribution/plan.ts'
import { pendingMigrations } from '../db/migrate.ts'
import { pendingReplays } from '../erasure/service.ts'
import { distributable } from '../policy/tables.ts'

/** How long a check may take before it counts as failed, milliseconds. */
const checkMs = 3000

/** /health says that the process is alive; /ready whether requests should come to it, and what is wrong if not. */
export function healthRoutes(app: App): Hono {
  const routes = new Hono()
  // Once all are applied, and all tables lie together, they stay so.
  let migrated = false
  let together = false

  routes.get('/health', (c) => c.json({ status: 'alive' }))
  routes.get('/ready', async (c) => {
    const checks = {
      database: await within(answers(app.database.pool)),
      keys: await within(answers(app.keys.pool)),
      migrations: migrated || (await within(allMigrated(app))),
      distribution: together || (await within(allTogether(app))),
      jobs: await within(app.queue.healthy()),
      erasures: await within(allReplayed(app)),
    }
    migrated = checks.migrations
    together = checks.distribution
    const ready = !app.state.stopping && Object.values(checks).every(Boolean)
    return c.json({ status: app.state.stopping ? 'stopping' : ready ? 'ready' : 'not ready', checks }, ready ? 200 : 503)
  })
  return routes
}

async function answers(pool: pg.Pool): Promise<boolean> {
  await pool.query('SELECT 1')
  return true
}

async function allMigrated(app: App): Promise<boolean> {
  const pending = [
    ...(await pendingMigrations(app.database.pool, migrationDirectories.main)),
    ...(await pendingMigrations(app.keys.pool, migrationDirectories.keys)),
  ]
  return pending.length === 0
}

/** Whether every owned table is on the cluster where the others are. A partitioned database works meanwhile; on a cluster a table that a migration has just made is apart from those that it points at. */
async function allTogether(app: App): Promise<boolean> {
  const { by, distributed, plain } = await distributionOf(app.database.pool, distributable(app, app.policies))
  return by !== 'citus' || distributed.length === 0 || plain.length === 0
}

/** Whether nothing is here that was erased: a restored dump knows less than the ledger of erasures, and is not shown before that was applied again. */
async function allReplayed(app: App): Promise<boolean> {
  return (await pendingReplays(app)).length === 0
}

async function within(check: Promise<boolean>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), checkMs)
  })
  try {
    return await Promise.race([check.catch(() => false), late])
  } finally {
    clearTimeout(timer)
  }
}
