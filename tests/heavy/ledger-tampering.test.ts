import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { giveConsent, withdrawConsent } from '../../src/consent/service.ts'
import { verifyLedgers } from '../../src/consent/verify.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2026-12-01T10:00:00Z')
const length = 12
let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock })
  ada = await kith.signUp()
  for (let index = 0; index < length / 4; index += 1) {
    for (const key of ['MARKETING', 'GOOGLE_GMAIL']) {
      await giveConsent(ada.ctx, key)
      clock.advance({ hours: 1 })
      await withdrawConsent(ada.ctx, key)
    }
  }
})
afterAll(() => kith.close())

const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
/** What each column is changed to: never to what it was. */
const changes = [
  `purpose = purpose || '_OTHER'`,
  `state = CASE state WHEN 'GIVEN' THEN 'REFUSED' ELSE 'GIVEN' END`,
  `source = CASE source WHEN 'UI' THEN 'API' ELSE 'UI' END`,
  `"noticeVersion" = coalesce("noticeVersion", '') || '9'`,
  `"noticeHash" = coalesce("noticeHash", '') || '\\x00'`,
  `language = coalesce(language, '') || 'x'`,
  `method = coalesce(method, '') || 'x'`,
  `signals = array_append(signals, 'GPC')`,
  `"validUntil" = coalesce("validUntil", at) + interval '1 ms'`,
  `at = at + interval '1 ms'`,
  `"previousId" = gen_random_uuid()`,
  `id = gen_random_uuid()`,
]
const place = fc.integer({ min: 1, max: length })
type Tampering = { kind: string; statement: string; seq: number }
const tamperings: fc.Arbitrary<Tampering> = fc.oneof(
  fc
    .record({ change: fc.constantFrom(...changes), seq: place })
    .map(({ change, seq }) => ({ kind: 'change', statement: `UPDATE consent_records SET ${change} WHERE "ownerId" = $1 AND seq = ${seq}`, seq })),
  place.map((seq) => ({ kind: 'delete', statement: `DELETE FROM consent_records WHERE "ownerId" = $1 AND seq = ${seq}`, seq })),
  place.map((seq) => ({ kind: 'truncate', statement: `DELETE FROM consent_records WHERE "ownerId" = $1 AND seq >= ${seq}`, seq })),
  fc
    .tuple(place, place)
    .filter(([one, other]) => one !== other)
    .map(([one, other]) => ({
      kind: 'reorder',
      // Out of the way first: two entries never have one place.
      statement: `WITH moved AS (DELETE FROM consent_records WHERE "ownerId" = $1 AND seq IN (${one}, ${other}) RETURNING *) SELECT * FROM moved`,
      seq: Math.min(one, other),
    })),
)

/** Which tamperings are tried; another run may try others. A failure prints it. */
const seed = Number(process.env['KITH_SEED'] ?? 20_261_125)

test('[F-29] of 1,000 random tamperings with a ledger every one is found at the right entry', { timeout: 300_000 }, async () => {
  const whole = await query('SELECT * FROM consent_records WHERE "ownerId" = $1 ORDER BY seq', [ada.ownerId])
  expect(whole).toHaveLength(length)
  const put = async (rows: object[]) => {
    await query('DELETE FROM consent_records WHERE "ownerId" = $1', [ada.ownerId])
    await kith.app.database.prisma.consentRecord.createMany({ data: rows as never })
  }
  let found = 0
  await fc.assert(
    fc.asyncProperty(tamperings, async ({ kind, statement, seq }) => {
      const moved = await query(statement, [ada.ownerId])
      if (kind === 'reorder') {
        const [first, second] = moved as { seq: number }[]
        await kith.app.database.prisma.consentRecord.createMany({
          data: [
            { ...first, seq: second!.seq },
            { ...second, seq: first!.seq },
          ] as never,
        })
      }
      const { faults } = await verifyLedgers(kith.app, ada.ownerId)
      expect(faults[0]).toMatchObject({ seq })
      found += 1
      await put(whole)
    }),
    { numRuns: 1000, seed, endOnFailure: true },
  )
  expect(found).toBe(1000)
  expect((await verifyLedgers(kith.app, ada.ownerId)).faults).toEqual([])
})
