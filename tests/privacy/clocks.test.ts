import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import { addWorkingDays, americanHolidays, easterOf, europeanHolidays, isWorkingDay, rolled } from '../../src/privacy/calendars.ts'
import { clocksOf, dueAtOf, endOf, pauses, type Timing } from '../../src/privacy/clocks.ts'
import { regimes, requestTypes } from '../../src/privacy/vocabulary.ts'

const berlin = 'Europe/Berlin'
const none = Temporal.Duration.from('PT0S')
const timing = (day: string, more: Partial<Timing> = {}): Timing => ({
  type: 'ACCESS',
  regime: 'GDPR',
  receivedAt: Temporal.PlainDateTime.from(`${day}T10:00`).toZonedDateTime(berlin).toInstant(),
  extended: false,
  waited: none,
  ...more,
})
const by = (day: string, more: Partial<Timing> = {}) => clocksOf(timing(day, more), berlin)

describe('[S-25] Europe’s month', () => {
  test.each([
    ['2026-01-31', false, '2026-03-02', 'the last day of a shorter month, a Saturday, so the Monday after'],
    ['2026-01-31', true, '2026-04-30', 'three months from receipt'],
    ['2024-01-31', false, '2024-02-29', 'a leap year'],
    ['2026-03-05', false, '2026-04-07', 'Easter Sunday, and a holiday after it'],
  ])('from %s, more time taken: %s, ends on %s: %s', (received, extended, expected) => {
    expect(by(received, { extended }).respondBy.toString()).toBe(expected)
  })

  test('ends at midnight where the controller is, whatever the hour of receipt', () => {
    expect(dueAtOf(timing('2026-01-31'), berlin).toString()).toBe('2026-03-02T23:00:00Z')
    // 23:30 in UTC is the next day in Berlin.
    expect(clocksOf(timing('2026-01-30', { receivedAt: Temporal.Instant.from('2026-01-30T23:30:00Z') }), berlin).respondBy.toString()).toBe('2026-03-02')
    expect(endOf(Temporal.PlainDate.from('2026-03-29'), berlin).toString()).toBe('2026-03-29T22:00:00Z')
  })

  test('sets no date for acknowledging', () => {
    expect(by('2026-01-15').acknowledgeBy).toBeNull()
  })

  test('stops while proof is awaited, in whole days, and only alone', () => {
    const waited = Temporal.Duration.from({ hours: 5 * 24 + 23 })
    expect(by('2026-06-01', { waited }).respondBy.toString()).toBe('2026-07-06')
    for (const regime of ['CCPA', 'BOTH', 'VOLUNTARY'] as const) {
      expect(pauses(regime)).toBe(false)
      expect(by('2026-06-01', { regime, waited })).toEqual(by('2026-06-01', { regime }))
    }
  })
})

describe('[S-25] California’s days', () => {
  test('45 and 90 calendar days do not move off a weekend, 10 and 15 business days leave out a holiday', () => {
    const clocks = by('2026-01-15', { regime: 'CCPA' })
    expect(clocks.respondBy.toString()).toBe('2026-03-01')
    expect(by('2026-01-15', { regime: 'CCPA', extended: true }).respondBy.toString()).toBe('2026-04-15')
    expect(clocks.acknowledgeBy?.toString()).toBe('2026-01-30')
    expect(clocks.optOutBy?.toString()).toBe('2026-02-06')
  })

  test('an opt-out is due when it must be in force', () => {
    expect(dueAtOf(timing('2026-01-15', { regime: 'CCPA', type: 'OPT_OUT_SALE_SHARING' }), 'UTC').toString()).toBe('2026-02-07T00:00:00Z')
  })
})

