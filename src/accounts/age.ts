/** The age from which one may have an account (16 CFR 312.2; the terms of both policies). Nobody is told it before they have answered. */
const leastYears = 13
/** Older than anybody has become: a slip of the hand, not an age. */
const mostYears = 125

/** What an answer to the question of when one was born comes to. The date itself goes no further than here. */
export type AgeAnswer = 'OLD_ENOUGH' | 'TOO_YOUNG' | 'NO_DATE'

/** Reads a date of birth, YYYY-MM-DD, and says whether its person is old enough today, by the calendar: one born on 29 February has their birthday on 1 March in common years. */
export function readAge(text: string, today: Temporal.PlainDate): AgeAnswer {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return 'NO_DATE'
  let born: Temporal.PlainDate
  try {
    born = Temporal.PlainDate.from(text)
  } catch {
    return 'NO_DATE'
  }
  const hadBirthday = today.month > born.month || (today.month === born.month && today.day >= born.day)
  const years = today.year - born.year - (hadBirthday ? 0 : 1)
  if (Temporal.PlainDate.compare(born, today) > 0 || years > mostYears) return 'NO_DATE'
  return years >= leastYears ? 'OLD_ENOUGH' : 'TOO_YOUNG'
}

/** How long a browser that was told no is told no again, whatever it answers then; seconds. */
export const ageMarkerSeconds = 24 * 3600
