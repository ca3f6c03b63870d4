import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { z } from 'zod'
import { InvalidInputError } from '../../src/core/errors.ts'
import { parse } from '../../src/core/parse.ts'
import { textInput } from '../../src/core/textInput.ts'
import {
  allDayInstant,
  formatWallTime,
  instantOf,
  isTimeZone,
  parseSendTime,
  parseTimeZone,
  parseWallDate,
  parseWallTime,
  wallTimeOf,
} from '../../src/core/wallTime.ts'

const zones = ['Europe/Berlin', 'America/New_York', 'America/Sao_Paulo', 'Asia/Kathmandu', 'Australia/Lord_Howe', 'Pacific/Apia', 'Africa/Casablanca', 'UTC']

describe('a wall time in a zone is one instant', () => {
  test.each([
    // gap: forward by its length
    ['2027-03-28T02:30', 'Europe/Berlin', '2027-03-28T01:30:00Z'],
    ['2027-03-28T02:00', 'Europe/Berlin', '2027-03-28T01:00:00Z'],
    ['2027-03-28T01:59:59', 'Europe/Berlin', '2027-03-28T00:59:59Z'],
    ['2027-03-14T02:30', 'America/New_York', '2027-03-14T07:30:00Z'],
    ['2018-11-04T00:00', 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    ['2026-10-04T02:15', 'Australia/Lord_Howe', '2026-10-03T15:45:00Z'],
    ['2011-12-30T09:00', 'Pacific/Apia', '2011-12-30T19:00:00Z'],
    ['2026-03-22T02:30', 'Africa/Casablanca', '2026-03-22T02:30:00Z'],
    // fold: the first
    ['2027-10-31T02:30', 'Europe/Berlin', '2027-10-31T00:30:00Z'],
    ['2027-11-07T01:30', 'America/New_York', '2027-11-07T05:30:00Z'],
    ['2018-02-17T23:30', 'America/Sao_Paulo', '2018-02-18T01:30:00Z'],
    ['2026-04-05T01:45', 'Australia/Lord_Howe', '2026-04-04T14:45:00Z'],
    ['2026-02-15T02:30', 'Africa/Casablanca', '2026-02-15T01:30:00Z'],
    // neither
    ['2027-07-01T09:00', 'Asia/Kathmandu', '2027-07-01T03:15:00Z'],
    ['1985-12-31T12:00', 'Asia/Kathmandu', '1985-12-31T06:30:00Z'],
    ['2027-07-01T09:00', 'America/Sao_Paulo', '2027-07-01T12:00:00Z'],
  ])('%s in %s is %s', (wall, zone, instant) => {
    expect(instantOf(parseWallTime(wall), zone).toString()).toBe(instant)
  })

  test('every wall time resolves, and to itself unless it falls into a gap, when it moves forward', () => {
    const anyWall = fc
      .date({ min: new Date('1900-01-01T00:00:00Z'), max: new Date('2999-12-30T00:00:00Z'), noInvalidDate: true })
      .map((date) => Temporal.PlainDateTime.from(date.toISOString().slice(0, 19)))
    fc.assert(
      fc.property(anyWall, fc.constantFrom(...zones), (wall, zone) => {
        const shown = wallTimeOf(instantOf(wall, zone), zone)
        const moved = wall.until(shown)
        expect(moved.total('seconds')).toBeGreaterThanOrEqual(0)
        expect(moved.total('hours')).toBeLessThanOrEqual(24)
        if (moved.blank) return
        const gapEnd = wall.toZonedDateTime(zone, { disambiguation: 'earlier' }).getTimeZoneTransition('next')
        expect(gapEnd?.offsetNanoseconds).toBe(shown.toZonedDateTime(zone).offsetNanoseconds)
      }),
      { numRuns: 500 },
    )
  })

  test('an all-day instant is the send time of that day, also across a clock change', () => {
    const at = (date: string, time: string, zone: string) => allDayInstant(Temporal.PlainDate.from(date), parseSendTime(time), zone).toString()
    expect(at('2027-03-27', '09:00', 'Europe/Berlin')).toBe('2027-03-27T08:00:00Z')
    expect(at('2027-03-28', '09:00', 'Europe/Berlin')).toBe('2027-03-28T07:00:00Z')
    expect(at('2027-03-28', '02:30', 'Europe/Berlin')).toBe('2027-03-28T01:30:00Z')
  })
})

describe('a wall time is read strictly', () => {
  test.each(['2027-03-28T02:30', '2028-02-29T23:59:59', '1900-01-01T00:00', '2999-12-31T23:59'])('%s is read and written the same', (text) => {
    expect(formatWallTime(parseWallTime(text))).toBe(text)
  })

  test.each([
    '2027-03-28T02:30Z',
    '2027-03-28T02:30z',
    '2027-03-28T02:30+01:00',
    '2027-03-28T02:30-05',
    '2027-03-28T02:30:00+0100',
    '2027-03-28T02:30[Europe/Berlin]',
  ])('%s is refused for its offset or zone', (text) => {
    expect(() => parseWallTime(text, ['dueAt'])).toThrow(/dueAt: A wall time has no offset/)
  })

  test.each([
    '',
    '2027-03-28',
    '2027-03-28 02:30',
    '2027-03-28t02:30',
    '2027-3-28T02:30',
    '2027-03-28T24:00',
    '2027-03-28T02:60',
    '2027-03-28T02:30:60',
    '2027-03-28T02:30:00.5',
    '2027-W12-7T02:30',
    ' 2027-03-28T02:30',
    '+002027-03-28T02:30',
    '20270328T0230',
    '2027-03-28T02:30\n',
  ])('%j is refused for its form', (text) => {
    expect(() => parseWallTime(text)).toThrow(/Write a wall time as 2027-03-28T02:30/)
  })

  test.each(['2027-02-29T10:00', '2027-13-01T10:00', '2027-04-31T10:00', '2027-00-10T10:00', '2027-01-00T10:00'])(
    '%s is refused because there is no such day',
    (text) => {
      expect(() => parseWallTime(text)).toThrow(/no such day/)
      expect(() => parseWallDate(text.slice(0, 10))).toThrow(/no such day/)
    },
  )

  test.each(['1899-12-31T23:59', '3000-01-01T00:00', '0000-01-01T00:00'])('%s is refused for its year', (text) => {
    expect(() => parseWallTime(text)).toThrow(/between 1900 and 2999/)
  })

  test('an all-day date may be written with or without a time', () => {
    expect(parseWallDate('2027-03-28').toString()).toBe('2027-03-28')
    expect(parseWallDate('2027-03-28T02:30').toString()).toBe('2027-03-28')
    expect(() => parseWallDate('28.03.2027')).toThrow(InvalidInputError)
    expect(() => parseWallDate('2027-03-28T02:30Z')).toThrow(/no offset/)
  })

  test.each(['9:00', '24:00', '09:60', '09:00:00', '0900', '', '09:00 ', '٠٩:٠٠'])('the send time %j is refused', (text) => {
    expect(() => parseSendTime(text, ['sendTime'])).toThrow(/sendTime: Write a time of day/)
  })
})

describe('a zone is a name of the IANA database', () => {
  test.each([
    'Europe/Berlin',
    'Asia/Kathmandu',
    'Asia/Katmandu',
    'Asia/Calcutta',
    'US/Eastern',
    'UTC',
    'Etc/GMT+5',
    'America/Argentina/Buenos_Aires',
    'America/Port-au-Prince',
  ])('%s', (zone) => {
    expect(isTimeZone(zone)).toBe(true)
    expect(parseTimeZone(zone)).toBe(zone)
  })

  test('letter case is put right, link names are kept', () => {
    expect(parseTimeZone('europe/berlin')).toBe('Europe/Berlin')
    expect(parseTimeZone('asia/katmandu')).toBe('Asia/Katmandu')
  })

  test.each([
    '',
    '+02:00',
    '-05',
    '+0200',
    'Z',
    'GMT+1',
    'UTC+2',
    'Mars/Olympus',
    'Europe/Berlin ',
    '2027-03-28T02:30[Europe/Berlin]',
    '../etc/passwd',
    'Europe',
  ])('%j is none', (zone) => {
    expect(isTimeZone(zone)).toBe(false)
    expect(() => parseTimeZone(zone, ['timeZone'])).toThrow(/timeZone: Name a time zone/)
  })
})

test('as part of an input, every text at fault is named with its place', () => {
  const Input = z.object({ dueAt: textInput(parseWallTime), timeZone: textInput(parseTimeZone) })
  expect(parse(Input, { dueAt: '2027-03-28T02:30', timeZone: 'utc' }).timeZone).toBe('UTC')
  try {
    parse(Input, { dueAt: 'soon', timeZone: '+02:00' })
    expect.unreachable()
  } catch (error) {
    expect((error as InvalidInputError).issues.map((issue) => issue.path)).toEqual([['dueAt'], ['timeZone']])
  }
})
