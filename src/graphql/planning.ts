import type { GraphQLObjectType, GraphQLSchema, SelectionSetNode } from 'graphql'
import { join, raw, type Sql, sql } from '../db/client.ts'
import { type Slot, slot } from '../db/template.ts'
import type { RequestCtx } from './builder.ts'
import type { Operation } from './operation.ts'
import type { Variables } from './planSelection.ts'
import type { PlannedRow } from './read.ts'

/** What a planned statement runs with. */
export interface Run {
  readonly ctx: RequestCtx
  readonly ownerId: string
  readonly variables: Variables
  /** Of \`nodes\`: the ids that were asked for, by type. */
  readonly ids?: ReadonlyMap<string, readonly string[]>
  /** Counts the objects of the answer. */
  readonly made: { objects: number }
}

/** What a plan is made from. */
export interface Planning {
  readonly schema: GraphQLSchema
  readonly operation: Operation
  /** Values that say which selections are in, and which arguments are given; only for those may a plan ask. */
  readonly variables: Variables
}

/** That an operation is not for a plan, or its data not as the plan expects: it goes the plain way, which also finds the words for what is wrong. */
export class Unplanned extends Error {}

/** What a statement gives of a row: expressions over `parent`, by name. */
export type RowColumns = Map<string, Sql>

/** Makes an answer of a row, as JSON has it. */
export type Answer = (row: PlannedRow, run: Run) => unknown

/** Plans an object: adds to `columns` what it needs of its row, and makes the object of it. */
export type ObjectOf = (planning: Planning, type: GraphQLObjectType, sets: readonly SelectionSetNode[], columns: RowColumns) => Answer

/** Whose rows a planned statement means. */
export const owner: Slot<Run> = slot<Run>((run) => run.ownerId)

/** An expression that gives rows as a JSON array of objects; null for none. */
export function rowsAsJson(columns: RowColumns, rows: Sql): Sql {
  return sql`(SELECT json_agg(x) FROM (SELECT ${selectList(columns)} FROM (${rows}) AS parent) AS x)`
}

/** The columns as a SELECT lists them. */
export function selectList(columns: RowColumns): Sql {
  return columns.size === 0 ? sql`true AS "any"` : join([...columns].map(([name, expression]) => sql`${expression} AS ${raw(`"${name}"`)}`))
}

/** Adds an expression under a name of its own. */
export function addColumn(columns: RowColumns, expression: Sql): string {
  const name = `p${columns.size}`
  columns.set(name, expression)
  return name
}

/** A column of the row that an expression stands on. */
export function parentColumn(name: string): Sql {
  return raw(`parent."${name}"`)
}

/** Leaves an operation to the plain way. */
export function unplanned(): never {
  throw new Unplanned()
}
