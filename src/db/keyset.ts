import type { Ctx } from '../core/ctx.ts'
import { join, raw, rows, type Sql, sql } from './client.ts'
import { beyond, beyondAbsent, beyondPresent, type Bound, cursorValue, nothing, orderTerm, reversed, type SortKey } from './keysetOrder.ts'
import { type CursorSeal, cursorSeal, type CursorValues } from './cursor.ts'

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
  /** Whether the statement's text follows what the caller asks for: kept prepared, every new one would stay in the server's memory. */
  varied?: boolean
  /** A cheaper way to the rows that come first: all those whose first key is at least `least`, which stand in the order of the other keys. `first` is their first key. */
  head?: { from: Sql; where: Sql; first: Sql; least: number }
  /** Whether one plan serves all values, where planning takes longer than what a plan for some of them would save; or none serves others, where they decide by which index to go. PostgreSQL expects that a plan for all is nearly as good. */
  planned?: 'once' | 'anew'
  /** A cheaper statement for a page that is read onwards: at most `limit` rows beyond a place, or from the start, in order, each with the values of its keys as "keysetValues". */
  onward?: (beyond: CursorValues | null, limit: Sql) => Sql
  /** A cheaper statement for how many rows the list has ("count" int). */
  counted?: Sql
}

/** Reads one page of a list, in one statement; where the list has a head, which may not suffice, in two. @throws PageError for a cursor that is not of this list */
export async function listPage<Row extends object>(ctx: Ctx, listing: Listing, page: Page): Promise<PageOf<Row>> {
  const reading = readingOf(ctx, listing, page)
  const options = { prepared: !listing.varied }
  if (reading.head) {
    const found = await rows<Row & Marks>(ctx, reading.head, options)
    if (found.length > page.size) return pageIn(reading, found)
  }
  return pageIn(reading, await rows<Row & Marks>(ctx, reading.statement, options))
}

/** Reads the same page for each of many parents, in one statement: LATERAL over the parents' ids. `where` may name `parent.id`. */
export async function listPages<Row extends object>(ctx: Ctx, listing: Listing, page: Page, parentIds: readonly string[]): Promise<Map<string, PageOf<Row>>> {
  const reading = readingOf(ctx, listing, page)
  const { statement } = reading
  const found = await rows<Row & Marks & { parentId: string }>(
    ctx,
    sql`SELECT parent.id AS "parentId", page.* FROM unnest(${[...parentIds]}::uuid[]) AS parent(id) CROSS JOIN LATERAL (${statement}) AS page`,
  )
  const groups = new Map<string, (Row & Marks)[]>(parentIds.map((id) => [id, []]))
  for (const row of found) groups.get(row.parentId)?.push(row)
  return new Map([...groups].map(([id, group]) => [id, pageIn(reading, group)]))
}

/** How one page of a list is read, by whoever sends the statements himself. */
export interface PageReading {
  /** At most one row more than the page, each with the values of its keys as "keysetValues". */
  statement: Sql
  /** A cheaper statement, which answers where it gives more rows than the page has; null where there is none. */
  head: Sql | null
  size: number
  /** Whether something lies on either side, `more` saying whether the statement gave more rows than the page has. */
  sides: (more: boolean) => Pick<PageOf<unknown>, 'hasNextPage' | 'hasPreviousPage'>
  /** The page's rows in the list's order. */
  inOrder: <Row>(found: Row[]) => Row[]
  cursor: (values: CursorValues) => string
}

/** How one page of a list is read. With `limitSql: literal` the size is part of the statement's text, so that its plan is made for that size and can be kept. @throws PageError for a cursor that is not of this list */
export function readingOf(ctx: Ctx, listing: Listing, page: Page, limitSql: (rows: number) => Sql = (rows) => sql`${rows}`): PageReading {
  const seal = sealOf(ctx, listing)
  const read = (cursor: string): CursorValues => {
    const values = seal.open(cursor)
    if (!values) throw new PageError('That cursor does not belong to this list and order.')
    return values
  }
  const bounds = [
    ...(page.after === null ? [] : [{ keys: listing.keys, values: read(page.after) }]),
    ...(page.before === null ? [] : [{ keys: listing.keys.map(reversed), values: read(page.before) }]),
  ]
  const [limit, onward] = [limitSql(page.size + 1), !page.backward && page.before === null]
  return {
    head: onward ? headStatement(listing, bounds, limit) : null,
    statement:
      onward && listing.onward
        ? listing.onward(bounds[0]?.values ?? null, limit)
        : partedStatement(listing, page.backward ? listing.keys.map(reversed) : listing.keys, bounds, limit),
    size: page.size,
    sides: (more) => ({ hasNextPage: page.backward ? page.before !== null : more, hasPreviousPage: page.backward ? more : page.after !== null }),
    inOrder: (found) => {
      const kept = found.length > page.size ? found.slice(0, page.size) : found
      return page.backward ? kept.toReversed() : kept
    },
    cursor: seal.make,
  }
}

