import { AsyncLocalStorage } from 'node:async_hooks'
import { PrismaPg } from '@prisma/adapter-pg'
import type pg from 'pg'
import type { PrismaClient } from './generated/prisma/client.ts'
import type { Db } from './client.ts'
import type { Connection } from './transaction.ts'

/** The connection that the transaction which Prisma is opening in this context is to run on. */
const adopted = new AsyncLocalStorage<Connection>()

/** Prisma in a transaction that is open already: `db` opens Prisma's view of it with the first call; `leave` closes that view. */
export function joinable(prisma: PrismaClient, connection: Connection, timeoutMs: number): { db: Db; leave: () => Promise<void> } {
  let joined: { db: Promise<Db>; leave: () => Promise<void> } | undefined
  const open = (): Promise<Db> => (joined ??= join(prisma, connection, timeoutMs)).db
  return { db: lazily(open), leave: async () => joined?.leave() }
}

function join(prisma: PrismaClient, connection: Connection, timeoutMs: number): { db: Promise<Db>; leave: () => Promise<void> } {
  const opened = Promise.withResolvers<Db>()
  const left = Promise.withResolvers<void>()
  const whole = adopted.run(connection, () =>
    prisma.$transaction(
      async (db) => {
        opened.resolve(db)
        await left.promise
      },
      { timeout: timeoutMs },
    ),
  )
  // Once the view is open, what goes wrong with it shows in its calls.
  const closed = whole.catch((error: unknown) => opened.reject(error))
  return {
    db: opened.promise,
    leave: async () => {
      left.resolve()
      await closed
    },
  }
}

type Calls = Record<string, (...args: unknown[]) => unknown>

/** A Db whose every call first opens the one that stands behind it. */
function lazily(open: () => Promise<Db>): Db {
  const called =
    (name: string, method?: string) =>
    async (...args: unknown[]): Promise<unknown> => {
      const db = (await open()) as unknown as Calls & Record<string, Calls>
      return method === undefined ? db[name]?.(...args) : db[name]?.[method]?.(...args)
    }
  const models = new Map<string, unknown>()
  const modelOf = (name: string): unknown => {
    const model = models.get(name) ?? new Proxy({}, { get: (_, method) => (typeof method === 'string' ? called(name, method) : undefined) })
    models.set(name, model)
    return model
  }
  return new Proxy({} as Db, {
    get: (_, name) => {
      // A promise would be asked for `then` by whoever awaits it.
      if (typeof name !== 'string' || name === 'then') return undefined
      return name.startsWith('$') ? called(name) : modelOf(name)
    },
  })
}

/** Prisma's adapter over a pool, whose transactions run on the connection that `joinable` names, if it names one: BEGIN, COMMIT and ROLLBACK are the business of whoever opened it. */
export function joiningAdapter(...args: ConstructorParameters<typeof PrismaPg>): PrismaPg {
  const factory = new PrismaPg(...args)
  const connect = factory.connect.bind(factory)
  factory.connect = async () => {
    const adapter = await connect()
    const start = adapter.startTransaction.bind(adapter)
    adapter.startTransaction = async (level) => {
      const connection = adopted.getStore()
      if (!connection) return start(level)
      // The adapter takes its connection from a pool, its protected `client`: here from one that has this connection only. tests/db hold it to that.
      const within = Object.create(adapter, { client: { value: { connect: async () => guest(connection) } } }) as typeof adapter
      return Object.getPrototypeOf(adapter).startTransaction.call(within, level) as ReturnType<typeof start>
    }
    return adapter
  }
  return factory
}

const bracket = /^(?:BEGIN|COMMIT|ROLLBACK)$/

/** A connection as Prisma sees it that does not own it: its transaction begins and ends elsewhere, and it is not given back. */
function guest(connection: Connection): pg.PoolClient {
  const query = async (config: pg.QueryConfig, ...rest: unknown[]): Promise<unknown> => {
    if (bracket.test(config.text)) return { rows: [], fields: [], rowCount: 0 }
    if (connection.isOver) throw new Error('The transaction of this statement is over.')
    connection.carrier.depart()
    return (connection.client.query as (...args: unknown[]) => unknown)(config, ...rest)
  }
  return Object.create(connection.client, {
    query: { value: query },
    release: { value: () => {} },
    on: { value: () => {} },
    removeListener: { value: () => {} },
  }) as pg.PoolClient
}
