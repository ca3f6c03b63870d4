import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { converges, operations } from '../gmail/convergence.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())

test(
  'row 36: after three hundred sequences of events, mishaps and crashes incremental runs have ended where fresh full syncs do',
  { timeout: 15 * 60_000 },
  async () => {
    await fc.assert(
      fc.asyncProperty(operations, (sequence) => converges(kith, clock, sequence)),
      { numRuns: 300, endOnFailure: true },
    )
  },
)
