// Apollo Server 5 over Prisma, the ordinary way: a resolver for each root field fetches all that is selected below by Prisma's includes.
import { env } from 'node:process'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { PrismaPg } from '@prisma/adapter-pg'
import type { GraphQLResolveInfo } from 'graphql'
import { decoded, shapes, typeDefs } from './common.ts'
import { generateTwinClient } from './prismaOfTwin.ts'
import { type Selected, selectedIn } from './selections.ts'

generateTwinClient()
const { PrismaClient } = await import('./generated/client/client.ts')
const prisma = new PrismaClient({
  adapter: new PrismaPg({ connectionString: env.DATABASE_URL, max: Number(env.MAX_CONNECTIONS), application_name: 'bench apollo' }, { schema: 'twin' }),
})

interface Context {
  ownerId: string
}

const byPosition = { orderBy: [{ position: 'asc' }, { id: 'asc' }] }
const plainLists = ['emails', 'phones', 'addresses', 'urls', 'organizations', 'dates', 'relations', 'customFields']

/** Prisma's include for what is selected of contacts. */
function includeOf({ fields }: Selected): any {
  const include: any = {}
  for (const [name, { args }] of fields) {
    if (plainLists.includes(name)) include[name] = byPosition
    if (name === 'tags') include.tags = { orderBy: { position: 'asc' }, include: { tag: true } }
    if (name === 'sources') include.sources = { orderBy: [{ firstSeenAt: 'asc' }, { id: 'asc' }] }
    if (name === 'notes') include.notes = { where: { hiddenAt: null }, orderBy: [{ pinned: 'desc' }, { createdAt: 'desc' }, { id: 'desc' }], take: args.first }
    if (name === 'reminders') include.reminders = { where: { hiddenAt: null }, orderBy: [{ dueAt: 'asc' }, { id: 'asc' }], take: args.first }
    const latest = { orderBy: [{ occurredAt: 'desc' }, { interactionId: 'desc' }], include: { interaction: true } }
    if (name === 'interactions') include.interactions = { ...latest, take: args.first }
    if (name === 'lastInteraction') include.interactions = { ...latest, where: { counted: true, interaction: { hiddenAt: null } }, take: 1 }
  }
  return include
}

const orderFields: Record<string, string> = { DISPLAY_NAME: 'sortName', CREATED_AT: 'createdAt', LAST_INTERACTION_AT: 'lastInteractionAt' }
const present = { deletedAt: null, archivedAt: null }

