import type { Restoring } from '../archive/service.ts'
import { parseTimeZone, parseWallTime } from '../core/wallTime.ts'
import { parseRecurrence } from './recurrenceRule.ts'

/** How reminders come back from an archive. A rule, a wall time or a zone that could not be worked with is refused here rather than found when it is due. */
export const restores: readonly Restoring[] = [
  {
    model: 'Reminder',
    event: 'reminder.created',
    complete: ({ recurrence, startLocal, dueLocal, timeZone }) => {
      if (typeof recurrence === 'string') parseRecurrence(recurrence, ['archive', 'recurrence'])
      for (const local of [startLocal, dueLocal]) parseWallTime(String(local as string), ['archive', 'startLocal'])
      parseTimeZone(String(timeZone as string), ['archive', 'timeZone'])
      return {}
    },
  },
]
