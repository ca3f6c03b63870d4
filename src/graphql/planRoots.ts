import { type FieldNode, getArgumentValues, getNamedType, type GraphQLField, isObjectType } from 'graphql'
import { LRUCache } from 'lru-cache'
import { join, raw, rowsOf, type Sql, sql } from '../db/client.ts'
import { countList, type Listing, literal, type PageArgs, pageOf, readingOf } from '../db/keyset.ts'
import { hole, holeText, slot, templateOf, valuesOf } from '../db/template.ts'
import { decodeId } from './globalIds.ts'
import { nodeRowsOf } from './nodes.ts'
import { objectOf } from './planFields.ts'
import { type Answer, owner, type Planning, type RowColumns, rowsAsJson, type Run, selectList, Unplanned } from './planning.ts'
import { pagePlan } from './planPages.ts'
import { setsOf } from './planSelection.ts'
import type { PlannedRow, RootRead } from './read.ts'

/** Reads and makes what a field of the query answers. */
export type Root = (run: Run) => Promise<unknown>

type Field = GraphQLField<unknown, unknown>

/** Plans a field of the query. @throws Unplanned */
export function rootOf(planning: Planning, field: Field, nodes: readonly FieldNode[]): Root {
  const how = field.extensions['read'] as RootRead | undefined
  if (!how) throw new Unplanned()
  if ('rootPage' in how) return pageRoot(planning, field, nodes, how)
  if ('rootNode' in how) return nodeRoot(planning, field, nodes, how)
  return nodesRoot(planning, field, nodes, how)
}

function pageRoot(planning: Planning, field: Field, nodes: readonly FieldNode[], how: Extract<RootRead, { rootPage: unknown }>): Root {
  const connection = getNamedType(field.type)
  if (!isObjectType(connection)) throw new Unplanned()
  const plan = pagePlan(planning, connection, nodes, objectOf)
  const read = readerOver(plan.columns)
  const asked = namesIn(selectList(plan.columns))
  return async (run) => {
    const args = argumentsOf(field, nodes, run)
    const listing = await how.rootPage(run.ctx, args as never, asked)
    const { statement, head, size, inOrder, sides, cursor } = readingOf(run.ctx, listing, pageOf(args as PageArgs), (rows) =>
      // One row beyond the page tells whether more follow, and whether a head suffices.
      literal(plan.looksOn || listing.head ? rows : rows - 1),
    )
    const find = async (): Promise<readonly PlannedRow[]> => {
      const first = head ? await read(head, run, listing.planned) : []
      return head && first.length > size ? first : read(statement, run, listing.planned)
    }
    const [found, count] = await Promise.all([find(), plan.counts ? countList(run.ctx, listing) : undefined])
    return plan.answer({ rows: inOrder([...found]), ...sides(found.length > size), cursor, count }, run)
  }
}

function nodeRoot(planning: Planning, field: Field, nodes: readonly FieldNode[], how: Extract<RootRead, { rootNode: unknown }>): Root {
  const rows = nodeRowsOf(how.rootNode)
  if (!rows) throw new Unplanned()
  const columns: RowColumns = new Map()
  const object = objectNamed(planning, how.rootNode, nodes, columns)
  const read = readerOver(columns)
  return async (run) => {
    const id = await how.id(run.ctx, argumentsOf(field, nodes, run) as never)
    const [row] = await read(rows(run.ownerId, sql`= ${id}::uuid`), run)
    return row ? object(row, run) : null
  }
}

