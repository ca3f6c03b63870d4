import type pg from 'pg'
import { statementsOf } from '../../src/db/together.ts'
import { ownedTables } from './ownership.ts'

/** A statement as it was sent. */
export interface Sent {
  text: string
  values: unknown[]
}

/** What has left through a pool. */
export interface Recorded {
  /** Each text once, lists of any length being one, with the values it had last. */
  sent: Map<string, Sent>
  /** What each transaction wrote: to which tables that have no owner, and to which owned ones, by their rows' owners. */
  transactions: { others: string[]; owned: Map<string, string[]> }[]
}

/** Records what leaves through a pool. Connections that are open already are not seen. */
export function record(pool: pg.Pool): Recorded {
  const recorded: Recorded = { sent: new Map(), transactions: [] }
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    let written: { table: string; owner: string }[] = []
    Object.assign(client, {
      query: (...args: unknown[]) => {
        for (const statement of statementsOf(args[0])) note(statement.text.replaceAll(/\s+/g, ' ').trim(), Array.isArray(args[1]) ? args[1] : statement.values)
        return query(...args)
      },
    })
    const note = (text: string, values: unknown[]): void => {
      recorded.sent.set(text.replaceAll(/\(\$\d+(,\s?\$\d+)*\)/g, '(…)'), { text, values })
      if (text.startsWith('BEGIN')) written = []
      written.push(...writesOf({ text, values }))
      if (text === 'COMMIT') {
        const owned = Map.groupBy(written.filter(({ table }) => ownedTables.has(table)), ({ owner }) => owner) // prettier-ignore
        const tables = (all: typeof written) => [...new Set(all.map(({ table }) => table))].toSorted()
        recorded.transactions.push({
          others: tables(written.filter(({ table }) => !ownedTables.has(table))),
          owned: new Map([...owned].map(([owner, all]) => [owner, tables(all)])),
        })
      }
    }
  })
  return recorded
}

/** What a statement writes to, and whose rows; the owner is `?` where the text does not say it by one value. */
function writesOf({ text, values }: Sent): { table: string; owner: string }[] {
  const found = text.matchAll(
    /(?:INSERT INTO|(?<!FOR |KEY |DO )UPDATE|DELETE FROM) (?:"public"\.)?"?(\w+)"?(?: AS \w+)?(?: \(([^)]*)\) (?:VALUES \(([^)]*)\)|SELECT (?:DISTINCT ON \([^)]*\) )?([^(]*)))?/g,
  )
  return [...found].flatMap(([, table = '', columns, row, selected]) => {
    const place = columns?.split(',').findIndex((column) => column.trim().endsWith('"ownerId"')) ?? -1
    const value = place === -1 ? /"ownerId" = (\$\d+)/.exec(text)?.[1] : (row ?? selected ?? '').split(',')[place]
    const index = /^\s*\$(\d+)(::uuid)?\s*$/.exec(/^\s*\(?(\$\d+(?:::uuid)?)/.exec(value ?? '')?.[1] ?? '')?.[1]
    // Rows made of the owner's own rows say whose they are where they are chosen.
    const param = index ?? /"ownerId" = \$(\d+)/.exec(text)?.[1]
    return [{ table, owner: param === undefined ? '?' : String(values[Number(param) - 1]) }]
  })
}

/** What a plan does with owned tables. */
export interface Reading {
  /** The owned tables that it mentions at all. */
  tables: string[]
  /** Those read row by row from beginning to end, although any index would have been taken. */
  sequential: string[]
  /** Those of which it reads an index from beginning to end. */
  whole: string[]
  /** Those of which it touches more than one partition. */
  crossing: string[]
}

interface Node {
  'Node Type': string
  'Relation Name'?: string
  Schema?: string
  'Index Cond'?: string
  'Recheck Cond'?: string
  'Index Name'?: string
  Plans?: Node[]
}

/** Plans a statement with its values where nothing but an index leads to a table; null for what has no plan, such as BEGIN. Carries nothing out. */
export async function readingOf(client: pg.ClientBase, { text, values }: Sent): Promise<Reading | null> {
  if (!/^\s*(SELECT|INSERT|UPDATE|DELETE|WITH)\b/i.test(text)) return null
  await client.query('BEGIN')
  try {
    await client.query('SET LOCAL enable_seqscan = off')
    const { rows } = await client.query<{ 'QUERY PLAN': [{ Plan: Node }] }>(`EXPLAIN (VERBOSE, FORMAT JSON) ${text}`, values)
    const plan = rows[0]?.['QUERY PLAN'][0].Plan
    if (!plan) throw new Error(`There is no plan of ${text}`)
    return readingIn(nodesOf(plan))
  } finally {
    await client.query('ROLLBACK')
  }
}

const nodesOf = (node: Node): Node[] => [node, ...(node.Plans ?? []).flatMap(nodesOf)]

function readingIn(nodes: Node[]): Reading {
  const parts = new Map<string, Set<string>>()
  const sequential = new Set<string>()
  const whole = new Set<string>()
  for (const node of nodes) {
    const relation = node['Relation Name']
    if (!relation) continue
    const table = node.Schema === 'partitions' ? relation.replace(/_\d+$/, '') : relation
    if (!ownedTables.has(table)) continue
    const found = parts.get(table) ?? new Set()
    // A plan that changes rows names the table itself beside the partition.
    parts.set(table, node.Schema === 'partitions' ? found.add(relation) : found)
    if (node['Node Type'] === 'Seq Scan') sequential.add(table)
    if (/^Index (Only )?Scan$/.test(node['Node Type']) && !node['Index Cond']) whole.add(table)
    if (node['Node Type'] === 'Bitmap Heap Scan' && !node['Recheck Cond']) whole.add(table)
  }
  return {
    tables: [...parts.keys()],
    sequential: [...sequential],
    whole: [...whole],
    crossing: [...parts].flatMap(([table, found]) => (found.size > 1 ? [table] : [])),
  }
}

/** The functions that a statement calls, operators and casts included, that are not immutable. Of the whole statement, so that one in a harmless place is found too. */
export async function mutableFunctionsIn(client: pg.ClientBase, { text }: Sent): Promise<string[]> {
  await client.query('BEGIN')
  try {
    await client.query(`PREPARE analysed AS ${text}`)
    const { rows: prepared } = await client.query<{ types: string }>(
      `SELECT array_to_string(parameter_types, ', ') AS types FROM pg_prepared_statements WHERE name = 'analysed'`,
    )
    // The body of such a function is kept as the tree that the statement was parsed into.
    await client.query(`CREATE FUNCTION pg_temp.analysed(${prepared[0]?.types}) RETURNS void LANGUAGE sql BEGIN ATOMIC ${text}; END`)
    const { rows } = await client.query<{ name: string }>(
      `SELECT DISTINCT p.oid::regprocedure::text AS name FROM pg_proc AS own
       CROSS JOIN LATERAL regexp_matches(own.prosqlbody::text, ':(?:funcid|opfuncid|winfnoid) (\\d+)', 'g') AS called(ids)
       JOIN pg_proc AS p ON p.oid = ids[1]::oid WHERE own.proname = 'analysed' AND own.pronamespace = pg_my_temp_schema() AND p.provolatile <> 'i' ORDER BY 1`,
    )
    return rows.map(({ name }) => name)
  } finally {
    await client.query('ROLLBACK')
    await client.query('DEALLOCATE ALL')
  }
}
