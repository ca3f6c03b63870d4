import { z } from 'zod'
import { defineDomain } from '../domain.ts'
import { defineJob } from '../jobs/job.ts'
import { renewChannel, scheduleWatch, watchDue } from './channels.ts'
import { policies } from './policy.ts'
import { meetingsBegin, scheduleUpcoming, upcomingDue } from './project.ts'
import { calendarRoutes } from './routes.ts'
import './schema.ts'
import { sendDue, sendScheduled, scheduleSending } from './send.ts'
import { calendarSync } from './sync.ts'

const payload = z.object({ ownerId: z.uuid(), entityId: z.uuid() })
const begin = defineJob({
  name: 'calendar-begin',
  payload,
  use: { purpose: 'GOOGLE_CALENDAR', models: ['CalendarMeeting', 'Interaction'] },
  run: (ctx) => meetingsBegin(ctx),
})
const watch = defineJob({ name: 'calendar-watch', payload, use: { purpose: 'GOOGLE_CALENDAR', models: ['CalendarChannel'] }, run: (ctx) => renewChannel(ctx) })
const send = defineJob({
  name: 'calendar-send',
  payload,
  use: { purpose: 'GOOGLE_CALENDAR', models: ['CalendarScheduling'] },
  run: (ctx, { entityId }) => sendScheduled(ctx, entityId),
})

const connected = "resource = 'calendar'"

/** The owner's Google calendar: meetings with contacts become interactions once they have begun, and Kith puts meetings there. */
export const calendar = defineDomain({
  name: 'calendar',
  policies,
  jobs: [begin, watch, send],
  syncs: [calendarSync()],
  effects: {
    'calendar.upcoming': (ctx) => scheduleUpcoming(ctx),
    'calendar.watch': (ctx) => scheduleWatch(ctx),
    'calendar.send': (ctx, { id = '' }) => scheduleSending(ctx, id),
  },
  dues: { [upcomingDue]: begin.name, [watchDue]: watch.name, [sendDue]: send.name },
  dueSources: [
    { table: 'google_sync_states', where: connected, effect: 'calendar.upcoming' },
    { table: 'google_sync_states', where: connected, effect: 'calendar.watch' },
    { table: 'calendar_schedulings', where: '"notBefore" IS NOT NULL', effect: 'calendar.send', id: 'id' },
  ],
  routes: calendarRoutes,
})
