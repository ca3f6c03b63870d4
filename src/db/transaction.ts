import type pg from 'pg'
import type { Database, Db } from './client.ts'
import { codesOf } from './errorCodes.ts'
import { joinable } from './join.ts'
import { type Carrier, carrierOf } from './together.ts'

/** The connection that a transaction holds; `isOver` from its commit, rollback or time-out on, and with that nothing goes to it any more. */
export interface Connection {
  readonly client: pg.PoolClient
  readonly carrier: Carrier
  isOver: boolean
}

const connections = new WeakMap<Db, Connection>()

/** The connection of a transaction that `transaction` opened. */
export function connectionOf(db: Db): Connection | undefined {
  return connections.get(db)
}

/** How long a transaction may take, in milliseconds (a minute where nothing is said), and what it sees of others: each statement what was committed before it, or all of them one snapshot. */
export interface TransactionOptions {
  timeoutMs?: number
  isolation?: 'REPEATABLE READ'
}

/** A transaction that was given up because its time was over. */
export class TransactionTimeout extends Error {}

/**
 * Runs work in a transaction on a connection of the pool: commits it, or rolls it back when the work fails or has not ended after `timeoutMs`, which waits for
 * a statement that is running (`statement_timeout` bounds that). The `db` that
 * the work is given is Prisma on that same connection. It joins when it is first used, which most transactions of a request never do: Prisma's own
 * bookkeeping costs more than their statements.
 */
export async function transaction<T>(
  { pool, prisma, prepared }: Database,
  work: (db: Db) => Promise<T>,
  { timeoutMs = 60_000, isolation }: TransactionOptions = {},
): Promise<T> {
  const client = await pool.connect()
  // What breaks the connection fails the statement that it carries, or the next one.
  const onError = (): void => {}
  client.on('error', onError)
  const carrier = carrierOf(client)
  const connection: Connection = { client, carrier, isOver: false }
  const prismas = joinable(prisma, connection, timeoutMs)
  connections.set(prismas.db, connection)
  let rolledBack: Promise<Error | undefined> | undefined
  const rollBack = (): void => {
    connection.isOver = true
    carrier.strand(new Error('The transaction of this statement is over.'))
    if (!carrier.hasDeparted()) return
    rolledBack ??= client.query('ROLLBACK').then(
      () => undefined,
      (error: Error) => error,
    )
  }
  let timeout: TransactionTimeout | undefined
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => {
    timeout = new TransactionTimeout(`A transaction took longer than ${timeoutMs} ms and was rolled back.`)
    rollBack()
    late.reject(timeout)
  }, timeoutMs)
  try {
    carrier.hold(bracket(isolation ? `BEGIN ISOLATION LEVEL ${isolation}` : 'BEGIN', prepared))
    // Work that is late is left to itself: nothing of it gets through any more.
    const done = await Promise.race([quietly(work(prismas.db)), quietly(late.promise)])
    if (timeout) throw timeout
    // Of what could not even be written PostgreSQL does not know.
    const failure = carrier.failure()
    if (failure) throw failure
    clearTimeout(timer)
    connection.isOver = true
    const committed = carrier.effect(bracket('COMMIT', prepared))
    carrier.depart()
    const { command } = await committed
    // So PostgreSQL answers to the commit of a transaction in which a statement has failed.
    if (command !== 'COMMIT') throw carrier.failure() ?? new Error('A transaction in which a statement had failed was rolled back.')
    return done
  } catch (error) {
    const cause = causeOf(error, connection)
    rollBack()
    throw timeout ?? cause
  } finally {
    clearTimeout(timer)
    await prismas.leave()
    // A connection on which not even that went through is closed, which rolls back too; it may go on telling of its end.
    const broken = await rolledBack
    client.release(broken)
    if (!broken) client.off('error', onError)
  }
}

function bracket(text: string, prepared: boolean): pg.QueryConfig {
  return prepared ? { text, name: text } : { text }
}

/** What is awaited later may fail unseen until then. */
function quietly<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

/**
 * PostgreSQL refuses every statement after one that has failed (25P02, in_failed_sql_transaction), and does not know those that were to be prepared along
 * with it (26000, invalid_sql_statement_name): then that one's error says what was wrong.
 */
function causeOf(error: unknown, { carrier }: Connection): unknown {
  return codesOf(error).some((code) => code === '25P02' || code === '26000') ? (carrier.failure() ?? error) : error
}
