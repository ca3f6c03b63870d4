import type pg from 'pg'
import { masterKey } from './master.ts'

/** The master keys that wrapped somebody's data keys and are not among the given ones: without them those data cannot be opened. */
export async function missingMasterKeys(pool: pg.Pool, keys: readonly Uint8Array[]): Promise<{ id: string; owners: number }[]> {
  const known = keys.map((key) => masterKey([key]).id)
  const { rows } = await pool.query<{ id: string; owners: number }>(
    `SELECT "masterKeyId" AS id, count(DISTINCT "ownerId")::int AS owners FROM (
       SELECT "masterKeyId", "ownerId" FROM data_keys UNION ALL SELECT "masterKeyId", NULL FROM signing_keys WHERE wrapped IS NOT NULL
     ) AS k WHERE "masterKeyId" <> ALL ($1) GROUP BY 1 ORDER BY 1`,
    [known],
  )
  return rows
}

/** How many keys, of data and for signing, an older one than the current master key wraps. */
export async function outdatedDataKeys(pool: pg.Pool, keys: readonly Uint8Array[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(
    'SELECT (SELECT count(*) FROM data_keys WHERE "masterKeyId" <> $1)::int + (SELECT count(*) FROM signing_keys WHERE "masterKeyId" <> $1)::int AS count',
    [masterKey(keys).id],
  )
  return rows[0]?.count ?? 0
}
