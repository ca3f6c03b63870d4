import { ConflictError, InvalidInputError, NotFoundError } from '../../src/core/errors.ts'
import { idFrom, newId } from '../../src/core/ids.ts'
import { inTransaction, record } from '../../src/events/service.ts'
import { builder, type RequestCtx } from '../../src/graphql/builder.ts'
import { connectionOf, pageCost, pagingArgs } from '../../src/graphql/connection.ts'
import { encodeId } from '../../src/graphql/globalIds.ts'
import { badInput } from '../../src/graphql/errors.ts'
import '../../src/domains.ts'

// Fields for the tests of the server alone, which fail on demand. A test imports this file before anything that builds the schema.

interface Gadget {
  id: string
  name: string
}
const gadget = (n: number): Gadget => ({ id: idFrom('gadget', String(n)), name: `Gadget ${n}` })

const Part = builder.objectRef<{ weight: number }>('GadgetPart').implement({
  description: 'A part.',
  extensions: { scope: 'notes:read' },
  fields: (t) => ({ weight: t.exposeInt('weight', { description: 'Grams.' }) }),
})
const GadgetType = builder.objectRef<Gadget>('Gadget')
const Gadgets = connectionOf<Gadget>('Gadget', GadgetType)
GadgetType.implement({
  description: 'A gadget.',
  interfaces: [builder.nodeInterfaceRef() as never],
  extensions: { scope: 'contacts:read' },
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'name' in value && !('secret' in value),
  fields: (t) => ({
    id: t.id({ description: 'Its id.', resolve: ({ id }) => encodeId('Gadget', id) }),
    name: t.exposeString('name', { description: 'Its name.' }),
    parts: t.field({
      type: [Part],
      description: 'Its parts.',
      args: { heavy: t.arg.boolean() },
      resolve: (_gadget, { heavy }) => [{ weight: heavy ? 2000 : 2 }, { weight: 3 }],
    }),
    twin: t.field({ type: GadgetType, nullable: true, description: 'One like it.', resolve: (self) => self }),
    others: t.field({
      type: Gadgets,
      description: 'Others.',
      args: pagingArgs(t as never),
      complexity: pageCost,
      resolve: (_self, args) => page(args.first ?? 25),
    }),
    broken: t.string({ nullable: true, description: 'Always fails.', resolve: () => fail(new Error('password=hunter2')) }),
    brokenNonNull: t.string({ description: 'Always fails.', resolve: () => fail(new Error('password=hunter2')) }),
    wrongNull: t.string({ description: 'Is null though it may not be.', resolve: () => null as never }),
    refused: t.string({ nullable: true, description: 'Refuses an argument.', resolve: () => fail(badInput('That cursor is of another list.')) }),
    escaped: t.string({ nullable: true, description: 'Lets a refusal escape.', resolve: () => fail(new NotFoundError('Secret detail.')) }),
  }),
})
const Made = builder.objectRef<Gadget & { secret: string }>('GadgetMade').implement({
  description: 'A made gadget.',
  isTypeOf: (value) => typeof value === 'object' && value !== null && 'secret' in value,
  fields: (t) => ({
    gadget: t.field({ type: GadgetType, description: 'The gadget.', resolve: (made) => ({ id: made.id, name: made.name }) }),
    others: t.field({
      type: Gadgets,
      description: 'Others.',
      args: pagingArgs(t as never),
      complexity: pageCost,
      resolve: (_self, args) => page(args.first ?? 25),
    }),
    secret: t.string({ nullable: true, description: 'Shown once.', extensions: { onceOnly: true }, resolve: (made) => made.secret }),
  }),
})
const Kind = builder.enumType('GadgetKind', { description: 'Kinds.', values: { SMALL: { description: 'Small.' }, LARGE: { description: 'Large.' } } })
const Input = builder.inputType('GadgetInput', {
  description: 'A new gadget.',
  fields: (t) => ({
    name: t.string({ required: true, description: 'Its name.' }),
    kind: t.field({ type: Kind, description: 'Its kind.' }),
    size: t.int({ description: 'Its size.' }),
    tags: t.stringList({ description: 'Its tags.' }),
  }),
})

function page(size: number) {
  const rows = Array.from({ length: size }, (_, n) => gadget(n))
  return { rows, cursors: rows.map(({ id }) => id), hasNextPage: true, hasPreviousPage: false, count: async () => 1000 }
}
function fail(error: Error): never {
  throw error
}

/** How often a gadget was made, rolled back or not. */
export const made = { times: 0 }

builder.queryFields((t) => ({
  gadget: t.field({
    type: GadgetType,
    nullable: true,
    description: 'A gadget.',
    extensions: { scope: 'contacts:read' },
    args: { n: t.arg.int() },
    resolve: (_root, { n }) => (n === 0 ? null : gadget(n ?? 1)),
  }),
  gadgets: t.field({
    type: Gadgets,
    description: 'Gadgets.',
    extensions: { scope: 'contacts:read' },
    args: pagingArgs(t as never),
    complexity: pageCost,
    resolve: (_root, args) => page(args.first ?? 25),
  }),
  publicGadget: t.string({ description: 'For everyone.', extensions: { scope: 'public' }, skipTypeScopes: true, resolve: () => 'hello' }),
  undeclaredGadget: t.string({ nullable: true, description: 'Has no scope.', resolve: () => 'hello' }),
  thing: t.field({
    type: builder.unionType('GadgetOrMade', { description: 'Either.', types: [GadgetType, Made] }),
    description: 'Either.',
    extensions: { scope: 'signed-in' },
    args: { made: t.arg.boolean({ defaultValue: false }) },
    resolve: (_root, args) => (args.made ? { ...gadget(1), secret: 'x' } : gadget(1)) as never,
  }),
  echo: t.string({
    nullable: true,
    description: 'Says what it was told.',
    extensions: { scope: 'signed-in' },
    args: { input: t.arg({ type: Input }), at: t.arg({ type: 'DateTime' }), ids: t.arg.idList(), n: t.arg.int({ required: true, defaultValue: 7 }) },
    resolve: (_root, args) => JSON.stringify(Object.fromEntries(Object.entries(args).toSorted(([left], [right]) => (left < right ? -1 : 1)))),
  }),
}))

builder.mutationFields((t) => ({
  gadgetMake: t.field({
    type: Made,
    description: 'Makes a gadget, as a note of the account’s name.',
    extensions: { scope: 'contacts:write' },
    errors: { types: [InvalidInputError, ConflictError] },
    args: { input: t.arg({ type: Input, required: true }) },
    resolve: async (_root, { input }, ctx) => make(ctx, input.name),
  }),
}))

async function make(ctx: RequestCtx, name: string): Promise<Gadget & { secret: string }> {
  made.times += 1
  if (name === 'invalid') throw new InvalidInputError({ path: ['name'], message: 'Not this one.' })
  const { ownerId } = ctx.actor as { ownerId: string }
  const id = newId(ctx.clock)
  await inTransaction(ctx, async (tx) => {
    await tx.db.session.create({
      data: { ownerId, id, tokenHash: Buffer.from(id), userAgent: name, createdAt: new Date(0), lastSeenAt: new Date(0), expiresAt: new Date(0) },
    })
    record(tx, { type: 'gadget.made', entityType: 'Gadget', entityId: id })
    if (name === 'conflict') throw new ConflictError('There is one already.')
    if (name === 'contended' && made.times === 1) throw Object.assign(new Error('could not serialize access'), { code: '40001' })
    if (name === 'boom') throw new Error('the disk is full')
  })
  return { id, name, secret: `secret of ${id}` }
}
