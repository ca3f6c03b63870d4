import { defineDomain } from '../domain.ts'
import { notesCalendar } from './calendar.ts'
import { policies } from './policy.ts'
import { restores } from './restore.ts'
import './schema.ts'

/** Notes about contacts. */
export const notes = defineDomain({
  name: 'notes',
  policies,
  restores,
  renders: [
    { path: 'calendar/notes.ics', mediaType: 'text/calendar', about: 'Your notes as journal entries, for calendars that know them.', write: notesCalendar },
  ],
})
