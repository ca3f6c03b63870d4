import fc from 'fast-check'
import { expect, test } from 'vitest'
import { formatPartialDate, isPartialDate, parsePartialDate } from '../../src/core/partialDate.ts'

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
