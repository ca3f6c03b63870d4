// Mercurius 16 with its JIT, over hand-written SQL: a statement for each root field, and a loader's for each field below that is a list.
import { env } from 'node:process'
import fastify from 'fastify'
import mercurius from 'mercurius'
import pg from 'pg'
import { decoded, shapes, typeDefs } from './common.ts'

const pool = new pg.Pool({ connectionString: env.DATABASE_URL, max: Number(env.MAX_CONNECTIONS), application_name: 'bench mercurius' })
const prepared = new Map<string, string>()

/** Runs a statement, kept prepared. */
async function rows(text: string, values: unknown[]): Promise<any[]> {
  let name = prepared.get(text)
  if (!name) prepared.set(text, (name = `s${prepared.size}`))
  return (await pool.query({ name, text, values })).rows
}

const orderFields: Record<string, string> = { DISPLAY_NAME: '"sortName"', CREATED_AT: '"createdAt"', LAST_INTERACTION_AT: '"lastInteractionAt"' }

interface Context {
  ownerId: string
}

const Query = {
  contact: async (_: unknown, { id }: any, { ownerId }: Context) => (await rows('SELECT * FROM twin.contacts WHERE "ownerId" = $1 AND id = $2 AND "deletedAt" IS NULL', [ownerId, id]))[0] ?? null,
  contacts: async (_: unknown, { first = 25, after, search, filter, orderBy = [] }: any, { ownerId }: Context) => {
    if (search) return shapes.pageOf(await rows('SELECT * FROM twin.search_contacts($1, $2) LIMIT $3', [ownerId, search, first + 1]), first)
    const [{ field, direction }] = orderBy.length > 0 ? orderBy : [{ field: 'DISPLAY_NAME', direction: 'ASC' }]
    const [column, way] = [orderFields[field], direction === 'DESC' ? 'DESC' : 'ASC']
    const values: unknown[] = [ownerId, first + 1]
    const conditions = ['c."ownerId" = $1', 'c."deletedAt" IS NULL', 'c."archivedAt" IS NULL']
    const parameter = (value: unknown): string => `$${values.push(value)}`
    if (filter?.lastInteractionAt?.gte) conditions.push(`c."lastInteractionAt" >= ${parameter(filter.lastInteractionAt.gte)}`)
    if (filter?.tag?.in)
      conditions.push(`EXISTS (SELECT FROM twin.contact_tags AS ct JOIN twin.tags AS t ON t."ownerId" = $1 AND t.id = ct."tagId" WHERE ct."ownerId" = $1 AND ct."contactId" = c.id AND t."nameFolded" = ANY (${parameter(filter.tag.in)}))`)
    if (after) {
      const place = parameter(after)
      conditions.push(`(c.${column}, c.id) ${way === 'DESC' ? '<' : '>'} (SELECT p.${column}, p.id FROM twin.contacts AS p WHERE p."ownerId" = $1 AND p.id = ${place})`)
    }
    return shapes.pageOf(await rows(`SELECT c.* FROM twin.contacts AS c WHERE ${conditions.join(' AND ')} ORDER BY c.${column} ${way}, c.id ${way} LIMIT $2`, values), first)
  },
  reminders: async (_: unknown, { first = 25, filter }: any, { ownerId }: Context) =>
    shapes.pageOf(
      await rows('SELECT * FROM twin.reminders WHERE "ownerId" = $1 AND state = $2 AND "dueAt" >= $3 AND "dueAt" < $4 AND "hiddenAt" IS NULL ORDER BY "dueAt", id LIMIT $5', [ownerId, filter.state, filter.dueAt.gte, filter.dueAt.lt, first + 1]),
      first,
    ),
  interactions: async (_: unknown, { first = 25, filter }: any, { ownerId }: Context) =>
    shapes.pageOf(
      await rows('SELECT * FROM twin.interactions WHERE "ownerId" = $1 AND "occurredAt" >= $2 AND "occurredAt" < $3 AND "hiddenAt" IS NULL ORDER BY "occurredAt" DESC, id DESC LIMIT $4', [ownerId, filter.occurredAt.gte, filter.occurredAt.lt, first + 1]),
      first,
    ),
  nodes: async (_: unknown, { ids }: any, { ownerId }: Context) => {
    const asked = decoded(ids)
    const tables = { Contact: 'contacts', Note: 'notes', Reminder: 'reminders', Interaction: 'interactions' }
    const found = await Promise.all(
      Object.entries(tables).map(async ([type, table]) => {
        const hidden = type === 'Contact' ? 'deletedAt' : 'hiddenAt'
        const wanted = asked.filter((each) => each.type === type).map(({ id }) => id)
        return (await rows(`SELECT * FROM twin.${table} WHERE "ownerId" = $1 AND id = ANY ($2) AND "${hidden}" IS NULL`, [ownerId, wanted])).map((row) => [row.id, { ...row, __typename: type }] as const)
      }),
    )
    const nodes = new Map(found.flat())
    return asked.map(({ id }) => nodes.get(id) ?? null)
  },
}

