import { afterAll, beforeAll, expect, test } from 'vitest'
import { updateAccount } from '../../src/accounts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { chains } from '../../src/erasure/service.ts'
import { signCheckpoints, verifyCheckpoints } from '../../src/events/checkpoints.ts'
import { verifyChains } from '../../src/events/verify.ts'
import { type Person, testApp } from '../support/app.ts'
import { type Kith, submit } from '../privacy/support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
  ada = await kith.signUp()
  await updateAccount(ada.ctx, { name: 'Ada' })
})
afterAll(() => kith.close())

const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
const sign = () => signCheckpoints(kith.app, chains)
const verify = async () => (await verifyCheckpoints(kith.app, chains)).faults

test('[F-29] an older state of a chain that is put back with its older end is found at the entry that was signed', async () => {
  await query('CREATE TABLE old_events AS TABLE events')
  await query('CREATE TABLE old_heads AS TABLE event_heads')
  await updateAccount(ada.ctx, { name: 'Grace' })
  const [{ seq }] = await query('SELECT seq FROM event_heads WHERE "ownerId" = $1', [ada.ownerId])
  expect((await sign()).strange).toBe(0)
  expect(await verify()).toEqual([])

  await query('TRUNCATE events, event_heads')
  await query('INSERT INTO events TABLE old_events')
  await query('INSERT INTO event_heads TABLE old_heads')
  // To itself the chain is whole: this is what the signed end is for.
  expect((await verifyChains(kith.app)).faults).toEqual([])
  expect(await verify()).toMatchObject([{ chain: 'events', id: ada.ownerId, seq: BigInt(seq) }])

  // Nor does writing on, or signing again, hide it.
  clock.advance({ minutes: 1 })
  await updateAccount(ada.ctx, { name: 'Mallory' })
  await updateAccount(ada.ctx, { name: 'Mallory again' })
  expect((await sign()).strange).toBe(1)
  expect(await verify()).toMatchObject([{ id: ada.ownerId, seq: BigInt(seq), message: expect.stringContaining('is not the one') }])
})

test('[F-29] the chain of a privacy request has a signed end too', async () => {
  const bob = await kith.signUp()
  await submit(kith, bob, { type: 'COMPLAINT', details: 'x' })
  await sign()
  const [{ id }] = await query('SELECT id FROM privacy_requests')
  await query(`DELETE FROM privacy_request_events WHERE seq = (SELECT max(seq) FROM privacy_request_events)`)
  expect((await verify()).find((fault) => fault.chain === 'privacy requests')).toMatchObject({ id, message: expect.stringContaining('older state') })
})

test('[F-29] a checkpoint that was not signed here counts as a fault, not as proof', async () => {
  const carol = await kith.signUp()
  await sign()
  await kith.app.keys.pool.query('UPDATE chain_checkpoints SET hash = sha256($1) WHERE id = $2', [Buffer.from('x'), carol.ownerId])
  expect((await verify()).find(({ id }) => id === carol.ownerId)).toMatchObject({ message: expect.stringContaining('not one that was signed') })
})