const resolvers: any = {
  DateTime: shapes.DateTime,
  Node: shapes.Node,
  ContactDate: shapes.ContactDate,
  Query: {
    contact: (_: unknown, { id }: any, { ownerId }: Context, info: GraphQLResolveInfo) =>
      prisma.contact.findUnique({ where: { ownerId_id: { ownerId, id }, deletedAt: null }, include: includeOf(selectedIn(info)) }),
    contacts: async (_: unknown, { first = 25, after, search, filter, orderBy = [] }: any, { ownerId }: Context, info: GraphQLResolveInfo) => {
      const include = includeOf(selectedIn(info).fields.get('nodes')!)
      if (search) {
        const found: { id: string }[] = await prisma.$queryRaw`SELECT id FROM twin.search_contacts(${ownerId}::uuid, ${search}) LIMIT ${first + 1}`
        const rows = new Map((await prisma.contact.findMany({ where: { ownerId, id: { in: found.map(({ id }) => id) } }, include })).map((row) => [row.id, row]))
        return shapes.pageOf(found.map(({ id }) => rows.get(id)), first)
      }
      const [{ field, direction }] = orderBy.length > 0 ? orderBy : [{ field: 'DISPLAY_NAME', direction: 'ASC' }]
      const way = direction === 'DESC' ? 'desc' : 'asc'
      const where: any = { ownerId, ...present }
      if (filter?.tag?.in) where.tags = { some: { tag: { nameFolded: { in: filter.tag.in } } } }
      if (filter?.lastInteractionAt) where.lastInteractionAt = filter.lastInteractionAt
      const rows = await prisma.contact.findMany({
        where,
        orderBy: [{ [orderFields[field]!]: way }, { id: way }] as any,
        take: first + 1,
        ...(after ? { cursor: { ownerId_id: { ownerId, id: after } }, skip: 1 } : {}),
        include,
      })
      return shapes.pageOf(rows, first)
    },
    reminders: async (_: unknown, { first = 25, filter }: any, { ownerId }: Context) =>
      shapes.pageOf(
        await prisma.reminder.findMany({ where: { ownerId, hiddenAt: null, ...filter }, orderBy: [{ dueAt: 'asc' }, { id: 'asc' }], take: first + 1, include: { contact: true } }),
        first,
      ),
    interactions: async (_: unknown, { first = 25, filter }: any, { ownerId }: Context) =>
      shapes.pageOf(
        await prisma.interaction.findMany({
          where: { ownerId, hiddenAt: null, ...filter },
          orderBy: [{ occurredAt: 'desc' }, { id: 'desc' }],
          take: first + 1,
          include: { participants: { ...byPosition, include: { contact: true } } } as any,
        }),
        first,
      ),
    nodes: async (_: unknown, { ids }: any, { ownerId }: Context) => {
      const asked = decoded(ids)
      const where = (type: string): any => ({ ownerId, id: { in: asked.filter((each) => each.type === type).map(({ id }) => id) } })
      const found = await Promise.all([
        prisma.contact.findMany({ where: { ...where('Contact'), deletedAt: null } }),
        prisma.note.findMany({ where: { ...where('Note'), hiddenAt: null } }),
        prisma.reminder.findMany({ where: { ...where('Reminder'), hiddenAt: null } }),
        prisma.interaction.findMany({ where: { ...where('Interaction'), hiddenAt: null } }),
      ])
      const names = ['Contact', 'Note', 'Reminder', 'Interaction']
      const nodes = new Map(found.flatMap((rows, index) => rows.map((row) => [row.id, { ...row, __typename: names[index] }] as const)))
      return asked.map(({ id }) => nodes.get(id) ?? null)
    },
  },
  Mutation: {
    noteCreate: async (_: unknown, { rows }: any, { ownerId }: Context) =>
      (await prisma.$queryRaw<any[]>`SELECT * FROM twin.note_create(${ownerId}::uuid, ${rows.contact}::uuid, ${rows.body}, ${rows.words}::text[])`)[0],
    contactUpdate: async (_: unknown, { rows }: any, { ownerId }: Context, info: GraphQLResolveInfo) => {
      const [{ id }] = await prisma.$queryRaw<any[]>`SELECT id FROM twin.contact_update(${ownerId}::uuid, ${JSON.stringify(rows)}::jsonb)`
      return prisma.contact.findUnique({ where: { ownerId_id: { ownerId, id } }, include: includeOf(selectedIn(info)) })
    },
    contactsCreate: async (_: unknown, { rows }: any, { ownerId }: Context) => {
      const made = await prisma.$queryRaw<any[]>`SELECT * FROM twin.contacts_create(${ownerId}::uuid, ${JSON.stringify(rows)}::jsonb)`
      return { rows: made.map((contact) => ({ contact })) }
    },
  },
  Contact: {
    name: shapes.nameOf,
    tags: (contact: any) => contact.tags.map(({ tag }: any) => tag.name),
    notes: (contact: any) => ({ nodes: contact.notes }),
    reminders: (contact: any) => ({ nodes: contact.reminders }),
    interactions: (contact: any) => ({ nodes: contact.interactions.map(({ interaction }: any) => interaction) }),
    lastInteraction: (contact: any) => contact.interactions[0]?.interaction ?? null,
  },
}

const server = new ApolloServer<Context>({ typeDefs, resolvers, introspection: false })
await startStandaloneServer(server, {
  listen: { port: Number(env.PORT), host: '127.0.0.1' },
  context: async ({ req }) => ({ ownerId: req.headers['x-owner'] as string }),
})
console.log('ready')
