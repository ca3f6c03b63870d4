import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'

let kith: TestApp

beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())

test('the short hash of a word, under which terms are kept, is the beginning of its keyed hash', async () => {
  const vault = await kith.app.vault.of((await kith.signUp()).ownerId)
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (word) => {
      expect(vault.shortHash('search word', word)).toBe(Buffer.from(vault.hash('search word', word)).subarray(0, 16).toString('base64url'))
    }),
    { numRuns: 500 },
  )
})
