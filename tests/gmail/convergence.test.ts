import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { converges, operations } from './convergence.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())

test('row 36: whatever happens, incremental runs end where a fresh full sync does', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(operations, (sequence) => converges(kith, clock, sequence)),
    { numRuns: 12, seed: 36, endOnFailure: true },
  )
})
