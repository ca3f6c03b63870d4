import { z } from 'zod'
import type { App } from '../app.ts'
import { rows, sql } from '../db/client.ts'
import { defineJob } from '../jobs/job.ts'
import { systemCtx } from '../jobs/relay.ts'
import { decide } from './decide.ts'
import { standingOf } from './ledger.ts'
import { purposeOf } from './purposes.ts'
import { permits } from './states.ts'

/** Writes down which consents have run out. Once a day: they permit nothing from the moment on that they run out, but whoever follows the ledger learns of it by this. */
export const expireJob = defineJob({
  name: 'consent.expire',
  cron: '41 2 * * *',
  use: { purpose: 'ACCOUNTABILITY', models: ['ConsentRecord'] },
  payload: z.object({}),
  run: async ({ app }) => void (await expireConsents(app)),
})

const pageSize = 1000

/** Ends in the ledger every consent whose time is over or whose purpose is another by now; answers how many. */
export async function expireConsents(app: App): Promise<number> {
  let expired = 0
  let last = { ownerId: '00000000-0000-0000-0000-000000000000', id: '00000000-0000-0000-0000-000000000000', purpose: '' }
  for (let more = true; more;) {
    const page = await rows<typeof last>(
      { app, db: app.database.prisma },
      sql`SELECT c."ownerId", c.id, c.purpose FROM consent_records AS c WHERE (c."ownerId", c.id) > (${last.ownerId}::uuid, ${last.id}::uuid) AND c.state IN ('GIVEN', 'RENEWED')
            AND NOT EXISTS (SELECT 1 FROM consent_records AS later WHERE later."ownerId" = c."ownerId" AND later.purpose = c.purpose AND later.seq > c.seq)
          ORDER BY c."ownerId", c.id LIMIT ${pageSize}`,
    )
    for (const { ownerId, purpose } of page) if (await expire(app, ownerId, purpose)) expired += 1
    last = page.at(-1) ?? last
    more = page.length === pageSize
  }
  return expired
}

async function expire(app: App, ownerId: string, key: string): Promise<boolean> {
  const purpose = purposeOf(key)
  const ctx = systemCtx(app, ownerId, 'expiry')
  if (!purpose || (await standingOf(ctx, purpose)).state !== 'EXPIRED') return false
  let written = false
  await decide(ctx, purpose, (_tx, { state }, entry) => {
    // What has run out and is written down already, or was renewed meanwhile, stays as it is.
    written = state === 'EXPIRED' && entry !== undefined && permits(entry.state as 'GIVEN')
    if (!written || !entry) return null
    const { noticeVersion, noticeHash } = entry
    return {
      purpose: purpose.key,
      state: 'EXPIRED',
      source: 'SYSTEM',
      noticeVersion,
      noticeHash: noticeHash && Uint8Array.from(noticeHash),
      language: null,
      method: null,
      signals: [],
      validUntil: null,
    }
  })
  return written
}