function nodesRoot(planning: Planning, field: Field, nodes: readonly FieldNode[], how: Extract<RootRead, { rootNodes: unknown }>): Root {
  const objects = new Map<string, Answer>()
  const partOf = (typename: string): Sql => {
    const rows = nodeRowsOf(typename)
    if (!rows) throw new Unplanned()
    const columns: RowColumns = new Map()
    objects.set(typename, objectNamed(planning, typename, nodes, columns))
    columns.set('id', sql`parent.id`)
    return sql`${rowsAsJson(columns, rows(owner, sql`= ANY(${slot<Run>(({ ids }) => ids?.get(typename))}::uuid[])`))} AS ${raw(`"${typename}"`)}`
  }
  const readers = new LRUCache<string, (run: Run) => Promise<Record<string, readonly PlannedRow[] | null> | undefined>>({ max: maxTexts })
  const readerOf = (types: readonly string[]) => {
    const key = types.join()
    let reader = readers.get(key)
    if (!reader) {
      const template = templateOf<Run>(sql`SELECT ${join(types.map(partOf))}`)
      let seen = 0
      reader = async (run) =>
        (
          await rowsOf<Record<string, PlannedRow[] | null>>(run.ctx, template.text, valuesOf(template, run), {
            kept: (seen += 1) >= keptAfter,
          })
        )[0]
      readers.set(key, reader)
    }
    return reader
  }
  return async (run) => {
    const given = how.rootNodes(argumentsOf(field, nodes, run) as never)
    const asked = given.map(decodeId)
    const ids = new Map<string, string[]>()
    for (const each of asked) if (each) (ids.get(each.typename) ?? ids.set(each.typename, []).get(each.typename))?.push(each.id)
    // In the same order whatever is asked for first, so that there are few statements.
    const types = [...ids.keys()].toSorted()
    const found = types.length === 0 ? {} : ((await readerOf(types)({ ...run, ids })) ?? {})
    const rowsById = new Map<string, { typename: string; row: PlannedRow }>()
    for (const typename of types) for (const row of found[typename] ?? []) rowsById.set(`${typename} ${String(row['id'])}`, { typename, row })
    const list = asked.map((each) => {
      const at = each && rowsById.get(`${each.typename} ${each.id}`)
      return at ? (objects.get(at.typename)?.(at.row, run) ?? null) : null
    })
    return how.one ? list[0] : list
  }
}

/** A text is kept prepared from this time on that it is sent. */
const keptAfter = 3
/** Of so many texts a plan remembers how often they came: filters and orders make them. */
const maxTexts = 10

/** Reads the columns of rows that a statement gives which is made anew each time; the text around it stays. */
function readerOver(columns: RowColumns): (rows: Sql, run: Run, planned?: Listing['planned']) => Promise<readonly PlannedRow[]> {
  const around = templateOf<Run>(sql`SELECT ${rowsAsJson(columns, sql`${hole}`)} AS rows`)
  const [head = '', tail = ''] = around.text.split(holeText)
  const texts = new LRUCache<string, { text: string; seen: number }>({ max: maxTexts })
  const ownerPlace = around.values.indexOf(owner) + 1
  return async (rows, run, planned) => {
    const within = templateOf<Run>(rows, around.values.length, ownerPlace > 0 ? { value: run.ownerId, place: ownerPlace } : undefined)
    let whole = texts.get(within.text)
    if (!whole) texts.set(within.text, (whole = { text: head + within.text + tail, seen: 0 }))
    const [found] = await rowsOf<{ rows: PlannedRow[] | null }>(run.ctx, whole.text, [...valuesOf(around, run), ...valuesOf(within, run)], {
      kept: planned !== 'anew' && (whole.seen += 1) >= keptAfter,
      plannedOnce: planned === 'once',
    })
    return found?.rows ?? []
  }
}

/** The columns of a row that expressions name, and those that expressions within them name of other rows. */
function namesIn({ strings }: Sql): ReadonlySet<string> {
  return new Set([...strings.join('').matchAll(/\bparent\."?(\w+)/g)].map(([, name = '']) => name))
}

function objectNamed(planning: Planning, typename: string, nodes: readonly FieldNode[], columns: RowColumns): Answer {
  const type = planning.schema.getType(typename)
  if (!isObjectType(type)) throw new Unplanned()
  return objectOf(planning, type, setsOf(nodes), columns)
}

function argumentsOf(field: Field, [node]: readonly FieldNode[], run: Run): Record<string, unknown> {
  if (!node) throw new Unplanned()
  return getArgumentValues(field, node, run.variables)
}
