import { createHmac, timingSafeEqual } from 'node:crypto'
import type { Ctx } from '../core/ctx.ts'
import { empty, join, raw, rows, type Sql, sql } from './client.ts'

/** One key of an order. `column` is an SQL expression over the list's rows; `type` is its PostgreSQL type; its value comes back with each row. */
export interface SortKey {
  column: Sql
  type: 'text' | 'timestamptz' | 'uuid' | 'integer' | 'boolean' | 'double precision'
  direction: 'asc' | 'desc'
  nulls: 'first' | 'last'
}

/** Which part of a list: Relay's arguments, checked by `pageOf`. */
export interface PageArgs {
  first?: number | null | undefined
  after?: string | null | undefined
  last?: number | null | undefined
  before?: string | null | undefined
}

/** A page request: how many, from which end, between which cursors. */
export interface Page {
  size: number
  backward: boolean
  after: string | null
  before: string | null
}

/** One page of a list. */
export interface PageOf<Row> {
  rows: Row[]
  cursors: string[]
  hasNextPage: boolean
  hasPreviousPage: boolean
}

/** A paging argument that cannot be taken. */
export class PageError extends Error {}

/** Checks Relay's paging arguments: default 25, at most 100, not both ends at once. @throws PageError */
export function pageOf(args: PageArgs): Page {
  if (args.first != null && args.last != null) throw new PageError('Give first or last, not both.')
  const size = args.first ?? args.last ?? 25
  if (size < 0) throw new PageError('first and last are 0 or more.')
  if (size > 100) throw new PageError('first and last are at most 100.')
  return { size, backward: args.last != null, after: args.after ?? null, before: args.before ?? null }
}

/** A list of an owner's rows in an order. `from` and `where` contain the owner; the keys must end in one that is unique. */
export interface Listing {
  /** Names the list in its cursors, so that a cursor of another list or order is refused. */
  name: string
  select: Sql
  from: Sql
  where: Sql
  keys: readonly SortKey[]
}

/** Reads one page of a list, in one statement. @throws PageError for a cursor that is not of this list */
export async function listPage<Row extends object>(ctx: Ctx, listing: Listing, page: Page): Promise<PageOf<Row>> {
  const { statement, finish } = pageStatement<Row>(ctx, listing, page)
  return finish(await rows<Row & Marks>(ctx, statement))
}

/** Reads the same page for each of many parents, in one statement: LATERAL over the parents' ids. `where` may name `parent.id`. */
export async function listPages<Row extends object>(ctx: Ctx, listing: Listing, page: Page, parentIds: readonly string[]): Promise<Map<string, PageOf<Row>>> {
  const { statement, finish } = pageStatement<Row>(ctx, listing, page)
  const found = await rows<Row & Marks & { parentId: string }>(ctx, sql`SELECT parent.id AS "parentId", page.* FROM unnest(${[...parentIds]}::uuid[]) AS parent(id) CROSS JOIN LATERAL (${statement}) AS page`)
  const groups = new Map<string, (Row & Marks)[]>(parentIds.map((id) => [id, []]))
  for (const row of found) groups.get(row.parentId)?.push(row)
  return new Map([...groups].map(([id, group]) => [id, finish(group)]))
}

interface Marks {
  keysetValues: (string | number | boolean | null)[]
}

function pageStatement<Row extends object>(ctx: Ctx, listing: Listing, page: Page): { statement: Sql; finish: (found: (Row & Marks)[]) => PageOf<Row> } {
  const seal = cursorSeal(ctx, listing)
  const keys = page.backward ? listing.keys.map(reversed) : listing.keys
  const bounds = [
    page.after === null ? empty : sql`AND (${beyond(listing.keys, seal.open(page.after))})`,
    page.before === null ? empty : sql`AND (${beyond(listing.keys.map(reversed), seal.open(page.before))})`,
  ]
  // One row more than the page tells whether the list goes on.
  const statement = sql`SELECT ${listing.select}, jsonb_build_array(${join(listing.keys.map(cursorValue))}) AS "keysetValues"
    FROM ${listing.from} WHERE ${listing.where} ${join(bounds, ' ')}
    ORDER BY ${join(keys.map((key) => sql`${key.column} ${raw(key.direction)} NULLS ${raw(key.nulls)}`))} LIMIT ${page.size + 1}`
  return {
    statement,
    finish: (found) => {
      const more = found.length > page.size
      const kept = more ? found.slice(0, page.size) : found
      const ordered = page.backward ? kept.toReversed() : kept
      return {
        rows: ordered,
        cursors: ordered.map((row) => seal.make(row.keysetValues)),
        hasNextPage: page.backward ? page.before !== null : more,
        hasPreviousPage: page.backward ? more : page.after !== null,
      }
    },
  }
}

