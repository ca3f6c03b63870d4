import type { App } from '../app.ts'
import { execute, rows, sql } from '../db/client.ts'
import { transaction } from '../db/transaction.ts'
import { sameBytes } from '../vault/master.ts'
import { headMac, headMacs } from './service.ts'

interface Head {
  ownerId: string
  seq: bigint
  hash: Uint8Array
  mac: Uint8Array
}

const pageSize = 200

/** Authenticates with the current master key the ends of chains that an older one authenticated; answers how many, and how many no key recognises: those stay as they are, for the check to find. */
export async function renewHeads(app: App): Promise<{ renewed: number; strange: number }> {
  const isCurrent = (head: Head): boolean => sameBytes(headMac({ app }, head.ownerId, head.seq, head.hash), head.mac)
  const isAuthentic = (head: Head): boolean => headMacs({ app }, head.ownerId, head.seq, head.hash).some((mac) => sameBytes(mac, head.mac))
  let renewed = 0
  let strange = 0
  let last = '00000000-0000-0000-0000-000000000000'
  for (let more = true; more;) {
    const page = await rows<Head>(
      { app, db: app.database.prisma },
      sql`SELECT "ownerId", seq, hash, mac FROM event_heads WHERE "ownerId" > ${last}::uuid ORDER BY "ownerId" LIMIT ${pageSize}`,
    )
    const older = page.filter((head) => !isCurrent(head)).map((head) => head.ownerId)
    if (older.length > 0) {
      const done = await transaction(app.database, async (db) => {
        const tx = { app, db }
        // Read again under the lock that writers take: the chain may have grown since.
        const heads = (
          await rows<Head>(tx, sql`SELECT "ownerId", seq, hash, mac FROM event_heads WHERE "ownerId" = ANY(${older}::uuid[]) ORDER BY "ownerId" FOR UPDATE`)
        ).filter((head) => !isCurrent(head))
        const good = heads.filter(isAuthentic)
        await execute(
          tx,
          sql`UPDATE event_heads AS h SET mac = n.mac
              FROM unnest(${good.map((head) => head.ownerId)}::uuid[], ${good.map((head) => headMac(tx, head.ownerId, head.seq, head.hash))}::bytea[]) AS n("ownerId", mac)
              WHERE h."ownerId" = n."ownerId"`,
        )
        return { renewed: good.length, strange: heads.length - good.length }
      })
      renewed += done.renewed
      strange += done.strange
    }
    last = page.at(-1)?.ownerId ?? last
    more = page.length === pageSize
  }
  return { renewed, strange }
}
