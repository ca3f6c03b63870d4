import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { inTransaction } from '../events/service.ts'
import { defineJob } from '../jobs/job.ts'
import { remindersCalendar } from './calendar.ts'
import { fireReminder, scheduleReminder } from './fire.ts'
import { policies } from './policy.ts'
import { restores } from './restore.ts'
import './schema.ts'
import { refreshAllDayReminders } from './service.ts'

const fire = defineJob({
  name: 'reminder-fire',
  use: { purpose: 'REMINDING', models: ['Reminder', 'Contact', 'Delivery'] },
  payload: z.object({ ownerId: z.uuid(), entityId: z.uuid() }),
  concurrency: 2,
  batch: 10,
  run: (ctx, { entityId }) => fireReminder(ctx, entityId),
})

/** Reminders, once or recurring. */
export const reminders = defineDomain({
  name: 'reminders',
  policies,
  jobs: [fire],
  effects: {
    'reminder.schedule': (ctx, { reminderId = '' }) => scheduleReminder(ctx, reminderId),
    'reminders.accountChanged': (ctx) => inTransaction(ctx, refreshAllDayReminders),
  },
  dues: { reminder: fire.name },
  dueSources: [{ table: 'reminders', effect: 'reminder.schedule', id: 'reminderId' }],
  restores,
  renders: [{ path: 'calendar/reminders.ics', mediaType: 'text/calendar', about: 'Your reminders as tasks, for any calendar.', write: remindersCalendar }],
})