function reversed(key: SortKey): SortKey {
  return { ...key, direction: key.direction === 'asc' ? 'desc' : 'asc', nulls: key.nulls === 'first' ? 'last' : 'first' }
}

/** Instants travel in a cursor as microseconds, which a JSON number holds exactly; a text form would depend on the session's zone. */
function cursorValue(key: SortKey): Sql {
  return key.type === 'timestamptz' ? sql`(extract(epoch FROM ${key.column}) * 1000000)::bigint` : key.column
}

function boundValue(key: SortKey, value: string | number | boolean): Sql {
  return key.type === 'timestamptz' ? sql`(timestamptz 'epoch' + ${String(value)}::bigint * interval '1 microsecond')` : sql`${value}::${raw(key.type)}`
}

/** The rows that come after `values` in the order of `keys`: (a beyond) OR (a equal AND (b beyond OR …)), null-aware at each key. */
function beyond(keys: readonly SortKey[], values: Marks['keysetValues']): Sql {
  const [key, ...rest] = keys
  const [value, ...others] = values
  if (!key) return sql`false`
  if (value === null || value === undefined) {
    const further = key.nulls === 'first' ? sql`${key.column} IS NOT NULL OR` : empty
    return rest.length === 0 ? (key.nulls === 'first' ? sql`${key.column} IS NOT NULL` : sql`false`) : sql`${further} (${key.column} IS NULL AND (${beyond(rest, others)}))`
  }
  const at = boundValue(key, value)
  const compare = key.direction === 'asc' ? sql`${key.column} > ${at}` : sql`${key.column} < ${at}`
  const nulls = key.nulls === 'last' ? sql`OR ${key.column} IS NULL` : empty
  const ties = rest.length === 0 ? empty : sql`OR (${key.column} = ${at} AND (${beyond(rest, others)}))`
  return sql`${compare} ${nulls} ${ties}`
}

/** Cursors are opaque and authenticated: values, then 12 bytes of HMAC over the list, its order and the values. */
function cursorSeal(ctx: Ctx, listing: Listing): { make: (values: Marks['keysetValues']) => string; open: (cursor: string) => Marks['keysetValues'] } {
  const order = listing.keys.map((key) => `${key.column.text} ${key.direction} ${key.nulls}`).join(',')
  const owner = ctx.actor.kind === 'anonymous' ? '' : ctx.actor.ownerId
  const key = ctx.app.vault.master.mac('cursor', `${owner}|${listing.name}|${order}`)
  const tag = (body: string): Buffer => createHmac('sha256', key).update(body).digest().subarray(0, 12)
  return {
    make: (values) => {
      const body = JSON.stringify(values)
      return Buffer.concat([tag(body), Buffer.from(body)]).toString('base64url')
    },
    open: (cursor) => {
      const bytes = Buffer.from(cursor, 'base64url')
      const body = bytes.subarray(12).toString('utf8')
      if (bytes.length < 14 || !timingSafeEqual(bytes.subarray(0, 12), tag(body))) throw new PageError('That cursor does not belong to this list and order.')
      return JSON.parse(body) as Marks['keysetValues']
    },
  }
}

/** Counts a whole list. */
export async function countList(ctx: Ctx, listing: Listing): Promise<number> {
  const [found] = await rows<{ count: number }>(ctx, sql`SELECT count(*)::int AS count FROM ${listing.from} WHERE ${listing.where}`)
  return found?.count ?? 0
}

/** Counts the list of each of many parents, in one statement; a parent whose list is empty counts 0. */
export async function countLists(ctx: Ctx, listing: Listing, parentIds: readonly string[]): Promise<Map<string, number>> {
  const found = await rows<{ parentId: string; count: number }>(
    ctx,
    sql`SELECT parent.id AS "parentId", counted.count FROM unnest(${[...parentIds]}::uuid[]) AS parent(id) CROSS JOIN LATERAL (SELECT count(*)::int AS count FROM ${listing.from} WHERE ${listing.where}) AS counted`,
  )
  return new Map(found.map((row) => [row.parentId, row.count]))
}
