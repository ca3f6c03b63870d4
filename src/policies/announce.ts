import type { App } from '../app.ts'
import { changePurposes } from '../consent/service.ts'
import { toDate, toInstant } from '../core/clock.ts'
import { execute, rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'
import { planDelivery } from '../deliveries/service.ts'
import { inTransaction } from '../events/service.ts'
import { systemCtx } from '../jobs/relay.ts'
import { canTakeEffect, needsAnnouncement, type PublishedPolicy, readVersions } from './versions.ts'

const pageSize = 500

/**
 * Tells every account of the versions that matter and have not been told of; answers how many versions everybody knows of by now. Called again and again
 * until all mails are out: a version whose mails are late never takes effect, and the changes of purposes come with those that will.
 */
export async function announcePolicies(app: App): Promise<number> {
  const ctx = { app, db: app.database.prisma }
  let completed = 0
  for (const version of await readVersions(ctx)) {
    if (!needsAnnouncement(version) || version.announcedAt !== null || toInstant(version.effectiveAt).epochMilliseconds <= app.clock.now().epochMilliseconds)
      continue
    await planNotices(app, version)
    if ((await countWaiting(app, version)) > 0) continue
    await complete(app, version)
    completed += 1
  }
  return completed
}

async function planNotices(app: App, version: PublishedPolicy): Promise<void> {
  let last = { ownerId: '00000000-0000-0000-0000-000000000000', id: '00000000-0000-0000-0000-000000000000' }
  for (let more = true; more;) {
    const page = await rows<typeof last>(
      { app, db: app.database.prisma },
      sql`SELECT a."ownerId", a.id FROM accounts AS a WHERE (a."ownerId", a.id) > (${last.ownerId}::uuid, ${last.id}::uuid)
            AND NOT EXISTS (SELECT 1 FROM deliveries AS d WHERE d."ownerId" = a."ownerId" AND d.kind = 'POLICY_NOTICE' AND d."entityId" = ${version.id}::uuid AND d."occurrenceAt" = ${version.publishedAt}::timestamptz)
          ORDER BY a."ownerId", a.id LIMIT ${pageSize}`,
    )
    for (const { ownerId } of page) {
      await inTransaction(systemCtx(app, ownerId, 'policy notice'), (tx) =>
        planDelivery(tx, { kind: 'POLICY_NOTICE', entityId: version.id, occurrenceAt: version.publishedAt, ...noticeOf(app, version) }),
      )
    }
    last = page.at(-1) ?? last
    more = page.length === pageSize
  }
}

/** How many notices have not been tried yet, of accounts to which mail goes out at all. */
async function countWaiting(app: App, { id }: PublishedPolicy): Promise<number> {
  const [{ count } = { count: 0 }] = await rows<{ count: number }>(
    { app, db: app.database.prisma },
    sql`SELECT count(*)::int AS count FROM deliveries AS d JOIN accounts AS a ON a."ownerId" = d."ownerId"
        WHERE d.kind = 'POLICY_NOTICE' AND d."entityId" = ${id}::uuid AND d.state = 'PENDING' AND d.attempts = 0 AND a."mailPausedAt" IS NULL`,
  )
  return count
}

async function complete(app: App, version: PublishedPolicy): Promise<void> {
  const announcedAt = toDate(app.clock.now())
  await transaction(app.database, async (db) => {
    const tx = { app, db }
    await execute(
      tx,
      sql`INSERT INTO policy_announcements (version, "completedAt") VALUES (${version.version}, ${announcedAt}::timestamptz) ON CONFLICT (version) DO NOTHING`,
    )
    if (canTakeEffect({ ...version, announcedAt })) await changePurposes(tx, version.changedPurposes, toInstant(version.effectiveAt), String(version.version))
  })
  const late = !canTakeEffect({ ...version, announcedAt })
  app.log[late ? 'error' : 'info'](
    { version: version.version },
    late ? 'Everybody was told of a version of the policy too late: it will not take effect.' : 'Everybody was told of a version of the policy.',
  )
}

function noticeOf(app: App, { version, reason, effectiveAt }: PublishedPolicy): { subject: string; text: string } {
  const day = toInstant(effectiveAt).toZonedDateTimeISO('UTC').toPlainDate().toString()
  return {
    subject: `Our privacy policy changes on ${day}`,
    text: [
      `From ${day} on, version ${version} of the privacy policy holds.`,
      '',
      `What changes, and why: ${reason}`,
      '',
      'Where a purpose changes that rests on your consent, that consent ends on this day, and nothing is done for it until you say yes again.',
      'Until then you can read both versions side by side, take a copy of your data, or leave:',
      `${app.config.publicUrl}/privacy/policy`,
      '',
    ].join('\n'),
  }
}
