import fc from 'fast-check'
import { afterAll, beforeAll, test } from 'vitest'
import { wholeApp } from '../google/whole.ts'
import { convergesWhole, sequences } from '../google/wholeConvergence.ts'

// 300 sequences, 60 of each seed. More of them, or others: KITH_RUNS=600 KITH_SEEDS=7,8 npx vitest run --config vitest.heavy.config.ts tests/heavy/google-convergence.test.ts
const numRuns = Number(process.env['KITH_RUNS'] ?? 60)
const seeds = (process.env['KITH_SEEDS'] ?? '201,202,203,204,206').split(',').map(Number)
let kith: Awaited<ReturnType<typeof wholeApp>>

beforeAll(async () => {
  kith = await wholeApp()
})
afterAll(() => kith.close())

test.each(seeds)(
  'row 36: whatever happens to contacts, mail and calendar, and whatever fails meanwhile, incremental runs end where a fresh full sync does (seed %i)',
  { timeout: 24 * 3_600_000 },
  async (seed) => {
    const begun = performance.now()
    await fc.assert(
      fc.asyncProperty(sequences, (sequence) => convergesWhole(kith, sequence)),
      { numRuns, seed, endOnFailure: process.env['KITH_SHRINK'] === undefined },
    )
    console.log(`${numRuns} sequences of seed ${seed} in ${((performance.now() - begun) / 1000).toFixed(0)} s`)
  },
)
