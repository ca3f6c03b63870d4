import {
  type FieldNode,
  getNamedType,
  type GraphQLField,
  type GraphQLObjectType,
  type GraphQLOutputType,
  isEnumType,
  isLeafType,
  isListType,
  isNonNullType,
  isObjectType,
  type SelectionSetNode,
} from 'graphql'
import { type Sql, sql } from '../db/client.ts'
import { encodeId } from './globalIds.ts'
import { nodeRowsOf } from './nodes.ts'
import {
  addColumn,
  type Answer,
  owner,
  parentColumn,
  type Planning,
  type RowColumns,
  rowsAsJson,
  type Run,
  selectList,
  Unplanned,
  unplanned,
} from './planning.ts'
import { pageField } from './planPages.ts'
import { selectedOn, setsOf } from './planSelection.ts'
import type { PlannedRow, Read } from './read.ts'
import type { Place } from '../vault/vault.ts'

/** Plans an object: adds to `columns` what it needs of its row, and makes the object of it. */
export function objectOf(planning: Planning, type: GraphQLObjectType, sets: readonly SelectionSetNode[], columns: RowColumns): Answer {
  const fields = [...selectedOn(planning.schema, planning.operation, type, sets, planning.variables)].map(
    ([key, nodes]) => [key, fieldOf(planning, type, nodes, columns)] as const,
  )
  return (row, run) => {
    run.made.objects += 1
    const object: Record<string, unknown> = {}
    for (const [key, answer] of fields) object[key] = answer(row, run)
    return object
  }
}

function fieldOf(planning: Planning, type: GraphQLObjectType, nodes: readonly FieldNode[], columns: RowColumns): Answer {
  const [node] = nodes
  if (!node) throw new Unplanned()
  if (node.name.value === '__typename') return () => type.name
  const field = type.getFields()[node.name.value]
  if (!field) throw new Unplanned()
  const isRequired = isNonNullType(field.type)
  const answer = anyField(planning, type, field, nodes, columns)
  if (!isRequired) return answer
  return (row, run) => answer(row, run) ?? unplanned()
}

function anyField(
  planning: Planning,
  type: GraphQLObjectType,
  field: GraphQLField<unknown, unknown>,
  nodes: readonly FieldNode[],
  columns: RowColumns,
): Answer {
  const how = field.extensions['read'] as Read | undefined
  const exposed = field.extensions['pothosExposedField']
  if (!how) {
    if (typeof exposed === 'string') return columnField(field.type, exposed, columns)
    if (field.name === 'id') return idField(type.name, columns)
    throw new Unplanned()
  }
  if (field.args.length > 0 && !('page' in how)) throw new Unplanned()
  if ('sealed' in how) return sealedField(how.sealed, columns)
  if ('sql' in how) {
    const name = addColumn(columns, sql`(${how.sql(owner)})`)
    const { value } = how
    return value ? (row, run) => value(row[name], run.ctx) : (row) => row[name]
  }
  const sets = setsOf(nodes)
  const answered = getNamedType(field.type)
  if ('columns' in how) {
    const value = valueField(field, how, columns)
    if (!isObjectType(answered)) return value
    const object = objectOf(planning, answered, sets, new Map())
    return (row, run) => {
      const made = value(row, run)
      return made == null ? null : object(made as PlannedRow, run)
    }
  }
  if (!isObjectType(answered)) throw new Unplanned()
  if ('row' in how) return objectOf(planning, answered, sets, columns)
  if ('page' in how) return pageField(planning, answered, nodes, how.page(owner), columns, objectOf)
  const own: RowColumns = new Map()
  const object = objectOf(planning, answered, sets, own)
  if ('list' in how) {
    if (!isListType(isNonNullType(field.type) ? field.type.ofType : field.type)) throw new Unplanned()
    const name = addColumn(columns, rowsAsJson(own, how.list(owner)))
    return (row, run) => objects(row[name], object, run)
  }
  const rows = 'one' in how ? how.one(owner) : nodeRowsOf(how.node)?.(owner, sql`= ${parentColumn(how.by)}`)
  if (!rows) throw new Unplanned()
  const name = addColumn(columns, sql`(SELECT row_to_json(x) FROM (SELECT ${selectList(own)} FROM (${rows}) AS parent) AS x)`)
  return (row, run) => (row[name] == null ? null : object(row[name] as PlannedRow, run))
}

/** Objects of a JSON array of rows. */
export function objects(rows: unknown, object: Answer, run: Run): unknown[] {
  return rows == null ? [] : (rows as PlannedRow[]).map((row) => object(row, run))
}

function columnField(type: GraphQLOutputType, name: string, columns: RowColumns): Answer {
  const named = getNamedType(type)
  if (!isLeafType(named)) throw new Unplanned()
  if (named.name === 'DateTime') {
    columns.set(name, instantColumn(name))
    return (row) => (row[name] == null ? null : instantText(row[name] as string | Date))
  }
  // What JSON has is what GraphQL answers, for these and for lists of them.
  if (!asInJson.has(named.name) && !(isEnumType(named) && named.getValues().every(({ name: own, value }) => own === value))) throw new Unplanned()
  columns.set(name, parentColumn(name))
  return (row) => row[name]
}

const asInJson = new Set(['String', 'Boolean', 'Int'])

function idField(typename: string, columns: RowColumns): Answer {
  columns.set('id', parentColumn('id'))
  return (row) => encodeId(typename, row['id'] as string)
}

function valueField(
  { resolve }: GraphQLField<unknown, unknown>,
  { columns: names, instants = [] }: Extract<Read, { columns: unknown }>,
  columns: RowColumns,
): Answer {
  for (const name of names) columns.set(name, instants.includes(name) ? instantColumn(name) : parentColumn(name))
  if (!resolve) throw new Unplanned()
  const dated = (row: PlannedRow): PlannedRow => ({
    ...row,
    ...Object.fromEntries(instants.map((name) => [name, row[name] == null ? null : new Date(instantText(row[name] as string))])),
  })
  return (row, run) => {
    const value = resolve(instants.length === 0 ? row : dated(row), {}, run.ctx, undefined as never)
    return value instanceof Promise ? unplanned() : value
  }
}

function sealedField(place: Place, columns: RowColumns): Answer {
  const name = place.slice(place.indexOf('.') + 1)
  for (const each of ['id', name]) columns.set(each, parentColumn(each))
  return ({ id, [name]: sealed }, { ctx }) => (sealed == null ? null : ctx.vault?.open(place, id as string, bytesOf(sealed as string)))
}

/** JSON writes bytes as PostgreSQL does: \x and hexadecimal digits. */
function bytesOf(text: string): Uint8Array {
  return Buffer.from(text.slice(2), 'hex')
}

/** An instant in JSON, in UTC and without a zone. */
function instantColumn(name: string): Sql {
  return sql`${parentColumn(name)} AT TIME ZONE 'UTC'`
}

/** An instant of a column, or of a resolver, as DateTime is answered: PostgreSQL leaves out the zeros at the end of a fraction. */
function instantText(text: string | Date): string {
  if (text instanceof Date) return text.toISOString()
  if (!isPlainInstant(text)) return unplanned()
  if (text.length === 23) return `${text}Z`
  if (text.length === 22) return `${text}0Z`
  if (text.length === 21) return `${text}00Z`
  return text.length === 19 ? `${text}.000Z` : unplanned()
}

/** Whether an instant has a year of four digits and none of the words that PostgreSQL has for others, such as BC. */
function isPlainInstant(text: string): boolean {
  return text.charAt(4) === '-' && text.charAt(10) === 'T' && text.charAt(text.length - 1) <= '9'
}
