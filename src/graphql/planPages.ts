import { type FieldNode, getNamedType, type GraphQLObjectType, isObjectType, Kind } from 'graphql'
import type { CursorValues } from '../db/cursor.ts'
import { raw, sql } from '../db/client.ts'
import { countSql, firstRows, type Listing, literal, type PageOf, pageOf, sealOf } from '../db/keyset.ts'
import { addColumn, type Answer, type ObjectOf, type Planning, type RowColumns, rowsAsJson, type Run, Unplanned } from './planning.ts'
import { selectedOn, setsOf, shaping, type Variables } from './planSelection.ts'
import type { PlannedRow } from './read.ts'

/** A page that was read: its rows in order, where it stands, and how to make cursors and the total of its list. */
export interface ReadPage extends Pick<PageOf<PlannedRow>, 'rows' | 'hasNextPage' | 'hasPreviousPage'> {
  cursor: (values: CursorValues) => string
  count: number | undefined
}

/** What of a connection is asked for. */
export interface PagePlan {
  columns: RowColumns
  /** Whether it matters if more rows follow. */
  looksOn: boolean
  counts: boolean
  answer: (page: ReadPage, run: Run) => unknown
}

/** The name of the column with the values of a row's keys. */
const marks = 'keysetValues'

/** Plans a connection. */
export function pagePlan(planning: Planning, connection: GraphQLObjectType, nodes: readonly FieldNode[], objectOf: ObjectOf): PagePlan {
  const columns: RowColumns = new Map()
  const plan: { looksOn: boolean; counts: boolean } = { looksOn: false, counts: false }
  const cursorOf = (page: ReadPage, row: PlannedRow | undefined): string | null => (row ? page.cursor(row[marks] as CursorValues) : null)
  const needMarks = (): unknown => columns.set(marks, raw(`parent."${marks}"`))
  const select = (type: GraphQLObjectType, at: readonly FieldNode[]) =>
    [...selectedOn(planning.schema, planning.operation, type, setsOf(at), planning.variables)].map(([key, within]) => ({
      key,
      within,
      name: within[0]?.name.value ?? '',
    }))
  const objectIn = (type: GraphQLObjectType, name: string, at: readonly FieldNode[]): Answer => objectOf(planning, typeIn(type, name), setsOf(at), columns)

  const edgeField = (edge: GraphQLObjectType, name: string, at: readonly FieldNode[]): ((page: ReadPage, row: PlannedRow, run: Run) => unknown) => {
    if (name === '__typename') return () => edge.name
    if (name === 'cursor') {
      needMarks()
      return cursorOf
    }
    if (name !== 'node') throw new Unplanned()
    const object = objectIn(edge, name, at)
    return (_page, row, run) => object(row, run)
  }
  const infoField = (info: GraphQLObjectType, name: string): ((page: ReadPage) => unknown) => {
    if (name === '__typename') return () => info.name
    if (name === 'hasNextPage' || name === 'hasPreviousPage') {
      plan.looksOn = true
      return (page) => page[name]
    }
    if (name !== 'startCursor' && name !== 'endCursor') throw new Unplanned()
    needMarks()
    return (page) => cursorOf(page, page.rows.at(name === 'startCursor' ? 0 : -1))
  }
  const fields = select(connection, nodes).map(({ key, name, within }): [string, PagePlan['answer']] => {
    if (name === '__typename') return [key, () => connection.name]
    if (name === 'nodes') {
      const object = objectIn(connection, name, within)
      return [key, (page, run) => page.rows.map((row) => object(row, run))]
    }
    if (name === 'edges') {
      const edge = typeIn(connection, name)
      const parts = select(edge, within).map((part) => [part.key, edgeField(edge, part.name, part.within)] as const)
      return [key, (page, run) => page.rows.map((row) => made(run, parts, (part) => part(page, row, run)))]
    }
    if (name === 'pageInfo') {
      const info = typeIn(connection, name)
      const parts = select(info, within).map((part) => [part.key, infoField(info, part.name)] as const)
      return [key, (page, run) => made(run, parts, (part) => part(page))]
    }
    if (name !== 'totalCount') throw new Unplanned()
    plan.counts = true
    return [key, (page) => page.count]
  })
  return { columns, ...plan, answer: (page, run) => made(run, fields, (answer) => answer(page, run)) }
}

/** Makes an object of its parts. */
function made<Part>(run: Run, parts: readonly (readonly [key: string, part: Part])[], valueOf: (part: Part) => unknown): Record<string, unknown> {
  run.made.objects += 1
  const object: Record<string, unknown> = {}
  for (const [key, part] of parts) object[key] = valueOf(part)
  return object
}

/** Plans a connection that hangs on a row: its first page is an expression of the row's statement. */
export function pageField(
  planning: Planning,
  connection: GraphQLObjectType,
  nodes: readonly FieldNode[],
  listing: Listing,
  columns: RowColumns,
  objectOf: ObjectOf,
): Answer {
  const plan = pagePlan(planning, connection, nodes, objectOf)
  const size = sizeOf(nodes[0], planning.variables)
  const name = addColumn(columns, rowsAsJson(plan.columns, firstRows(listing, literal(plan.looksOn ? size + 1 : size))))
  const counted = plan.counts ? addColumn(columns, sql`(${countSql(listing)})`) : undefined
  return (row, run) => {
    const found = (row[name] ?? []) as PlannedRow[]
    const seal = sealOf(run.ctx, listing)
    return plan.answer(
      {
        rows: found.length > size ? found.slice(0, size) : found,
        hasNextPage: found.length > size,
        hasPreviousPage: false,
        cursor: seal.make,
        count: counted === undefined ? undefined : (row[counted] as number),
      },
      run,
    )
  }
}

/** The page's size. It becomes part of the statement's text, which makes the plan for it. */
function sizeOf(node: FieldNode | undefined, variables: Variables): number {
  const given: Record<string, unknown> = {}
  for (const { name, value } of node?.arguments ?? []) {
    // Only those of paging decide which plan it is.
    if (!shaping.has(name.value)) throw new Unplanned()
    if (value.kind === Kind.VARIABLE) given[name.value] = variables[value.name.value]
    else if (value.kind === Kind.INT) given[name.value] = Number(value.value)
    else if (value.kind !== Kind.NULL) throw new Unplanned()
  }
  const { first, ...others } = given
  if (Object.values(others).some((other) => other != null)) throw new Unplanned()
  return pageOf({ first: first as number | null | undefined }).size
}

/** The object type that a field of an object type answers, in a list or not. */
function typeIn(type: GraphQLObjectType, name: string): GraphQLObjectType {
  const field = type.getFields()[name]
  const answered = field && getNamedType(field.type)
  if (!isObjectType(answered)) throw new Unplanned()
  return answered
}
