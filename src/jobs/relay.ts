import type { App } from '../app.ts'
import type { Ctx } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { rows, sql } from '../db/client.ts'

/** Carries out what committed writes set off, off the request's path. Each outbox row is handled at least once and removed when its handler has succeeded. */
export interface Relay {
  readonly handlers: Readonly<Record<string, (ctx: Ctx, payload: Record<string, string>) => Promise<void>>>
  /** Starts a round soon; returns at once. */
  nudge(): void
  /** Handles what waits, of one owner or of all; answers how many rows were handled. */
  drain(ownerId?: string): Promise<number>
  /** Waits for the round under way and starts none any more. */
  stop(): Promise<void>
}

/** A ctx for work that Kith does by itself for an owner. */
export function systemCtx(app: App, ownerId: string, reason: string): Ctx {
  return { app, db: app.database.prisma, clock: app.clock, actor: { kind: 'system', ownerId, reason }, requestId: newId(app.clock) }
}

/** A relay over the outbox. */
export function createRelay(app: App, handlers: Relay['handlers']): Relay {
  let round: Promise<unknown> | null = null
  let again = false
  let stopped = false

  const drain = async (ownerId?: string): Promise<number> => {
    let handled = 0
    for (;;) {
      const batch = await takeBatch(app, handlers, ownerId)
      handled += batch.handled
      if (batch.taken === 0 || batch.handled === 0) return handled
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
      await round
    },
  }
}

/** Takes up to 100 rows that no other process holds, runs their handlers, removes those that succeeded. */
async function takeBatch(app: App, handlers: Relay['handlers'], ownerId: string | undefined): Promise<{ taken: number; handled: number }> {
  return app.database.prisma.$transaction(
    async (db) => {
      const holding = { app, db, unit: { changes: [], effects: [] } }
      const taken = await rows<{ ownerId: string; id: string; kind: string; payload: Record<string, string> }>(
        holding,
        ownerId === undefined
          ? sql`SELECT "ownerId", id, kind, payload FROM outbox ORDER BY "createdAt" LIMIT 100 FOR UPDATE SKIP LOCKED`
          : sql`SELECT "ownerId", id, kind, payload FROM outbox WHERE "ownerId" = ${ownerId}::uuid ORDER BY "createdAt" LIMIT 100 FOR UPDATE`,
      )
      const done: { ownerId: string; id: string }[] = []
      for (const row of taken) {
        const handler = handlers[row.kind]
        try {
          if (!handler) throw new Error(`No domain handles the effect ${row.kind}.`)
          await handler(systemCtx(app, row.ownerId, `relay ${row.kind}`), row.payload)
          done.push(row)
        } catch (error) {
          app.log.error({ err: error, effect: row.kind, outboxId: row.id }, 'An effect failed and will be tried again.')
        }
      }
      if (done.length > 0) {
        await db.$executeRaw(
          sql`DELETE FROM outbox AS o USING unnest(${done.map((row) => row.ownerId)}::uuid[], ${done.map((row) => row.id)}::uuid[]) AS d("ownerId", id) WHERE o."ownerId" = d."ownerId" AND o.id = d.id`,
        )
      }
      return { taken: taken.length, handled: done.length }
    },
    { timeout: 120_000 },
  )
}
