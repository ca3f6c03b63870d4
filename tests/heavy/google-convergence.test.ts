import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { wholeApp } from '../google/whole.ts'
import { convergesWhole, sequences } from '../google/wholeConvergence.ts'

// More of them, or others: KITH_RUNS=3000 KITH_SEED=7 npx vitest run --config vitest.heavy.config.ts tests/heavy/google-convergence.test.ts
const numRuns = Number(process.env['KITH_RUNS'] ?? 300)
const seed = Number(process.env['KITH_SEED'] ?? 36)
let kith: Awaited<ReturnType<typeof wholeApp>>

beforeAll(async () => {
  kith = await wholeApp()
})
afterAll(() => kith.close())

test(
  'row 36: whatever happens to contacts, mail and calendar, and whatever fails meanwhile, incremental runs end where a fresh full sync does',
  { timeout: 24 * 3_600_000 },
  async () => {
    const begun = performance.now()
    await fc.assert(
      fc.asyncProperty(sequences, (sequence) => convergesWhole(kith, sequence)),
      { numRuns, seed, endOnFailure: process.env['KITH_SHRINK'] === undefined },
    )
    console.log(`${numRuns} sequences of seed ${seed} in ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  },
)
