import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { saveEvents } from '../../src/calendar/entries.ts'
import { stopChannels } from '../../src/calendar/channels.ts'
import { meetingsBegin } from '../../src/calendar/project.ts'
import { purgeCalendar } from '../../src/calendar/purge.ts'
import type { GoogleEvent } from '../../src/calendar/rules.ts'
import { connectWithTokens } from '../../src/google/service.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { inTransaction } from '../../src/events/service.ts'
import {
  type CalendarApp,
  calendarApp,
  calendarScope,
  interactionsOf,
  knownMeetings,
  listPath,
  meeting,
  type Someone,
  someone,
  subjectsOf,
  syncCalendar,
} from './support.ts'

let kith: CalendarApp
let who: Someone

beforeAll(async () => {
  kith = await calendarApp()
})
afterAll(() => kith.close())
beforeEach(async () => {
  kith.clock.set('2026-03-02T12:00:00Z')
  kith.google.faults.clear()
  who = await someone(kith)
})

const save = (...events: GoogleEvent[]) => inTransaction(who.ctx, (tx) => saveEvents(tx, events, { timeZone: 'Europe/Berlin', own: new Set(), runId: 1 }))
const single = (changes: GoogleEvent = {}): GoogleEvent => ({
  id: 'single',
  updated: '2026-02-01T10:00:00Z',
  sequence: 1,
  ...meeting('As it was', '2026-02-20T10:00'),
  ...changes,
})
const tables = ['calendar_entries', 'calendar_meetings', 'calendar_attendees', 'interactions']
const countOf = async () =>
  Promise.all(
    tables.map(async (table) =>
      Number((await kith.app.database.pool.query(`SELECT count(*) FROM ${table} WHERE "ownerId" = $1`, [who.ownerId])).rows[0].count),
    ),
  )

describe('copies of an event', () => {
  test('that are older than what is known change nothing', async () => {
    await save(single())
    await save(single({ summary: 'Older', updated: '2026-01-31T10:00:00Z', sequence: 5 }))
    await save(single({ summary: 'Older by its number', sequence: 0 }))
    await save(single({ status: 'cancelled', updated: '2026-01-31T10:00:00Z' }))
    expect(await subjectsOf(who)).toEqual(['As it was'])
    await save(single({ summary: 'Newer', updated: '2026-02-01T10:00:01Z', sequence: 0 }))
    expect(await subjectsOf(who)).toEqual(['Newer'])
  })

  test('that are gone are remembered for thirty days, and no longer', async () => {
    const { id } = kith.google.world.addEvent(who.email, meeting('Gone', '2026-02-20T10:00'))
    await syncCalendar(who)
    kith.google.world.cancelEvent(who.email, id ?? '')
    await syncCalendar(who)
    const count = () => who.ctx.db.calendarEntry.count({ where: { ownerId: who.ownerId } })
    for (const [days, left] of [
      [29, 1],
      [2, 0],
    ] as const) {
      kith.clock.advance({ days })
      await syncCalendar(who)
      expect(await count()).toBe(left)
    }
  })

  test('that come twice in a page are one, the last of them', async () => {
    await save(single(), single({ summary: 'Again', updated: '2026-02-02T10:00:00Z' }))
    expect(await subjectsOf(who)).toEqual(['Again'])
  })

  test('of which nothing is left but the id and that it is cancelled take it away, and one that is restored brings it back', async () => {
    await save(single())
    await save({ id: 'single', status: 'cancelled' })
    expect([await subjectsOf(who), await knownMeetings(who)]).toEqual([[], []])
    await save(single({ updated: '2026-02-03T10:00:00Z' }))
    expect(await subjectsOf(who)).toEqual(['As it was'])
  })

  test('that are the same as before touch no row', async () => {
    await save(single())
    const before = await interactionsOf(who)
    const rowsBefore = await who.ctx.db.interaction.findMany({ where: { ownerId: who.ownerId } })
    kith.clock.advance({ hours: 1 })
    await save(single())
    expect(await interactionsOf(who)).toEqual(before)
    expect(await who.ctx.db.interaction.findMany({ where: { ownerId: who.ownerId } })).toEqual(rowsBefore)
  })

  test('of a single event that becomes a series, and of a series that becomes a single event, leave nothing of what they were', async () => {
    await save(single())
    await save(single({ recurrence: ['RRULE:FREQ=WEEKLY'], updated: '2026-02-02T10:00:00Z' }))
    expect(await knownMeetings(who)).toEqual([])
    await save({ ...single({ summary: 'Once otherwise' }), id: 'single_20260227T090000Z', recurringEventId: 'single', updated: '2026-02-02T10:00:00Z' })
    expect(await knownMeetings(who)).toHaveLength(1)
    await save(single({ updated: '2026-02-03T10:00:00Z' }))
    expect((await knownMeetings(who)).map(({ id }) => id)).toEqual(['single'])
  })

  test('of single occurrences to which one is invited without their series count by themselves', async () => {
    const { id } = kith.google.world.addEvent(who.email, { ...meeting('Weekly', '2026-02-02T10:00'), recurrence: ['RRULE:FREQ=WEEKLY'] })
    kith.google.world.editEvent(who.email, `${id}_20260209T090000Z`, { summary: 'Just this one' })
    await syncCalendar(who)
    expect(await interactionsOf(who)).toHaveLength(5)
    // Google does not know the series in this calendar any more.
    kith.google.faults.add({ path: /instances$/, status: 404, body: { error: { code: 404, errors: [{ reason: 'notFound' }] } } })
    kith.google.world.editEvent(who.email, `${id}_20260209T090000Z`, { summary: 'Just this one, still' })
    await syncCalendar(who)
    expect(await subjectsOf(who)).toEqual(['Just this one, still'])
  })

  test('with NUL, lone surrogates and texts without end are taken in', async () => {
    await save(
      single({ summary: `\u0000\ud800${'long '.repeat(1000)}`, location: '\u0000', attendees: [{ email: 'grace@example.com', displayName: '\u0000' }] }),
    )
    expect((await subjectsOf(who))[0]).toMatch(/^\ufffdlong long/)
  })
})

