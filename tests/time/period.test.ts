import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { InvalidInputError } from '../../src/core/errors.ts'
import { comparePeriods, dayAfterPeriod, formatPeriod, parsePeriod, shortestPeriod } from '../../src/core/period.ts'

test.each(['P1W', 'P2W', 'P1M', 'P3M', 'P6M', 'P10D', 'P1Y', 'P1M2W', 'P1Y2M3W4D', 'P10Y', 'P120M', 'P3652D'])('%s is read and written the same', (text) => {
  expect(formatPeriod(parsePeriod(text))).toBe(text)
})

test.each([
  '',
  'P',
  '1W',
  'p1w',
  'P1',
  'PT1H',
  'P1DT1H',
  'P1W ',
  '-P1W',
  'P-1W',
  '+P1W',
  'P1.5M',
  'P2W1M',
  'P1M1M',
  'P0D',
  'P0Y0M',
  'P10Y1D',
  'P11Y',
  'P121M',
  'P9999D',
  'P99999D',
  'every week',
  'P1W\n',
])('%j is refused', (text) => {
  expect(() => parsePeriod(text, ['every'])).toThrow(InvalidInputError)
  expect(() => parsePeriod(text, ['every'])).toThrow(/^every: /)
})

test.each([
  ['P1W', 'P7D', 0],
  ['P10D', 'P2W', -1],
  ['P30D', 'P1M', -1],
  ['P4W', 'P1M', -1],
  ['P5W', 'P1M', 1],
  ['P12M', 'P1Y', 0],
  ['P365D', 'P1Y', 0],
  ['P1M2W', 'P6W', 1],
])('%s against %s is %i', (a, b, order) => {
  expect(comparePeriods(parsePeriod(a), parsePeriod(b))).toBe(order)
  expect(comparePeriods(parsePeriod(b), parsePeriod(a))).toBe(order === 0 ? 0 : -order)
})

test('the shortest of several is found, the first of equals, null of none', () => {
  const of = (...texts: string[]) => shortestPeriod(texts.map((text) => ({ text, every: parsePeriod(text) })))?.text ?? null
  expect(of('P3M', 'P2W', 'P1M')).toBe('P2W')
  expect(of('P1M', 'P7D', 'P1W')).toBe('P7D')
  expect(of()).toBeNull()
})

describe('adding a period', () => {
  test.each([
    ['2027-01-31T12:00:00Z', 'P1M', 'Europe/Berlin', '2027-02-28'],
    ['2028-01-31T12:00:00Z', 'P1M', 'Europe/Berlin', '2028-02-29'],
    ['2028-02-29T12:00:00Z', 'P1Y', 'Europe/Berlin', '2029-02-28'],
    ['2027-03-27T23:30:00Z', 'P1W', 'Europe/Berlin', '2027-04-04'],
    ['2027-03-27T23:30:00Z', 'P1W', 'America/New_York', '2027-04-03'],
    ['2011-12-23T20:00:00Z', 'P1W', 'Pacific/Apia', '2011-12-30'],
    ['2027-01-15T12:00:00Z', 'P1M2W', 'UTC', '2027-03-01'],
  ])('%s plus %s in %s is %s', (from, period, zone, day) => {
    expect(dayAfterPeriod(Temporal.Instant.from(from), parsePeriod(period), zone).toString()).toBe(day)
  })

  test('always leads to a later day', () => {
    const anyPeriod = fc.constantFrom('P1D', 'P1W', 'P2W', 'P1M', 'P3M', 'P6M', 'P1Y', 'P1M2W')
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4_000_000_000 }),
        anyPeriod,
        fc.constantFrom('Pacific/Apia', 'Europe/Berlin', 'America/Sao_Paulo'),
        (seconds, text, zone) => {
          const from = Temporal.Instant.fromEpochMilliseconds(seconds * 1000)
          expect(Temporal.PlainDate.compare(dayAfterPeriod(from, parsePeriod(text), zone), from.toZonedDateTimeISO(zone).toPlainDate())).toBe(1)
        },
      ),
    )
  })
})