/** A number of rows as part of a statement's text. */
export function literal(rows: number): Sql {
  return raw(String(rows))
}

/** The first rows of a list in its order, each with the values of its keys as "keysetValues". */
export function firstRows(listing: Listing, limit: Sql): Sql {
  return partedStatement(listing, listing.keys, [], limit)
}

/** Makes and reads the cursors of a list. */
export function sealOf(ctx: Ctx, { name, keys }: Listing): CursorSeal {
  return cursorSeal(ctx, name, () => keys.map((key) => `${key.column.text} ${key.direction} ${key.nulls}`).join(','))
}

/** How many rows a list has ("count" int). */
export function countSql({ counted, from, where }: Listing): Sql {
  return counted ?? sql`SELECT count(*)::int AS count FROM ${from} WHERE ${where}`
}

/** Counts a whole list. */
export async function countList(ctx: Ctx, listing: Listing): Promise<number> {
  const [found] = await rows<{ count: number }>(ctx, countSql(listing), { prepared: !listing.varied })
  return found?.count ?? 0
}

/** Counts the list of each of many parents, in one statement; a parent whose list is empty counts 0. */
export async function countLists(ctx: Ctx, listing: Listing, parentIds: readonly string[]): Promise<Map<string, number>> {
  const found = await rows<{ parentId: string; count: number }>(
    ctx,
    sql`SELECT parent.id AS "parentId", counted.count FROM unnest(${[...parentIds]}::uuid[]) AS parent(id) CROSS JOIN LATERAL (${countSql(listing)}) AS counted`,
  )
  return new Map(found.map((row) => [row.parentId, row.count]))
}

interface Marks {
  keysetValues: CursorValues
}

/** The statement of one page, for a look at its plan. */
export function pageSql(ctx: Ctx, listing: Listing, page: Page): Sql {
  return readingOf(ctx, listing, page).statement
}

function pageIn<Row extends object>({ size, sides, inOrder, cursor }: PageReading, found: (Row & Marks)[]): PageOf<Row> {
  const ordered = inOrder(found)
  return { rows: ordered, cursors: ordered.map((row) => cursor(row.keysetValues)), ...sides(found.length > size) }
}

/** The rows of the list's head beyond a bound, which a whole page of them answers; null where the bound lies behind it. */
function headStatement({ select, keys: [, ...keys], head }: Listing, [bound]: readonly Bound[], limit: Sql): Sql | null {
  const [first, ...values] = bound?.values ?? []
  if (!head || (typeof first === 'number' && first < head.least)) return null
  const conditions = bound ? [head.where, beyond(keys, values)] : [head.where]
  return sql`SELECT ${select}, jsonb_build_array(${join([head.first, ...keys.map(cursorValue)])}) AS "keysetValues"
    FROM ${head.from} WHERE ${join(conditions, ' AND ')} ORDER BY ${join(keys.map(orderTerm))} LIMIT ${limit}`
}

/** The first rows in an order that lie beyond the bounds. `limit` is one more than the page, which tells whether the list goes on. */
function partedStatement(listing: Listing, keys: readonly SortKey[], bounds: readonly Bound[], limit: Sql): Sql {
  const [first] = keys
  const part = (order: readonly SortKey[], conditions: readonly Sql[], marks: Sql = sql``): Sql =>
    sql`SELECT ${listing.select}, jsonb_build_array(${join(listing.keys.map(cursorValue))}) AS "keysetValues" ${marks}
      FROM ${listing.from} WHERE ${join([listing.where, ...conditions], ' AND ')} ORDER BY ${join(order.map(orderTerm))} LIMIT ${limit}`
  if (!first || first.nulls === 'none')
    return part(
      keys,
      bounds.map((bound) => beyond(bound.keys, bound.values)),
    )
  // An index can give those with a value and those without each in order, but not the two together wherever the nulls are asked to stand.
  const order = [{ ...first, nulls: 'none' } as const, ...keys.slice(1)]
  const parts = (['present', 'absent'] as const).flatMap((which): Sql[] => {
    const conditions = bounds.map((bound) => (which === 'present' ? beyondPresent(bound) : beyondAbsent(bound)))
    if (conditions.includes(nothing)) return []
    const place = (which === 'present') === (first.nulls === 'last') ? 0 : 1
    const marks = sql`, ${place}::int AS "keysetPart", row_number() OVER (ORDER BY ${join(order.map(orderTerm))}) AS "keysetPlace"`
    const having = which === 'present' ? sql`${first.column} IS NOT NULL` : sql`${first.column} IS NULL`
    return [part(order, [having, ...conditions], marks)]
  })
  if (parts.length === 0) return part(keys, [nothing], sql`, 0 AS "keysetPart", 0::bigint AS "keysetPlace"`)
  return sql`SELECT * FROM (${join(
    parts.map((each) => sql`(${each})`),
    ' UNION ALL ',
  )}) AS parts ORDER BY "keysetPart", "keysetPlace" LIMIT ${limit}`
}
