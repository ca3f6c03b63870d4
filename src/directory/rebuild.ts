import type { App } from '../app.ts'
import { empty, execute, raw, rows, type Sql, sql } from '../db/client.ts'

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
    sql`INSERT INTO directory_channels ("channelId", "ownerId") SELECT id, "ownerId" FROM calendar_channels ON CONFLICT ("channelId") DO UPDATE SET "ownerId" = excluded."ownerId"`,
  )
  await dropUnfounded(app, directories.credentials, empty)
  await dropUnfounded(app, directories.channels, empty)
  await dropStaleClaims(app)
}

/** How long a claim may stand before its account must exist. */
const claimLife = { hours: 1 }

/** Removes claims of subjects whose account was never finished: the server went down in the middle of a sign-up. Answers how many. */
export function dropStaleClaims(app: App): Promise<number> {
  // Owners' ids begin with the time they were made at, in milliseconds (UUID version 7), and compare by it.
  const bound = app.clock.now().subtract(claimLife).epochMilliseconds.toString(16).padStart(12, '0')
  return dropUnfounded(app, directories.subjects, sql`AND "ownerId" < ${`${bound.slice(0, 8)}-${bound.slice(8)}-7000-8000-000000000000`}::uuid`)
}

/** A directory, its key, and where the owned rows are that stand behind its entries. */
interface Directory {
  table: string
  key: string
  type: 'text' | 'uuid' | 'bytea'
  owned: readonly { table: string; key: string }[]
}

const directories = {
  subjects: { table: 'directory_subjects', key: 'subject', type: 'text', owned: [{ table: 'google_identities', key: 'subject' }] },
  channels: { table: 'directory_channels', key: 'channelId', type: 'uuid', owned: [{ table: 'calendar_channels', key: 'id' }] },
  credentials: {
    table: 'directory_credentials',
    key: 'secretHash',
    type: 'bytea',
    owned: [
      { table: 'sessions', key: 'tokenHash' },
      { table: 'api_tokens', key: 'tokenHash' },
    ],
  },
} as const satisfies Record<string, Directory>

const pageSize = 1000

/**
 * Removes a directory's entries that nothing stands behind, a page at a time; answers how many. Directories and owned tables may lie on different servers,
 * so no statement reads both. What is made meanwhile commits with its entry, so that an entry that is seen has its row.
 */
async function dropUnfounded(app: App, { table, key, type, owned }: Directory, which: Sql): Promise<number> {
  const ctx = { app, db: app.database.prisma }
  const [column, cast] = [raw(`"${key}"`), raw(`::${type}`)]
  let dropped = 0
  for (let last: string | null = null; ;) {
    const begin: Sql = last === null ? empty : sql`AND ${column} > ${last}::text${cast}`
    const page: { key: string; ownerId: string }[] = await rows(
      ctx,
      sql`SELECT ${column}::text AS key, "ownerId" FROM ${raw(table)} WHERE true ${which} ${begin} ORDER BY ${column} LIMIT ${pageSize}`,
    )
    if (page.length === 0) return dropped
    const owners = [...new Set(page.map(({ ownerId }) => ownerId))]
    const keys = page.map((entry) => entry.key)
    const founded = new Set<string>()
    for (const source of owned) {
      const own = raw(`"${source.key}"`)
      const found = await rows<{ key: string; ownerId: string }>(
        ctx,
        sql`SELECT ${own}::text AS key, "ownerId" FROM ${raw(source.table)} WHERE "ownerId" = ANY(${owners}::uuid[]) AND ${own} = ANY(${keys}::text[]${cast}[])`,
      )
      for (const each of found) founded.add(`${each.ownerId} ${each.key}`)
    }
    const gone = page.filter((entry) => !founded.has(`${entry.ownerId} ${entry.key}`))
    dropped += await execute(
      ctx,
      sql`DELETE FROM ${raw(table)} AS d USING unnest(${gone.map((entry) => entry.key)}::text[]${cast}[], ${gone.map(({ ownerId }) => ownerId)}::uuid[]) AS g(key, "ownerId")
          WHERE d.${column} = g.key AND d."ownerId" = g."ownerId"`,
    )
    last = page.at(-1)?.key ?? null
  }
}
