import { z } from 'zod'
import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { execute, rows, sql } from '../db/client.ts'
import { dropStaleClaims } from '../directory/rebuild.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { defineJob } from '../jobs/job.ts'
import { systemCtx } from '../jobs/relay.ts'
import { purgeFlows } from './flows.ts'

/** Removes what has expired: sessions, flows that nobody came back from, claims of unfinished sign-ups. Once a day. */
export const purgeJob = defineJob({
  name: 'accounts.purge',
  use: { purpose: 'SECURITY', models: ['AuthFlow', 'DirectorySubject', 'Session', 'DirectoryCredential'] },
  cron: '17 3 * * *',
  payload: z.object({}),
  run: async ({ app }) => {
    await purgeFlows(app)
    await dropStaleClaims(app)
    await purgeSessions(app)
  },
})

/** How many expired rows are found at once. */
const batch = 500

/** Removes expired sessions, each owner's in a transaction of its own; answers how many. */
export async function purgeSessions(app: App): Promise<number> {
  const now = toDate(app.clock.now())
  let purged = 0
  for (;;) {
    const expired = await rows<{ ownerId: string; ids: string[] }>(
      { app, db: app.database.prisma },
      sql`SELECT "ownerId", array_agg(id::text) AS ids FROM (SELECT "ownerId", id FROM sessions WHERE "expiresAt" <= ${now}::timestamptz LIMIT ${batch}) AS found GROUP BY "ownerId"`,
    )
    if (expired.length === 0) return purged
    for (const { ownerId, ids } of expired) {
      await inTransaction(systemCtx(app, ownerId, 'purge'), async (tx) => {
        purged += await execute(tx, sql`DELETE FROM sessions WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${ids}::uuid[])`)
        record(tx, ...ids.map((entityId) => ({ type: 'session.expired', entityType: 'Session', entityId }) as const))
        setOff(tx, ...ids.map((sessionId) => ({ kind: 'session.credential', payload: { sessionId } })))
      })
    }
  }
}
