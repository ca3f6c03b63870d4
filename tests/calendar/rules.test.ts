import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { CalendarEvent } from '../../dev/google/calendar/event.ts'
import { createContacts, updateContact } from '../../src/contacts/service.ts'
import { setContactFollowUp } from '../../src/followUps/service.ts'
import { decodeId } from '../../src/graphql/globalIds.ts'
import { meetingOf, type NoMeeting } from '../../src/calendar/rules.ts'
import { type CalendarApp, calendarApp, interactionsOf, meeting, type Someone, someone, subjectsOf, syncCalendar } from './support.ts'

const own = new Set(['me@example.test', 'adalovelace@gmail.com'])
const me = { email: 'me@example.test', self: true, responseStatus: 'accepted' }
const grace = { email: 'Grace@Example.com', displayName: 'Grace\u0000 Example', responseStatus: 'needsAction' }
const plain: CalendarEvent = {
  id: 'abcde',
  summary: 'Lunch',
  start: { dateTime: '2026-03-01T12:00:00+01:00' },
  end: { dateTime: '2026-03-01T13:00:00+01:00' },
  attendees: [me, grace],
}
const crowd = (count: number) => Array.from({ length: count }, (_, index) => ({ email: `guest${index}@example.com` }))
const room = { email: 'room@resource.example', resource: true, responseStatus: 'accepted' }

describe('what is a meeting with others', () => {
  test('a plain event is, with whom, when and where', () => {
    expect(meetingOf({ ...plain, location: ' Café\u0007 ', recurringEventId: 'series' }, 'Europe/Berlin', own)).toEqual({
      eventId: 'abcde',
      seriesId: 'series',
      summary: 'Lunch',
      location: 'Café',
      attendees: [{ role: 'ATTENDEE', address: 'Grace@Example.com', canonical: 'grace@example.com', name: 'Grace Example' }],
      startsAt: new Date('2026-03-01T11:00:00Z'),
      endsAt: new Date('2026-03-01T12:00:00Z'),
      startDate: null,
      endDate: null,
      timeZone: 'Europe/Berlin',
    })
  })

  test.each<[string, CalendarEvent, NoMeeting | null]>([
    ['one that is tentative', { status: 'tentative' }, null],
    ['one that was not answered', { attendees: [{ ...me, responseStatus: 'needsAction' }, grace] }, null],
    ['one that was answered with maybe', { attendees: [{ ...me, responseStatus: 'tentative' }, grace] }, null],
    ['one on whose list the owner is not', { attendees: [grace] }, null],
    ['one that the owner declined', { attendees: [{ ...me, responseStatus: 'declined' }, grace] }, 'declined'],
    [
      'one that the owner declined with another address of theirs',
      { attendees: [{ email: 'Ada.Lovelace+x@gmail.com', responseStatus: 'declined' }, grace] },
      'declined',
    ],
    ['one that is cancelled', { status: 'cancelled' }, 'cancelled'],
    ['focus time', { eventType: 'focusTime' }, 'type'],
    ['a working location', { eventType: 'workingLocation' }, 'type'],
    ['an absence', { eventType: 'outOfOffice' }, 'type'],
    ['a birthday', { eventType: 'birthday' }, 'type'],
    ['what Gmail found in a ticket', { eventType: 'fromGmail' }, 'type'],
    ['one without anybody', { attendees: [] }, 'alone'],
    ['one with oneself', { attendees: [me] }, 'alone'],
    ['one with a room', { attendees: [me, room] }, 'alone'],
    ['one that all others declined', { attendees: [me, { ...grace, responseStatus: 'declined' }] }, 'alone'],
    ['one with twenty people and a room', { attendees: [me, ...crowd(19), room] }, null],
    ['one with twenty-one people', { attendees: [me, ...crowd(20)] }, 'crowd'],
    ['one whose guests Google leaves out', { attendees: [me, grace], attendeesOmitted: true }, 'crowd'],
    ['one with somebody who has no address', { attendees: [me, { displayName: 'Nobody' }] }, 'alone'],
    ['one without a time', { start: {} }, 'unreadable'],
    ['one at a time that is none', { start: { dateTime: 'tomorrow' } }, 'unreadable'],
    ['one in the year 9999', { start: { dateTime: '9999-01-01T00:00:00Z' } }, 'unreadable'],
  ])('%s', (_what, changes, expected) => {
    const read = meetingOf({ ...plain, ...changes }, 'Europe/Berlin', own)
    if (expected === null) expect(typeof read).toBe('object')
    else expect(read).toBe(expected)
  })

  test.each<[string, CalendarEvent, string, string | null]>([
    ['a wall time that does not exist moves on', { start: { dateTime: '2026-03-29T02:30:00', timeZone: 'Europe/Berlin' } }, '2026-03-29T01:30:00.000Z', null],
    ['a wall time that comes twice is the first', { start: { dateTime: '2026-10-25T02:30:00', timeZone: 'Europe/Berlin' } }, '2026-10-25T00:30:00.000Z', null],
    [
      'an offset says more than the zone beside it',
      { start: { dateTime: '2026-03-01T12:00:00+05:00', timeZone: 'Europe/Berlin' } },
      '2026-03-01T07:00:00.000Z',
      null,
    ],
    ['a zone that is none is not asked', { start: { dateTime: '2026-03-01T12:00:00Z', timeZone: 'Mars/Olympus' } }, '2026-03-01T12:00:00.000Z', null],
    [
      'whole days begin in the calendar’s zone',
      { start: { date: '2026-03-01' }, end: { date: '2026-03-03' } },
      '2026-02-28T23:00:00.000Z',
      '2026-03-02T23:00:00.000Z',
    ],
    [
      'also on the day the clocks change',
      { start: { date: '2026-03-29' }, end: { date: '2026-03-30' } },
      '2026-03-28T23:00:00.000Z',
      '2026-03-29T22:00:00.000Z',
    ],
    ['an end before the start is none', { end: { dateTime: '2026-02-01T12:00:00Z' } }, '2026-03-01T11:00:00.000Z', null],
  ])('%s', (_what, changes, startsAt, endsAt) => {
    const read = meetingOf({ ...plain, end: undefined as never, ...changes }, 'Europe/Berlin', own)
    expect(read).toMatchObject({ startsAt: new Date(startsAt), endsAt: endsAt === null ? null : new Date(endsAt) })
  })

  test('whole days keep their dates beside the instants', () => {
    expect(meetingOf({ ...plain, start: { date: '2026-03-01' }, end: { date: '2026-03-03' } }, 'America/New_York', own)).toMatchObject({
      startDate: '2026-03-01',
      endDate: '2026-03-03',
      timeZone: 'America/New_York',
      startsAt: new Date('2026-03-01T05:00:00Z'),
    })
  })
})

