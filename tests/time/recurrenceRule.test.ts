import { describe, expect, test } from 'vitest'
import { InvalidInputError } from '../../src/core/errors.ts'
import { formatRecurrence, parseRecurrence } from '../../src/reminders/recurrenceRule.ts'

describe('a rule is read, and written in one form', () => {
  test.each([
    ['FREQ=DAILY', 'FREQ=DAILY'],
    ['RRULE:FREQ=DAILY', 'FREQ=DAILY'],
    ['  rrule:freq=daily;interval=1 ', 'FREQ=DAILY'],
    ['INTERVAL=2;FREQ=WEEKLY;BYDAY=TH,MO,TH', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH'],
    ['FREQ=WEEKLY;WKST=MO', 'FREQ=WEEKLY'],
    ['FREQ=WEEKLY;WKST=SU;INTERVAL=2;BYDAY=TU,SU', 'FREQ=WEEKLY;INTERVAL=2;BYDAY=TU,SU;WKST=SU'],
    ['FREQ=MONTHLY;BYMONTHDAY=31', 'FREQ=MONTHLY;BYMONTHDAY=31'],
    ['FREQ=MONTHLY;BYMONTHDAY=15,-1,1', 'FREQ=MONTHLY;BYMONTHDAY=-1,1,15'],
    ['FREQ=MONTHLY;BYDAY=+2MO,-1FR', 'FREQ=MONTHLY;BYDAY=2MO,-1FR'],
    ['FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1', 'FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1'],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29', 'FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29'],
    ['FREQ=YEARLY;BYYEARDAY=-1,100', 'FREQ=YEARLY;BYYEARDAY=-1,100'],
    ['FREQ=YEARLY;BYDAY=20MO', 'FREQ=YEARLY;BYDAY=20MO'],
    ['COUNT=10;FREQ=DAILY', 'FREQ=DAILY;COUNT=10'],
    ['FREQ=DAILY;UNTIL=20271231', 'FREQ=DAILY;UNTIL=20271231'],
    ['FREQ=DAILY;UNTIL=20271231T090000', 'FREQ=DAILY;UNTIL=20271231T090000'],
    ['FREQ=DAILY;UNTIL=20271231T090000Z', 'FREQ=DAILY;UNTIL=20271231T090000Z'],
  ])('%s', (text, written) => {
    expect(formatRecurrence(parseRecurrence(text))).toBe(written)
    expect(formatRecurrence(parseRecurrence(written))).toBe(written)
  })
})

describe('what cannot be kept is refused, with the reason', () => {
  test.each([
    ['', /Write a recurrence rule/],
    ['every day', /Write a recurrence rule/],
    ['INTERVAL=2', /needs FREQ/],
    ['FREQ=HOURLY', /FREQ must be/],
    ['FREQ=MINUTELY', /FREQ must be/],
    ['FREQ=SECONDLY', /FREQ must be/],
    ['FREQ=FORTNIGHTLY', /FREQ must be/],
    ['DTSTART:20270101T090000Z\nRRULE:FREQ=DAILY', /without DTSTART/],
    ['RRULE:FREQ=DAILY\nEXDATE:20270102T090000Z', /without DTSTART/],
    ['EXDATE:20270102T090000Z', /without DTSTART/],
    ['FREQ=DAILY;COUNT=3;UNTIL=20271231', /cannot stand together/],
    ['FREQ=DAILY;FREQ=WEEKLY', /only once/],
    ['FREQ=DAILY;INTERVAL=0', /INTERVAL must/],
    ['FREQ=DAILY;INTERVAL=1001', /INTERVAL must/],
    ['FREQ=DAILY;INTERVAL=1.5', /INTERVAL must/],
    ['FREQ=DAILY;COUNT=0', /COUNT must/],
    ['FREQ=DAILY;COUNT=-1', /COUNT must/],
    ['FREQ=DAILY;COUNT=999999999', /COUNT must/],
    ['FREQ=DAILY;BYHOUR=9', /time of day/],
    ['FREQ=DAILY;BYMINUTE=1,2', /time of day/],
    ['FREQ=DAILY;X-OWN=1', /not a part/],
    ['RSCALE=HEBREW;FREQ=YEARLY', /not a part/],
    ['FREQ=DAILY;', /Write a recurrence rule/],
    ['FREQ=DAILY;BYDAY=', /Write a recurrence rule/],
    ['FREQ=DAILY;BYDAY=XX', /BYDAY takes weekdays/],
    ['FREQ=MONTHLY;BYDAY=0MO', /BYDAY takes weekdays/],
    ['FREQ=YEARLY;BYDAY=100MO', /BYDAY takes weekdays/],
    ['FREQ=MONTHLY;BYDAY=6MO', /five of a weekday/],
    ['FREQ=YEARLY;BYMONTH=3;BYDAY=6MO', /five of a weekday/],
    ['FREQ=WEEKLY;BYDAY=1MO', /only with FREQ=MONTHLY/],
    ['FREQ=WEEKLY;BYMONTHDAY=3', /FREQ=WEEKLY/],
    ['FREQ=YEARLY;BYWEEKNO=3;BYDAY=MO', /BYWEEKNO is not a part/],
    ['FREQ=MONTHLY;BYMONTHDAY=1;BYDAY=1MO', /no number beside/],
    ['FREQ=YEARLY;BYDAY=MO,1TU', /all with a number/],
    ['FREQ=YEARLY;BYDAY=53MO', /-52 to 52/],
    ['FREQ=YEARLY;BYYEARDAY=1;BYDAY=MO', /Beside BYYEARDAY/],
    ['FREQ=YEARLY;BYYEARDAY=1;BYMONTH=1', /Beside BYYEARDAY/],
    ['FREQ=DAILY;INTERVAL=2;BYMONTHDAY=31', /INTERVAL above 1/],
    ['FREQ=MONTHLY;BYYEARDAY=3', /only with FREQ=YEARLY/],
    ['FREQ=MONTHLY;BYMONTHDAY=0', /BYMONTHDAY takes/],
    ['FREQ=MONTHLY;BYMONTHDAY=32', /BYMONTHDAY takes/],
    ['FREQ=MONTHLY;BYMONTHDAY=1,,2', /BYMONTHDAY takes/],
    ['FREQ=YEARLY;BYMONTH=-1', /BYMONTH takes/],
    ['FREQ=YEARLY;BYMONTH=13', /BYMONTH takes/],
    ['FREQ=MONTHLY;BYSETPOS=1', /BYSETPOS needs/],
    ['FREQ=MONTHLY;BYDAY=MO;BYSETPOS=300', /BYSETPOS goes/],
    ['FREQ=DAILY;BYDAY=MO;BYSETPOS=2', /BYSETPOS goes/],
    ['FREQ=DAILY;WKST=XX', /WKST must/],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30', /never occur/],
    ['FREQ=DAILY;BYMONTH=4,6,9,11;BYMONTHDAY=31', /never occur/],
    ['FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=-30', /never occur/],
    ['FREQ=DAILY;UNTIL=tomorrow', /UNTIL is a day/],
    ['FREQ=DAILY;UNTIL=20271231T250000Z', /UNTIL is a day/],
    ['FREQ=DAILY;UNTIL=20270229', /not in the calendar/],
    [`FREQ=YEARLY;BYYEARDAY=${Array.from({ length: 366 }, (_, i) => i + 1).join(',')}`, /500 characters/],
  ])('%s', (text, reason) => {
    expect(() => parseRecurrence(text, ['recurrence'])).toThrow(InvalidInputError)
    expect(() => parseRecurrence(text, ['recurrence'])).toThrow(reason)
  })
})
