import type pg from 'pg'
import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import { controllerVault, type Place } from '../privacy/service.ts'
import { sameBytes } from '../vault/master.ts'
import type { Needles } from './check.ts'

/** An entry of the ledger of erasures: what is to be gone for good, written down before anything of it is destroyed. Ids and keyed hashes only. */
export interface LedgerEntry {
  seq: bigint
  requestId: string
  scope: 'ACCOUNT' | 'PERSON'
  /** The account; null for a person in address books. */
  subjectId: string | null
  places: readonly Place[]
  hashes: readonly Uint8Array<ArrayBuffer>[]
  /** SHA-256 of the plan that it was begun with. */
  planHash: Uint8Array
  /** How many rows and other copies there were, by their names. */
  before: Readonly<Record<string, number>>
  googleTries: number
  at: Date
  completedAt: Date | null
  certificate: string | null
}

/** What an entry begins with; `needles` are texts that the check looks for afterwards, kept wrapped until it is complete. */
export type Tombstone = Pick<LedgerEntry, 'requestId' | 'scope' | 'subjectId' | 'places' | 'hashes' | 'planHash' | 'before'> & { needles: Needles }

const columns = `seq, "requestId", scope, "subjectId", places, hashes, "planHash", before, "googleTries", at, "completedAt", certificate`

/** Writes an entry, or answers the open one of the same request: whoever takes an erasure up again goes on with it. */
export async function open(app: App, tombstone: Tombstone): Promise<LedgerEntry> {
  const { pool } = app.keys
  const found = await openEntry(app, tombstone.requestId)
  if (found) return found
  const { requestId, scope, subjectId, places, hashes, planHash, before, needles } = tombstone
  const at = toDate(app.clock.now())
  const client = await pool.connect()
  try {
    await client.query('BEGIN')
    // Numbers have no gap: a missing entry shows.
    await client.query('LOCK TABLE erasures IN SHARE ROW EXCLUSIVE MODE')
    const { rows } = await client.query<{ seq: string; mac: Buffer }>('SELECT seq, mac FROM erasures ORDER BY seq DESC LIMIT 1')
    const seq = BigInt(rows[0]?.seq ?? 0) + 1n
    const mac = await macOf(app, { seq, requestId, scope, subjectId, places, hashes, planHash, at }, rows[0]?.mac ?? null)
    const working = app.vault.master.wrap(Buffer.from(JSON.stringify(needles)), context(seq))
    await client.query(
      `INSERT INTO erasures (seq, "requestId", scope, "subjectId", places, hashes, "planHash", before, working, "masterKeyId", at, mac) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)`,
      [seq, requestId, scope, subjectId, JSON.stringify(places), hashes, planHash, before, working, app.vault.master.id, at, mac],
    )
    await client.query('COMMIT')
  } catch (error) {
    await client.query('ROLLBACK')
    throw error
  } finally {
    client.release()
  }
  const made = await openEntry(app, requestId)
  if (!made) throw new Error('An entry that was just made is there.')
  return made
}

/** The entry of a request that is not complete. */
export async function openEntry(app: App, requestId: string): Promise<LedgerEntry | null> {
  const { rows } = await app.keys.pool.query(`SELECT ${columns} FROM erasures WHERE "requestId" = $1 AND "completedAt" IS NULL`, [requestId])
  return rows[0] ? entryOf(rows[0]) : null
}

/** Every entry after a number, in order, a page at a time. */
export async function entriesAfter(app: App, seq: bigint, count: number): Promise<LedgerEntry[]> {
  const { rows } = await app.keys.pool.query(`SELECT ${columns} FROM erasures WHERE seq > $1 ORDER BY seq LIMIT $2`, [seq, count])
  return rows.map(entryOf)
}

/** The last complete entry of a request. */
export async function completedEntry(app: App, requestId: string): Promise<LedgerEntry | null> {
  const { rows } = await app.keys.pool.query(`SELECT ${columns} FROM erasures WHERE "requestId" = $1 AND "completedAt" IS NOT NULL ORDER BY seq DESC LIMIT 1`, [
    requestId,
  ])
  return rows[0] ? entryOf(rows[0]) : null
}

/** What the check of an entry looks for; nothing once it is complete. */
export async function needlesOf(app: App, seq: bigint): Promise<Needles> {
  const { rows } = await app.keys.pool.query<{ working: Buffer | null; masterKeyId: string }>('SELECT working, "masterKeyId" FROM erasures WHERE seq = $1', [
    seq,
  ])
  const [row] = rows
  if (!row?.working) return { own: [], shared: [] }
  return JSON.parse(app.vault.master.unwrap(row.working, row.masterKeyId, context(seq)).toString()) as Needles
}

