import { createHash } from 'node:crypto'
import pg from 'pg'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { Prisma, PrismaClient } from './generated/prisma/client.ts'
import { joiningAdapter } from './join.ts'
import { type Carrier, carrierOf, statementsOf } from './together.ts'
import { type Connection, connectionOf } from './transaction.ts'

/** Prisma, or the transaction that is open on it. */
export type Db = Omit<PrismaClient, '$connect' | '$disconnect' | '$on' | '$transaction' | '$extends'>

/** A statement with its parameters; composed with the `sql` tag, never by joining strings. */
export const sql = Prisma.sql
/** A list of statements, joined by a separator. */
export const join = Prisma.join
/** The empty statement. */
export const empty = Prisma.empty
/** Text that becomes part of a statement as it is: for names from our own code only, never for input. */
export const raw = Prisma.raw
/** A statement made by the `sql` tag. */
export type Sql = Prisma.Sql

/** One pool of connections that Prisma and the hand-written reads share. */
export interface Database {
  readonly pool: pg.Pool
  readonly prisma: PrismaClient
  /** Whether statements are kept prepared under names. */
  readonly prepared: boolean
  close(): Promise<void>
}

/** How long a request waits for a connection, in milliseconds, before it is told that something is wrong. */
const connectTimeoutMs = 20_000

/** Connects to PostgreSQL. `prepared: false` sends unnamed statements, for a PgBouncer that cannot keep them. `onQuery` sees each statement. */
export function connect(options: {
  url: string
  maxConnections: number
  prepared: boolean
  statementTimeoutMs: number
  onError: (error: Error) => void
  onQuery?: (text: string) => void
}): Database {
  const pool = new pg.Pool({
    connectionString: options.url,
    max: options.maxConnections,
    application_name: 'kith',
    connectionTimeoutMillis: connectTimeoutMs,
    // Statements of one transaction that do not wait for each other travel together.
    pipeline: true,
    // A pooler may refuse to pass it on, so that 0 says nothing at all.
    ...(options.statementTimeoutMs > 0 && { statement_timeout: options.statementTimeoutMs }),
  })
  pool.on('error', options.onError)
  if (options.onQuery) watch(pool, options.onQuery)
  const nameOf = options.prepared ? statementNames() : () => undefined
  namesOf.set(pool, nameOf)
  // To pg an undefined name is an unnamed statement; the adapter passes on what it is given.
  const adapter = joiningAdapter(pool, { statementNameGenerator: ({ sql: text }) => nameOf(text) as string })
  const prisma = new PrismaClient({ adapter })
  return {
    pool,
    prisma,
    prepared: options.prepared,
    close: async () => {
      await prisma.$disconnect()
      await pool.end()
    },
  }
}

/** The name under which a text is kept prepared; undefined for one that is not. */
type NameOf = (text: string, ownerId?: string) => string | undefined

const namesOf = new WeakMap<pg.Pool, NameOf>()

/** So many texts are kept prepared, some 50 kB each in every connection's server process: about twice as many as the code has. Those beyond, of which a caller can make any number by the length of a list, are planned each time. */
const maxPrepared = 500

/** Of texts that follow what callers select no more than this are kept, and of one owner's no more than that: what callers fill up is not the code's, and not all of it one caller's. */
const [maxPlanned, maxPlannedOf] = [100, 50]

/** Short, stable names for the first texts that come: the code's own, and those that follow what an owner selects. */
function statementNames(): NameOf {
  const [own, planned] = [new Map<string, string>(), new Map<string, string>()]
  const plannedOf = new Map<string, number>()
  const isFull = (ownerId: string | undefined): boolean =>
    ownerId === undefined ? own.size >= maxPrepared : planned.size >= maxPlanned || (plannedOf.get(ownerId) ?? 0) >= maxPlannedOf
  return (text, ownerId) => {
    const names = ownerId === undefined ? own : planned
    let name = names.get(text)
    if (!name && !isFull(ownerId)) {
      names.set(text, (name = createHash('sha1').update(text).digest('base64url')))
      if (ownerId !== undefined) plannedOf.set(ownerId, (plannedOf.get(ownerId) ?? 0) + 1)
    }
    return name
  }
}

