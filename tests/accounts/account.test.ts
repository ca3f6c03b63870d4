import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAccount, findOwner, readAccount } from '../../src/accounts/service.ts'
import { type TestApp, testApp } from '../support/app.ts'

let kith: TestApp

beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())

const newcomer = (subject: string) => ({
  subject,
  email: 'bea@example.test',
  name: 'Bea Example',
  locale: 'en-gb',
  timeZone: 'europe/berlin',
  region: 'de',
})

test('of many callbacks with the same subject at once one makes the account and all get it', async () => {
  const made = await Promise.all(Array.from({ length: 8 }, () => createAccount(kith.app, newcomer('race'))))
  expect(new Set(made.map(({ ownerId, accountId }) => `${ownerId} ${accountId}`)).size).toBe(1)
  const { rows } = await kith.app.database.pool.query('SELECT type FROM events WHERE "ownerId" = $1', [made[0]?.ownerId])
  expect(rows).toEqual([{ type: 'account.created' }])
})

test('a person who signs up can work with a token', async () => {
  const ada = await kith.signUp({ timeZone: 'Asia/Tokyo' })
  expect(await readAccount(ada.ctx)).toMatchObject({
    id: ada.accountId,
    timeZone: 'Asia/Tokyo',
    signInCount: 1,
  })
  expect(await ada.graphql('{ __typename }')).toMatchObject({
    status: 200,
    data: { __typename: 'Query' },
  })
  await kith.runJobs()
})

test('an account that was not finished is nobody’s, and the next try takes its claim up', async () => {
  await kith.app.database.pool.query('INSERT INTO directory_subjects (subject, "ownerId") VALUES ($1, $2)', [
    'unfinished',
    '01900000-0000-7000-8000-000000000001',
  ])
  expect(await findOwner(kith.app, 'unfinished')).toBeNull()
  expect((await createAccount(kith.app, newcomer('unfinished'))).ownerId).toBe('01900000-0000-7000-8000-000000000001')
  expect(await findOwner(kith.app, 'unfinished')).toBe('01900000-0000-7000-8000-000000000001')
})

test('more people sign up at once than there are connections to the database', async () => {
  const people = await Promise.all(Array.from({ length: 3 * kith.app.config.maxConnections }, () => kith.signUp()))
  const answers = await Promise.all(people.map((person) => person.graphql('{ viewer { email } }')))
  expect(answers.map((answer) => answer.data.viewer.email)).toEqual(people.map((person) => person.email))
})
