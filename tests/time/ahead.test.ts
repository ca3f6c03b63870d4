import { expect, test } from 'vitest'
import { anniversariesAhead } from '../../src/digest/ahead.ts'

const entries = [
  { name: 'leapling', date: { year: 2000, month: 2, day: 29 } },
  { name: 'no year', date: { year: null, month: 3, day: 1 } },
  { name: 'today', date: { year: 1984, month: 2, day: 25 } },
  { name: 'yesterday', date: { year: 1984, month: 2, day: 24 } },
  { name: 'a week on', date: { year: 1984, month: 3, day: 4 } },
  { name: 'year only', date: { year: 1984, month: null, day: null } },
  { name: 'year and month', date: { year: 1984, month: 2, day: null } },
]
const ahead = (from: string, days: number) =>
  anniversariesAhead(entries, Temporal.PlainDate.from(from), days).map(({ entry, on, years }) => [entry.name, on.toString(), years])

test('the days ahead are listed in order, 29 February on the 28th of a common year, and incomplete dates are left out', () => {
  expect(ahead('2027-02-25', 7)).toEqual([
    ['today', '2027-02-25', 43],
    ['leapling', '2027-02-28', 27],
    ['no year', '2027-03-01', null],
  ])
  expect(ahead('2028-02-25', 7)).toEqual([
    ['today', '2028-02-25', 44],
    ['leapling', '2028-02-29', 28],
    ['no year', '2028-03-01', null],
  ])
})

test('weekly digests neither repeat nor miss a day', () => {
  const names = Array.from({ length: 52 }, (_, week) => ahead(Temporal.PlainDate.from('2027-02-25').add({ weeks: week }).toString(), 7))
    .flat()
    .map(([name]) => name)
  expect(names.toSorted()).toEqual(['a week on', 'leapling', 'no year', 'today'])
})

test('the turn of the year is no barrier', () => {
  const newYear = [{ date: { year: 2000, month: 1, day: 1 } }]
  expect(anniversariesAhead(newYear, Temporal.PlainDate.from('2027-12-30'), 7).map(({ on, years }) => [on.toString(), years])).toEqual([['2028-01-01', 28]])
})
