import pg from 'pg'

/** Carries the statements of a transaction: those asked for in one go travel in one message and are answered in one. */
export interface Carrier {
  /** Asks for the rows that a statement gives. */
  ask(statement: pg.QueryConfig): Promise<pg.QueryResult>
  /** Asks for what came of a statement, but for rows. */
  effect(statement: pg.QueryConfig): Promise<pg.QueryResult>
  /** Sends a statement without waiting for it. What goes wrong with it fails all that is asked for after it. */
  send(statement: pg.QueryConfig): void
  /** Takes a statement along with the first one that is asked for or sent. */
  hold(statement: pg.QueryConfig): void
  /** Sends what is waiting for the end of the turn. */
  depart(): void
  /** Whether anything was sent at all. */
  hasDeparted(): boolean
  /** What went wrong first. */
  failure(): Error | undefined
  /** Refuses what has not been sent yet. */
  strand(error: Error): void
}

/** Carries statements over a connection. PostgreSQL leaves out what comes in a message after the statement that failed, a COMMIT too. */
export function carrierOf(client: pg.PoolClient): Carrier {
  let waiting: Passenger[] = []
  let isCalled = false
  let hasDeparted = false
  let failure: Error | undefined
  const depart = (): void => {
    isCalled = false
    if (waiting.length === 0) return
    const together = waiting
    waiting = []
    hasDeparted = true
    client.query(messageOf(together))
  }
  const board = (statement: pg.QueryConfig, hasRows: boolean, settle: Settle): void => {
    waiting.push({
      statement,
      hasRows,
      settle: (error, result) => {
        if (error) failure ??= error
        settle(error, result)
      },
    })
  }
  const call = (): void => {
    if (isCalled) return
    isCalled = true
    // After all that goes on from here without waiting for something else.
    process.nextTick(depart)
  }
  const asked = (statement: pg.QueryConfig, hasRows: boolean): Promise<pg.QueryResult> =>
    new Promise<pg.QueryResult>((resolve, reject) => {
      board(statement, hasRows, (error, result) => (error ? reject(error) : resolve(result)))
      call()
    }).catch((error: Error) => {
      // Where it was asked for says more than where the answer was read.
      Error.captureStackTrace(error)
      throw error
    })
  return {
    ask: (statement) => asked(statement, true),
    effect: (statement) => asked(statement, false),
    send: (statement) => {
      board(statement, false, nobody)
      call()
    },
    hold: (statement) => board(statement, false, nobody),
    depart,
    hasDeparted: () => hasDeparted,
    failure: () => failure,
    strand: (error) => {
      const stranded = waiting
      waiting = []
      for (const { settle } of stranded) settle(error, none)
    },
  }
}

/** The texts of the statements that a call of `query` carries. */
export function statementsOf(query: unknown): { text: string; values: unknown[] }[] {
  if (typeof query === 'string') return [{ text: query, values: [] }]
  const { statements, text = '', values = [] } = query as { statements?: pg.QueryConfig[]; text?: string; values?: unknown[] }
  return statements?.map((each) => ({ text: each.text, values: each.values ?? [] })) ?? [{ text, values }]
}

type Settle = (error: Error | null, result: pg.QueryResult) => void
/** A statement on its way, and who is told what came of it. */
interface Passenger {
  statement: pg.QueryConfig
  hasRows: boolean
  settle: Settle
}

const nobody: Settle = () => {}
const none = {} as pg.QueryResult

/** What pg calls of a query as its answer comes in. */
interface Answered {
  name?: string | undefined
  text?: string | undefined
  queryMode?: 'extended'
  submit(connection: pg.Connection): Error | null
  handleRowDescription(message: unknown): void
  handleDataRow(message: unknown): void
  handleCommandComplete(message: unknown, connection: pg.Connection): void
  handleReadyForQuery(connection: pg.Connection): void
  handleError(error: Error, connection: pg.Connection): void
}

type Message = Answered & { statements: readonly pg.QueryConfig[] }

/** Several statements as one query of pg's, which it writes with a single Sync at their end. tests/db hold pg to what is taken for granted here. */
function messageOf(passengers: readonly Passenger[]): Message {
  const queries: Answered[] = []
  let at = 0
  /** Under its name pg remembers what the server has read of the query that is being answered. */
  const turnTo = (place: number): void => {
    at = place
    message.name = queries[at]?.name
    message.text = queries[at]?.text
  }
  const fail = (from: number, error: Error, connection: pg.Connection): void => {
    for (const [index, { settle }] of passengers.entries()) {
      if (index < from) continue
      const query = queries[index]
      // The server has not read what came after the statement that failed.
      if (query?.name && index > from) delete submittedOn(connection)[query.name]
      settle(error, none)
    }
  }
  const submit = (connection: pg.Connection): null => {
    connection.stream.cork()
    for (const [index, { statement, hasRows, settle }] of passengers.entries()) {
      let failed: Error | null | undefined
      const query = answered(statement, (error, result) => (error && index === queries.length ? (failed = error) : settle(error, result)))
      failed = query.submit(within(connection, hasRows)) ?? failed
      if (failed) {
        // It cannot be written, and what comes after it must not be done without it.
        if (query.name) delete submittedOn(connection)[query.name]
        fail(index, failed, connection)
        break
      }
      queries.push(query)
    }
    connection.sync()
    connection.stream.uncork()
    turnTo(0)
    return null
  }
  const message = Object.assign(answered({ text: '' }, nobody), {
    statements: passengers.map(({ statement }) => statement),
    submit,
    handleRowDescription: (description: unknown) => queries[at]?.handleRowDescription(description),
    handleDataRow: (row: unknown) => {
      if (passengers[at]?.hasRows) queries[at]?.handleDataRow(row)
    },
    handleCommandComplete: (complete: unknown, connection: pg.Connection) => {
      queries[at]?.handleCommandComplete(complete, connection)
      turnTo(at + 1)
    },
    handleReadyForQuery: (connection: pg.Connection) => {
      for (const query of queries) query.handleReadyForQuery(connection)
    },
    handleError: (error: Error, connection: pg.Connection) => {
      for (const done of queries.slice(0, at)) done.handleReadyForQuery(connection)
      fail(at, error, connection)
    },
  })
  return message
}

/** A query of pg's, of which it says more than its types do. Of an object it would copy the properties' descriptors, which takes longer than all else here. */
function answered({ text, values, name, types }: pg.QueryConfig, settle: Settle): Answered {
  const query = new pg.Query(text, values ?? [], settle as never) as unknown as Answered & { _result: { _types: pg.CustomTypesConfig | undefined } }
  query.name = name
  query.queryMode = 'extended'
  query._result._types = types
  return query
}

/** The names of what was sent to be prepared and is not yet. */
function submittedOn(connection: pg.Connection): Record<string, string> {
  return (connection as unknown as { submittedNamedStatements: Record<string, string> }).submittedNamedStatements
}

const views = new WeakMap<pg.Connection, { rows: pg.Connection; noRows: pg.Connection }>()

/** A connection as a query sees it that is not the last of its message; of rows that nobody reads it does not ask for the description either. */
function within(connection: pg.Connection, hasRows: boolean): pg.Connection {
  let view = views.get(connection)
  if (!view) {
    const rows = Object.create(connection, { sync: { value: () => {} } }) as pg.Connection
    views.set(connection, (view = { rows, noRows: Object.create(rows, { describe: { value: () => {} } }) as pg.Connection }))
  }
  return hasRows ? view.rows : view.noRows
}
