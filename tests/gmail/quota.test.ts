import { afterAll, beforeAll, expect, test } from 'vitest'
import { newCloudProject } from '../../dev/google/gmail/quota.ts'
import { type GoogleSimulator, startGoogleSimulator } from '../../dev/google/simulator.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { knownIds, mailOwner, stateOf } from './support.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let google: GoogleSimulator
let kith: TestApp & { google: GoogleSimulator }

beforeAll(async () => {
  google = await startGoogleSimulator({ clock, accessTokenSeconds: 100_000 })
  kith = Object.assign(await testApp({ clock, config: { google: { clientId: google.client.id, origin: google.origin }, googleQuota: 'new' } }), { google })
})
afterAll(async () => {
  await kith.close()
  await google.close()
})

test('with the quota of a new project all mail comes in as fast as the quota allows, and Google never has to refuse', { timeout: 60_000 }, async () => {
  google.settings.gmail.quota = newCloudProject
  const owner = await mailOwner(kith)
  const count = 1500
  // Five conversations in six are single messages.
  const mails = Array.from({ length: count }, (_, number) => ({
    from: `p${number}@example.test`,
    to: owner.email,
    threadId: `t${number - (number % 12 < 2 ? number % 12 : 0)}`,
  }))
  google.world.deliverMails(owner.email, mails)
  await owner.contact('Newest', `p${count - 1}@example.test`)
  const begun = clock.now()
  const seen: number[] = []
  for (let turns = 0; turns < 1000; turns += 1) {
    await owner.sync()
    const state = await stateOf(owner)
    expect(state.errorCode).toBeNull()
    seen.push(state.processed)
    if (state.status === 'IDLE') break
    expect(state.nextRunAt!.getTime()).toBeGreaterThan(clock.now().epochMilliseconds)
    clock.set(Temporal.Instant.fromEpochMilliseconds(state.nextRunAt!.getTime()))
  }
  expect(await knownIds(owner.ctx)).toHaveLength(count)
  // It goes forward all the time, and a person can see it.
  expect(seen).toEqual(seen.toSorted((one, other) => one - other))
  expect(new Set(seen).size).toBeGreaterThan(20)
  const spent = google.ledger.entries.filter(({ account }) => account === owner.email)
  expect(spent.filter(({ status }) => status === 429 || status === 403)).toEqual([])
  const units = spent.reduce((sum, entry) => sum + entry.units, 0)
  const seconds = begun.until(clock.now()).total('seconds')
  const allowed = (units / newCloudProject.unitsPerUserMinute) * 60
  expect(seconds).toBeLessThanOrEqual(allowed * 1.1)
})
