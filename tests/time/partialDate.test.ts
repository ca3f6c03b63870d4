import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parse } from '../../src/core/parse.ts'
import { nextOccurrence, partialDateFault, partialDateInput } from '../../src/core/partialDate.ts'

const partial = (year: number | null, month: number | null, day: number | null) => ({ year, month, day })

describe('which partial dates there are', () => {
  test.each([
    [1984, 2, 29],
    [null, 2, 29],
    [null, 12, 31],
    [1984, null, null],
    [1984, 6, null],
    [null, 6, null],
    [null, null, 31],
    [1, 1, 1],
  ])('%s-%s-%s is one', (year, month, day) => {
    expect(partialDateFault(partial(year, month, day))).toBeNull()
  })

  test.each([
    [null, null, null, /at least/],
    [1984, null, 3, /needs its month/],
    [null, null, 32, /day must/],
    [null, 13, null, /month must/],
    [1985, 2, 29, /no such day/],
    [1900, 2, 29, /no such day/],
    [null, 2, 30, /no such day/],
    [null, 4, 31, /no such day/],
    [1984, 13, 1, /month must/],
    [1984, 0, 1, /month must/],
    [1984, 1, 32, /day must/],
    [1984, 1, 0, /day must/],
    [0, 1, 1, /year must/],
    [10000, 1, 1, /year must/],
    [1984.5, 1, 1, /year must/],
  ])('%s-%s-%s is none', (year, month, day, message) => {
    expect(partialDateFault(partial(year, month, day))).toMatch(message)
  })

  test('an input may leave parts out, and is refused at its place', () => {
    expect(parse(partialDateInput, { month: 2, day: 29 })).toEqual(partial(null, 2, 29))
    expect(parse(partialDateInput, { year: 1984, month: null })).toEqual(partial(1984, null, null))
    expect(() => parse(partialDateInput, { year: 1985, month: 2, day: 29 })).toThrow(/no such day/)
  })
})

describe('the next anniversary', () => {
  test.each([
    [1984, 5, 17, '2027-05-17', '2027-05-17', 43],
    [1984, 5, 17, '2027-05-18', '2028-05-17', 44],
    [null, 5, 17, '2027-05-18', '2028-05-17', null],
    [2000, 2, 29, '2027-01-01', '2027-02-28', 27],
    [2000, 2, 29, '2027-02-28', '2027-02-28', 27],
    [2000, 2, 29, '2027-03-01', '2028-02-29', 28],
    [2000, 2, 29, '2028-02-28', '2028-02-29', 28],
    [null, 2, 29, '2100-02-01', '2100-02-28', null],
    [2000, 12, 31, '2027-12-31', '2027-12-31', 27],
    [2000, 1, 1, '2027-12-31', '2028-01-01', 28],
    [2030, 5, 17, '2027-01-01', '2030-05-17', 0],
  ])('of %s-%s-%s from %s is %s', (year, month, day, from, on, years) => {
    const next = nextOccurrence(partial(year, month, day), Temporal.PlainDate.from(from))
    expect(next && { on: next.on.toString(), years: next.years }).toEqual({ on, years })
  })

  test('there is none without month and day', () => {
    expect(nextOccurrence(partial(1984, null, null), Temporal.PlainDate.from('2027-01-01'))).toBeNull()
    expect(nextOccurrence(partial(1984, 5, null), Temporal.PlainDate.from('2027-01-01'))).toBeNull()
  })

  test('comes within a year, never before the day asked for', () => {
    const days = fc.integer({ min: 0, max: 400_000 }).map((n) => Temporal.PlainDate.from('1900-01-01').add({ days: n }))
    fc.assert(
      fc.property(days, days, (date, from) => {
        const next = nextOccurrence(partial(null, date.month, date.day), from)!
        expect(from.until(next.on).days).toBeGreaterThanOrEqual(0)
        expect(from.until(next.on).days).toBeLessThanOrEqual(366)
      }),
    )
  })
})
