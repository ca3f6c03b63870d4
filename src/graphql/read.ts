import type { Sql } from '../db/client.ts'
import type { Listing } from '../db/keyset.ts'
import type { Owner } from '../db/template.ts'
import type { Place } from '../vault/vault.ts'
import type { RequestCtx } from './builder.ts'

/** A row as a planned statement gives it: only the columns that were asked for, as JSON has them. */
export type PlannedRow = Readonly<Record<string, unknown>>

/**
 * How what a field answers is read in the statement of the object that it hangs on, of whose row SQL may say `parent."column"`. A field that says nothing
 * and is no plain column has no plan: operations that ask for it go the plain way. Whatever is read so must equal what the field's resolver gives.
 */
export type Read =
  /** The same row, as an object of another type. */
  | { row: true }
  /** Columns of the row, instants as Dates where they are named so, of which the field's resolver makes the answer at once. */
  | { columns: readonly string[]; instants?: readonly string[] }
  /** A sealed column of the row, which has an id. */
  | { sealed: Place }
  /** An expression, of which `value`, if given, makes the answer. */
  | { sql: (ownerId: Owner) => Sql; value?: (read: unknown, ctx: RequestCtx) => unknown }
  /** Rows, by a statement that gives whole rows in order. */
  | { list: (ownerId: Owner) => Sql }
  /** A row or none, by a statement that gives at most one whole row. */
  | { one: (ownerId: Owner) => Sql }
  /** The row of a node's type whose id is in a column, as `node` would find it. */
  | { node: string; by: string }
  /** A page of a list, of which only the first pages are read so. */
  | { page: (ownerId: Owner) => Listing }

/** How the answer of a field of the query is read. */
export type RootRead =
  /** A page of a list, whose rows have at least those columns that are `asked` for, where it has them. */
  | { rootPage: (ctx: RequestCtx, args: never, asked: ReadonlySet<string>) => Listing | Promise<Listing> }
  | { rootNode: string; id: (ctx: RequestCtx, args: never) => string | Promise<string> }
  /** Nodes of any type, by opaque ids: `one` where it answers a node instead of a list. */
  | { rootNodes: (args: never) => readonly string[]; one: boolean }

/** Declares how a field is read, among its `extensions`. */
export function read(how: Read | RootRead): { read: Read | RootRead } {
  return { read: how }
}

/** Finds the row of a node's type: a statement that gives the whole row, or rows, of whose ids `is` is true, as in sql`= ${id}`; what is hidden is left out. */
export type NodeRows = (ownerId: Owner, is: Sql) => Sql
