import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatPartialDate, isPartialDate, parsePartialDate } from '../../src/contacts/partial-date.ts'

const part = (max: number) => fc.option(fc.integer({ min: 0, max }), { nil: undefined, freq: 3 })

test('every partial date that exists is read back as it was written, in both styles', () => {
  fc.assert(
    fc.property(fc.record({ year: part(9999), month: part(13), day: part(32) }), (date) => {
      if (!isPartialDate(date)) return
      expect(parsePartialDate(formatPartialDate(date, 'basic'))).toEqual(date)
      expect(parsePartialDate(formatPartialDate(date, 'extended'))).toEqual(date)
    }),
    { numRuns: 2_000 },
  )
})

test.each([
  [{}, false],
  [{ year: 2000, month: 2, day: 29 }, true],
  [{ year: 2100, month: 2, day: 29 }, false],
  [{ month: 2, day: 29 }, true],
  [{ month: 2, day: 30 }, false],
  [{ month: 4, day: 31 }, false],
  [{ year: 2000, day: 3 }, false],
  [{ day: 31 }, true],
  [{ day: 32 }, false],
  [{ month: 13 }, false],
  [{ year: 0 }, false],
  [{ year: 1.5 }, false],
])('%o is a date: %s', (date, exists) => {
  expect(isPartialDate(date)).toBe(exists)
})
