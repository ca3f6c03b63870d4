import type { App } from '../app.ts'
import { toDate } from '../core/clock.ts'
import type { Ctx } from '../core/ctx.ts'
import { execute, rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'

/** How long a due entry that was handed to a job waits before it is handed out again, in case the job was lost. */
const handOutAgain = { minutes: 5 }

/** Sets when something falls due, or that it no longer does. Called from an effect's handler, after reading the owned row; idempotent. */
export async function setDue(ctx: Ctx, kind: string, ownerId: string, entityId: string, dueAt: Date | null): Promise<void> {
  await execute(
    ctx,
    dueAt === null
      ? sql`DELETE FROM directory_due WHERE kind = ${kind} AND "ownerId" = ${ownerId}::uuid AND "entityId" = ${entityId}::uuid`
      : sql`INSERT INTO directory_due (kind, "ownerId", "entityId", "dueAt") VALUES (${kind}, ${ownerId}::uuid, ${entityId}::uuid, ${dueAt}::timestamptz)
            ON CONFLICT (kind, "ownerId", "entityId") DO UPDATE SET "dueAt" = excluded."dueAt"`,
  )
}

/** Reads when something falls due and sets it, one run at a time per entity: whichever run is last has read the latest state, so a stale answer never stays. */
export async function refreshDue(
  ctx: Ctx,
  kind: string,
  ownerId: string,
  entityId: string,
  read: (tx: Ctx) => Promise<Date | null | undefined>,
): Promise<void> {
  await transaction(ctx.app.database, async (db) => {
    const tx: Ctx = { ...ctx, db }
    await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended(${`${kind} ${ownerId} ${entityId}`}, 0))`)
    await setDue(tx, kind, ownerId, entityId, (await read(tx)) ?? null)
  })
}

/**
 * Hands everything that has fallen due to its job, 500 at a time; answers how many. The job sets the next due time when it is done. What a process
 * was handing out when it died is due again at once: the entries move only once all their jobs are sent, and a job sent twice does its work once.
 */
export async function handOutDue(app: App, jobOf: (kind: string) => string | undefined): Promise<number> {
  const now = app.clock.now()
  return transaction(
    app.database,
    async (db) => {
      const tx = { app, db }
      const due = await rows<{ kind: string; ownerId: string; entityId: string }>(
        tx,
        sql`SELECT kind, "ownerId", "entityId" FROM directory_due WHERE "dueAt" <= ${toDate(now)}::timestamptz ORDER BY "dueAt" LIMIT 500 FOR UPDATE SKIP LOCKED`,
      )
      if (due.length === 0) return 0
      for (const { kind, ownerId, entityId } of due) {
        const job = jobOf(kind)
        if (job) await app.queue.send(job, { ownerId, entityId })
        else app.log.error({ kind }, 'Nothing handles what fell due.')
      }
      await execute(
        tx,
        sql`UPDATE directory_due AS d SET "dueAt" = ${toDate(now.add(handOutAgain))}::timestamptz
            FROM unnest(${due.map(({ kind }) => kind)}::text[], ${due.map(({ ownerId }) => ownerId)}::uuid[], ${due.map(({ entityId }) => entityId)}::uuid[]) AS t(kind, "ownerId", "entityId")
            WHERE d.kind = t.kind AND d."ownerId" = t."ownerId" AND d."entityId" = t."entityId"`,
      )
      return due.length
    },
    { timeoutMs: 120_000 },
  )
}
