import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createContact } from '../../src/contacts/service.ts'
import { inTransaction } from '../../src/events/service.ts'
import { learnSelf } from '../../src/gmail/self.ts'
import { unowned } from '../support/ownership.ts'
import {
  at,
  begun,
  type CalendarApp,
  calendarApp,
  expectedMeetings,
  interactionsOf,
  knownMeetings,
  listPath,
  meeting,
  type Someone,
  someone,
  stateOf,
  subjectsOf,
  syncCalendar,
  withoutSyncToken,
} from './support.ts'

let kith: CalendarApp
let who: Someone

const seen = new Set<string>()

beforeAll(async () => {
  kith = await calendarApp({ onQuery: (text) => seen.add(text.replaceAll(/\s+/g, ' ').trim()) })
})
afterAll(async () => {
  await kith.close()
  // Whatever was asked for above said whose it is.
  const crossing = [...seen].filter((text) => unowned(text).length > 0)
  expect(crossing.filter((text) => !text.includes(' FROM outbox '))).toEqual([])
  expect([...seen].some((text) => text.includes('calendar_meetings'))).toBe(true)
})
beforeEach(async () => {
  kith.clock.set('2026-03-02T12:00:00Z')
  kith.google.faults.clear()
  who = await someone(kith)
  kith.google.ledger.clear()
})

const world = () => kith.google.world
const agrees = async () => {
  expect(await knownMeetings(who)).toEqual(expectedMeetings(kith, who))
  const shown = (await interactionsOf(who)).map(({ externalId, at: start }) => ({ externalId, at: start }))
  expect(shown.toSorted((one, other) => (one.externalId < other.externalId ? -1 : 1))).toEqual(begun(kith, expectedMeetings(kith, who)))
}

