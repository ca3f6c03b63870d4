import type { Person, TestApp } from '../support/app.ts'

/** What is no part of the contacts' state: the log of what happened, what it set off, and the record of the merge itself. */
const besides = [
  'events',
  'event_heads',
  'outbox',
  'contact_merges',
  'directory_due',
  'api_tokens',
  'sessions',
  'directory_credentials',
  'rate_limits',
  'idempotent_answers',
]

/** Every row that an owner has, as text, in order. */
export async function rowsOf(kith: TestApp, who: Person): Promise<string[]> {
  const { pool } = kith.app.database
  const { rows: tables } = await pool.query<{ name: string }>(
    `SELECT table_name AS name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'ownerId' ORDER BY 1`,
  )
  const found: string[] = []
  for (const { name } of tables) {
    if (besides.includes(name)) continue
    const { rows } = await pool.query<{ row: string }>(`SELECT t::text AS row FROM ${name} AS t WHERE "ownerId" = $1`, [who.ownerId])
    found.push(...rows.map(({ row }) => `${name} ${row}`))
  }
  return found.toSorted()
}
