import { defineDomain } from '../domain.ts'
import { interactionsCalendar } from './calendar.ts'
import { policies } from './policy.ts'
import { rectifyInteractions } from './rectify.ts'
import { restores } from './restore.ts'
import './schema.ts'

/** Interactions: when one was in touch, and with whom. */
export const interactions = defineDomain({
  name: 'interactions',
  policies,
  executes: { RECTIFICATION: rectifyInteractions },
  restores,
  renders: [
    {
      path: 'calendar/interactions.ics',
      mediaType: 'text/calendar',
      about: 'When you were in touch with whom, for any calendar.',
      write: interactionsCalendar,
    },
  ],
})