/** Runs a read or write in the ctx's transaction if one is open, else on the pool, kept prepared unless `prepared` is false; rows come in the shape of the table's columns. */
export async function rows<Row>(ctx: Pick<Ctx, 'app' | 'db'>, statement: Sql, { prepared = true } = {}): Promise<Row[]> {
  const connection = connectionOf(ctx.db)
  const query = queryOf(ctx, statement, prepared)
  const result = await (connection ? open(connection).ask({ ...query, types: prismaTypes }) : ctx.app.database.pool.query(query))
  return result.rows as Row[]
}

/**
 * Runs a read whose text is at hand already. `kept` prepares it, as long as there is room beside what the code itself keeps prepared; `plannedOnce` then has
 * one plan serve all values, for a statement whose planning takes longer than what a plan for its values would save.
 */
export async function rowsOf<Row>(
  ctx: Ctx,
  text: string,
  values: unknown[],
  { kept, plannedOnce = false }: { kept: boolean; plannedOnce?: boolean },
): Promise<Row[]> {
  const { pool } = ctx.app.database
  const name = kept ? namesOf.get(pool)?.(text, ownerOf(ctx)) : undefined
  const result = await (name && plannedOnce ? byOnePlan(pool, { text, values, name }) : pool.query({ text, values, ...(name && { name }) }))
  return result.rows as Row[]
}

const oneForAll: pg.QueryConfig = { text: `SELECT set_config('plan_cache_mode', 'force_generic_plan', true)`, values: [], name: 'one plan for all' }

/**
 * PostgreSQL compares what plans are expected to cost, and would plan anew for ever where that promises little. The two statements travel in one message,
 * which is one transaction, and the setting ends with it: a pooler that gives each transaction another connection is no matter.
 */
async function byOnePlan(pool: pg.Pool, query: pg.QueryConfig): Promise<pg.QueryResult> {
  const client = await pool.connect()
  // What breaks the connection fails the statements that it carries.
  const onError = (): void => {}
  client.on('error', onError)
  const carrier = carrierOf(client)
  let broken: Error | undefined
  try {
    carrier.hold(oneForAll)
    return await carrier.ask(query)
  } catch (error) {
    if (!(error instanceof pg.DatabaseError)) broken = error as Error
    throw error
  } finally {
    client.release(broken)
    if (!broken) client.off('error', onError)
  }
}

/** Runs a statement for its effect; answers how many rows it touched. */
export async function execute(ctx: Pick<Ctx, 'app' | 'db'>, statement: Sql): Promise<number> {
  const connection = connectionOf(ctx.db)
  const result = await (connection ? open(connection).effect(queryOf(ctx, statement, true)) : ctx.app.database.pool.query(queryOf(ctx, statement, false)))
  return result.rowCount ?? 0
}

/** Sends a statement of the open transaction without waiting for what comes of it: it travels with those before and after it. What goes wrong with it fails the transaction, which is where it shows. */
export function send(tx: Pick<Ctx, 'app' | 'db'>, statement: Sql): void {
  open(connectionOf(tx.db)).send(queryOf(tx, statement, true))
}

function open(connection: Connection | undefined): Carrier {
  if (!connection || connection.isOver) throw new Error('The transaction of this statement is over.')
  return connection.carrier
}

function queryOf({ app }: Pick<Ctx, 'app'>, { text, values }: Sql, prepared: boolean): pg.QueryConfig {
  const name = prepared ? namesOf.get(app.database.pool)?.(text) : undefined
  return { text, values, ...(name && { name }) }
}

const int8 = 20
/** Values as Prisma reads them. */
const prismaTypes: pg.CustomTypesConfig = {
  getTypeParser: (oid, format) => (Number(oid) === int8 ? BigInt : (pg.types.getTypeParser(oid, format as 'text') as (value: string) => unknown)),
}

/** Lets an observer see the text of each statement that leaves through the pool; tests watch ownership and counts with it. */
function watch(pool: pg.Pool, onQuery: (text: string) => void): void {
  pool.on('connect', (client) => {
    const query = client.query.bind(client) as (...args: unknown[]) => unknown
    Object.assign(client, {
      query: (...args: unknown[]) => {
        for (const { text } of statementsOf(args[0])) onQuery(text)
        return query(...args)
      },
    })
  })
}