describe('a calendar', () => {
  test('comes in whole, page by page, and only what is new afterwards, with one request where nothing is', async () => {
    for (let day = 1; day <= 9; day += 1) world().addEvent(who.email, meeting(`Day ${day}`, `2026-02-0${day}T10:00`))
    await syncCalendar(who, { pageSize: 4 })
    expect(kith.google.ledger.of('calendar.events.list')).toHaveLength(3)
    expect(await subjectsOf(who)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9].map((day) => `Day ${day}`))
    expect(await stateOf(who)).toMatchObject({ status: 'IDLE', phase: null, processed: 9, total: 9, errorCode: null })
    kith.google.ledger.clear()
    await syncCalendar(who, { pageSize: 4 })
    expect(kith.google.ledger.entries.map(({ operation }) => operation)).toEqual(['calendar.events.list'])
    world().addEvent(who.email, meeting('Day 10', '2026-02-10T10:00'))
    await syncCalendar(who, { pageSize: 4 })
    expect((await subjectsOf(who)).at(-1)).toBe('Day 10')
    await agrees()
  })

  test('a run that lets others go first after every page has counted all of them at its end', async () => {
    for (let day = 1; day <= 9; day += 1) world().addEvent(who.email, meeting(`Day ${day}`, `2026-02-0${day}T10:00`))
    const app = { ...who.ctx.app, afterStep: () => kith.clock.advance({ seconds: 21 }) }
    const slow = { ...who, ctx: { ...who.ctx, app } }
    for (let turn = 0; turn < 10 && (await stateOf(who)).status !== 'IDLE'; turn += 1) await syncCalendar(slow, { pageSize: 4 })
    const [run] = await who.ctx.db.googleSyncRun.findMany({ where: { ownerId: who.ownerId } })
    expect(run).toMatchObject({ outcome: 'SUCCEEDED', tally: { listed: 9, meetings: 9 } })
  })

  test('row 28: an empty page that leads on is not the end', async () => {
    for (let day = 1; day <= 5; day += 1) world().addEvent(who.email, meeting(`Day ${day}`, `2026-02-0${day}T10:00`))
    kith.google.faults.add({ path: listPath, nth: 1, emptyPage: true })
    kith.google.faults.add({ path: listPath, nth: 2, emptyPage: true })
    await syncCalendar(who, { pageSize: 2 })
    expect(await subjectsOf(who)).toHaveLength(5)
    world().addEvent(who.email, meeting('Later', '2026-02-10T10:00'))
    kith.google.faults.add({ path: listPath, emptyPage: true })
    await syncCalendar(who, { pageSize: 2 })
    expect(await subjectsOf(who)).toHaveLength(6)
  })

  test('row 38: an address that proves to be the owner’s own, or no longer, has the meetings it took part in judged anew, without a request to Google', async () => {
    const [self, alias] = ['me@work.example', 'jane@work.example']
    await who.ctx.db.gmailSelfAddress.create({ data: { ownerId: who.ownerId, canonical: alias, origin: 'SENT' } })
    world().addEvents(who.email, [meeting('Three', '2026-02-01T10:00', ['grace@example.com', self, alias]), meeting('Oneself', '2026-02-02T10:00', [alias])])
    await syncCalendar(who)
    const guests = async () =>
      (await who.ctx.db.interactionParticipant.findMany({ where: { ownerId: who.ownerId }, orderBy: { address: 'asc' } })).map(({ address }) => address)
    expect(await guests()).toEqual(['grace@example.com', self])
    kith.google.ledger.clear()
    // The one is told by Google; for the other nothing speaks that the owner has sent.
    await inTransaction(who.ctx, (tx) => learnSelf(tx, [self]))
    await kith.runJobs()
    expect(await guests()).toEqual(['grace@example.com', alias])
    await createContact(who.ctx, { name: { given: 'Jane' }, emails: [{ address: alias }] })
    await kith.runJobs()
    expect(await guests()).toEqual(['grace@example.com', alias, alias])
    expect(await subjectsOf(who)).toEqual(['Three', 'Oneself'])
    expect(kith.google.ledger.entries.filter(({ operation }) => operation?.startsWith('calendar.events.list'))).toEqual([])
  })

  test('row 27: after 410 everything is listed anew, and what was deleted meanwhile is gone', async () => {
    const [kept, gone] = world().addEvents(who.email, [meeting('Kept', '2026-02-01T10:00'), meeting('Gone', '2026-02-02T10:00')])
    world().addEvent(who.email, { ...meeting('Weekly', '2026-02-03T10:00'), recurrence: ['RRULE:FREQ=WEEKLY'] })
    await syncCalendar(who)
    const before = (await interactionsOf(who)).length
    kith.clock.advance({ hours: 2 })
    world().cancelEvent(who.email, gone?.id ?? '')
    world().editEvent(who.email, kept?.id ?? '', { summary: 'Kept on' })
    world().expireCalendarTokens(who.email)
    const removed = world().addEvent(who.email, meeting('Fresh', '2026-02-04T10:00'))
    expect(removed.id).toBeDefined()
    await syncCalendar(who)
    expect(await subjectsOf(who)).toEqual(['Kept on', 'Weekly', 'Fresh', 'Weekly', 'Weekly', 'Weekly'])
    expect(await interactionsOf(who)).toHaveLength(before)
    expect(await stateOf(who)).toMatchObject({ status: 'IDLE', errorCode: null })
    await agrees()
  })

  test('a sync token that is refused again at once does not lead to one listing after another', async () => {
    world().addEvent(who.email, meeting('One', '2026-02-01T10:00'))
    await syncCalendar(who)
    world().expireCalendarTokens(who.email)
    kith.google.ledger.clear()
    for (let round = 0; round < 4; round += 1) {
      await syncCalendar(who)
      kith.clock.advance({ minutes: 10 })
    }
    expect(kith.google.ledger.of('calendar.events.list').length).toBeLessThanOrEqual(4)
    expect(await stateOf(who)).toMatchObject({ errorCode: 'UNAVAILABLE' })
    kith.clock.advance({ hours: 1 })
    await syncCalendar(who)
    expect(await stateOf(who)).toMatchObject({ status: 'IDLE', errorCode: null })
  })

  test('a last page without a sync token is no end: the cursor stays, and the next run mends it', async () => {
    await syncCalendar(who)
    const { cursor } = await stateOf(who)
    world().addEvent(who.email, meeting('One', '2026-02-01T10:00'))
    kith.google.faults.add({ path: listPath, rewriteJson: withoutSyncToken })
    await syncCalendar(who)
    expect(await stateOf(who)).toMatchObject({ cursor, errorCode: 'UNAVAILABLE' })
    kith.clock.advance({ minutes: 5 })
    await syncCalendar(who)
    expect(await subjectsOf(who)).toEqual(['One'])
  })
})

