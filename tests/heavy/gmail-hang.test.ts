import { afterAll, beforeAll, expect, test } from 'vitest'
import { gmailPaths } from '../../dev/google/gmail/faults.ts'
import { knownIds, mailOwner, stateOf } from '../gmail/support.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())

test.each([
  ['history', gmailPaths.history],
  ['a batch', gmailPaths.batch],
])('row 13: where Google never answers %s, the run lets go after half a minute and goes on later', { timeout: 90_000 }, async (_what, path) => {
  const owner = await mailOwner(kith)
  await owner.sync()
  owner.deliver({ from: 'a@example.test' })
  kith.google.faults.add({ path, hang: true })
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await stateOf(owner)).toMatchObject({ status: 'PENDING', errorCode: 'UNAVAILABLE', leaseOwner: null })
  clock.advance({ minutes: 1 })
  await owner.sync()
  expect(await stateOf(owner)).toMatchObject({ status: 'IDLE' })
  expect(await knownIds(owner.ctx)).toHaveLength(1)
})
