import { type Sql, sql } from './client.ts'

/** Comparators of an instant. */
export interface InstantFilter {
  gt?: Date | null | undefined
  gte?: Date | null | undefined
  lt?: Date | null | undefined
  lte?: Date | null | undefined
  isNull?: boolean | null | undefined
}

/** Whether a filter asks for anything, so that the statement's text follows it. */
export function isGiven(filter: object): boolean {
  return Object.values(filter).some((value) => value != null)
}

/** The conditions of an instant's comparators on a column. */
export function instantConditions(column: Sql, filter: InstantFilter | null | undefined): Sql[] {
  if (!filter) return []
  const { gt, gte, lt, lte, isNull } = filter
  return [
    ...(gt ? [sql`${column} > ${gt}::timestamptz`] : []),
    ...(gte ? [sql`${column} >= ${gte}::timestamptz`] : []),
    ...(lt ? [sql`${column} < ${lt}::timestamptz`] : []),
    ...(lte ? [sql`${column} <= ${lte}::timestamptz`] : []),
    ...(isNull == null ? [] : [isNull ? sql`${column} IS NULL` : sql`${column} IS NOT NULL`]),
  ]
}
