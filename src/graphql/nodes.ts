import { brandWithType } from '@pothos/core'
import { ownerOf } from '../core/ctx.ts'
import { builder, type RequestCtx } from './builder.ts'
import { badInput } from './errors.ts'
import { decodeId } from './globalIds.ts'
import { loaderOf } from './loaders.ts'
import { type NodeRows, read } from './read.ts'

/** Finds an owner's rows of one type by their ids, in any order; what is absent, foreign or hidden is left out. */
export type FindRows = (ctx: RequestCtx, ownerId: string, ids: string[]) => Promise<readonly { id: string }[]>

const finders = new Map<string, FindRows>()
const readers = new Map<string, NodeRows>()

/** What every owned node has: an id made of type and row, and a look-up whose key contains the owner. `find` serves `node` and `nodes`, one statement a type; `rows` finds the same within the statements of others. */
export function owned(typename: string, find: FindRows, rows?: NodeRows) {
  finders.set(typename, find)
  if (rows) readers.set(typename, rows)
  return {
    id: { resolve: (row: { id: string }) => row.id },
    findUnique: (id: string, ctx: RequestCtx) => ({ ownerId_id: { ownerId: ownerOf(ctx), id } }),
    nullable: true,
  } as const
}

/** The names of the types that `node` finds. */
export function nodeTypes(): string[] {
  return [...finders.keys()]
}

/** How rows of a node's type are found within a statement; undefined where nothing says so. */
export function nodeRowsOf(typename: string): NodeRows | undefined {
  return readers.get(typename)
}

/** A row of a type by its id, as `node` finds it: null when absent, foreign or hidden. All that one tick asks for is one statement. */
export async function rowOf<Row extends { id: string }>(ctx: RequestCtx, typename: string, id: string): Promise<Row | null> {
  const find = finders.get(typename)
  if (!find) return null
  const row = await loaderOf<string, { id: string } | null>(ctx, `node ${typename}`, async (ids) => {
    const found = new Map((await find(ctx, ownerOf(ctx), [...ids])).map((each) => [each.id, each]))
    return ids.map((each) => found.get(each) ?? null)
  }).load(id)
  if (row) brandWithType(row, typename as never)
  return row as Row | null
}

async function load(ctx: RequestCtx, globalId: string): Promise<unknown> {
  const decoded = decodeId(globalId)
  return decoded && rowOf(ctx, decoded.typename, decoded.id)
}

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    nullable: true,
    description: 'The thing with this id; null for an id that is unknown, malformed or not yours.',
    extensions: { scope: 'signed-in', ...read({ rootNodes: ({ id }: { id: string }) => [id], one: true }) },
    args: { id: t.arg.id({ required: true, description: 'An id from any `id` field.' }) },
    resolve: (_root, { id }, ctx) => load(ctx, id) as never,
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'The things with these ids, in their order; null in the place of each that is unknown, malformed or not yours.',
    extensions: { scope: 'signed-in', ...read({ rootNodes: ({ ids }: { ids: string[] }) => upTo100(ids), one: false }) },
    complexity: ({ ids }) => ({ field: ids.length, multiplier: ids.length }),
    args: { ids: t.arg.idList({ required: true, description: 'At most 100 ids.' }) },
    resolve: (_root, { ids }, ctx) => upTo100(ids).map((id) => load(ctx, id)) as never,
  }),
}))

function upTo100(ids: readonly string[]): readonly string[] {
  if (ids.length > 100) throw badInput('At most 100 ids can be asked for at once.')
  return ids
}