const Mutation = {
  noteCreate: async (_: unknown, { rows: note }: any, { ownerId }: Context) => (await rows('SELECT * FROM twin.note_create($1, $2, $3, $4)', [ownerId, note.contact, note.body, note.words]))[0],
  contactUpdate: async (_: unknown, { rows: contact }: any, { ownerId }: Context) => (await rows('SELECT * FROM twin.contact_update($1, $2)', [ownerId, JSON.stringify(contact)]))[0],
  contactsCreate: async (_: unknown, { rows: contacts }: any, { ownerId }: Context) => ({
    rows: (await rows('SELECT * FROM twin.contacts_create($1, $2)', [ownerId, JSON.stringify(contacts)])).map((contact) => ({ contact })),
  }),
}

type Loader = (queries: { obj: any; params: any }[], context: Context) => Promise<any[]>

/** Rows of many parents, grouped: `text` takes the owner, the parents' ids and further values, and names each row's parent `parentId`. */
async function grouped(queries: { obj: any }[], ownerId: string, text: string, ...values: unknown[]): Promise<any[][]> {
  const groups = new Map<string, any[]>(queries.map(({ obj }) => [obj.id, []]))
  for (const row of await rows(text, [ownerId, [...groups.keys()], ...values])) groups.get(row.parentId)?.push(row)
  return queries.map(({ obj }) => groups.get(obj.id) ?? [])
}

const listOf =
  (table: string, order = 'position, id'): Loader =>
  (queries, { ownerId }) =>
    grouped(queries, ownerId, `SELECT *, "contactId" AS "parentId" FROM twin.${table} WHERE "ownerId" = $1 AND "contactId" = ANY ($2) ORDER BY ${order}`)

const firstOf =
  (from: string, order: string): Loader =>
  async (queries, { ownerId }) =>
    (
      await grouped(
        queries,
        ownerId,
        `SELECT parent.id AS "parentId", page.* FROM unnest($2::uuid[]) AS parent(id) CROSS JOIN LATERAL (SELECT v.* FROM ${from} AND v."hiddenAt" IS NULL ORDER BY ${order} LIMIT $3) AS page`,
        queries[0]?.params.first ?? 25,
      )
    ).map((nodes) => ({ nodes }))

const contactsOf: Loader = async (queries, { ownerId }) => {
  const ids = queries.flatMap(({ obj }) => obj.contactId ?? [])
  const found = new Map((await rows('SELECT * FROM twin.contacts WHERE "ownerId" = $1 AND id = ANY ($2) AND "deletedAt" IS NULL', [ownerId, [...new Set(ids)]])).map((row) => [row.id, row]))
  return queries.map(({ obj }) => found.get(obj.contactId) ?? null)
}

const together = (ofContact: string) =>
  `twin.interaction_contacts AS ic JOIN twin.interactions AS v ON v."ownerId" = $1 AND v.id = ic."interactionId" WHERE ic."ownerId" = $1 AND ic."contactId" = parent.id${ofContact}`

const loaders: any = {
  Contact: {
    emails: listOf('contact_emails'),
    phones: listOf('contact_phones'),
    addresses: listOf('contact_addresses'),
    urls: listOf('contact_urls'),
    organizations: listOf('contact_organizations'),
    dates: listOf('contact_dates'),
    relations: listOf('contact_relations'),
    customFields: listOf('contact_custom_fields'),
    sources: listOf('contact_sources', '"firstSeenAt", id'),
    tags: (async (queries, { ownerId }) =>
      (
        await grouped(
          queries,
          ownerId,
          'SELECT t.name, ct."contactId" AS "parentId" FROM twin.contact_tags AS ct JOIN twin.tags AS t ON t."ownerId" = $1 AND t.id = ct."tagId" WHERE ct."ownerId" = $1 AND ct."contactId" = ANY ($2) ORDER BY ct.position',
        )
      ).map((tags) => tags.map(({ name }) => name))) satisfies Loader,
    notes: firstOf('twin.notes AS v WHERE v."ownerId" = $1 AND v."contactId" = parent.id', 'v.pinned DESC, v."createdAt" DESC, v.id DESC'),
    reminders: firstOf('twin.reminders AS v WHERE v."ownerId" = $1 AND v."contactId" = parent.id', 'v."dueAt", v.id'),
    interactions: firstOf(together(''), 'ic."occurredAt" DESC, ic."interactionId" DESC'),
    lastInteraction: (async (queries, context) => {
      const one = queries.map((query) => ({ ...query, params: { first: 1 } }))
      return (await firstOf(together(' AND ic.counted'), 'ic."occurredAt" DESC, ic."interactionId" DESC')(one, context)).map(({ nodes: [interaction = null] }) => interaction)
    }) satisfies Loader,
  },
  Reminder: { contact: contactsOf },
  Interaction: {
    participants: ((queries, { ownerId }) =>
      grouped(queries, ownerId, 'SELECT *, "interactionId" AS "parentId" FROM twin.interaction_participants WHERE "ownerId" = $1 AND "interactionId" = ANY ($2) ORDER BY position, id')) satisfies Loader,
  },
  InteractionParticipant: { contact: contactsOf },
}

const app = fastify({ logger: false, bodyLimit: 1_000_000 })
await app.register(mercurius, {
  schema: typeDefs,
  resolvers: { DateTime: shapes.DateTime, Query, Mutation, Contact: { name: shapes.nameOf }, ContactDate: shapes.ContactDate } as any,
  loaders,
  jit: 1,
  path: '/graphql',
  context: (request): Context => ({ ownerId: request.headers['x-owner'] as string }),
} as any)
await app.listen({ port: Number(env.PORT), host: '127.0.0.1' })
console.log('ready')
