import type { App } from '../app.ts'
import { isId } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import { inTransaction } from '../events/service.ts'
import { markDirty } from '../google/schedule.ts'
import { systemCtx } from '../jobs/relay.ts'
import { sameBytes } from '../vault/master.ts'
import { tokenHash } from './channels.ts'

/** A message of Google's on a channel; it says that something has changed, never what. */
export interface PushMessage {
  channelId: string
  token: string
  /** `sync` when the channel opens, then `exists`. */
  state: string
  /** Counts up, with gaps. */
  number: string
}

/**
 * Takes a message in: the calendar's next run is due. One that comes again, or after a later one, changes nothing. Answers false for a channel that is
 * not known, or known by another secret; the two look the same.
 */
export async function receivePush(app: App, { channelId, token, state, number }: PushMessage): Promise<boolean> {
  const given = tokenHash(token)
  if (!isId(channelId)) return false
  const [channel] = await rows<{ ownerId: string }>(
    { app, db: app.database.prisma },
    sql`SELECT "ownerId" FROM directory_channels WHERE "channelId" = ${channelId}::uuid`,
  )
  if (!channel) return false
  const ctx = systemCtx(app, channel.ownerId, 'calendar push')
  const mine = sql`"ownerId" = ${channel.ownerId}::uuid AND id = ${channelId}::uuid`
  const [known] = await rows<{ tokenHash: Uint8Array }>(ctx, sql`SELECT "tokenHash" FROM calendar_channels WHERE ${mine}`)
  if (!known || !sameBytes(known.tokenHash, given)) return false
  if (state === 'sync' || !/^\d{1,18}$/.test(number)) return true
  await inTransaction(ctx, async (tx) => {
    const isNew = await execute(tx, sql`UPDATE calendar_channels SET "lastMessage" = ${number}::bigint WHERE ${mine} AND "lastMessage" < ${number}::bigint`)
    if (isNew > 0) await markDirty(tx, 'calendar')
  })
  return true
}
