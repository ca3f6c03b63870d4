import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { readFeatures } from '../../src/google/service.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { mailOwner, shownOf } from './support.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  kith.google.faults.clear()
  kith.google.ledger.clear()
})

test('mail with contacts becomes interactions, and mail with strangers does not', async () => {
  const owner = await mailOwner(kith)
  await owner.contact('Ada', 'ada@example.test')
  const got = owner.deliver({ from: 'Ada Example <Ada@Example.test>', subject: 'Hello' })
  const sent = owner.send({ to: 'ada@example.test', cc: 'someone@example.test', subject: 'Hi' })
  owner.deliver({ from: 'Stranger <stranger@example.test>', subject: 'Who am I' })
  await owner.sync()
  expect(await shownOf(owner.ctx)).toMatchObject([
    { externalId: got.id, threadId: got.threadId, direction: 'INBOUND', counted: true, with: ['!Ada'] },
    { externalId: sent.id, direction: 'OUTBOUND', counted: true, with: ['!Ada'] },
  ])
  const [, gmail] = await readFeatures(owner.ctx)
  expect(gmail).toMatchObject({ status: 'IDLE', phase: null, processed: 3, total: 3, errorCode: null })
})
