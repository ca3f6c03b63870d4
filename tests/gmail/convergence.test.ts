import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { movableClock } from '../google/support.ts'
import { unowned } from '../support/ownership.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { converges, operations } from './convergence.ts'

const clock = movableClock()
const statements = new Set<string>()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock, onQuery: (text) => statements.add(text) })
})
afterAll(() => kith.close())

test('row 36: whatever happens, incremental runs end where a fresh full sync does', { timeout: 120_000 }, async () => {
  await fc.assert(
    fc.asyncProperty(operations, (sequence) => converges(kith, clock, sequence)),
    { numRuns: 12, seed: 36, endOnFailure: true },
  )
})

test('every statement of all that says whose rows it means', () => {
  const ours = [...statements].filter((text) => /\bgmail_/.test(text))
  expect(ours.length).toBeGreaterThan(30)
  expect(ours.filter((text) => unowned(text).length > 0)).toEqual([])
})