describe('row 34: disconnecting', () => {
  /** As disconnecting does it: what was imported goes, and the sync with it. */
  const disconnect = () =>
    inTransaction(who.ctx, async (tx: Ctx) => {
      await tx.db.googleSyncState.deleteMany({ where: { ownerId: who.ownerId, resource: 'calendar' } })
      await purgeCalendar(tx)
    })

  test.each([1, 2, 3])('while page %i is on its way leaves no row behind', async (nth) => {
    for (let day = 1; day <= 9; day += 1) kith.google.world.addEvent(who.email, meeting(`Day ${day}`, `2026-02-0${day}T10:00`))
    kith.google.faults.add({ path: listPath, nth, afterwards: disconnect })
    await syncCalendar(who, { pageSize: 3 })
    await kith.runJobs()
    expect(await countOf()).toEqual([0, 0, 0, 0])
  })

  test('while the occurrences of a series are on their way leaves no row behind', async () => {
    kith.google.world.addEvent(who.email, { ...meeting('Weekly', '2026-02-02T10:00'), recurrence: ['RRULE:FREQ=WEEKLY'] })
    kith.google.faults.add({ path: /instances$/, afterwards: disconnect })
    await syncCalendar(who)
    await kith.runJobs()
    expect(await countOf()).toEqual([0, 0, 0, 0])
  })

  test('keeping what was imported: what had begun stays, what lies ahead counts no more, and connecting again makes up for it', async () => {
    kith.google.world.addEvents(who.email, [meeting('Begun', '2026-02-20T10:00'), meeting('Ahead', '2026-03-03T10:00')])
    await syncCalendar(who)
    await kith.runJobs()
    await who.ctx.db.googleSyncState.deleteMany({ where: { ownerId: who.ownerId } })
    await stopChannels(who.ctx)
    kith.clock.set('2026-03-04T10:00:00Z')
    await kith.runJobs()
    // As a job that was handed out before would.
    await meetingsBegin(who.ctx)
    expect(await subjectsOf(who)).toEqual(['Begun'])
    await connectWithTokens(kith.app, who.ownerId, kith.google.issueTokens({ account: who.email, scopes: ['openid', calendarScope] }), ['CALENDAR'])
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['Begun', 'Ahead'])
  })

  test.each<[string, boolean]>([
    ['', true],
    [', keeping what was imported,', false],
  ])('while an event is put into the calendar%s leaves no row of it behind', async (_how, purges) => {
    await syncCalendar(who)
    const leave = () => (purges ? disconnect() : who.ctx.db.googleSyncState.deleteMany({ where: { ownerId: who.ownerId } }).then(() => {}))
    kith.google.faults.add({ method: 'POST', path: listPath, afterwards: leave })
    const { data } = await who.graphql('{ contacts(search: "grace") { nodes { id } } }')
    await who.graphql('mutation ($input: CalendarEventScheduleInput!) { calendarEventSchedule(input: $input) { __typename } }', {
      input: { contactIds: [data.contacts.nodes[0].id], summary: 'Lunch', startsAt: '2026-03-03T12:00', endsAt: '2026-03-03T13:00' },
    })
    await kith.runJobs()
    expect(await countOf()).toEqual([0, 0, 0, 0])
    expect(await who.ctx.db.calendarScheduling.count({ where: { ownerId: who.ownerId } })).toBe(purges ? 0 : 1)
  })
})
