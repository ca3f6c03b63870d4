import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { empty, execute, raw, rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'

/** Carries out what committed writes set off, off the request's path. Each outbox row is handled at least once and removed when its handler has succeeded; one that fails is tried again later and later, and holds up no other. */
export interface Relay {
  readonly handlers: Readonly<Record<string, (ctx: Ctx, payload: Record<string, string>) => Promise<void>>>
  /** Starts a round soon; returns at once. */
  nudge(): void
  /** Handles what waits and may be tried by now, of one owner or of all, until nothing does or the relay is stopped; answers how many rows were handled. */
  drain(ownerId?: string): Promise<number>
  /** Lets the handlers that run finish and starts none any more. */
  stop(): Promise<void>
}

/** A ctx for work that Kith does by itself for an owner. */
export function systemCtx(app: App, ownerId: string, reason: string): Ctx {
  return { app, db: app.database.prisma, clock: app.clock, actor: { kind: 'system', ownerId, reason }, requestId: newId(app.clock) }
}

/** So many rows of an owner are held at a time. */
const batchSize = 25
/** So many waiting rows are looked at to find out whose turn it is: some more than one process can hold, so that several find work. */
const lookAhead = 100
/** How long a row that failed once waits, doubled with every further failure, and the longest it waits; seconds. */
const firstBackoff = 1
const longestBackoff = 600

/** A relay over the outbox. */
export function createRelay(app: App, handlers: Relay['handlers']): Relay {
  const draining = new Set<Promise<unknown>>()
  let round: Promise<unknown> | null = null
  let again = false
  let stopped = false

  const drainAll = async (ownerId: string | undefined): Promise<number> => {
    let handled = 0
    while (!stopped) {
      let taken = 0
      for (const each of ownerId === undefined ? await waitingOwners(app) : [ownerId]) {
        if (stopped) break
        const batch = await takeBatch(app, handlers, each, { waits: ownerId !== undefined, isStopped: () => stopped })
        taken += batch.taken
        handled += batch.handled
      }
      // Rows that failed say nothing about those behind them; they are not due again at once, so this comes to an end.
      if (taken === 0) break
    }
    return handled
  }
  const drain = async (ownerId?: string): Promise<number> => {
    const run = drainAll(ownerId)
    draining.add(run)
    try {
      return await run
    } finally {
      draining.delete(run)
    }
  }
  const nudge = (): void => {
    if (stopped) return
    if (round) {
      again = true
      return
    }
    round = drain()
      .catch((error: unknown) => app.log.error({ err: error }, 'The relay stumbled and goes on with the next round.'))
      .finally(() => {
        round = null
        if (again) {
          again = false
          nudge()
        }
      })
  }
  return {
    handlers,
    nudge,
    drain,
    stop: async () => {
      stopped = true
      await Promise.allSettled([...draining, round])
    },
  }
}

interface Taken {
  ownerId: string
  id: string
  kind: string
  payload: Record<string, string>
  attempts: number
}

/** Whose rows have waited longest. The one statement here that crosses owners locks nothing, as rows of several cannot be locked at once where they lie on several servers. */
async function waitingOwners(app: App): Promise<string[]> {
  const found = await rows<{ ownerId: string }>(
    { app, db: app.database.prisma },
    sql`SELECT "ownerId" FROM outbox WHERE "notBefore" <= ${toDate(app.clock.now())}::timestamptz ORDER BY "notBefore" LIMIT ${lookAhead}`,
  )
  return [...new Set(found.map(({ ownerId }) => ownerId))]
}

/** Takes some rows of an owner that may be tried by now, those that no other process holds unless it `waits` for them, runs their handlers, removes those that succeeded and puts off those that failed. */
async function takeBatch(
  app: App,
  handlers: Relay['handlers'],
  ownerId: string,
  { waits, isStopped }: { waits: boolean; isStopped: () => boolean },
): Promise<{ taken: number; handled: number }> {
  return transaction(
    app.database,
    async (db) => {
      const holding = { app, db }
      const now = toDate(app.clock.now())
      const taken = await rows<Taken>(
        holding,
        sql`SELECT "ownerId", id, kind, payload, attempts FROM outbox WHERE "ownerId" = ${ownerId}::uuid AND "notBefore" <= ${now}::timestamptz
            ORDER BY "notBefore" LIMIT ${batchSize} FOR UPDATE ${waits ? empty : raw('SKIP LOCKED')}`,
      )
      const done: Taken[] = []
      const failed: (Taken & { notBefore: Date })[] = []
      for (const row of taken) {
        if (isStopped()) break
        const handler = handlers[row.kind]
        try {
          if (!handler) throw new Error(`No domain handles the effect ${row.kind}.`)
          await handler(systemCtx(app, row.ownerId, `relay ${row.kind}`), row.payload)
          done.push(row)
        } catch (error) {
          const seconds = backoffOf(row.attempts)
          failed.push({ ...row, notBefore: toDate(app.clock.now().add({ seconds })) })
          app.log.error(
            { err: error, effect: row.kind, outboxId: row.id, attempts: row.attempts + 1 },
            `An effect failed and will be tried again in ${seconds} s.`,
          )
        }
      }
      if (done.length > 0) await execute(holding, sql`DELETE FROM outbox WHERE "ownerId" = ${ownerId}::uuid AND id = ANY(${done.map(({ id }) => id)}::uuid[])`)
      if (failed.length > 0)
        await execute(
          holding,
          sql`UPDATE outbox AS o SET attempts = o.attempts + 1, "notBefore" = f."notBefore"
              FROM unnest(${failed.map(({ id }) => id)}::uuid[], ${failed.map((row) => row.notBefore)}::timestamptz[]) AS f(id, "notBefore")
              WHERE o."ownerId" = ${ownerId}::uuid AND o.id = f.id`,
        )
      return { taken: taken.length, handled: done.length }
    },
    { timeoutMs: 120_000 },
  )
}

function backoffOf(failures: number): number {
  return Math.min(longestBackoff, firstBackoff * 2 ** Math.min(failures, 30))
}
