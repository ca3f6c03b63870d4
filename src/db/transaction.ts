import { AsyncLocalStorage } from 'node:async_hooks'
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import type { Database, Db } from './client.ts'

/** How long a transaction may take and wait for a connection, in milliseconds. */
export interface TransactionOptions {
  timeout: number
  maxWait: number
}

/** The connection on which a transaction of Prisma's runs, for statements that go to it without Prisma; `isOver` from its commit or rollback on. */
export interface Connection {
  client: pg.PoolClient
  isOver: boolean
}

const opening = new AsyncLocalStorage<{ connection?: Connection }>()
const connections = new WeakMap<Db, Connection>()

/** Runs work in a transaction of Prisma's whose connection `connectionOf` knows. */
export function transaction<T>({ prisma }: Pick<Database, 'prisma'>, work: (db: Db) => Promise<T>, options: TransactionOptions): Promise<T> {
  const opened: { connection?: Connection } = {}
  return opening.run(opened, () =>
    prisma.$transaction(async (db) => {
      if (opened.connection) connections.set(db, opened.connection)
      return work(db)
    }, options),
  )
}

/** The connection of a transaction that `transaction` opened. */
export function connectionOf(db: Db): Connection | undefined {
  return connections.get(db)
}

/**
 * Prisma's adapter over a pool, which tells `transaction` what connection it took. What Prisma sends itself is copied four times on its way and the last
 * hundred statements are kept with their values: measured over an import, most of its memory and a quarter of its time.
 */
export function watchedAdapter(...args: ConstructorParameters<typeof PrismaPg>): PrismaPg {
  const factory = new PrismaPg(...args)
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    const start = adapter.startTransaction.bind(adapter)
    adapter.startTransaction = async (level) => {
      const begun = await start(level)
      const opened = opening.getStore()
      if (!opened) return begun
      // The adapter has no other way to it; tests/db hold it to having this one.
      const connection: Connection = { client: (begun as unknown as { client: pg.PoolClient }).client, isOver: false }
      opened.connection = connection
      const run = begun.executeRaw.bind(begun)
      // Whatever ends the transaction, also its timeout, comes by here: nothing may follow it on a connection that is somebody else's next.
      begun.executeRaw = (query) => {
        if (query.sql === 'COMMIT' || query.sql === 'ROLLBACK') connection.isOver = true
        return run(query)
      }
      return begun
    }
    return adapter
  }
  return factory
}
