import type pg from 'pg'

/** Columns that Kith seals: their twins are text. */
export const sealedColumns: Readonly<Record<string, { model: string; columns: readonly string[] }>> = {
  contacts: { model: 'Contact', columns: ['about'] },
  contact_custom_fields: { model: 'ContactCustomField', columns: ['name', 'value'] },
  notes: { model: 'Note', columns: ['body'] },
  reminders: { model: 'Reminder', columns: ['title', 'details'] },
  interactions: { model: 'Interaction', columns: ['subject', 'location'] },
}

/** Makes empty twins of tables, with what is sealed as text. */
export async function makeTwins(client: pg.ClientBase, tables: readonly string[]): Promise<void> {
  await client.query('CREATE SCHEMA twin')
  for (const table of tables) {
    await client.query(`CREATE TABLE twin.${table} (LIKE public.${table} INCLUDING DEFAULTS)`)
    for (const column of sealedColumns[table]?.columns ?? []) await client.query(`ALTER TABLE twin.${table} ALTER COLUMN "${column}" TYPE text USING NULL`)
  }
}

/** What else belongs to a table than its rows, as statements that make it in `public`, in an order in which they can run. */
export interface Belongings {
  keys: string[]
  indexes: string[]
  references: string[]
}

/** Reads what belongs to tables. Its names are written with their schema. */
export async function belongingsOf(client: pg.ClientBase, tables: readonly string[]): Promise<Belongings> {
  await client.query(`SET search_path = ''`)
  const { rows: constraints } = await client.query<{ statement: string; type: string }>(
    `SELECT format('ALTER TABLE %s ADD CONSTRAINT %I %s', conrelid::regclass, conname, pg_get_constraintdef(oid)) AS statement, contype AS type
     FROM pg_constraint WHERE contype IN ('p', 'u', 'f') AND conrelid = ANY ($1::text[]::regclass[]) ORDER BY contype DESC, conname`,
    [tables.map((table) => `public.${table}`)],
  )
  const { rows: indexes } = await client.query<{ statement: string }>(
    `SELECT pg_get_indexdef(indexrelid) AS statement FROM pg_index WHERE indrelid = ANY ($1::text[]::regclass[])
     AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = indexrelid AND contype IN ('p', 'u')) ORDER BY indexrelid::regclass::text`,
    [tables.map((table) => `public.${table}`)],
  )
  await client.query('RESET search_path')
  const of = (...types: string[]): string[] => constraints.filter(({ type }) => types.includes(type)).map(({ statement }) => statement)
  return { keys: of('p', 'u'), indexes: indexes.map(({ statement }) => statement), references: of('f') }
}

/** A statement of `public`, for the twin. Only references among the twins are kept: undefined for others. */
export function twinned(statement: string, tables: readonly string[]): string | undefined {
  const referenced = /REFERENCES public\.(\w+)/.exec(statement)?.[1]
  return referenced === undefined || tables.includes(referenced) ? statement.replaceAll('public.', 'twin.') : undefined
}
