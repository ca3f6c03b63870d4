import type pg from 'pg'
import { masterKey } from './master.ts'

/** The master keys that wrapped somebody's data keys and are not among the given ones: without them those data cannot be opened. */
export async function missingMasterKeys(pool: pg.Pool, keys: readonly Uint8Array[]): Promise<{ id: string; owners: number }[]> {
  const known = keys.map((key) => masterKey([key]).id)
  const { rows } = await pool.query<{ id: string; owners: number }>(
    'SELECT "masterKeyId" AS id, count(DISTINCT "ownerId")::int AS owners FROM data_keys WHERE "masterKeyId" <> ALL ($1) GROUP BY 1 ORDER BY 1',
    [known],
  )
  return rows
}

/** How many data keys an older one than the current master key wraps. */
export async function outdatedDataKeys(pool: pg.Pool, keys: readonly Uint8Array[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>('SELECT count(*)::int AS count FROM data_keys WHERE "masterKeyId" <> $1', [masterKey(keys).id])
  return rows[0]?.count ?? 0
}
