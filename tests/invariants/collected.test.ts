import { afterAll, beforeAll, expect, test } from 'vitest'
import { policies } from '../../src/domains.ts'
import { dataMap } from '../../src/policy/dataMap.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { tableOf } from '../support/tables.ts'

let kith: TestApp
beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())

const map = dataMap(policies)
const columns = map.flatMap(({ model, columns: each }) => each.map((column) => ({ ...column, model, place: `${model}.${column.name}` })))

test('[F-01] every column of the database is declared: what it is, whose, what for, on what ground and for how long', async () => {
  const { rows } = await kith.app.database.pool.query<{ place: string }>(
    `SELECT table_name || '.' || column_name AS place FROM information_schema.columns WHERE table_schema = 'public' AND table_name <> '_prisma_migrations'`,
  )
  expect(rows.map(({ place }) => place).toSorted()).toEqual(columns.map(({ model, name }) => `${tableOf(model)}.${name}`).toSorted())
  for (const column of columns) {
    expect(column.purposes, column.place).not.toEqual([])
    expect(column.retention, column.place).not.toBe('')
  }
})

test('[F-01] [S-08] of its holder an account holds a name and an address; the rest are settings and counts', () => {
  const account = columns.filter(({ model, category }) => model === 'Account' && !category.startsWith('system.'))
  expect(account.map(({ name }) => name).toSorted()).toEqual([
    'createdAt',
    'email',
    'id',
    'lastSignInAt',
    'locale',
    'name',
    'quarantinedAt',
    'region',
    'restrictedAt',
    'sendTime',
    'signInCount',
    'storeSubjects',
    'timeZone',
    'updatedAt',
    'weeklyDigest',
  ])
})

test('[S-11] of devices nothing is held but the name of the browser of a session, while that lasts', () => {
  expect(columns.filter(({ category }) => category === 'user.device').map(({ place }) => place)).toEqual(['Session.userAgent'])
})

test('[S-10] what somebody writes to the controller, and is written, is sealed', () => {
  const written = columns.filter(({ model, category }) => model.startsWith('Privacy') && category === 'user.content')
  expect(written.map(({ place }) => place)).toEqual(expect.arrayContaining(['PrivacyLetter.message', 'PrivacyRequest.details', 'PrivacyRequestEvent.reason']))
  for (const { sealed, place } of written) expect(sealed, place).not.toBeNull()
})
