import { rows, sql } from '../db/client.ts'
import type { Chain } from '../events/chains.ts'
import { controllerId } from '../core/controllerId.ts'

/** What happened to each privacy request. */
export const requestChain: Chain = {
  name: 'privacy requests',
  ends: (app, after, count) =>
    rows(
      { app, db: app.database.prisma },
      sql`SELECT id, "eventSeq"::bigint AS seq, "eventHash" AS hash FROM privacy_requests WHERE "ownerId" = ${controllerId}::uuid AND id > ${after}::uuid ORDER BY id LIMIT ${count}::int`,
    ),
  hashAt: async (app, id, seq) => {
    const [found] = await rows<{ hash: Uint8Array }>(
      { app, db: app.database.prisma },
      sql`SELECT hash FROM privacy_request_events WHERE "ownerId" = ${controllerId}::uuid AND "requestId" = ${id}::uuid AND seq = ${Number(seq)}::int`,
    )
    return found?.hash ?? null
  },
}
