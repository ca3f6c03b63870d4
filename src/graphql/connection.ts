import type { ArgBuilder, ObjectRef } from '@pothos/core'
import { countList, countLists, type Listing, listPage, listPages, type Page, PageError, type PageArgs, type PageOf, pageOf } from '../db/keyset.ts'
import { builder, type RequestCtx } from './builder.ts'
import { badInput } from './errors.ts'
import { loaderOf } from './loaders.ts'

/** A page of a list, and how to count the whole of it: counted only when `totalCount` is asked for. */
export interface ConnectionShape<Row> extends PageOf<Row> {
  count: () => Promise<number>
}

interface EdgeShape<Row> {
  cursor: string
  node: Row
}

/** What `edges` and `nodes` cost for each row of the page; pageCost counts the rows. */
const perRow = { field: 1, multiplier: 1 }

/** Defines `XConnection` and `XEdge` for a node type, in Relay's shape with non-null edges, nodes and a lazy total. */
export function connectionOf<Row extends object>(name: string, node: object): ObjectRef<never, ConnectionShape<Row>> {
  const edge = builder.objectRef<EdgeShape<Row>>(`${name}Edge`).implement({
    description: `One place in a list of type ${name}.`,
    fields: (t) => ({
      cursor: t.exposeString('cursor', { description: 'Marks this place in this order of this list; opaque.' }),
      node: t.field({ type: node as never, description: 'What stands here.', resolve: (at) => at.node as never }),
    }),
  })
  return builder.objectRef<ConnectionShape<Row>>(`${name}Connection`).implement({
    description: `A page of a list of type ${name}.`,
    fields: (t) => ({
      edges: t.field({
        type: [edge],
        complexity: perRow,
        description: 'The page, with a cursor for each place.',
        resolve: (page) => page.rows.map((row, index) => ({ node: row, cursor: page.cursors[index] ?? '' })),
      }),
      nodes: t.field({ type: [node] as never, complexity: perRow, description: 'The page, without cursors.', resolve: (page) => page.rows as never }),
      pageInfo: t.field({
        type: builder.pageInfoRef(),
        complexity: 0,
        description: 'Where the page stands.',
        resolve: (page) => ({
          hasNextPage: page.hasNextPage,
          hasPreviousPage: page.hasPreviousPage,
          startCursor: page.cursors[0] ?? null,
          endCursor: page.cursors.at(-1) ?? null,
        }),
      }),
      totalCount: t.int({ description: 'How many the whole list holds; counted only when asked for.', resolve: (page) => page.count() }),
    }),
  }) as never
}

type Types = typeof builder extends PothosSchemaTypes.SchemaBuilder<infer T> ? T : never
type Args = Pick<ArgBuilder<Types>, 'int' | 'string'>

/** Relay's paging arguments. */
export function pagingArgs(t: Args) {
  return {
    first: t.int({ description: 'How many from the start, 0 to 100; 25 where neither first nor last is given.' }),
    after: t.string({ description: 'Only what follows this cursor.' }),
    last: t.int({ description: 'How many from the end, 0 to 100.' }),
    before: t.string({ description: 'Only what precedes this cursor.' }),
  }
}

/** Paging arguments of a list that is read from its start only. */
export function forwardArgs(t: Args) {
  return {
    first: t.int({ description: 'How many, 0 to 100; 25 by default.' }),
    after: t.string({ description: 'Only what follows this cursor.' }),
  }
}

/** The cost of a connection: two for itself and its pageInfo, and its page size times what one row costs. */
export function pageCost(args: PageArgs): { field: number; multiplier: number } {
  return { field: 2, multiplier: Math.min(Math.max(args.first ?? args.last ?? 25, 0), 100) }
}

/** Turns a refused paging argument into a top-level BAD_USER_INPUT. */
export async function paging<T>(read: () => Promise<T>): Promise<T> {
  try {
    return await read()
  } catch (error) {
    throw error instanceof PageError ? badInput(error.message) : error
  }
}

/** Resolves a root list: one statement for the page, another for the count only when it is asked for. */
export function resolveList<Row extends object>(ctx: RequestCtx, args: PageArgs, listing: Listing): Promise<ConnectionShape<Row>> {
  return paging(async () => ({ ...(await listPage<Row>(ctx, listing, pageOf(args))), count: () => countList(ctx, listing) }))
}

/** Resolves a list nested in many parents: one statement for all parents that ask with the same arguments. `listing.where` names `parent.id`. */
export function resolveNestedList<Row extends object>(ctx: RequestCtx, args: PageArgs, parentId: string, listing: Listing): Promise<ConnectionShape<Row>> {
  return paging(async () => {
    const page: Page = pageOf(args)
    const loader = loaderOf<string, PageOf<Row>>(ctx, `list ${listing.name} ${JSON.stringify(page)}`, async (ids) => {
      const pages = await listPages<Row>(ctx, listing, page, ids)
      return ids.map((id) => pages.get(id) ?? { rows: [], cursors: [], hasNextPage: false, hasPreviousPage: false })
    })
    const counter = loaderOf<string, number>(ctx, `count ${listing.name}`, async (ids) => {
      const found = await countLists(ctx, listing, ids)
      return ids.map((id) => found.get(id) ?? 0)
    })
    return { ...(await loader.load(parentId)), count: () => counter.load(parentId) }
  })
}
