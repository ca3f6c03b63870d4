import type { App } from '../app.ts'
import { rows, sql } from '../db/client.ts'

/** The end of a chain: its number and hash. */
export interface ChainEnd {
  id: string
  seq: bigint
  hash: Uint8Array
}

/** A kind of hash chain, as checkpoints see it. */
export interface Chain {
  /** What it is called in checkpoints and reports. */
  name: string
  /** The ends of all chains of the kind after an id, in the order of ids, `count` at most. */
  ends(app: App, after: string, count: number): Promise<ChainEnd[]>
  /** The hash of the entry with a number; null when there is none. */
  hashAt(app: App, id: string, seq: bigint): Promise<Uint8Array | null>
}

/** The events of each owner. */
export const eventChain: Chain = {
  name: 'events',
  ends: (app, after, count) =>
    rows(
      { app, db: app.database.prisma },
      sql`SELECT "ownerId" AS id, seq, hash FROM event_heads WHERE "ownerId" > ${after}::uuid ORDER BY "ownerId" LIMIT ${count}::int`,
    ),
  hashAt: async (app, id, seq) => {
    const [found] = await rows<{ hash: Uint8Array }>(
      { app, db: app.database.prisma },
      sql`SELECT hash FROM events WHERE "ownerId" = ${id}::uuid AND seq = ${seq}::bigint`,
    )
    return found?.hash ?? null
  },
}