describe('meetings and contacts', () => {
  let kith: CalendarApp
  let who: Someone
  beforeAll(async () => {
    kith = await calendarApp()
  })
  afterAll(() => kith.close())
  beforeEach(async () => {
    kith.clock.set('2026-03-02T12:00:00Z')
    who = await someone(kith)
  })
  const add = (event: CalendarEvent) => kith.google.world.addEvent(who.email, event).id ?? ''
  const lastOf = async (name: string) => {
    const { data } = await who.graphql(
      `{ contacts(search: "${name}") { nodes { lastInteractionAt lastInteraction { kind source direction subject participants { address role } } } } }`,
    )
    return data.contacts.nodes[0]
  }

  test('row 35: a meeting counts from the moment it begins, without a word from Google', async () => {
    add(meeting('Soon', '2026-03-02T14:00'))
    add(meeting('Later', '2026-03-02T16:00'))
    await syncCalendar(who)
    await kith.runJobs()
    expect(await interactionsOf(who)).toEqual([])
    kith.google.ledger.clear()
    kith.google.faults.add({ path: /.*/, status: 503, times: Infinity })
    kith.clock.set('2026-03-02T12:59:59Z')
    await kith.runJobs()
    expect(await interactionsOf(who)).toEqual([])
    kith.clock.set('2026-03-02T13:00:00Z')
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['Soon'])
    expect(await lastOf('grace')).toMatchObject({
      lastInteractionAt: '2026-03-02T13:00:00.000Z',
      lastInteraction: { kind: 'MEETING', source: 'CALENDAR', direction: 'MUTUAL' },
    })
    kith.clock.set('2026-03-02T15:00:00Z')
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['Soon', 'Later'])
    kith.google.faults.clear()
  })

  test('row 35: a meeting moved to a later time has not happened yet, and its contact’s last one is the one before', async () => {
    add(meeting('Before', '2026-02-20T10:00'))
    const moved = add(meeting('Moved', '2026-03-02T10:00'))
    await syncCalendar(who)
    expect(await lastOf('grace')).toMatchObject({ lastInteraction: { subject: 'Moved' } })
    kith.google.world.moveEvent(who.email, moved, { dateTime: '2026-03-03T10:00:00', timeZone: 'Europe/Berlin' })
    await syncCalendar(who)
    expect(await subjectsOf(who)).toEqual(['Before'])
    expect(await lastOf('grace')).toMatchObject({ lastInteractionAt: '2026-02-20T09:00:00.000Z', lastInteraction: { subject: 'Before' } })
    kith.clock.set('2026-03-03T09:00:00Z')
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['Before', 'Moved'])
  })

  test('a restarted follow-up clock is what a meeting is for', async () => {
    const { data } = await who.graphql('{ contacts(search: "grace") { nodes { id } } }')
    const [{ id }] = data.contacts.nodes
    await setContactFollowUp(who.ctx, decodeId(id)?.id ?? '', 'P1W')
    add(meeting('Tomorrow', '2026-03-03T10:00'))
    await syncCalendar(who)
    await kith.runJobs()
    const due = async () => (await who.graphql('{ contacts(search: "grace") { nodes { followUp { dueAt } } } }')).data.contacts.nodes[0].followUp.dueAt
    const before = await due()
    kith.clock.set('2026-03-03T09:00:00Z')
    await kith.runJobs()
    expect((await due()) > before).toBe(true)
  })

  test('a contact added later finds past meetings, one that loses the address loses them, and nothing is fetched for it', async () => {
    add(meeting('With a stranger', '2026-02-20T10:00', ['stranger@example.com', { email: 'Second.One+x@gmail.com', responseStatus: 'accepted' }]))
    await syncCalendar(who)
    await kith.runJobs()
    expect(await interactionsOf(who)).toEqual([])
    kith.google.ledger.clear()
    const [made] = await createContacts(who.ctx, [{ name: { given: 'Second' }, emails: [{ address: 'secondone@gmail.com' }] }], 'REJECT_ALL')
    await kith.runJobs()
    expect(await subjectsOf(who)).toEqual(['With a stranger'])
    expect(await lastOf('Second')).toMatchObject({
      lastInteraction: { participants: [{ address: 'stranger@example.com', role: 'ATTENDEE' }, { role: 'ATTENDEE' }] },
    })
    expect(kith.google.ledger.entries).toEqual([])
    await updateContact(who.ctx, made && 'contactId' in made ? made.contactId : '', { emails: [] })
    await kith.runJobs()
    expect(await interactionsOf(who)).toEqual([])
  })

  test('a meeting that its owner deleted here stays deleted, whatever Google says of it', async () => {
    const id = add(meeting('Unwanted', '2026-02-20T10:00'))
    await syncCalendar(who)
    const { data } = await who.graphql('{ interactions { nodes { id } } }')
    await who.graphql('mutation ($id: ID!) { interactionDelete(id: $id) { __typename } }', { id: data.interactions.nodes[0].id })
    kith.google.world.editEvent(who.email, id, { summary: 'Still unwanted' })
    await syncCalendar(who)
    await syncCalendar(who, { full: true })
    expect(await interactionsOf(who)).toEqual([])
  })

  test('an event with nobody else leaves nothing of what it is about', async () => {
    add({ ...meeting('Dentist', '2026-02-20T10:00', []) })
    add({ ...meeting('Gym', '2026-02-20T18:00', []), recurrence: ['RRULE:FREQ=DAILY;COUNT=5'] })
    await syncCalendar(who)
    expect(await who.ctx.db.calendarMeeting.count({ where: { ownerId: who.ownerId } })).toBe(0)
    expect(await who.ctx.db.calendarEntry.count({ where: { ownerId: who.ownerId } })).toBe(2)
  })

  test('summaries and places are sealed at rest', async () => {
    add({ ...meeting('Sesame street', '2026-02-20T10:00'), location: 'Cookie bar' })
    await syncCalendar(who)
    const { rows } = await kith.app.database.pool.query(
      'SELECT m::text FROM calendar_meetings AS m UNION ALL SELECT i::text FROM interactions AS i UNION ALL SELECT e::text FROM calendar_entries AS e',
    )
    for (const word of ['Sesame street', 'Cookie bar']) {
      expect(JSON.stringify(rows)).not.toContain(word)
      expect(JSON.stringify(rows)).not.toContain(Buffer.from(word).toString('hex'))
    }
  })
})
