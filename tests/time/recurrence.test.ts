import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { formatWallTime, instantOf, parseSendTime, parseWallTime, wallTimeOf } from '../../src/core/wallTime.ts'
import { checkSeries, firstOccurrence, nextAfter, occurrences, type Series } from '../../src/reminders/recurrence.ts'
import { formatRecurrence, parseRecurrence, type RecurrenceRule } from '../../src/reminders/recurrenceRule.ts'
import { oracle, oracleDays } from './recurrenceOracle.ts'

const sendTime = parseSendTime('09:00')
const series = (start: string, zone: string, rule: string | null, allDay = false): Series => ({
  start: parseWallTime(start),
  zone,
  rule: rule === null ? null : parseRecurrence(rule),
  allDay,
  sendTime,
})
const begin = Temporal.Instant.from('1900-01-01T00:00:00Z')
const instants = (of: Series, count: number, after = begin) => occurrences(of, after, count).map(({ at }) => at.toString())
const days = (of: Series, count: number, after = begin) => occurrences(of, after, count).map(({ local }) => local.toPlainDate().toString())

describe('the wall time is kept across clock changes', () => {
  test.each([
    [
      'Europe/Berlin spring, in the gap',
      '2027-03-27T02:30',
      'Europe/Berlin',
      'FREQ=DAILY',
      ['2027-03-27T01:30:00Z', '2027-03-28T01:30:00Z', '2027-03-29T00:30:00Z'],
    ],
    [
      'Europe/Berlin spring, outside the gap',
      '2027-03-27T09:00',
      'Europe/Berlin',
      'FREQ=DAILY',
      ['2027-03-27T08:00:00Z', '2027-03-28T07:00:00Z', '2027-03-29T07:00:00Z'],
    ],
    [
      'Europe/Berlin autumn, twice',
      '2027-10-30T02:30',
      'Europe/Berlin',
      'FREQ=DAILY',
      ['2027-10-30T00:30:00Z', '2027-10-31T00:30:00Z', '2027-11-01T01:30:00Z'],
    ],
    [
      'New York spring, weekly',
      '2027-03-07T02:30',
      'America/New_York',
      'FREQ=WEEKLY',
      ['2027-03-07T07:30:00Z', '2027-03-14T07:30:00Z', '2027-03-21T06:30:00Z'],
    ],
    [
      'New York autumn, weekly',
      '2027-10-31T01:30',
      'America/New_York',
      'FREQ=WEEKLY',
      ['2027-10-31T05:30:00Z', '2027-11-07T05:30:00Z', '2027-11-14T06:30:00Z'],
    ],
    [
      'São Paulo, midnight skipped',
      '2018-11-03T00:15',
      'America/Sao_Paulo',
      'FREQ=DAILY',
      ['2018-11-03T03:15:00Z', '2018-11-04T03:15:00Z', '2018-11-05T02:15:00Z'],
    ],
    ['Kathmandu, no change', '2027-03-27T02:30', 'Asia/Kathmandu', 'FREQ=DAILY', ['2027-03-26T20:45:00Z', '2027-03-27T20:45:00Z', '2027-03-28T20:45:00Z']],
    [
      'Lord Howe, half an hour skipped',
      '2026-10-03T02:15',
      'Australia/Lord_Howe',
      'FREQ=DAILY',
      ['2026-10-02T15:45:00Z', '2026-10-03T15:45:00Z', '2026-10-04T15:15:00Z'],
    ],
    [
      'Lord Howe, half an hour twice',
      '2026-04-04T01:45',
      'Australia/Lord_Howe',
      'FREQ=DAILY',
      ['2026-04-03T14:45:00Z', '2026-04-04T14:45:00Z', '2026-04-05T15:15:00Z'],
    ],
    [
      'Casablanca, clocks forward after Ramadan',
      '2026-03-21T02:30',
      'Africa/Casablanca',
      'FREQ=DAILY',
      ['2026-03-21T02:30:00Z', '2026-03-22T02:30:00Z', '2026-03-23T01:30:00Z'],
    ],
    [
      'Casablanca, clocks back before Ramadan',
      '2026-02-14T02:30',
      'Africa/Casablanca',
      'FREQ=DAILY',
      ['2026-02-14T01:30:00Z', '2026-02-15T01:30:00Z', '2026-02-16T02:30:00Z'],
    ],
    [
      'Apia, a day skipped: once, not twice',
      '2011-12-29T09:00',
      'Pacific/Apia',
      'FREQ=DAILY',
      ['2011-12-29T19:00:00Z', '2011-12-30T19:00:00Z', '2011-12-31T19:00:00Z'],
    ],
  ])('%s', (_, start, zone, rule, expected) => {
    expect(instants(series(start, zone, rule), 3)).toEqual(expected)
  })

  test('an occurrence moved by a gap keeps the wall time of the rule', () => {
    expect(occurrences(series('2027-03-27T02:30', 'Europe/Berlin', 'FREQ=DAILY'), begin, 3).map(({ local }) => formatWallTime(local))).toEqual([
      '2027-03-27T02:30',
      '2027-03-28T02:30',
      '2027-03-29T02:30',
    ])
  })

  test('the day a zone skipped is counted under the day that was, however few are asked for', () => {
    const apia = series('2011-12-29T09:00', 'Pacific/Apia', 'FREQ=DAILY')
    expect(days(apia, 3)).toEqual(['2011-12-29', '2011-12-31', '2012-01-01'])
    expect(days(apia, 1, Temporal.Instant.from('2011-12-29T19:00:00Z'))).toEqual(['2011-12-31'])
  })

  test('asked in the middle of a gap or a fold, the next one is right', () => {
    const spring = series('2027-03-27T02:30', 'Europe/Berlin', 'FREQ=DAILY')
    expect(instants(spring, 1, Temporal.Instant.from('2027-03-28T01:10:00Z'))).toEqual(['2027-03-28T01:30:00Z'])
    expect(instants(spring, 1, Temporal.Instant.from('2027-03-28T01:30:00Z'))).toEqual(['2027-03-29T00:30:00Z'])
    const autumn = series('2027-10-30T02:30', 'Europe/Berlin', 'FREQ=DAILY')
    expect(instants(autumn, 1, Temporal.Instant.from('2027-10-31T01:10:00Z'))).toEqual(['2027-11-01T01:30:00Z'])
  })

  test('all-day reminders go out at the send time of each day', () => {
    const daily = series('2027-03-27T17:45', 'Europe/Berlin', 'FREQ=DAILY', true)
    expect(instants(daily, 3)).toEqual(['2027-03-27T08:00:00Z', '2027-03-28T07:00:00Z', '2027-03-29T07:00:00Z'])
    expect(occurrences(daily, begin, 1).map(({ local }) => formatWallTime(local))).toEqual(['2027-03-27T00:00'])
    expect(instants(daily, 1, Temporal.Instant.from('2027-03-28T06:59:59Z'))).toEqual(['2027-03-28T07:00:00Z'])
    expect(instants({ ...daily, sendTime: parseSendTime('23:59') }, 1, Temporal.Instant.from('2027-03-28T20:00:00Z'))).toEqual(['2027-03-28T21:59:00Z'])
  })
})

