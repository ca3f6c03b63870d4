import type { App } from '../app.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { raw, rows, sql } from '../db/client.ts'
import { setOff } from '../events/service.ts'
import { systemCtx } from './relay.ts'

/** A table whose rows fall due: for each of them, the effect of that kind makes the entry in the due directory again. */
export interface DueSource {
  /** An owned table with the key ("ownerId", id). */
  table: string
  /** Which of its rows can fall due at all, in SQL; all when not said. */
  where?: string
  /** The kind of effect. Its handler reads the row and sets what is due, however often it is called. */
  effect: string
  /** What the effect's payload calls the row's id, or the `value` taken from the row in SQL; left out where it needs the owner only. */
  id?: string
  value?: string
}

const pageSize = 1000

/** Sets off that the due directory follows all of the ctx's owner's rows, in the open transaction: for rows that came in beside their services. */
export async function announceDues(tx: Ctx, sources: readonly DueSource[]): Promise<void> {
  for (const { table, where = 'true', effect, id, value = 'id' } of sources) {
    const found = await rows<{ value: string }>(
      tx,
      sql`SELECT (${raw(value)})::text AS value FROM ${raw(table)} WHERE "ownerId" = ${ownerOf(tx)}::uuid AND ${raw(where)}`,
    )
    setOff(tx, ...found.map((row) => ({ kind: effect, payload: id === undefined ? {} : { [id]: row.value } })))
  }
}

/** Makes the due directory again from the owned tables; answers how many rows it has looked at. Entries that nothing stands behind stay until they fall due, when their job finds that out. May run beside workers. */
export async function rebuildDues(app: App, sources: readonly DueSource[], seen: (count: number) => void = () => {}): Promise<number> {
  let count = 0
  for (const { table, where = 'true', effect, id, value = 'id' } of sources) {
    const handler = app.relay.handlers[effect]
    if (!handler) throw new Error(`No domain handles the effect ${effect}.`)
    let last: { ownerId: string; id: string } = { ownerId: '00000000-0000-0000-0000-000000000000', id: '00000000-0000-0000-0000-000000000000' }
    for (let more = true; more;) {
      const page = await rows<{ ownerId: string; id: string; value: string }>(
        { app, db: app.database.prisma },
        sql`SELECT "ownerId", id, (${raw(value)})::text AS value FROM ${raw(table)} WHERE ("ownerId", id) > (${last.ownerId}::uuid, ${last.id}::uuid) AND ${raw(where)} ORDER BY "ownerId", id LIMIT ${pageSize}`,
      )
      for (const row of page) await handler(systemCtx(app, row.ownerId, 'rebuild'), id === undefined ? {} : { [id]: row.value })
      seen((count += page.length))
      last = page.at(-1) ?? last
      more = page.length === pageSize
    }
  }
  return count
}
