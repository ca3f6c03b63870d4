import fc from 'fast-check'
import { expect } from 'vitest'
import { updateAccount } from '../../src/accounts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { chains } from '../../src/erasure/service.ts'
import { signCheckpoints, verifyCheckpoints } from '../../src/events/checkpoints.ts'
import { entryHash } from '../../src/events/service.ts'
import { verifyChains } from '../../src/events/verify.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

/** Something that somebody does who can write to the database: to an entry, or from it on. */
type Tampering =
  | { kind: 'change'; seq: number; column: keyof typeof columns; refit: boolean }
  | { kind: 'delete'; seq: number }
  | { kind: 'reorder'; seq: number; other: number; refit: boolean }
  | { kind: 'truncate'; seq: number }
  | { kind: 'old state'; seq: number }

const columns = {
  at: `at = at + interval '1 second'`,
  actor: `actor = 'user:someone'`,
  requestId: `"requestId" = "requestId" || 'x'`,
  type: `type = 'account.invented'`,
  entityType: `"entityType" = "entityType" || 'x'`,
  entityId: `"entityId" = gen_random_uuid()`,
  changed: `changed = array_append(changed, 'x')`,
} as const

const length = 30

/** A chain of events with a signed end, and what finds a tampering in it. */
export interface Bench {
  kith: TestApp
  /** Tampers, checks what `kith audit verify` checks, and puts everything back. */
  check(tampering: Tampering): Promise<void>
}

/** Makes a chain to tamper with. */
export async function tamperBench(): Promise<Bench> {
  const clock = fixedClock('2026-06-01T10:00:00Z')
  const kith = await testApp({ clock })
  const ada = await kith.signUp()
  const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
  const heads: unknown[][] = []
  for (;;) {
    const [head] = await query('SELECT seq, hash, mac FROM event_heads WHERE "ownerId" = $1', [ada.ownerId])
    heads[Number(head.seq)] = [head.hash, head.mac]
    if (Number(head.seq) === length) break
    clock.advance({ minutes: 1 })
    await updateAccount(ada.ctx, { name: `Name ${head.seq}` })
  }
  await signCheckpoints(kith.app, chains)
  await query('CREATE TABLE kept_events AS TABLE events')
  await query('CREATE TABLE kept_heads AS TABLE event_heads')
  return { kith, check: (tampering) => check(kith, ada, heads, tampering) }
}

/** Any tampering. */
export const tamperings: fc.Arbitrary<Tampering> = fc.oneof(
  fc.record({
    kind: fc.constant('change' as const),
    seq: fc.integer({ min: 1, max: length }),
    column: fc.constantFrom(...(Object.keys(columns) as (keyof typeof columns)[])),
    refit: fc.boolean(),
  }),
  fc.record({ kind: fc.constant('delete' as const), seq: fc.integer({ min: 1, max: length }) }),
  fc
    .record({
      kind: fc.constant('reorder' as const),
      seq: fc.integer({ min: 1, max: length - 1 }),
      other: fc.integer({ min: 2, max: length }),
      refit: fc.boolean(),
    })
    .filter(({ seq, other }) => seq < other),
  fc.record({ kind: fc.constant('truncate' as const), seq: fc.integer({ min: 1, max: length }) }),
  // From the third on: an account begins with two entries, whose end was never kept apart.
  fc.record({ kind: fc.constant('old state' as const), seq: fc.integer({ min: 5, max: length - 1 }) }),
)

async function check(kith: TestApp, { ownerId }: Person, heads: unknown[][], tampering: Tampering): Promise<void> {
  const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
  const { seq } = tampering
  try {
    if (tampering.kind === 'change') await query(`UPDATE events SET ${columns[tampering.column]} WHERE "ownerId" = $1 AND seq = $2`, [ownerId, seq])
    if (tampering.kind === 'delete') await query('DELETE FROM events WHERE "ownerId" = $1 AND seq = $2', [ownerId, seq])
    if (tampering.kind === 'truncate') await query('DELETE FROM events WHERE "ownerId" = $1 AND seq >= $2', [ownerId, seq])
    if (tampering.kind === 'reorder') {
      await query('UPDATE events SET seq = CASE seq WHEN $2 THEN -$3::bigint ELSE -$2::bigint END WHERE "ownerId" = $1 AND seq IN ($2, $3)', [
        ownerId,
        seq,
        tampering.other,
      ])
      await query('UPDATE events SET seq = -seq WHERE "ownerId" = $1 AND seq < 0', [ownerId])
    }
    if (tampering.kind === 'old state') {
      await query('DELETE FROM events WHERE "ownerId" = $1 AND seq > $2', [ownerId, seq])
      await query('UPDATE event_heads SET seq = $2, hash = $3, mac = $4 WHERE "ownerId" = $1', [ownerId, seq, ...(heads[seq] ?? [])])
    }
    if ('refit' in tampering && tampering.refit) await refit(query, ownerId, seq)
    const { faults } = await verifyChains(kith.app)
    const signed = (await verifyCheckpoints(kith.app, chains)).faults
    const found = Number(faults[0]?.seq ?? signed[0]?.seq ?? -1)
    expect({ tampering, found }).toEqual({ tampering, found: tampering.kind === 'old state' ? length : seq })
  } finally {
    await query('TRUNCATE events, event_heads')
    await query('INSERT INTO events TABLE kept_events')
    await query('INSERT INTO event_heads TABLE kept_heads')
  }
}

/** Makes the hash of one entry fit what it says now, as somebody would who knows how entries are hashed. */
async function refit(query: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>, ownerId: string, seq: number): Promise<void> {
  const [entry] = await query('SELECT * FROM events WHERE "ownerId" = $1 AND seq = $2', [ownerId, seq])
  const hash = entryHash({ ...(entry as unknown as Parameters<typeof entryHash>[0]), seq: BigInt(seq) })
  await query('UPDATE events SET hash = $3 WHERE "ownerId" = $1 AND seq = $2', [ownerId, seq, hash])
}
