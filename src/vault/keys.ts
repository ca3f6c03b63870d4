import { randomBytes } from 'node:crypto'
import type pg from 'pg'
import type { MasterKey } from './master.ts'

/** What a data key is for. One key per owner and class, so that one class can be shredded while another is kept. */
export const keyClasses = ['content', 'source', 'google', 'delivery', 'answer', 'search'] as const
/** One of the classes of data keys. */
export type KeyClass = (typeof keyClasses)[number]

/** An owner's unwrapped data keys, 32 bytes each. */
export type DataKeys = Readonly<Record<KeyClass, Buffer>>

/** Reads an owner's data keys from the keys database, making those that do not exist yet. */
export async function loadDataKeys(pool: pg.Pool, master: MasterKey, ownerId: string): Promise<DataKeys> {
  const found = await readDataKeys(pool, master, ownerId)
  const missing = keyClasses.filter((keyClass) => !found.has(keyClass))
  if (missing.length > 0) {
    // An account that stands in the ledger of erasures gets no keys again, whoever still asks for them.
    await pool.query(
      `INSERT INTO data_keys ("ownerId", class, wrapped, "masterKeyId") SELECT $1, * FROM unnest($2::text[], $3::bytea[], $4::text[])
       WHERE NOT EXISTS (SELECT 1 FROM erasures WHERE "subjectId" = $1) ON CONFLICT DO NOTHING`,
      [ownerId, missing, missing.map((keyClass) => master.wrap(randomBytes(32), context(ownerId, keyClass))), missing.map(() => master.id)],
    )
    for (const [keyClass, key] of await readDataKeys(pool, master, ownerId)) found.set(keyClass, key)
    if (found.size === 0) throw new Error('The keys of this owner are gone for good.')
  }
  return Object.fromEntries(found) as DataKeys
}

/** Wraps every data key that an older master key wrapped with the current one; answers how many. */
export async function rewrapDataKeys(pool: pg.Pool, master: MasterKey): Promise<number> {
  const { rows } = await pool.query<Row>('SELECT "ownerId", class, wrapped, "masterKeyId" FROM data_keys WHERE "masterKeyId" <> $1', [master.id])
  for (const row of rows) {
    const at = context(row.ownerId, row.class)
    await pool.query('UPDATE data_keys SET wrapped = $3, "masterKeyId" = $4 WHERE "ownerId" = $1 AND class = $2', [
      row.ownerId,
      row.class,
      master.wrap(master.unwrap(row.wrapped, row.masterKeyId, at), at),
      master.id,
    ])
  }
  return rows.length
}

/** The classes of an owner's data keys, less those that are kept. */
export async function dataKeyClasses(pool: pg.Pool, ownerId: string, kept: readonly KeyClass[]): Promise<KeyClass[]> {
  const { rows } = await pool.query<{ class: KeyClass }>('SELECT class FROM data_keys WHERE "ownerId" = $1 AND class <> ALL ($2) ORDER BY class', [
    ownerId,
    kept,
  ])
  return rows.map((row) => row.class)
}

/** Destroys an owner's data keys, except of the classes that evidence is sealed with. What they sealed cannot be read any more. */
export async function shredDataKeys(pool: pg.Pool, ownerId: string, kept: readonly KeyClass[]): Promise<void> {
  await pool.query('DELETE FROM data_keys WHERE "ownerId" = $1 AND class <> ALL ($2)', [ownerId, kept])
}

interface Row {
  ownerId: string
  class: KeyClass
  wrapped: Buffer
  masterKeyId: string
}

async function readDataKeys(pool: pg.Pool, master: MasterKey, ownerId: string): Promise<Map<KeyClass, Buffer>> {
  const { rows } = await pool.query<Row>('SELECT "ownerId", class, wrapped, "masterKeyId" FROM data_keys WHERE "ownerId" = $1', [ownerId])
  return new Map(rows.map((row) => [row.class, master.unwrap(row.wrapped, row.masterKeyId, context(ownerId, row.class))]))
}

function context(ownerId: string, keyClass: string): string {
  return `data key|${ownerId}|${keyClass}`
}
