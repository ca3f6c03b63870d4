import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rotate } from '../../src/commands/keys.ts'
import { type TestApp, testApp } from '../support/app.ts'

const [older, newer] = [randomBytes(32), randomBytes(32)]
let before: TestApp
let beside: TestApp
let during: TestApp
let after: TestApp

beforeAll(async () => {
  before = await testApp({ secrets: { masterKeys: [older] } })
  beside = await testApp({ databases: before.databases, secrets: { masterKeys: [older] } })
  during = await testApp({ databases: before.databases, secrets: { masterKeys: [newer, older] } })
  after = await testApp({ databases: before.databases, secrets: { masterKeys: [newer] } })
})
afterAll(async () => {
  await after.close()
  await during.close()
  await beside.close()
  await before.close()
})

const keysOf = async (kith: TestApp) => (await kith.app.signing.publicKeys()).map(({ id, retiredAt }) => [id, retiredAt === null])

test('processes that sign for the first time at once sign with one key', async () => {
  const signed = await Promise.all([before, beside, before, beside].map(({ app }) => app.signing.sign(Buffer.from('text'))))
  expect(new Set(signed.map(({ keyId }) => keyId)).size).toBe(1)
  expect(await keysOf(before)).toEqual([[signed[0]!.keyId, true]])
})

test('the key does not stand in its database in the clear, and a change of the master key carries it over', async () => {
  const { keyId } = await before.app.signing.sign(Buffer.from('text'))
  await expect(after.app.signing.sign(Buffer.from('text'))).rejects.toThrow(/No master key/)
  await rotate(during.app)
  expect((await after.app.signing.sign(Buffer.from('text'))).keyId).toBe(keyId)
})

test('a retired key leaves its public half alone', async () => {
  const { keyId } = await after.app.signing.sign(Buffer.from('text'))
  const next = await after.app.signing.rotate()
  expect(await keysOf(after)).toEqual([
    [next, true],
    [keyId, false],
  ])
  const { rows } = await after.app.keys.pool.query('SELECT wrapped FROM signing_keys WHERE id = $1', [keyId])
  expect(rows).toEqual([{ wrapped: null }])
})
