import type pg from 'pg'
import type { App } from '../app.ts'
import { controllerId } from '../privacy/service.ts'
import { dataMap } from '../policy/dataMap.ts'
import { tablesOf } from '../policy/tables.ts'
import type { KeyClass } from '../vault/keys.ts'
import { blobsOf, jobsOf } from './copies.ts'
import { type Outcome, outcomes } from './outcome.ts'
import { countOf } from './plan.ts'
import { tablesSampled } from './statistics.ts'

/** What a check has found. */
export interface CheckReport {
  tables: number
  /** Where something still is that should be gone, with how much of it. */
  leftovers: { place: string; count: number }[]
}

/** What is looked for, beside the owner: `own` stands nowhere but in the account; `shared`, such as an address, may stand in other people's books. */
export interface Needles {
  own: readonly string[]
  shared: readonly string[]
}

/**
 * Looks for what is left of an account in every table of both databases, as the databases themselves list them: for its owner in every key, and for
 * its identifiers in every row that is nobody's or the controller's, in jobs, statistics and files. Rows of other owners are theirs.
 */
export async function checkAccount(app: App, ownerId: string, requestId: string, needles: Needles, keptKeys: readonly KeyClass[]): Promise<CheckReport> {
  const leftovers: CheckReport['leftovers'] = []
  const note = (place: string, count: number): void => void (count > 0 && leftovers.push({ place, count }))
  const models = new Map(outcomes(app.policies, tablesOf(app)).map((outcome) => [outcome.table.table, outcome]))
  const texts = [ownerId, ...needles.own, ...needles.shared].map(pattern)
  const found = await tablesIn(app.database.pool)
  for (const table of found) {
    const outcome = table.schema === 'public' ? models.get(table.name) : undefined
    if (outcome?.what === 'DELETE') note(table.name, await countOf(app, outcome, ownerId, requestId))
    else if (!outcome && table.columns.includes('ownerId')) note(table.name, await count(app.database.pool, table, `t."ownerId" = $1::uuid`, [ownerId]))
    note(`${table.name} (text)`, await mentions(app, table, outcome, requestId, texts))
  }
  const keys = await tablesIn(app.keys.pool)
  for (const table of keys) {
    // The ledger's own entry is what keeps the account from coming back.
    if (table.name === 'erasures') continue
    const others = table.name === 'data_keys' ? `class <> ALL ($2) AND ` : ''
    note(`keys: ${table.name}`, await count(app.keys.pool, table, `${others}(t.*)::text LIKE ANY ($1)`, others ? [texts, keptKeys] : [texts]))
  }
  note('jobs', await jobsOf(app, ownerId))
  note('blobs', (await blobsOf(app, ownerId)).length)
  // A row that is kept as evidence is kept with its key.
  const evidence = [...models.values()].flatMap(({ what, table }) => (what === 'EVIDENCE' ? [table.table] : []))
  note('statistics', (await tablesSampled(app, [ownerId, ...needles.own].map(pattern), evidence)).length)
  return { tables: found.length + keys.length, leftovers }
}

interface Listed {
  schema: string
  name: string
  columns: string[]
}

// A partition's rows are its table's.
async function tablesIn(pool: pg.Pool): Promise<Listed[]> {
  const { rows } = await pool.query<Listed>(
    `SELECT t.table_schema AS schema, t.table_name AS name, array_agg(c.column_name::text) AS columns
     FROM information_schema.tables AS t JOIN information_schema.columns AS c USING (table_schema, table_name)
     WHERE t.table_type = 'BASE TABLE' AND t.table_schema NOT IN ('pg_catalog', 'information_schema')
       AND NOT (SELECT relispartition FROM pg_class WHERE oid = format('%I.%I', t.table_schema, t.table_name)::regclass) GROUP BY 1, 2 ORDER BY 1, 2`,
  )
  return rows
}

/** Rows that are the controller's or nobody's and say who the account was; what is kept as evidence may, and what answers the request until it is answered. */
async function mentions(app: App, table: Listed, outcome: Outcome | undefined, requestId: string, texts: readonly string[]): Promise<number> {
  if (!table.columns.includes('ownerId') || !outcome) return count(app.database.pool, table, '(t.*)::text LIKE ANY ($1)', [texts])
  const { model } = outcome
  const kept = new Set(
    dataMap({ [model]: app.policies[model] } as typeof app.policies)[0]
      ?.columns.filter(({ onErasure }) => onErasure === 'KEEP_AS_EVIDENCE')
      .map(({ name }) => name),
  )
  const looked = table.columns.filter((column) => !kept.has(column) && column !== 'ownerId')
  if (looked.length === 0) return 0
  const { holder } = app.policies[model] ?? {}
  const answers = holder ? `AND "${'column' in holder ? 'id' : holder.by}" <> $2` : ''
  const text = looked.map((column) => `"${column}"::text`).join(', ')
  return count(
    app.database.pool,
    table,
    `t."ownerId" = '${controllerId}' ${answers} AND concat_ws(' ', ${text}) LIKE ANY ($1)`,
    answers ? [texts, requestId] : [texts],
  )
}

async function count(pool: pg.Pool, { schema, name }: Pick<Listed, 'schema' | 'name'>, where: string, values: unknown[]): Promise<number> {
  const { rows } = await pool.query<{ count: number }>(`SELECT count(*)::int AS count FROM "${schema}"."${name}" AS t WHERE ${where}`, values)
  return rows[0]?.count ?? 0
}

/** A text as LIKE looks for it anywhere. */
export function pattern(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, String.raw`\$&`)}%`
}