describe('row 29: a series', () => {
  let id: string
  const instance = (stamp: string) => `${id}_${stamp}`

  beforeEach(async () => {
    id = world().addEvent(who.email, { ...meeting('Weekly', '2026-02-02T10:00'), recurrence: ['RRULE:FREQ=WEEKLY'] }).id ?? ''
    await syncCalendar(who)
    await agrees()
  })

  test('of several, those that had come before Google failed are not asked for again', async () => {
    for (const summary of ['A', 'B', 'C']) world().addEvent(who.email, { ...meeting(summary, '2026-02-02T12:00'), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] })
    kith.google.faults.add({ path: /instances$/, nth: 3, status: 503 })
    await syncCalendar(who)
    expect(await stateOf(who)).toMatchObject({ errorCode: 'UNAVAILABLE', failures: 1 })
    expect(new Set((await interactionsOf(who)).map(({ externalId }) => externalId.split('_')[0])).size).toBe(3)
    kith.google.ledger.clear()
    kith.clock.advance({ minutes: 5 })
    await syncCalendar(who)
    expect(kith.google.ledger.of('calendar.events.instances')).toHaveLength(1)
    expect((await subjectsOf(who)).toSorted()).toEqual(['A', 'A', 'B', 'B', 'C', 'C', ...Array.from({ length: 5 }, () => 'Weekly')])
    await agrees()
  })

  test('of several, no more are asked for at once than the run can be held for when Google is slow', async () => {
    for (let index = 0; index < 6; index += 1)
      world().addEvent(who.email, { ...meeting(`S${index}`, '2026-02-02T12:00'), recurrence: ['RRULE:FREQ=WEEKLY;COUNT=2'] })
    let written = 0
    let mostAtOnce = 0
    let asked = 0
    kith.google.faults.add({
      path: /instances$/,
      times: Infinity,
      before: async () => {
        kith.clock.advance({ seconds: 10 })
        const now = (await interactionsOf(who)).length
        asked = now > written ? 1 : asked + 1
        written = now
        mostAtOnce = Math.max(mostAtOnce, asked)
      },
    })
    await syncCalendar(who)
    expect(written).toBeGreaterThan(5)
    expect(mostAtOnce).toBe(1)
  })

  test('one occurrence edited', async () => {
    world().editEvent(who.email, instance('20260209T090000Z'), { summary: 'Once otherwise' })
    await syncCalendar(who)
    expect(await subjectsOf(who)).toEqual(['Weekly', 'Once otherwise', 'Weekly', 'Weekly', 'Weekly'])
    await agrees()
  })

  test('one occurrence cancelled', async () => {
    world().cancelEvent(who.email, instance('20260209T090000Z'))
    await syncCalendar(who)
    expect(await interactionsOf(who)).toHaveLength(4)
    await agrees()
  })

  test('one occurrence moved past now, and one that lay ahead moved before it', async () => {
    world().moveEvent(who.email, instance('20260302T090000Z'), at('2026-03-04T10:00:00'))
    world().moveEvent(who.email, instance('20260309T090000Z'), at('2026-03-01T10:00:00'))
    await syncCalendar(who)
    expect((await interactionsOf(who)).map(({ at: start }) => start)).toContain('2026-03-01T09:00:00.000Z')
    expect((await interactionsOf(who)).map(({ at: start }) => start)).not.toContain('2026-03-02T09:00:00.000Z')
    await agrees()
  })

  test('this and following events', async () => {
    world().splitSeries(who.email, instance('20260216T090000Z'), { summary: 'From here on' })
    await syncCalendar(who)
    expect(await subjectsOf(who)).toEqual(['Weekly', 'Weekly', 'From here on', 'From here on', 'From here on'])
    await agrees()
  })

  test('ended from one occurrence on', async () => {
    world().endSeries(who.email, instance('20260216T090000Z'))
    await syncCalendar(who)
    expect(await interactionsOf(who)).toHaveLength(2)
    await agrees()
  })

  test('deleted', async () => {
    world().editEvent(who.email, instance('20260209T090000Z'), { summary: 'Once otherwise' })
    await syncCalendar(who)
    world().cancelEvent(who.email, id)
    await syncCalendar(who)
    expect(await interactionsOf(who)).toEqual([])
    expect(await knownMeetings(who)).toEqual([])
    expect(await who.ctx.db.calendarEntry.count({ where: { ownerId: who.ownerId, deletedAt: null } })).toBe(0)
    await agrees()
  })

  test('moved as a whole, its strays with it', async () => {
    world().editEvent(who.email, instance('20260209T090000Z'), { summary: 'Once otherwise' })
    await syncCalendar(who)
    world().moveEvent(who.email, id, at('2026-02-03T15:00:00'))
    await syncCalendar(who)
    await agrees()
  })

  test('through the weeks in which the clocks change here and elsewhere', async () => {
    world().addEvent(who.email, { ...meeting('Daily', '2026-03-05T09:00'), recurrence: ['RRULE:FREQ=DAILY'] })
    world().addEvent(who.email, {
      ...meeting('New York', '2026-03-05T09:00'),
      start: at('2026-03-05T09:00:00', 'America/New_York'),
      end: at('2026-03-05T10:00:00', 'America/New_York'),
      recurrence: ['RRULE:FREQ=DAILY'],
    })
    kith.clock.set('2026-04-10T12:00:00Z')
    await syncCalendar(who)
    await agrees()
    const daily = (await interactionsOf(who)).filter(({ subject }) => subject === 'Daily').map(({ at: start }) => start.slice(5, 16))
    expect(daily).toContain('03-28T08:00')
    expect(daily).toContain('03-29T07:00')
    const newYork = (await interactionsOf(who)).filter(({ subject }) => subject === 'New York').map(({ at: start }) => start.slice(5, 16))
    expect(newYork).toContain('03-07T14:00')
    expect(newYork).toContain('03-08T13:00')
  })

  test('is asked for once however much of it changed, and again before its occurrences run out', async () => {
    for (const stamp of ['20260209T090000Z', '20260216T090000Z', '20260223T090000Z']) world().editEvent(who.email, instance(stamp), { summary: stamp })
    kith.google.ledger.clear()
    await syncCalendar(who)
    expect(kith.google.ledger.of('calendar.events.instances')).toHaveLength(1)
    // Weeks before an occurrence could begin that is not known.
    for (const instances of [0, 1, 0]) {
      kith.clock.advance({ days: 16 })
      kith.google.ledger.clear()
      await syncCalendar(who)
      expect(kith.google.ledger.of('calendar.events.instances')).toHaveLength(instances)
      if (instances > 0) await agrees()
    }
  })
})
