import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { type Bench, tamperBench, tamperings } from './tampering.ts'

let bench: Bench
beforeAll(async () => {
  bench = await tamperBench()
})
afterAll(() => bench.kith.close())

test('[F-29] 50 of 50 random tamperings with a chain are found at the right entry', async () => {
  await fc.assert(
    fc.asyncProperty(tamperings, (tampering) => bench.check(tampering)),
    { numRuns: 50, seed: 4 },
  )
})