describe('rules mean what RFC 5545 says', () => {
  test.each([
    ['monthly on the 31st skips short months', '2027-01-31T09:00', 'FREQ=MONTHLY', ['2027-01-31', '2027-03-31', '2027-05-31', '2027-07-31']],
    ['monthly on the last day has every month', '2027-01-31T09:00', 'FREQ=MONTHLY;BYMONTHDAY=-1', ['2027-01-31', '2027-02-28', '2027-03-31', '2027-04-30']],
    ['yearly on 29 February skips common years', '2028-02-29T09:00', 'FREQ=YEARLY', ['2028-02-29', '2032-02-29', '2036-02-29', '2040-02-29']],
    ['day by day on 29 February too, also over 2100', '2096-02-29T09:00', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29', ['2096-02-29', '2104-02-29', '2108-02-29']],
    ['29 February on a Sunday', '2032-02-29T09:00', 'FREQ=DAILY;BYMONTH=2;BYMONTHDAY=29;BYDAY=SU', ['2032-02-29', '2060-02-29', '2088-02-29']],
    ['the second Monday', '2027-01-11T09:00', 'FREQ=MONTHLY;BYDAY=2MO', ['2027-01-11', '2027-02-08', '2027-03-08']],
    [
      'every Monday and the second Tuesday',
      '2027-01-04T09:00',
      'FREQ=MONTHLY;BYDAY=MO,2TU',
      ['2027-01-04', '2027-01-11', '2027-01-12', '2027-01-18', '2027-01-25', '2027-02-01'],
    ],
    ['the last Friday', '2027-01-29T09:00', 'FREQ=MONTHLY;BYDAY=-1FR', ['2027-01-29', '2027-02-26', '2027-03-26']],
    ['the last working day', '2027-01-29T09:00', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', ['2027-01-29', '2027-02-26', '2027-03-31']],
    ['Friday the 13th', '2026-02-13T09:00', 'FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13', ['2026-02-13', '2026-03-13', '2026-11-13', '2027-08-13']],
    [
      'every other week from Monday',
      '1997-08-05T09:00',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=MO',
      ['1997-08-05', '1997-08-10', '1997-08-19', '1997-08-24'],
    ],
    [
      'every other week from Sunday',
      '1997-08-05T09:00',
      'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU',
      ['1997-08-05', '1997-08-17', '1997-08-19', '1997-08-31'],
    ],
    ['the start is the first occurrence even off the rule', '2027-01-06T09:00', 'FREQ=WEEKLY;BYDAY=TU', ['2027-01-06', '2027-01-12', '2027-01-19']],
  ])('%s', (_, start, rule, expected) => {
    expect(days(series(start, 'Europe/Berlin', rule), expected.length)).toEqual(expected)
  })

  test.each([
    ['COUNT counts the start', '2027-01-05T09:00', 'FREQ=WEEKLY;BYDAY=TU;COUNT=3', ['2027-01-05', '2027-01-12', '2027-01-19']],
    ['COUNT counts the start even off the rule', '2027-01-06T09:00', 'FREQ=WEEKLY;BYDAY=TU;COUNT=3', ['2027-01-06', '2027-01-12', '2027-01-19']],
    ['COUNT=1 is the start alone', '2027-01-06T09:00', 'FREQ=WEEKLY;BYDAY=TU;COUNT=1', ['2027-01-06']],
    ['no rule is the start alone', '2027-01-06T09:00', null, ['2027-01-06']],
    ['UNTIL as a day includes it', '2027-01-05T23:30', 'FREQ=DAILY;UNTIL=20270107', ['2027-01-05', '2027-01-06', '2027-01-07']],
    ['UNTIL as a wall time includes it', '2027-01-05T09:00', 'FREQ=DAILY;UNTIL=20270107T090000', ['2027-01-05', '2027-01-06', '2027-01-07']],
    ['UNTIL as a wall time excludes the next second', '2027-01-05T09:00', 'FREQ=DAILY;UNTIL=20270107T085959', ['2027-01-05', '2027-01-06']],
    ['UNTIL in UTC includes its instant', '2027-01-05T09:00', 'FREQ=DAILY;UNTIL=20270107T140000Z', ['2027-01-05', '2027-01-06', '2027-01-07']],
    ['UNTIL in UTC excludes the next second', '2027-01-05T09:00', 'FREQ=DAILY;UNTIL=20270107T135959Z', ['2027-01-05', '2027-01-06']],
  ])('%s', (_, start, rule, expected) => {
    const ny = series(start, 'America/New_York', rule)
    expect(days(ny, 10)).toEqual(expected)
    expect(nextAfter(ny, Temporal.Instant.from('2027-03-01T00:00:00Z'))).toBeNull()
  })

  test.each(['20270107', '20270107T000000', '20270107T235959', '20270107T050000Z', '20270108T045959Z'])(
    'an all-day series includes the local day of UNTIL=%s',
    (until) => {
      expect(days(series('2027-01-05T00:00', 'America/New_York', `FREQ=DAILY;UNTIL=${until}`, true), 10)).toEqual(['2027-01-05', '2027-01-06', '2027-01-07'])
    },
  )

  const numbers = (min: number, max: number, size: number) =>
    fc.uniqueArray(
      fc.integer({ min, max }).filter((n) => n !== 0),
      { maxLength: size },
    )
  const maybe = <T>(arbitrary: fc.Arbitrary<T[]>) => fc.oneof({ weight: 2, arbitrary: fc.constant<T[]>([]) }, { weight: 1, arbitrary })
  const weekday = fc.constantFrom('MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU')
  const anyRule = fc
    .record({
      freq: fc.constantFrom('DAILY' as const, 'WEEKLY' as const, 'MONTHLY' as const, 'YEARLY' as const),
      interval: fc.oneof(fc.constant(1), fc.integer({ min: 1, max: 5 })),
      count: fc.constant(null),
      until: fc.constant(null),
      byMonth: maybe(numbers(1, 12, 3)),
      byYearDay: maybe(numbers(-366, 366, 3)),
      byMonthDay: maybe(numbers(-31, 31, 3)),
      byDay: maybe(
        fc.uniqueArray(
          fc
            .tuple(
              fc.oneof(
                fc.constant(''),
                fc
                  .integer({ min: -5, max: 5 })
                  .filter((n) => n !== 0)
                  .map(String),
              ),
              weekday,
            )
            .map((pair) => pair.join('')),
          { maxLength: 4 },
        ),
      ),
      bySetPos: maybe(numbers(-4, 4, 2)),
      wkst: fc.constantFrom('MO', 'SU', 'WE'),
    })
    .map((rule): RecurrenceRule | null => {
      const fine = rule.freq === 'MONTHLY' || rule.freq === 'YEARLY'
      const kept = {
        ...rule,
        byYearDay: rule.freq === 'YEARLY' ? rule.byYearDay : [],
        byMonthDay: rule.freq === 'WEEKLY' ? [] : rule.byMonthDay,
        byDay: fine ? rule.byDay : rule.byDay.map((day) => day.slice(-2)),
      }
      try {
        return parseRecurrence(formatRecurrence(kept))
      } catch {
        return null
      }
    })
    .filter((rule) => rule !== null)
  const anyStart = fc.integer({ min: 7, max: 1500 }).map((n) => oracleDays.first.add({ days: n }))

  test('any rule has the occurrences that looking at every day in turn finds', () => {
    fc.assert(
      fc.property(anyRule, anyStart, fc.integer({ min: 0, max: 700 }), (rule, start, later) => {
        const expected = oracle(rule, start)
        const of: Series = { start: start.toPlainDateTime('09:00'), zone: 'Europe/Berlin', rule, allDay: false, sendTime }
        const known = (day: string) => day <= oracleDays.last.toString()
        expect(days(of, 40).filter(known), formatRecurrence(rule)).toEqual(expected.slice(0, 40))
        const after = start.add({ days: later })
        expect(days(of, 10, instantOf(after.toPlainDateTime('12:00'), of.zone)).filter(known)).toEqual(
          expected.filter((day) => day > after.toString()).slice(0, 10),
        )
        const counted: Series = { ...of, rule: { ...rule, count: 7 } }
        expect(days(counted, 40).filter(known), formatRecurrence(rule)).toEqual(expected.slice(0, 7))
        const until = start.add({ days: later })
        expect(days({ ...of, rule: { ...rule, until } }, 40)).toEqual(expected.filter((day) => day <= until.toString()).slice(0, 40))
      }),
      { numRuns: 150 },
    )
  })

  const anyZone = fc.constantFrom(
    'Europe/Berlin',
    'America/New_York',
    'America/Sao_Paulo',
    'Asia/Kathmandu',
    'Australia/Lord_Howe',
    'Pacific/Apia',
    'Africa/Casablanca',
  )
  const anyWall = fc
    .integer({ min: Date.UTC(2005, 0, 1) / 60_000, max: Date.UTC(2030, 0, 1) / 60_000 })
    .map((minutes) => wallTimeOf(Temporal.Instant.fromEpochMilliseconds(minutes * 60_000), 'UTC'))

  test('occurrences strictly increase, lie after the instant asked, and are due at their wall time', () => {
    fc.assert(
      fc.property(anyRule, anyWall, anyZone, fc.boolean(), fc.integer({ min: -400, max: 4000 }), (rule, start, zone, allDay, shift) => {
        const of: Series = { start, zone, rule, allDay, sendTime }
        const after = firstOccurrence(of).at.add({ hours: shift * 24 + 1 })
        const found = occurrences(of, after, 12)
        let previous = after
        for (const { local, at } of found) {
          expect(Temporal.Instant.compare(at, previous)).toBe(1)
          expect(at.equals(instantOf(allDay ? local.withPlainTime(sendTime) : local, zone))).toBe(true)
          previous = at
        }
        expect(occurrences(of, after, 5)).toEqual(found.slice(0, 5))
      }),
      { numRuns: 300 },
    )
  })

  test('completing moves past both the due time and now, and skips nothing in between', () => {
    fc.assert(
      fc.property(anyRule, anyWall, anyZone, fc.integer({ min: -10, max: 2000 }), (rule, start, zone, shift) => {
        const of: Series = { start, zone, rule, allDay: false, sendTime }
        const due = firstOccurrence(of).at
        const now = due.add({ hours: shift * 11 })
        const next = nextAfter(of, due, now)
        if (next === null) return
        expect(Temporal.Instant.compare(next.at, due)).toBe(1)
        expect(Temporal.Instant.compare(next.at, now)).toBe(1)
        const between = occurrences(of, due, 50).filter(({ at }) => Temporal.Instant.compare(at, now) > 0 && Temporal.Instant.compare(at, next.at) < 0)
        expect(between).toEqual([])
      }),
      { numRuns: 150 },
    )
  })
})

describe('a rule that leads nowhere is found out', () => {
  test.each([
    ['2027-01-01T09:00', 'FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29', /no second occurrence/],
    ['2027-02-01T09:00', 'FREQ=MONTHLY;INTERVAL=12;BYMONTHDAY=31', /no second occurrence/],
    ['2027-01-04T09:00', 'FREQ=DAILY;INTERVAL=7;BYDAY=TU', /no second occurrence/],
    ['2027-01-04T09:00', 'FREQ=DAILY;INTERVAL=7;BYDAY=TU;COUNT=3660', /no second occurrence/],
    ['2027-01-04T09:00', 'FREQ=DAILY;UNTIL=20270104', /no second occurrence/],
    ['2027-01-04T09:00', 'FREQ=DAILY;UNTIL=20270103', /UNTIL lies before/],
  ])('%s %s', (start, rule, reason) => {
    expect(() => checkSeries(series(start, 'Europe/Berlin', rule), ['recurrence'])).toThrow(reason)
    expect(nextAfter(series(start, 'Europe/Berlin', rule), Temporal.Instant.from('2027-06-01T00:00:00Z'))).toBeNull()
  })

  test.each(['FREQ=DAILY', 'FREQ=DAILY;COUNT=1', 'FREQ=DAILY;UNTIL=20270105', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', null])('%s does not', (rule) => {
    expect(() => checkSeries(series('2027-01-04T09:00', 'Europe/Berlin', rule))).not.toThrow()
  })

  test('a long count is followed to its end', () => {
    const long = series('2027-01-01T09:00', 'Europe/Berlin', 'FREQ=DAILY;COUNT=3660')
    const last = Temporal.PlainDate.from('2027-01-01').add({ days: 3659 })
    expect(days(long, 5, instantOf(last.subtract({ days: 1 }).toPlainDateTime('10:00'), 'Europe/Berlin'))).toEqual([last.toString()])
  })
})
