/** The public holidays of a year, by which a calendar's working days are told. */
export type Holidays = (year: number) => readonly Temporal.PlainDate[]

const saturday = 6
const sunday = 7

/** Easter Sunday in the Gregorian calendar (the anonymous algorithm of 1876). */
export function easterOf(year: number): Temporal.PlainDate {
  const golden = year % 19
  const century = Math.floor(year / 100)
  const epact = (19 * golden + century - Math.floor(century / 4) - Math.floor((century - Math.floor((century + 8) / 25) + 1) / 3) + 15) % 30
  const weekday = (32 + 2 * (century % 4) + 2 * Math.floor((year % 100) / 4) - epact - (year % 4)) % 7
  const shift = Math.floor((golden + 11 * epact + 22 * weekday) / 451)
  const sum = epact + weekday - 7 * shift + 114
  return new Temporal.PlainDate(year, Math.floor(sum / 31), (sum % 31) + 1)
}

/**
 * Days on which Europe's payments rest (the TARGET calendar): those that nearly all member states keep. A national holiday beyond them would only
 * move a last day back, so leaving it out is never late.
 */
export const europeanHolidays: Holidays = (year) => {
  const easter = easterOf(year)
  return [
    new Temporal.PlainDate(year, 1, 1),
    easter.subtract({ days: 2 }),
    easter.add({ days: 1 }),
    new Temporal.PlainDate(year, 5, 1),
    new Temporal.PlainDate(year, 12, 25),
    new Temporal.PlainDate(year, 12, 26),
  ]
}

/** Federal holidays of the United States (5 U.S.C. § 6103): one that falls on a Saturday is kept the day before, on a Sunday the day after. */
export const americanHolidays: Holidays = (year) => [
  ...[year, year + 1].map((each) => observed(new Temporal.PlainDate(each, 1, 1))).filter((day) => day.year === year),
  nth(year, 1, 1, 3),
  nth(year, 2, 1, 3),
  // The last Monday of May is the one before the first of June.
  nth(year, 6, 1, 1).subtract({ weeks: 1 }),
  observed(new Temporal.PlainDate(year, 6, 19)),
  observed(new Temporal.PlainDate(year, 7, 4)),
  nth(year, 9, 1, 1),
  nth(year, 10, 1, 2),
  observed(new Temporal.PlainDate(year, 11, 11)),
  nth(year, 11, 4, 4),
  observed(new Temporal.PlainDate(year, 12, 25)),
]

/** Whether people work on a day. */
export function isWorkingDay(day: Temporal.PlainDate, holidays: Holidays): boolean {
  return day.dayOfWeek !== saturday && day.dayOfWeek !== sunday && !holidays(day.year).some((holiday) => holiday.equals(day))
}

/** The day, or the next on which people work (Regulation 1182/71, Article 3(4)). */
export function rolled(day: Temporal.PlainDate, holidays: Holidays): Temporal.PlainDate {
  let at = day
  while (!isWorkingDay(at, holidays)) at = at.add({ days: 1 })
  return at
}

/** So many working days after a day, which does not count itself. */
export function addWorkingDays(day: Temporal.PlainDate, count: number, holidays: Holidays): Temporal.PlainDate {
  let at = day
  for (let left = count; left > 0; left -= 1) at = rolled(at.add({ days: 1 }), holidays)
  return at
}

/** The nth of a weekday (1 is Monday) in a month. */
function nth(year: number, month: number, weekday: number, count: number): Temporal.PlainDate {
  const first = new Temporal.PlainDate(year, month, 1)
  return first.add({ days: ((weekday - first.dayOfWeek + 7) % 7) + 7 * (count - 1) })
}

function observed(day: Temporal.PlainDate): Temporal.PlainDate {
  if (day.dayOfWeek === saturday) return day.subtract({ days: 1 })
  return day.dayOfWeek === sunday ? day.add({ days: 1 }) : day
}
