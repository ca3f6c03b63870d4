import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { parsePeriod } from '../../src/core/period.ts'
import { parseSendTime } from '../../src/core/wallTime.ts'
import { alertDue, dueAt, effective } from '../../src/followUps/due.ts'

const instant = (text: string) => Temporal.Instant.from(text)
const berlin = 'Europe/Berlin'

describe('when a follow-up is due', () => {
  const due = (every: string, setAt: string, lastCountedAt: string | null, zone = berlin) =>
    dueAt({ every: parsePeriod(every), setAt: instant(setAt), lastCountedAt: lastCountedAt === null ? null : instant(lastCountedAt), zone }).toString()

  test.each([
    ['with no interaction, from the day it was set', 'P1M', '2027-01-10T15:00:00Z', null, berlin, '2027-02-09T23:00:00Z'],
    ['from the last counted interaction', 'P1M', '2027-01-10T15:00:00Z', '2027-01-20T08:00:00Z', berlin, '2027-02-19T23:00:00Z'],
    ['not from one before it was set', 'P1M', '2027-01-10T15:00:00Z', '2026-11-20T08:00:00Z', berlin, '2027-02-09T23:00:00Z'],
    ['by the local day of the zone', 'P1W', '2027-01-10T23:30:00Z', null, berlin, '2027-01-17T23:00:00Z'],
    ['by the local day of another zone', 'P1W', '2027-01-10T23:30:00Z', null, 'America/New_York', '2027-01-17T05:00:00Z'],
    ['across a clock change', 'P1W', '2027-03-25T12:00:00Z', null, berlin, '2027-03-31T22:00:00Z'],
    ['at the end of a short month', 'P1M', '2027-01-31T12:00:00Z', null, berlin, '2027-02-27T23:00:00Z'],
    ['where midnight does not exist', 'P1W', '2018-10-28T15:00:00Z', null, 'America/Sao_Paulo', '2018-11-04T03:00:00Z'],
    ['where midnight comes twice, at the first', 'P1W', '2026-10-25T15:00:00Z', null, 'America/Havana', '2026-11-01T04:00:00Z'],
    ['where the day does not exist', 'P1W', '2011-12-23T20:00:00Z', null, 'Pacific/Apia', '2011-12-30T10:00:00Z'],
  ])('%s', (_, every, setAt, last, zone, expected) => {
    expect(due(every, setAt, last, zone)).toBe(expected)
  })

  test('a later interaction never makes it due earlier, and an earlier one than the set day changes nothing', () => {
    const moment = fc.integer({ min: 1_200_000_000, max: 2_200_000_000 }).map((seconds) => Temporal.Instant.fromEpochMilliseconds(seconds * 1000))
    const every = fc.constantFrom('P1D', 'P1W', 'P2W', 'P1M', 'P3M', 'P6M', 'P1Y').map((text) => parsePeriod(text))
    const zone = fc.constantFrom(berlin, 'America/New_York', 'America/Sao_Paulo', 'Pacific/Apia', 'Australia/Lord_Howe', 'Asia/Kathmandu')
    fc.assert(
      fc.property(moment, moment, moment, every, zone, (setAt, one, other, period, timeZone) => {
        const [earlier, later] = Temporal.Instant.compare(one, other) <= 0 ? [one, other] : [other, one]
        const at = (lastCountedAt: Temporal.Instant | null) => dueAt({ every: period, setAt, lastCountedAt, zone: timeZone })
        expect(Temporal.Instant.compare(at(earlier), at(later))).toBeLessThanOrEqual(0)
        expect(Temporal.Instant.compare(at(null), at(earlier))).toBeLessThanOrEqual(0)
        if (Temporal.Instant.compare(earlier, setAt) <= 0) expect(at(earlier).equals(at(null))).toBe(true)
        const begin = at(null).toZonedDateTimeISO(timeZone)
        expect(begin.equals(begin.startOfDay())).toBe(true)
        expect(Temporal.Instant.compare(at(null), setAt)).toBe(1)
      }),
    )
  })
})

describe('whose setting holds', () => {
  const setting = (every: string) => ({ every: parsePeriod(every), setAt: instant('2027-01-10T15:00:00Z') })
  const pick = (own: string | null, ...tags: [string, string][]) => {
    const found = effective(
      own === null ? null : setting(own),
      tags.map(([tag, every]) => ({ tag, ...setting(every) })),
    )
    return found && [found.every.toString(), found.fromTag]
  }

  test("the contact's own wins, even over a shorter one", () => expect(pick('P1Y', ['friends', 'P1W'])).toEqual(['P1Y', null]))
  test('of several tags the shortest', () => expect(pick(null, ['family', 'P3M'], ['friends', 'P2W'], ['work', 'P1M'])).toEqual(['P2W', 'friends']))
  test('of equal tags always the same', () => {
    expect(pick(null, ['work', 'P1W'], ['friends', 'P7D'])).toEqual(['P7D', 'friends'])
    expect(pick(null, ['friends', 'P7D'], ['work', 'P1W'])).toEqual(['P7D', 'friends'])
  })
  test('none without any', () => expect(pick(null)).toBeNull())
})

describe('when an alert goes out', () => {
  const alert = (now: string, lastAlertAt: string | null, options: { dueAt?: string; every?: string; zone?: string; sendTime?: string } = {}) =>
    alertDue({
      dueAt: instant(options.dueAt ?? '2027-02-09T23:00:00Z'),
      lastAlertAt: lastAlertAt === null ? null : instant(lastAlertAt),
      every: parsePeriod(options.every ?? 'P1M'),
      now: instant(now),
      zone: options.zone ?? berlin,
      sendTime: parseSendTime(options.sendTime ?? '09:00'),
    }).toString()

  test('at the send time of the due day', () => {
    expect(alert('2027-01-10T15:00:00Z', null)).toBe('2027-02-10T08:00:00Z')
    expect(alert('2027-01-10T15:00:00Z', null, { sendTime: '18:30' })).toBe('2027-02-10T17:30:00Z')
  })
  test('later that day it is still to be sent', () => expect(alert('2027-02-10T15:00:00Z', null)).toBe('2027-02-10T08:00:00Z'))
  test('missed days do not pile up: it goes out today', () => {
    expect(alert('2027-02-20T15:00:00Z', null)).toBe('2027-02-20T08:00:00Z')
    expect(alert('2027-02-20T05:00:00Z', null)).toBe('2027-02-20T08:00:00Z')
  })
  test('again a period after the last, at the send time', () => {
    expect(alert('2027-02-10T08:00:05Z', '2027-02-10T08:00:05Z')).toBe('2027-03-10T08:00:00Z')
    expect(alert('2027-03-10T08:00:05Z', '2027-03-10T08:00:05Z')).toBe('2027-04-10T07:00:00Z')
    expect(alert('2027-02-10T08:00:05Z', '2027-02-10T08:00:05Z', { every: 'P1W' })).toBe('2027-02-17T08:00:00Z')
  })
  test('an alert of an earlier run of the clock does not hold it back', () =>
    expect(alert('2027-02-01T00:00:00Z', '2027-02-08T08:00:00Z')).toBe('2027-02-10T08:00:00Z'))
  test('a send time that the clock change skips moves forward', () =>
    expect(alert('2027-03-01T00:00:00Z', null, { dueAt: '2027-03-27T23:00:00Z', sendTime: '02:30' })).toBe('2027-03-28T01:30:00Z'))
})
