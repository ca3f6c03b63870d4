import { toDate } from '../core/clock.ts'
import { actorName, type Ctx, ownerOf } from '../core/ctx.ts'
import { newId } from '../core/ids.ts'
import { execute, rows, send, sql } from '../db/client.ts'
import { isTransient } from '../db/errors.ts'
import { notifying } from '../db/notices.ts'
import { transaction } from '../db/transaction.ts'
import { controllerId } from '../core/controllerId.ts'
import { appending, entryHash, headMac } from './entries.ts'

export { type ChainEntry, entryHash, headMac, headMacs } from './entries.ts'

/** What a write did: its type (`note.created`), the entity, and the names (never values) of the fields it changed. */
export interface Change {
  type: `${string}.${string}`
  entityType: string
  entityId: string
  changed?: readonly string[]
}

/** Something a committed write sets off: a directory entry or a job. Its payload holds ids only. */
export interface Effect {
  kind: string
  payload: Record<string, string>
}

/** The changes and effects that commit with the open transaction. */
export interface Unit {
  readonly changes: Change[]
  readonly effects: Effect[]
  /** Ids of which processes remember what will no longer be so. */
  forgotten?: string[]
  /** The end of the owner's chain, once it was asked for. */
  head?: Promise<Head | undefined>
  /** How many parts are under way that joined the transaction. */
  parts?: number
  /** Whether another owner's rows were written beside this one's. */
  besides?: boolean
  /** Set by a dry run: the outermost transaction answers what it would have done, and is rolled back. */
  discarded?: boolean
  /** Why a part that joined the transaction failed, unless the part around it took that in and went on: whoever opened the transaction then rolls it back. */
  failure?: unknown
}

/** Turns the open transaction into a dry run. */
export function discard(tx: Ctx): void {
  unitOf(tx).discarded = true
}

class Discarded extends Error {
  readonly result: unknown
  constructor(result: unknown) {
    super('A dry run is rolled back.')
    this.result = result
  }
}

/** Runs `work` in a transaction, or in the one already open; the changes and effects it records commit with its data. Serialization failures and deadlocks are tried again, five times at most. */
export async function inTransaction<T>(ctx: Ctx, work: (tx: Ctx) => Promise<T>, { timeoutMs = 60_000 }: { timeoutMs?: number } = {}): Promise<T> {
  if (ctx.unit) return joining(ctx, ctx.unit, work)
  for (let attempt = 1; ; attempt += 1) {
    const unit: Unit = { changes: [], effects: [] }
    try {
      const result = await transaction(
        ctx.app.database,
        async (db) => {
          const tx: Ctx = { ...ctx, db, unit }
          // Nobody waits for a job: each of its statements may take as long as the transaction.
          if (ctx.actor.kind === 'system' && ctx.app.config.statementTimeoutMs > 0)
            send(tx, sql`SELECT set_config('statement_timeout', ${String(timeoutMs)}, true)`)
          const done = await work(tx)
          if (unit.discarded) throw new Discarded(done)
          await commitUnit(tx, unit)
          if (unit.forgotten) send(tx, notifying(unit.forgotten))
          return done
        },
        { timeoutMs },
      )
      if (unit.forgotten) ctx.app.notices.hear(unit.forgotten)
      if (unit.effects.length > 0 || unit.besides) ctx.app.relay.nudge()
      return result
    } catch (error) {
      if (error instanceof Discarded) return error.result as T
      if (attempt >= 5 || !isTransient(error)) throw error
    }
  }
}

async function joining<T>(ctx: Ctx, unit: Unit, work: (tx: Ctx) => Promise<T>): Promise<T> {
  const before = unit.failure
  unit.parts = (unit.parts ?? 0) + 1
  try {
    const done = await work(ctx)
    unit.failure = before
    return done
  } catch (error) {
    unit.failure = error
    throw error
  } finally {
    unit.parts -= 1
  }
}

/**
 * Runs work for another owner in the open transaction, or in one of its own: what it records goes into that owner's chain, and commits with the rest or
 * not at all. Of two owners the one that began is written last.
 */
export async function inTransactionOf<T>(ctx: Ctx, actor: Exclude<Ctx['actor'], { kind: 'anonymous' }>, work: (tx: Ctx) => Promise<T>): Promise<T> {
  const outer = ctx.unit
  if (!outer) return inTransaction({ ...ctx, actor }, work)
  return joining(ctx, outer, async () => {
    const unit: Unit = { changes: [], effects: [] }
    const tx: Ctx = { ...ctx, actor, unit }
    const done = await work(tx)
    if (unit.failure !== undefined) throw unit.failure
    await commitUnit(tx, unit)
    if (unit.forgotten) announce({ ...ctx, unit: outer }, ...unit.forgotten)
    outer.besides ||= unit.besides || unit.changes.length + unit.effects.length > 0
    return done
  })
}

