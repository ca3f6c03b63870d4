import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { type Sql, sql } from './client.ts'

/** Hears what other processes have changed of what this one remembers: ids of owners, sessions and tokens, sent by NOTIFY in the transactions that change them. */
export interface Notices {
  /** Begins to listen, and goes on trying; returns once the first try has succeeded or failed. */
  start(): Promise<void>
  /** Names the time since when nothing was missed; null while notices may be missed. What was read in another era may have changed unheard. */
  era(): number | null
  /** Calls back with the ids of every notice. */
  onNotice(hear: (ids: readonly string[]) => void): void
  /** Takes a notice for heard: of what this process has committed itself, before the database says so. */
  hear(ids: readonly string[]): void
  stop(): Promise<void>
}

/** The channel; every database has its own. */
const channel = 'kith'
/** What a greeting begins with, by which a process finds out whether it hears anything; ids never do. */
const greeting = 'greeting '
/** How often the connection is asked whether it is there, milliseconds. */
const beatMs = 250
/** How long after it was last known to be there notices are taken to come: with this and the answer's way, what was revoked is out within a second; milliseconds. */
const aliveMs = 900
/** When a connection that does not answer is given up, milliseconds. */
const patienceMs = 3000
/** How long to wait before connecting again: at first, and at most; milliseconds. */
const [firstWaitMs, longestWaitMs] = [100, 5000]
/** How long a connection may take leave, milliseconds. */
const partingMs = 200
/** How many ids go in one notice, which may have 8,000 bytes. */
const idsPerNotice = 200

/** Tells every process of some ids once its transaction commits. */
export function notifying(ids: readonly string[]): Sql {
  const all = [...new Set(ids)]
  const texts = Array.from({ length: Math.ceil(all.length / idsPerNotice) }, (_, at) => all.slice(at * idsPerNotice, (at + 1) * idsPerNotice).join(' '))
  return notify(texts)
}

function notify(texts: readonly string[]): Sql {
  return sql`SELECT pg_notify(${channel}, text) FROM unnest(${texts}::text[]) AS text`
}

/** Notices over a connection of their own, which must lead to PostgreSQL itself: a pooler that lends connections for a transaction delivers none. `pool` is how others send them. */
export function createNotices({ url, pool, warn }: { url: string; pool: pg.Pool; warn: (error: unknown, message: string) => void }): Notices {
  const hearers: ((ids: readonly string[]) => void)[] = []
  const stopping = new AbortController()
  let [eras, listening, lastBeat] = [0, false, 0]
  let running: Promise<void> | undefined
  let tried: Promise<void> | undefined

  const hear = (ids: readonly string[]): void => hearers.forEach((each) => each(ids))

  /** Listens until the connection is lost. @throws Error always, with the reason */
  const listen = async (begun: () => void): Promise<never> => {
    const client = new pg.Client({ connectionString: url, application_name: 'kith notices', connectionTimeoutMillis: patienceMs, keepAlive: true })
    const lost = Promise.withResolvers<never>()
    client.on('error', lost.reject)
    client.on('end', () => lost.reject(new Error('The connection for notices has ended.')))
    const watchdog = setTimeout(() => lost.reject(new Error(silence)), patienceMs)
    const stop = (): void => lost.reject(new Error('Told to end.'))
    stopping.signal.addEventListener('abort', stop, { once: true })
    let over = false
    const converse = async (): Promise<never> => {
      await client.connect()
      const hello = greeting + randomBytes(12).toString('base64url')
      const heard = new Promise<void>((resolve) => {
        client.on('notification', ({ payload = '' }) => {
          if (payload === hello) resolve()
          else if (!payload.startsWith(greeting)) hear(payload.split(' '))
        })
      })
      await client.query(`LISTEN ${channel}`)
      lastBeat = performance.now()
      // Sent the way that others send: whether it arrives tells whether theirs do.
      const { text, values } = notify([hello])
      await pool.query(text, values)
      await heard
      if (!over) {
        eras += 1
        listening = true
        begun()
      }
      for (;;) {
        const sentAt = performance.now()
        await client.query('SELECT 1')
        lastBeat = sentAt
        watchdog.refresh()
        await sleep(beatMs, undefined, { signal: stopping.signal })
      }
    }
    try {
      return await Promise.race([converse(), lost.promise])
    } finally {
      over = true
      listening = false
      clearTimeout(watchdog)
      stopping.signal.removeEventListener('abort', stop)
      client.removeAllListeners('notification')
      client.end().catch(() => {})
      // What does not answer does not take leave either.
      setTimeout(() => streamOf(client).destroy(), partingMs).unref()
    }
  }

  const run = async (onTried: () => void): Promise<void> => {
    for (let waitMs = firstWaitMs; !stopping.signal.aborted; waitMs = Math.min(longestWaitMs, waitMs * 2)) {
      try {
        await listen(() => {
          waitMs = firstWaitMs
          onTried()
        })
      } catch (error) {
        if (stopping.signal.aborted) return
        warn(error, 'No notices of other processes are heard: sessions and tokens are looked up every second.')
      }
      onTried()
      await sleep(waitMs, undefined, { signal: stopping.signal }).catch(() => {})
    }
  }

  return {
    start: () =>
      (tried ??= new Promise<void>((resolve) => {
        running = run(resolve).finally(resolve)
      })),
    era: () => (listening && performance.now() - lastBeat < aliveMs ? eras : null),
    onNotice: (each) => void hearers.push(each),
    hear,
    stop: async () => {
      stopping.abort()
      await running
    },
  }
}

const silence = 'No notice and no answer came in time: does the connection lead to PostgreSQL itself? KITH_DATABASE_DIRECT_URL names one that does.'

function streamOf(client: pg.Client): { destroy(): void } {
  return (client as unknown as { connection: { stream: { destroy(): void } } }).connection.stream
}
