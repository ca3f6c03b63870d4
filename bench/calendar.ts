// Syncs a calendar of 5,000 events, 100 of them series, from the simulator: node bench/calendar.ts [--events 5000]
import { performance } from 'node:perf_hooks'
import { parseArgs } from 'node:util'
import { startGoogleSimulator } from '../dev/google/simulator.ts'
import { createWorld } from '../dev/google/world.ts'
import { createContacts } from '../src/contacts/service.ts'
import { systemClock } from '../src/core/clock.ts'
import { createGoogleClient } from '../src/google/client.ts'
import { inTransaction } from '../src/events/service.ts'
import { runSync } from '../src/google/runSync.ts'
import { markDirty } from '../src/google/schedule.ts'
import { connectWithTokens } from '../src/google/service.ts'
import { openBench } from './open.ts'

const { values } = parseArgs({ options: { events: { type: 'string', default: '5000' } } })
const events = Number(values.events)
const series = Math.round(events / 50)
const email = 'bench@example.test'

const world = createWorld({ seed: 'bench', clock: systemClock })
world.addAccount({ email, givenName: 'Bench', familyName: 'Example', timeZone: 'Europe/Berlin' })
const now = systemClock.now().toZonedDateTimeISO('Europe/Berlin')
const guests = Array.from({ length: 500 }, (_, index) => `person${index}@example.com`)
for (let index = 0; index < events; index += 1) {
  const start = now.subtract({ hours: Math.round((index / events) * 24 * 700) }).round({ smallestUnit: 'hour' })
  const at = (time: Temporal.ZonedDateTime) => ({ dateTime: time.toString({ timeZoneName: 'never' }), timeZone: 'Europe/Berlin' })
  world.addEvent(email, {
    summary: `Meeting ${index}`,
    start: at(start),
    end: at(start.add({ hours: 1 })),
    attendees: [{ email }, { email: guests[index % guests.length] ?? '' }, { email: `stranger${index}@example.org` }],
    ...(index % 50 === 0 ? { recurrence: ['RRULE:FREQ=WEEKLY;COUNT=52'] } : {}),
  })
}
const google = await startGoogleSimulator({ world })
const config = { google: { clientId: google.client.id, origin: google.origin } }
await using bench = await openBench({ google: createGoogleClient(config as never, { googleClientSecret: google.client.secret } as never) })
const { app, ctx, ownerId } = bench
await createContacts(
  ctx,
  guests.slice(0, 100).map((address, index) => ({ name: { given: `Person ${index}` }, emails: [{ address }] })),
  'REJECT_ALL',
)
await connectWithTokens(app, ownerId, google.issueTokens({ account: email, scopes: ['openid', 'https://www.googleapis.com/auth/calendar.events.owned'] }), [
  'CALENDAR',
])
const { id } = await app.database.prisma.googleSyncState.findFirstOrThrow({ where: { ownerId, resource: 'calendar' } })

async function syncOnce(what: string): Promise<void> {
  await inTransaction(ctx, (tx) => markDirty(tx, 'calendar'))
  google.ledger.clear()
  const before = process.memoryUsage.rss()
  const begun = performance.now()
  for (;;) {
    await runSync(ctx, id)
    const { status, errorCode } = await app.database.prisma.googleSyncState.findFirstOrThrow({ where: { ownerId, id } })
    if (status === 'IDLE') break
    if (errorCode !== null) throw new Error(errorCode)
  }
  const ms = performance.now() - begun
  const [meetings, interactions] = [
    await app.database.prisma.calendarMeeting.count({ where: { ownerId } }),
    await app.database.prisma.interaction.count({ where: { ownerId } }),
  ]
  const grown = Math.round((process.memoryUsage.rss() - before) / 1_000_000)
  console.log(
    `${what}: ${(ms / 1000).toFixed(2)} s, ${google.ledger.entries.length} requests, ${meetings} meetings, ${interactions} interactions, resident memory ${grown} MB more (the simulator's included)`,
  )
}

await syncOnce(`${events} events, ${series} of them series`)
for (let round = 1; round <= 5; round += 1) await syncOnce('Nothing new')
world.addEvent(email, {
  summary: 'One more',
  start: { dateTime: now.toString({ timeZoneName: 'never' }) },
  end: { dateTime: now.add({ hours: 1 }).toString({ timeZoneName: 'never' }) },
  attendees: [{ email: guests[0] ?? '' }],
})
await syncOnce('One new event')
await google.close()
