import type { App } from '../app.ts'
import { execute, sql } from '../db/client.ts'

/** Makes the directories of subjects, credentials and channels anew from the owned tables, adding what is missing and removing what nothing stands behind. May run while people sign in. */
export async function rebuildDirectories(app: App): Promise<void> {
  const ctx = { app, db: app.database.prisma }
  await execute(
    ctx,
    sql`INSERT INTO directory_subjects (subject, "ownerId") SELECT subject, "ownerId" FROM google_identities ORDER BY "createdAt" ON CONFLICT (subject) DO UPDATE SET "ownerId" = excluded."ownerId"`,
  )
  await execute(
    ctx,
    sql`INSERT INTO directory_credentials ("secretHash", kind, "ownerId", "entityId")
        SELECT "tokenHash", 'session', "ownerId", id FROM sessions UNION ALL SELECT "tokenHash", 'token', "ownerId", id FROM api_tokens
        ON CONFLICT ("secretHash") DO UPDATE SET kind = excluded.kind, "ownerId" = excluded."ownerId", "entityId" = excluded."entityId"`,
  )
  await execute(
    ctx,
    sql`DELETE FROM directory_credentials AS d
        WHERE NOT EXISTS (SELECT 1 FROM sessions AS s WHERE s."ownerId" = d."ownerId" AND s.id = d."entityId" AND s."tokenHash" = d."secretHash")
          AND NOT EXISTS (SELECT 1 FROM api_tokens AS t WHERE t."ownerId" = d."ownerId" AND t.id = d."entityId" AND t."tokenHash" = d."secretHash")`,
  )
  await execute(
    ctx,
    sql`INSERT INTO directory_channels ("channelId", "ownerId") SELECT id, "ownerId" FROM calendar_channels ON CONFLICT ("channelId") DO UPDATE SET "ownerId" = excluded."ownerId"`,
  )
  await execute(
    ctx,
    sql`DELETE FROM directory_channels AS d WHERE NOT EXISTS (SELECT 1 FROM calendar_channels AS c WHERE c."ownerId" = d."ownerId" AND c.id = d."channelId")`,
  )
  await dropStaleClaims(app)
}

/** How long a claim may stand before its account must exist. */
const claimLife = { hours: 1 }

/** Removes claims of subjects whose account was never finished: the server went down in the middle of a sign-up. Answers how many. */
export function dropStaleClaims(app: App): Promise<number> {
  // Owners' ids begin with the time they were made at, in milliseconds (UUID version 7), and compare by it.
  const bound = app.clock.now().subtract(claimLife).epochMilliseconds.toString(16).padStart(12, '0')
  return execute(
    { app, db: app.database.prisma },
    sql`DELETE FROM directory_subjects AS d WHERE d."ownerId" < ${`${bound.slice(0, 8)}-${bound.slice(8)}-7000-8000-000000000000`}::uuid
        AND NOT EXISTS (SELECT 1 FROM google_identities AS i WHERE i."ownerId" = d."ownerId" AND i.subject = d.subject)`,
  )
}
