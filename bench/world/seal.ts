import type pg from 'pg'
import type { App } from '../../src/app.ts'
import { sealedColumns } from './twin.ts'

/** So many rows are sealed at a time. */
const batch = 5000
/** What sealing adds to a text, bytes: format, key, nonce and tag. */
const overhead = 30

/** Fills a table that holds sealed texts from its twin: sealed by Kith's own vault for the owners who read, with bytes of the same length for others. */
export async function sealInto(client: pg.ClientBase, app: App, table: string, readers: readonly string[]): Promise<void> {
  const { model, columns } = sealedColumns[table] ?? { model: '', columns: [] }
  const { rows } = await client.query<{ name: string }>(
    `SELECT quote_ident(attname) AS name FROM pg_attribute WHERE attrelid = $1::regclass AND attnum > 0 AND NOT attisdropped`,
    [`twin.${table}`],
  )
  const names = rows.map(({ name }) => name)
  const target = names.join(', ')
  const blank = names.map((name) => (columns.some((column) => name === column) ? `decode(repeat('00', octet_length(${name}) + ${overhead}), 'hex')` : name))
  await client.query(`INSERT INTO public.${table} (${target}) SELECT ${blank.join(', ')} FROM twin.${table} WHERE "ownerId" <> ALL ($1)`, [readers])
  const sealed = names.map((name) => (columns.includes(name) ? `s.${name}` : `t.${name}`))
  const arrays = columns.map((_, index) => `$${index + 3}::bytea[]`)
  for (const ownerId of readers) {
    const vault = await app.vault.of(ownerId)
    for (let after = '00000000-0000-0000-0000-000000000000'; ;) {
      const { rows: found } = await client.query<{ id: string } & Record<string, string | null>>(
        `SELECT id, ${columns.join(', ')} FROM twin.${table} WHERE "ownerId" = $1 AND id > $2 ORDER BY id LIMIT ${batch}`,
        [ownerId, after],
      )
      const last = found.at(-1)
      if (!last) break
      after = last.id
      const bytes = columns.map((column) => found.map((row) => (row[column] == null ? null : vault.seal(`${model}.${column}`, row.id, row[column]))))
      await client.query(
        `INSERT INTO public.${table} (${target}) SELECT ${sealed.join(', ')} FROM unnest($2::uuid[], ${arrays.join(', ')}) AS s(id, ${columns.join(', ')}) JOIN twin.${table} AS t ON t."ownerId" = $1 AND t.id = s.id`,
        [ownerId, found.map(({ id }) => id), ...bytes],
      )
    }
  }
}
