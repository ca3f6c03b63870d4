import { randomBytes, randomUUID } from 'node:crypto'
import { Pool } from 'pg'
import { afterAll, expect, test } from 'vitest'
import { missingMasterKeys, outdatedDataKeys } from '../../src/vault/fit.ts'
import { loadDataKeys, rewrapDataKeys } from '../../src/vault/keys.ts'
import { masterKey } from '../../src/vault/master.ts'
import { createDatabase } from '../support/postgres.ts'

const database = await createDatabase('keys')
const pool = new Pool({ connectionString: database.url })
pool.on('error', () => {})
afterAll(async () => {
  await pool.end()
  await database.drop()
})

test('a master key that is missing is named with how many accounts need it, and one that is outdated is found until it is rotated away', async () => {
  const [older, newer] = [randomBytes(32), randomBytes(32)]
  const [one, two] = [randomUUID(), randomUUID()]
  const before = await loadDataKeys(pool, masterKey([older]), one)
  await loadDataKeys(pool, masterKey([older]), two)

  expect(await missingMasterKeys(pool, [older])).toEqual([])
  expect(await missingMasterKeys(pool, [newer])).toEqual([{ id: masterKey([older]).id, owners: 2 }])
  expect(await missingMasterKeys(pool, [newer, older])).toEqual([])
  expect(await outdatedDataKeys(pool, [newer, older])).toBe(Object.keys(before).length * 2)

  await rewrapDataKeys(pool, masterKey([newer, older]))
  expect(await outdatedDataKeys(pool, [newer])).toBe(0)
  expect(await missingMasterKeys(pool, [newer])).toEqual([])
  expect(await loadDataKeys(pool, masterKey([newer]), one)).toEqual(before)
})
