import { randomBytes } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { rotate } from '../../src/commands/keys.ts'
import { verifyChains } from '../../src/events/verify.ts'
import { type TestApp, testApp } from '../support/app.ts'

const [older, newer] = [randomBytes(32), randomBytes(32)]
let before: TestApp
let during: TestApp
let after: TestApp

beforeAll(async () => {
  before = await testApp({ secrets: { masterKeys: [older] } })
  const { databases } = before
  during = await testApp({ databases, secrets: { masterKeys: [newer, older] } })
  after = await testApp({ databases, secrets: { masterKeys: [newer] } })
})
afterAll(async () => {
  await after.close()
  await during.close()
  await before.close()
})

test('a rotation carries chains over and each token at its next use, says which are left, and makes nothing good that was not', async () => {
  const query = async (text: string, values: unknown[] = []) => (await before.app.database.pool.query(text, values)).rows
  const [ada, grace] = [await before.signUp(), await before.signUp()]
  const [used, unused] = [await ada.token(), await ada.token()]
  await query('UPDATE event_heads SET mac = $2 WHERE "ownerId" = $1', [grace.ownerId, randomBytes(32)])
  const look = async (kith: TestApp, token: string) => (await kith.graphql('{ viewer { email } }', {}, { token })).status

  expect((await rotate(during.app)).join('\n')).toMatch(/authenticated 1 logs[^]*ends of 1 logs[^]*2 API tokens are/)
  expect(await look(during, used)).toBe(200)
  const told = (await rotate(during.app)).join('\n')
  expect(told).toMatch(/authenticated 0 logs[^]*1 API token is/)

  expect((await verifyChains(after.app)).faults.map(({ ownerId, fault }) => ({ ownerId, fault }))).toEqual([{ ownerId: grace.ownerId, fault: 'end' }])
  expect(await look(after, used)).toBe(200)
  expect(await look(after, unused)).toBe(401)
  // One entry each, the one of its row.
  expect(
    await query(
      `SELECT (d."secretHash" = t."tokenHash") AS same FROM directory_credentials AS d JOIN api_tokens AS t ON t."ownerId" = d."ownerId" AND t.id = d."entityId"`,
    ),
  ).toEqual([{ same: true }, { same: true }])
})
