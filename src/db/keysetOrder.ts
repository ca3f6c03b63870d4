import { join, raw, type Sql, sql } from './client.ts'
import type { CursorValues } from './cursor.ts'

/** One key of an order. `column` is an SQL expression over the list's rows; `type` is its PostgreSQL type; its value comes back with each row. */
export interface SortKey {
  column: Sql
  type: 'text' | 'timestamptz' | 'uuid' | 'integer' | 'boolean' | 'double precision'
  direction: 'asc' | 'desc'
  /** Where those without a value stand; `none` for a column that always has one, which lets an index serve the order both ways. */
  nulls: 'first' | 'last' | 'none'
}

/** A place in an order: the values of its keys. */
export interface Bound {
  keys: readonly SortKey[]
  values: CursorValues
}

/** What no row fulfils. */
export const nothing = sql`false`
const everything = sql`true`

/** What of those with a value lies beyond a bound. */
export function beyondPresent({ keys, values }: Bound): Sql {
  const [first, ...rest] = keys
  if (!first) return nothing
  if (values[0] == null) return first.nulls === 'first' ? everything : nothing
  return beyond([{ ...first, nulls: 'none' }, ...rest], values)
}

/** What of those without a value lies beyond a bound. */
export function beyondAbsent({ keys, values }: Bound): Sql {
  const [first, ...rest] = keys
  if (!first) return nothing
  if (values[0] == null) return rest.length === 0 ? nothing : beyond(rest, values.slice(1))
  return first.nulls === 'last' ? everything : nothing
}

/** The key read backwards. */
export function reversed(key: SortKey): SortKey {
  const nulls = { first: 'last', last: 'first', none: 'none' } as const
  return { ...key, direction: key.direction === 'asc' ? 'desc' : 'asc', nulls: nulls[key.nulls] }
}

/** The key as ORDER BY has it. */
export function orderTerm(key: SortKey): Sql {
  return key.nulls === 'none' ? sql`${key.column} ${raw(key.direction)}` : sql`${key.column} ${raw(key.direction)} NULLS ${raw(key.nulls)}`
}

/** Instants travel in a cursor as microseconds, which a JSON number holds exactly; a text form would depend on the session's zone. */
export function cursorValue(key: SortKey): Sql {
  return key.type === 'timestamptz' ? sql`(extract(epoch FROM ${key.column}) * 1000000)::bigint` : key.column
}

function boundValue(key: SortKey, value: string | number | boolean): Sql {
  return key.type === 'timestamptz' ? sql`(timestamptz 'epoch' + ${String(value)}::bigint * interval '1 microsecond')` : sql`${value}::${raw(key.type)}`
}

/** The rows that come after `values` in the order of `keys`. */
export function beyond(keys: readonly SortKey[], values: CursorValues): Sql {
  const [first] = keys
  const [value] = values
  if (!first) return nothing
  if (keys.every((key) => key.nulls === 'none' && key.direction === first.direction)) {
    // All keys go one way: a comparison of rows, which an index seeks to directly.
    const at = keys.map((key, index) => boundValue(key, values[index] ?? ''))
    return sql`(${join(keys.map((key) => key.column))}) ${raw(first.direction === 'asc' ? '>' : '<')} (${join(at)})`
  }
  if (first.nulls !== 'none' || value == null) return sql`(${after(keys, values)})`
  // Says nothing new, but is a range that an index can begin at, which the alternatives are not.
  return sql`${first.column} ${raw(first.direction === 'asc' ? '>=' : '<=')} ${boundValue(first, value)} AND (${after(keys, values)})`
}

/** (a beyond) OR (a equal AND (b beyond OR …)), null-aware at each key. */
function after(keys: readonly SortKey[], values: CursorValues): Sql {
  const [key, ...rest] = keys
  const [value, ...others] = values
  if (!key) return nothing
  const ties = rest.length === 0 ? nothing : after(rest, others)
  if (value == null) {
    const equal = sql`${key.column} IS NULL AND (${ties})`
    return key.nulls === 'first' ? sql`${key.column} IS NOT NULL OR (${equal})` : equal
  }
  const at = boundValue(key, value)
  const compare = sql`${key.column} ${raw(key.direction === 'asc' ? '>' : '<')} ${at}`
  const nulls = key.nulls === 'last' ? sql`OR ${key.column} IS NULL` : sql``
  return sql`${compare} ${nulls} OR (${key.column} = ${at} AND (${ties}))`
}
