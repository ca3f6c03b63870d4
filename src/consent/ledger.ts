import { toDate, toInstant } from '../core/clock.ts'
import { type Ctx, ownerOf } from '../core/ctx.ts'
import { idFrom } from '../core/ids.ts'
import { execute, rows, sql } from '../db/client.ts'
import type { ConsentRecord } from '../db/generated/prisma/client.ts'
import type { Listing } from '../db/keyset.ts'
import { record, setOff } from '../events/service.ts'
import type { ConsentPurpose, PurposeKey } from './purposes.ts'
import { type ConsentSource, type Decision, fold, type Standing } from './states.ts'

/** What is written down of a decision, beside its place in the ledger. */
export interface Entry {
  purpose: PurposeKey
  state: Decision['state']
  source: ConsentSource
  noticeVersion: string | null
  noticeHash: Uint8Array<ArrayBuffer> | null
  language: string | null
  method: string | null
  signals: readonly string[]
  validUntil: Temporal.Instant | null
}

/** The owner's ledger, the first entry first. */
export function readLedger(ctx: Ctx): Promise<ConsentRecord[]> {
  return rows<ConsentRecord>(ctx, sql`SELECT * FROM consent_records WHERE "ownerId" = ${ownerOf(ctx)}::uuid ORDER BY seq`)
}

/** The owner's entries about one purpose, the first one first. */
export function readEntries(ctx: Ctx, key: PurposeKey): Promise<ConsentRecord[]> {
  return rows<ConsentRecord>(ctx, sql`SELECT * FROM consent_records WHERE "ownerId" = ${ownerOf(ctx)}::uuid AND purpose = ${key} ORDER BY seq`)
}

/** When purposes become others than they were, by their names. */
export async function readChanges(ctx: Pick<Ctx, 'app' | 'db' | 'unit'>): Promise<Map<string, Temporal.Instant[]>> {
  const changes = await rows<{ purpose: string; effectiveAt: Date }>(ctx, sql`SELECT purpose, "effectiveAt" FROM consent_purpose_changes`)
  return new Map([...Map.groupBy(changes, ({ purpose }) => purpose)].map(([key, list]) => [key, list.map(({ effectiveAt }) => toInstant(effectiveAt))]))
}

/** Lets purposes be others than they were from an instant on: consent that was given before ends then. */
export async function changePurposes(
  ctx: Pick<Ctx, 'app' | 'db' | 'unit'>,
  keys: readonly string[],
  effectiveAt: Temporal.Instant,
  policyVersion: string,
): Promise<void> {
  await execute(
    ctx,
    sql`INSERT INTO consent_purpose_changes (purpose, "effectiveAt", "policyVersion")
        SELECT key, ${toDate(effectiveAt)}::timestamptz, ${policyVersion} FROM unnest(${[...keys]}::text[]) AS key ON CONFLICT DO NOTHING`,
  )
}

/** How one purpose stands for the owner. */
export async function standingOf(ctx: Ctx, purpose: ConsentPurpose & { key: PurposeKey }): Promise<Standing> {
  const [entries, changes] = await Promise.all([readEntries(ctx, purpose.key), readChanges(ctx)])
  return fold(purpose, entries.map(decisionOf), changes.get(purpose.key) ?? [], ctx.clock.now())
}

/** An entry as folding needs it. */
export function decisionOf(entry: ConsentRecord): Decision {
  return {
    state: entry.state as Decision['state'],
    source: entry.source as ConsentSource,
    noticeVersion: entry.noticeVersion,
    validUntil: entry.validUntil && toInstant(entry.validUntil),
    at: toInstant(entry.at),
  }
}

/** Lets one transaction at a time read and write the owner's ledger. */
export async function holdLedger(tx: Ctx): Promise<void> {
  await execute(tx, sql`SELECT pg_advisory_xact_lock(hashtextextended(${`consent ${ownerOf(tx)}`}, 0))`)
}

/** Writes an entry at the end of the ledger that the transaction holds. Its event and what follows from it commit with it. */
export async function append(tx: Ctx, entry: Entry): Promise<ConsentRecord> {
  const ownerId = ownerOf(tx)
  const [last] = await rows<{ id: string; seq: number }>(
    tx,
    sql`SELECT id, seq FROM consent_records WHERE "ownerId" = ${ownerId}::uuid ORDER BY seq DESC LIMIT 1`,
  )
  const row: Omit<ConsentRecord, 'id'> = {
    ...entry,
    ownerId,
    seq: (last?.seq ?? 0) + 1,
    signals: [...entry.signals],
    validUntil: entry.validUntil && toDate(entry.validUntil),
    at: toDate(tx.clock.now()),
    previousId: last?.id ?? null,
  }
  const made = await tx.db.consentRecord.create({ data: { ...row, id: entryId(row) } })
  record(tx, { type: `consent.${entry.state.toLowerCase()}`, entityType: 'ConsentRecord', entityId: made.id, changed: [entry.purpose] })
  announce(tx, entry.purpose)
  return made
}

/** The id of an entry: a hash of all that it says and of the entry before it. */
export function entryId(row: Omit<ConsentRecord, 'id'>): string {
  const { ownerId, seq, purpose, state, source, noticeVersion, noticeHash, language, method, signals, validUntil, at, previousId } = row
  const texts = [purpose, state, source, noticeVersion, noticeHash && Buffer.from(noticeHash).toString('hex'), language, method, signals]
  return idFrom('consent record', ownerId, JSON.stringify([seq, ...texts, validUntil?.getTime() ?? null, at.getTime(), previousId]))
}

/** Sets off the handlers by which other domains follow what is decided: each kind that ends in `.consentChanged` is one domain's, and is told the purpose. */
function announce(tx: Ctx, purpose: PurposeKey): void {
  for (const kind of Object.keys(tx.app.relay.handlers)) if (kind.endsWith('.consentChanged')) setOff(tx, { kind, payload: { purpose } })
}

/** The owner's ledger as a list, the latest entry first. */
export function recordsListing(ctx: Ctx): Listing {
  return {
    name: 'consentRecords',
    select: sql`c.*`,
    from: sql`consent_records AS c`,
    where: sql`c."ownerId" = ${ownerOf(ctx)}::uuid`,
    keys: [{ column: sql`c.seq`, type: 'integer', direction: 'desc', nulls: 'none' }],
  }
}
