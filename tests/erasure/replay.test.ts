import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { entomb } from '../../src/erasure/eraseAccount.ts'
import { ledgerFaults, pendingReplays, replayErasures } from '../../src/erasure/service.ts'
import { healthRoutes } from '../../src/http/health.ts'
import { tablesOf } from '../../src/policy/tables.ts'
import { type Person, testApp } from '../support/app.ts'
import { makeWorld } from '../support/world.ts'
import { type Kith, submit } from '../privacy/support.ts'
import { isEvidence } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 1 })
  ada = await kith.signUp()
  await makeWorld(kith, ada)
})

const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
const ready = async () => {
  const answer = await healthRoutes(kith.app).request('/ready')
  return { status: answer.status, erasures: ((await answer.json()) as { checks: { erasures: boolean } }).checks.erasures }
}
const tables = () => tablesOf(kith.app).map(({ table }) => table)

/** Takes a dump of everything, and puts it back in place of what is there: what restoring it into the database does to the rows. It lies outside of the database, where no check finds it. */
async function dump(): Promise<() => Promise<void>> {
  const dumped = new Map<string, string>()
  for (const table of tables()) dumped.set(table, (await query(`SELECT coalesce(json_agg(t), '[]')::text AS rows FROM public.${table} AS t`))[0].rows)
  return async () => {
    await query(`TRUNCATE ${tables().join(', ')} CASCADE`)
    for (const table of tables().toReversed())
      await query(`INSERT INTO public.${table} SELECT * FROM json_populate_recordset(NULL::public.${table}, $1::json)`, [dumped.get(table)])
  }
}
const rowsOf = async (ownerId: string) => {
  let count = 0
  for (const { table, columns } of tablesOf(kith.app))
    if (columns.some(({ name }) => name === 'ownerId') && !isEvidence(kith, table))
      count += (await query(`SELECT 1 FROM ${table} WHERE "ownerId" = $1`, [ownerId])).length
  return count
}

test(
  '[F-13] [S-29] a restored dump brings an erased account back only until the ledger is applied again, and nobody is served before',
  { timeout: 60_000 },
  async () => {
    const other = await kith.signUp()
    await makeWorld(kith, other)
    const restore = await dump()
    await submit(kith, ada, { type: 'ERASURE' })
    await kith.runJobs()
    expect(await rowsOf(ada.ownerId)).toBe(0)
    expect(await ready()).toEqual({ status: 200, erasures: true })
    // It has ended: what a replay does then it does by the entry alone.
    const certificates = await query('SELECT jws FROM erasure_certificates')
    expect(certificates).toHaveLength(1)

    await restore()
    expect(await query('SELECT 1 FROM erasure_certificates')).toEqual([])
    expect(await rowsOf(ada.ownerId)).toBeGreaterThan(100)
    const others = await rowsOf(other.ownerId)
    expect(await pendingReplays(kith.app)).toHaveLength(1)
    expect(await ready()).toEqual({ status: 503, erasures: false })
    await expect(kith.app.vault.of(ada.ownerId)).rejects.toThrow('gone for good')

    expect(await replayErasures(kith.app)).toBe(1)
    expect(await rowsOf(ada.ownerId)).toBe(0)
    expect(await rowsOf(other.ownerId)).toBe(others)
    expect(await ready()).toEqual({ status: 200, erasures: true })
    expect(await query('SELECT jws FROM erasure_certificates')).toEqual(certificates)
    expect(await replayErasures(kith.app)).toBe(0)
  },
)

test('[F-13] an erasure that was under way when the database was lost is brought to its end by the ledger alone', async () => {
  const restore = await dump()
  await submit(kith, ada, { type: 'ERASURE' })
  const requests = await query(`SELECT id FROM privacy_requests WHERE "subjectOwnerId" = $1`, [ada.ownerId])
  await entomb(kith.app, ada.ownerId, requests[0].id)
  await restore()
  expect(await ready()).toEqual({ status: 503, erasures: false })
  await replayErasures(kith.app)
  expect(await rowsOf(ada.ownerId)).toBe(0)
  const { rows: entries } = await kith.app.keys.pool.query('SELECT certificate FROM erasures WHERE "subjectId" = $1', [ada.ownerId])
  expect(entries[0].certificate).toMatch(/^eyJ/)
  expect(await ready()).toEqual({ status: 200, erasures: true })
})

test('[S-29] a ledger that lost, changed or forged an entry is found out', async () => {
  await submit(kith, ada, { type: 'ERASURE' })
  await kith.runJobs()
  expect(await ledgerFaults(kith.app)).toEqual([])
  const keys = (text: string) => kith.app.keys.pool.query(text)
  const tampered = async (change: string): Promise<string[]> => {
    await keys('CREATE TABLE kept AS TABLE erasures')
    await keys('CREATE TABLE kept_steps AS TABLE erasure_steps')
    await keys(change)
    const faults = await ledgerFaults(kith.app)
    await keys('TRUNCATE erasures CASCADE')
    await keys('INSERT INTO erasures TABLE kept')
    await keys('INSERT INTO erasure_steps TABLE kept_steps')
    await keys('DROP TABLE kept, kept_steps')
    return faults.map(({ message }) => message)
  }
  const last = 'seq = (SELECT max(seq) FROM erasures)'
  expect(await tampered(`UPDATE erasures SET "subjectId" = gen_random_uuid() WHERE ${last}`)).toEqual([expect.stringContaining('is not what was written')])
  expect(await tampered(`DELETE FROM erasure_steps; DELETE FROM erasures WHERE ${last}`)).toEqual([expect.stringContaining('ends before entry')])
  expect(await tampered(`DELETE FROM erasure_steps; DELETE FROM erasures WHERE seq = 1`)).toEqual([
    expect.stringContaining('Entry 1 of the ledger of erasures is missing'),
  ])
})