/** Records a change in the open transaction. */
export function record(tx: Ctx, ...changes: Change[]): void {
  unitOf(tx).changes.push(...changes)
}

/**
 * Says that all that is left to lock of the open transaction is locked, by what was asked for in this turn at the latest, and that it will record a change:
 * the end of the owner's chain is locked along with that, instead of by a way of its own. In a part of a transaction it says nothing, as others may follow.
 */
export function locksNoMore(tx: Ctx): void {
  const unit = unitOf(tx)
  if (unit.parts || unit.head) return
  unit.head = lockHead(tx, ownerOf(tx))
  // Whoever records awaits it.
  unit.head.catch(() => {})
}

/** Records an effect in the open transaction; the relay carries it out after the commit, at least once. */
export function setOff(tx: Ctx, ...effects: Effect[]): void {
  unitOf(tx).effects.push(...effects)
}

/** Tells every process, as the open transaction commits, that what it remembers of these owners, sessions or tokens is no longer so: at once in this one, within a second in all. */
export function announce(tx: Ctx, ...ids: string[]): void {
  ;(unitOf(tx).forgotten ??= []).push(...ids)
}

function unitOf(tx: Ctx): Unit {
  if (!tx.unit) throw new Error('A change is recorded inside inTransaction only.')
  return tx.unit
}

/** Appends the unit's changes to the owner's chain and its effects to the outbox. The head's row lock is taken last and held shortest; it is what keeps `seq` without a gap. */
async function commitUnit(tx: Ctx, unit: Unit): Promise<void> {
  const ownerId = tx.actor.kind === 'anonymous' && unit.changes.length + unit.effects.length === 0 ? '' : ownerOf(tx)
  const at = toDate(tx.clock.now())
  if (unit.effects.length > 0) {
    send(
      tx,
      sql`INSERT INTO outbox ("ownerId", id, kind, payload, "createdAt", "notBefore")
          SELECT ${ownerId}::uuid, id, kind, payload, ${at}::timestamptz, ${at}::timestamptz
          FROM unnest(${unit.effects.map(() => newId(tx.clock))}::uuid[], ${unit.effects.map((effect) => effect.kind)}::text[], ${unit.effects.map((effect) => JSON.stringify(effect.payload))}::jsonb[]) AS effect(id, kind, payload)`,
    )
  }
  if (unit.changes.length === 0) return
  const head = (await (unit.head ?? lockHead(tx, ownerId))) ?? (await beginChain(tx, ownerId), await lockHead(tx, ownerId))
  if (!head) throw new Error('There is no account to write for: it was erased, or never made.')
  let seq = BigInt(head.seq)
  let prevHash: Uint8Array = head.hash
  const entries = unit.changes.map((change) => {
    seq += 1n
    const entry = {
      ownerId,
      seq,
      at,
      actor: actorName(tx.actor),
      requestId: tx.requestId,
      type: change.type,
      entityType: change.entityType,
      entityId: change.entityId,
      changed: [...(change.changed ?? [])].toSorted(),
      prevHash,
    }
    prevHash = entryHash(entry)
    return { ...entry, hash: prevHash }
  })
  send(tx, appending(entries))
  send(tx, sql`UPDATE event_heads SET seq = ${seq}, hash = ${prevHash}, mac = ${headMac(tx, ownerId, seq, prevHash)} WHERE "ownerId" = ${ownerId}::uuid`)
}

/** The end of a chain. */
interface Head {
  seq: bigint
  hash: Uint8Array
}

async function lockHead(tx: Ctx, ownerId: string): Promise<Head | undefined> {
  const [head] = await rows<Head>(tx, sql`SELECT seq, hash FROM event_heads WHERE "ownerId" = ${ownerId}::uuid FOR UPDATE`)
  return head
}

/** Begins the chain of an account, or of the controller, who has none. Nobody else has one: whatever was still running for an account that is erased commits nothing any more. */
async function beginChain(tx: Ctx, ownerId: string): Promise<void> {
  await execute(
    tx,
    sql`INSERT INTO event_heads ("ownerId", seq, hash, mac)
        SELECT ${ownerId}::uuid, 0, ${Buffer.alloc(32)}, ${headMac(tx, ownerId, 0n, Buffer.alloc(32))}
        WHERE ${ownerId}::uuid = ${controllerId}::uuid OR EXISTS (SELECT 1 FROM accounts AS a WHERE a."ownerId" = ${ownerId}::uuid) ON CONFLICT DO NOTHING`,
  )
}
