import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { grantRole } from '../../src/privacy/roles.ts'
import { verifyJournals } from '../../src/privacy/verifyJournal.ts'
import { testApp } from '../support/app.ts'
import { rowIdOf } from '../support/crm.ts'
import { type Kith, onRequest, submit } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())

describe('the proof of how a request was answered', () => {
  test('[F-29] is whole, and shows a change, a gap, another order and a cut at the right step', async () => {
    const olga = await kith.signUp()
    await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
    const { id } = await submit(kith, await kith.signUp(), { type: 'OBJECTION', regime: 'GDPR', purpose: 'SECURITY', details: 'x' })
    for (const reason of ['One.', 'Two.', 'Three.']) await onRequest(kith, olga, 'privacyCaseNote', id, 'reason: $reason', { reason }, '$reason: String!')
    const request = rowIdOf(id)
    const { pool } = kith.app.database
    const faults = async () => (await verifyJournals(kith.app)).faults.map(({ requestId, seq }) => [requestId, seq])
    expect(await faults()).toEqual([])
    const tamper = async (statement: string, seq: number) => {
      const kept = [
        await pool.query('SELECT * FROM privacy_request_events WHERE "requestId" = $1', [request]),
        await pool.query('SELECT * FROM privacy_requests WHERE id = $1', [request]),
      ]
      await pool.query(statement.replaceAll(':id', `'${request}'`))
      expect(await faults(), statement).toEqual([[request, seq]])
      await pool.query('DELETE FROM privacy_request_events WHERE "requestId" = $1', [request])
      for (const row of kept[0]!.rows) {
        const names = Object.keys(row)
        await pool.query(
          `INSERT INTO privacy_request_events (${names.map((name) => `"${name}"`).join()}) VALUES (${names.map((_, index) => `$${index + 1}`).join()})`,
          Object.values(row),
        )
      }
      const [head] = kept[1]!.rows
      await pool.query('UPDATE privacy_requests SET "eventSeq" = $2, "eventHash" = $3, "eventMac" = $4 WHERE id = $1', [
        request,
        head.eventSeq,
        head.eventHash,
        head.eventMac,
      ])
      expect(await faults()).toEqual([])
    }
    for (const column of ['event', 'actor', '"reasonCode"', '"from"'])
      await tamper(`UPDATE privacy_request_events SET ${column} = ${column === 'actor' ? `'SYSTEM'` : `'x'`} WHERE "requestId" = :id AND seq = 4`, 4)
    await tamper(`UPDATE privacy_request_events SET at = at + interval '1 second' WHERE "requestId" = :id AND seq = 5`, 5)
    await tamper(`UPDATE privacy_request_events SET "payloadHash" = '\\x00' WHERE "requestId" = :id AND seq = 6`, 6)
    await tamper(`DELETE FROM privacy_request_events WHERE "requestId" = :id AND seq = 3`, 3)
    await tamper(`DELETE FROM privacy_request_events WHERE "requestId" = :id AND seq = 6`, 6)
    await tamper(`UPDATE privacy_requests SET "eventMac" = '\\x00' WHERE id = :id`, 7)
    // Cut off, and the end moved along with it: what authenticates the end cannot be made.
    await tamper(
      `WITH gone AS (DELETE FROM privacy_request_events WHERE "requestId" = :id AND seq = 6) UPDATE privacy_requests SET "eventSeq" = 5, "eventHash" = (SELECT hash FROM privacy_request_events WHERE "requestId" = :id AND seq = 5) WHERE id = :id`,
      6,
    )
    const set = (from: number, to: number) => `UPDATE privacy_request_events SET seq = ${to} WHERE "requestId" = :id AND seq = ${from}`
    await tamper([set(4, 50), set(5, 4), set(50, 5)].join('; '), 4)
  })
})