test('[S-03] under both laws, and under none, each date is the earlier of the two', () => {
  fc.assert(
    fc.property(fc.date({ min: new Date('2020-01-01'), max: new Date('2039-12-31'), noInvalidDate: true }), fc.boolean(), (date, extended) => {
      const received = { receivedAt: Temporal.Instant.fromEpochMilliseconds(date.getTime()), extended }
      const [gdpr, ccpa, both, voluntary] = (['GDPR', 'CCPA', 'BOTH', 'VOLUNTARY'] as const).map((regime) =>
        clocksOf(timing('2026-01-01', { ...received, regime }), berlin),
      )
      const earlier = [gdpr!.respondBy, ccpa!.respondBy].toSorted(Temporal.PlainDate.compare)[0]
      expect(both!.respondBy.equals(earlier!)).toBe(true)
      expect(both!.acknowledgeBy?.toString()).toBe(ccpa!.acknowledgeBy?.toString())
      expect(voluntary).toEqual(both)
    }),
  )
})

test('[S-25] more time never means less, and no answer is due on the day of receipt or before', () => {
  fc.assert(
    fc.property(
      fc.date({ min: new Date('2020-01-01'), max: new Date('2039-12-31'), noInvalidDate: true }),
      fc.constantFrom(...regimes),
      fc.constantFrom(...requestTypes.filter((type) => type !== 'MINOR_ERASURE')),
      (date, regime, type) => {
        const at = Temporal.Instant.fromEpochMilliseconds(date.getTime())
        const [plain, more] = [false, true].map((extended) => clocksOf(timing('2026-01-01', { receivedAt: at, regime, type, extended }), berlin))
        const received = at.toZonedDateTimeISO(berlin).toPlainDate()
        expect(Temporal.PlainDate.compare(plain!.respondBy, received)).toBe(1)
        expect(Temporal.PlainDate.compare(more!.respondBy, plain!.respondBy)).toBe(1)
        expect(more!.extendBy.equals(plain!.respondBy)).toBe(true)
      },
    ),
  )
})

test('[S-55] a child’s data is due within 24 hours, on a Sunday too', () => {
  const receivedAt = Temporal.Instant.from('2026-06-07T15:30:00Z')
  for (const regime of regimes)
    expect(dueAtOf(timing('2026-06-07', { type: 'MINOR_ERASURE', regime, receivedAt }), berlin).toString()).toBe('2026-06-08T15:30:00Z')
})

test('[F-37] two working days from a Friday end on a Tuesday', () => {
  expect(addWorkingDays(Temporal.PlainDate.from('2026-06-05'), 2, europeanHolidays).toString()).toBe('2026-06-09')
})

describe('calendars', () => {
  // Dates of Easter as the Church publishes them.
  test.each(['2024-03-31', '2025-04-20', '2026-04-05', '2027-03-28', '2035-03-25', '2038-04-25'])('Easter is on %s', (day) => {
    expect(easterOf(Number(day.slice(0, 4))).toString()).toBe(day)
  })

  // As the Office of Personnel Management lists them.
  test.each([
    [2026, ['01-01', '01-19', '02-16', '05-25', '06-19', '07-03', '09-07', '10-12', '11-11', '11-26', '12-25']],
    [2021, ['01-01', '01-18', '02-15', '05-31', '06-18', '07-05', '09-06', '10-11', '11-11', '11-25', '12-24', '12-31']],
    [2022, ['01-17', '02-21', '05-30', '06-20', '07-04', '09-05', '10-10', '11-11', '11-24', '12-26']],
  ])('the federal holidays of %i', (year, days) => {
    expect(americanHolidays(year).map(String).toSorted()).toEqual(days.map((day) => `${year}-${day}`))
  })

  test('rolling ends on a working day and passes none by', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20_000 }), fc.constantFrom(europeanHolidays, americanHolidays), (days, holidays) => {
        const day = Temporal.PlainDate.from('2000-01-01').add({ days })
        const end = rolled(day, holidays)
        expect(isWorkingDay(end, holidays)).toBe(true)
        for (let at = day; !at.equals(end); at = at.add({ days: 1 })) expect(isWorkingDay(at, holidays)).toBe(false)
      }),
    )
  })
})
