import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { type Bench, tamperBench, tamperings } from '../events/tampering.ts'

let bench: Bench
beforeAll(async () => {
  bench = await tamperBench()
})
afterAll(() => bench.kith.close())

/** Which tamperings are tried; another run may try others. A failure prints it. */
const seed = Number(process.env['KITH_SEED'] ?? 20_261_125)

test('[F-29] 1,000 of 1,000 random tamperings with a chain are found at the right entry', async () => {
  await fc.assert(
    fc.asyncProperty(tamperings, (tampering) => bench.check(tampering)),
    { numRuns: 1000, seed, endOnFailure: true },
  )
})
