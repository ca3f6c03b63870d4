import { z } from 'zod'
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { execute, sql } from '../db/client.ts'
import { defineJob } from '../jobs/job.ts'

/** Removes answers that nobody can ask for any more, and buckets that have been full for a day. */
export async function purgeExpired(ctx: Ctx): Promise<void> {
  const now = ctx.clock.now()
  await execute(ctx, sql`DELETE FROM idempotent_answers WHERE "expiresAt" <= ${toDate(now)}::timestamptz`)
  await execute(ctx, sql`DELETE FROM rate_limits WHERE at <= ${toDate(now.subtract({ hours: 24 }))}::timestamptz`)
}

/** Runs it every hour. */
export const purgeJob = defineJob({
  name: 'graphql.purge',
  use: { purpose: 'SECURITY', models: ['IdempotentAnswer', 'RateLimit'] },
  cron: '17 * * * *',
  payload: z.object({}),
  run: purgeExpired,
})