/** What is done of an entry, by step. */
export async function stepsOf(app: App, seq: bigint): Promise<Map<string, { at: Date; result: Record<string, unknown> }>> {
  const { rows } = await app.keys.pool.query<{ step: string; at: Date; result: Record<string, unknown> }>(
    'SELECT step, at, result FROM erasure_steps WHERE seq = $1',
    [seq],
  )
  return new Map(rows.map(({ step, at, result }) => [step, { at, result }]))
}

/** Notes that a step is done, and what came of it. */
export async function noteStep(app: App, seq: bigint, step: string, result: Record<string, unknown>): Promise<void> {
  await app.keys.pool.query(
    'INSERT INTO erasure_steps (seq, step, at, result) VALUES ($1, $2, $3, $4) ON CONFLICT (seq, step) DO UPDATE SET at = excluded.at, result = excluded.result',
    [seq, step, toDate(app.clock.now()), result],
  )
}

/** Notes that Google did not answer; answers how often it has not by now. */
export async function noteGoogleTry(app: App, seq: bigint): Promise<number> {
  const { rows } = await app.keys.pool.query<{ tries: number }>(
    'UPDATE erasures SET "googleTries" = "googleTries" + 1 WHERE seq = $1 RETURNING "googleTries" AS tries',
    [seq],
  )
  return rows[0]?.tries ?? 0
}

/** Closes an entry with its certificate, and forgets what the check looked for. */
export async function close(app: App, seq: bigint, certificate: string): Promise<void> {
  await app.keys.pool.query(
    'UPDATE erasures SET "completedAt" = $2, certificate = $3, working = NULL, "masterKeyId" = NULL WHERE seq = $1 AND "completedAt" IS NULL',
    [seq, toDate(app.clock.now()), certificate],
  )
}

/** Runs work while nobody else works on the same request's erasure: two workers that have both taken it up come one after the other. */
export async function alone<T>(app: App, requestId: string, work: () => Promise<T>): Promise<T> {
  const client: pg.PoolClient = await app.keys.pool.connect()
  try {
    await client.query(`SET statement_timeout = 0`)
    await client.query(`SELECT pg_advisory_lock(hashtextextended('erasure ' || $1, 0))`, [requestId])
    return await work()
  } finally {
    // The connection goes with the lock, whatever state it is in.
    client.release(true)
  }
}

/** A fault of the ledger: an entry that is not what was written, or not there. */
export async function ledgerFaults(app: App): Promise<{ seq: bigint; message: string }[]> {
  const faults: { seq: bigint; message: string }[] = []
  let expected = 1n
  let mac: Buffer | null = null
  const { rows } = await app.keys.pool.query(`SELECT ${columns}, mac FROM erasures ORDER BY seq`)
  for (const row of rows) {
    const entry = entryOf(row)
    if (entry.seq !== expected) faults.push({ seq: expected, message: `Entry ${expected} of the ledger of erasures is missing.` })
    else if (!sameBytes(await macOf(app, entry, mac), row.mac))
      faults.push({ seq: entry.seq, message: `Entry ${entry.seq} of the ledger of erasures is not what was written.` })
    expected = entry.seq + 1n
    mac = row.mac
  }
  const [{ max } = { max: null }] = (await app.database.pool.query<{ max: string | null }>('SELECT max(seq) AS max FROM applied_erasures')).rows
  if (max !== null && BigInt(max) >= expected)
    faults.push({ seq: expected, message: `The ledger of erasures ends before entry ${max}, which was carried out.` })
  return faults
}

async function macOf(
  app: App,
  entry: Pick<LedgerEntry, 'seq' | 'requestId' | 'scope' | 'subjectId' | 'places' | 'hashes' | 'planHash' | 'at'>,
  before: Uint8Array | null,
): Promise<Uint8Array> {
  const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex')
  const { seq, requestId, scope, subjectId, places, hashes, planHash, at } = entry
  const said = [
    String(seq),
    requestId,
    scope,
    subjectId,
    places.map(({ ownerId, contactId }) => [ownerId, contactId]),
    hashes.map(hex),
    hex(planHash),
    at.getTime(),
    before && hex(before),
  ]
  return (await controllerVault(app)).hash('erasure ledger', JSON.stringify(said))
}

function entryOf(row: Omit<LedgerEntry, 'seq'> & { seq: string | bigint }): LedgerEntry {
  const { requestId, scope, subjectId, places, hashes, planHash, before, googleTries, at, completedAt, certificate } = row
  return { seq: BigInt(row.seq), requestId, scope, subjectId, places, hashes, planHash, before, googleTries, at, completedAt, certificate }
}

function context(seq: bigint): string {
  return `erasure working|${seq}`
}
