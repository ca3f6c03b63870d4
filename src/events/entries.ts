import { hash } from 'node:crypto'
import type { Ctx } from '../core/ctx.ts'
import { type Sql, sql } from '../db/client.ts'

/** One entry of an owner's chain, as it is hashed. */
export interface ChainEntry {
  ownerId: string
  seq: bigint
  at: Date
  actor: string
  requestId: string
  type: string
  entityType: string
  entityId: string
  changed: readonly string[]
  prevHash: Uint8Array
}

/** SHA-256 over the entry's canonical JSON, its predecessor's hash included. */
export function entryHash(entry: ChainEntry): Buffer {
  return hash(
    'sha256',
    JSON.stringify([
      entry.ownerId,
      String(entry.seq),
      entry.at.getTime(),
      entry.actor,
      entry.requestId,
      entry.type,
      entry.entityType,
      entry.entityId,
      entry.changed,
      Buffer.from(entry.prevHash).toString('hex'),
    ]),
    'buffer',
  )
}

/** What authenticates the end of a chain. */
export function headMac(ctx: Pick<Ctx, 'app'>, ownerId: string, seq: bigint, hash: Uint8Array): Buffer {
  return ctx.app.vault.master.mac('event head', headText(ownerId, seq, hash))
}

/** The same under every configured master key: what is good at the end of a chain that an earlier key authenticated. */
export function headMacs(ctx: Pick<Ctx, 'app'>, ownerId: string, seq: bigint, hash: Uint8Array): Buffer[] {
  return ctx.app.vault.master.macs('event head', headText(ownerId, seq, hash))
}

function headText(ownerId: string, seq: bigint, hash: Uint8Array): string {
  return `${ownerId}|${seq}|${Buffer.from(hash).toString('hex')}`
}

const into = sql`INSERT INTO events ("ownerId", seq, at, actor, "requestId", type, "entityType", "entityId", changed, "prevHash", hash)`

/** Appends what one unit changed, which mostly is one thing. */
export function appending(entries: readonly (ChainEntry & { hash: Uint8Array })[]): Sql {
  const [{ ownerId, at, actor, requestId, ...first }, ...others] = entries as [(typeof entries)[number]]
  if (others.length === 0) {
    const { seq, type, entityType, entityId, changed, prevHash, hash } = first
    return sql`${into} VALUES (${ownerId}::uuid, ${seq}::bigint, ${at}::timestamptz, ${actor}, ${requestId}, ${type}, ${entityType}, ${entityId}::uuid, ${changed}::text[], ${prevHash}::bytea, ${hash}::bytea)`
  }
  return sql`${into}
        SELECT ${ownerId}::uuid, seq, ${at}::timestamptz, ${actor}, ${requestId}, type, "entityType", "entityId", ARRAY(SELECT jsonb_array_elements_text(changed)), "prevHash", hash
        FROM unnest(${entries.map((entry) => String(entry.seq))}::bigint[], ${entries.map((entry) => entry.type)}::text[], ${entries.map((entry) => entry.entityType)}::text[], ${entries.map((entry) => entry.entityId)}::uuid[], ${entries.map((entry) => JSON.stringify(entry.changed))}::jsonb[], ${entries.map((entry) => entry.prevHash)}::bytea[], ${entries.map((entry) => entry.hash)}::bytea[])
        AS entry(seq, type, "entityType", "entityId", changed, "prevHash", hash)`
}
