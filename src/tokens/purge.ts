import { z } from 'zod'
import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { execute, rows, sql } from '../db/client.ts'
import { inTransaction, record, setOff } from '../events/service.ts'
import { defineJob } from '../jobs/job.ts'
import { systemCtx } from '../jobs/relay.ts'

/** Removes tokens that have expired. Once a day. */
export const purgeJob = defineJob({
  name: 'tokens.purge',
  use: { purpose: 'SECURITY', models: ['ApiToken', 'DirectoryCredential'] },
  cron: '27 3 * * *',
  payload: z.object({}),
  run: async ({ app }) => void (await purgeTokens(app)),
})

/** How many expired rows are found at once. */
const batch = 500

/** Removes expired tokens, each owner's in a transaction of its own; answers how many. */
export async function purgeTokens(app: App): Promise<number> {
  const now = toDate(app.clock.now())
  let purged = 0
  for (;;) {
    const expired = await rows<{ ownerId: string; ids: string[] }>(
      { app, db: app.database.prisma },
      sql`SELECT "ownerId", array_agg(id::text) AS ids FROM (SELECT "ownerId", id FROM api_tokens WHERE "expiresAt" <= ${now}::timestamptz LIMIT ${batch}) AS found GROUP BY "ownerId"`,
    )
    if (expired.length === 0) return purged
    for (const { ownerId, ids } of expired) {
      await inTransaction(systemCtx(app, ownerId, 'purge'), async (tx) => {
        purged += await execute(tx, sql`DELETE FROM api_tokens WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${ids}::uuid[])`)
        record(tx, ...ids.map((entityId) => ({ type: 'apiToken.expired', entityType: 'ApiToken', entityId }) as const))
        setOff(tx, ...ids.map((tokenId) => ({ kind: 'token.credential', payload: { tokenId } })))
      })
    }
  }
}
