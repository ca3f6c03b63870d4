import type pg from 'pg'
import { ownedTables } from './ownership.ts'

/** A statement as it was sent. */
export interface Sent {
  text: string
  values: unknown[]
}

/** Records what leaves through a pool, each text once, with the values it had last. Connections that are open already are not seen. */
export function record(pool: pg.Pool): Map<string, Sent> {
  const sent = new Map<string, Sent>()
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    Object.assign(client, {
      query: (...args: unknown[]) => {
        const [first, second] = args as [string | { text?: string; values?: unknown[] }, unknown]
        const text = typeof first === 'string' ? first : (first.text ?? '')
        const values = (typeof first === 'string' ? undefined : first.values) ?? (Array.isArray(second) ? second : [])
        // Lists of any length are one statement here.
        sent.set(
          text
            .replaceAll(/\s+/g, ' ')
            .replaceAll(/\(\$\d+(,\s?\$\d+)*\)/g, '(…)')
            .trim(),
          { text, values },
        )
        return query(...args)
      },
    })
  })
  return sent
}

/** What a plan does with owned tables. */
export interface Reading {
  /** The owned tables that it mentions at all. */
  tables: string[]
  /** Those read row by row from beginning to end, although any index would have been taken. */
  sequential: string[]
  /** Those of which it reads an index without an owner to look for. */
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
    if (/^Index (Only )?Scan$/.test(node['Node Type']) && !node['Index Cond']?.includes('"ownerId"')) whole.add(table)
    if (node['Node Type'] === 'Bitmap Heap Scan' && !node['Recheck Cond']?.includes('"ownerId"')) whole.add(table)
  }
  return {
    tables: [...parts.keys()],
    sequential: [...sequential],
    whole: [...whole],
    crossing: [...parts].flatMap(([table, found]) => (found.size > 1 ? [table] : [])),
  }
}
