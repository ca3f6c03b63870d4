import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, befriend, done, everythingStored, mutate } from '../support/crm.ts'

const clock = fixedClock('2027-03-01T08:00:00Z')
let kith: TestApp
let ada: Person
let bea: Person

beforeAll(async () => {
  kith = await testApp({ clock })
  ada = await kith.signUp({ timeZone: 'Europe/Berlin' })
  bea = await kith.signUp()
})
afterAll(() => kith.close())

const remind = (input: object, who = ada) => done(who, 'reminderCreate', { input: { title: 'Ring', ...input } })
const occurrences = async (id: string, first: number) =>
  (await ask(ada, `node(id: $id) { ... on Reminder { occurrences(first: ${first}) } }`, { id })).occurrences
const paths = async (field: string, args: Record<string, unknown>) => {
  const { __typename, issues } = await mutate(ada, field, args)
  expect(__typename).toBe('InvalidInputError')
  return issues.map(({ path }: { path: string[] }) => path.join('.'))
}

describe('when a reminder is due', () => {
  test('at the wall time it names, in the zone it names or else the account’s', async () => {
    expect(await remind({ dueAt: '2027-07-01T09:30', timeZone: 'america/new_york' })).toMatchObject({
      dueAt: '2027-07-01T13:30:00.000Z',
      dueLocal: '2027-07-01T09:30',
      timeZone: 'America/New_York',
      allDay: false,
      state: 'OPEN',
    })
    expect(await remind({ dueAt: '2027-07-01T09:30' })).toMatchObject({ dueAt: '2027-07-01T07:30:00.000Z', timeZone: 'Europe/Berlin' })
  })

  test('for a whole day at the account’s send time', async () => {
    expect(await remind({ dueAt: '2027-07-01', allDay: true })).toMatchObject({ dueAt: '2027-07-01T07:00:00.000Z', dueLocal: '2027-07-01T00:00', allDay: true })
    expect(await remind({ dueAt: '2027-07-01T23:00', allDay: true, timeZone: 'Asia/Tokyo' })).toMatchObject({ dueAt: '2027-07-01T00:00:00.000Z' })
  })

  test('a wall time that clocks skip moves forward by the gap, one that comes twice is the first', async () => {
    expect(await remind({ dueAt: '2027-03-28T02:30' })).toMatchObject({ dueAt: '2027-03-28T01:30:00.000Z', dueLocal: '2027-03-28T02:30' })
    expect(await remind({ dueAt: '2027-10-31T02:30' })).toMatchObject({ dueAt: '2027-10-31T00:30:00.000Z', dueLocal: '2027-10-31T02:30' })
  })

  test('a series keeps its wall time across both clock changes', async () => {
    const { id } = await remind({ dueAt: '2027-03-27T02:30', recurrence: 'FREQ=DAILY' })
    expect(await occurrences(id, 4)).toEqual(['2027-03-27T01:30:00.000Z', '2027-03-28T01:30:00.000Z', '2027-03-29T00:30:00.000Z', '2027-03-30T00:30:00.000Z'])
    const autumn = await remind({ dueAt: '2027-10-30T02:30', recurrence: 'FREQ=DAILY' })
    expect(await occurrences(autumn.id, 3)).toEqual(['2027-10-30T00:30:00.000Z', '2027-10-31T00:30:00.000Z', '2027-11-01T01:30:00.000Z'])
  })

  test('a rule on the 31st skips short months, one on 29 February common years', async () => {
    const monthly = await remind({ dueAt: '2027-01-31', allDay: true, recurrence: 'RRULE:FREQ=MONTHLY' })
    expect(monthly.recurrence).toBe('FREQ=MONTHLY')
    expect((await occurrences(monthly.id, 4)).map((at: string) => at.slice(0, 10))).toEqual(['2027-01-31', '2027-03-31', '2027-05-31', '2027-07-31'])
    const yearly = await remind({ dueAt: '2028-02-29', allDay: true, recurrence: 'FREQ=YEARLY' })
    expect((await occurrences(yearly.id, 3)).map((at: string) => at.slice(0, 10))).toEqual(['2028-02-29', '2032-02-29', '2036-02-29'])
    const last = await remind({ dueAt: '2027-01-31T12:00', recurrence: 'FREQ=MONTHLY;BYMONTHDAY=-1' })
    expect((await occurrences(last.id, 3)).map((at: string) => at.slice(0, 10))).toEqual(['2027-01-31', '2027-02-28', '2027-03-31'])
  })

  test('occurrences of a list of reminders cost no statement each', async () => {
    const texts: string[] = []
    const watched = await testApp({ clock, onQuery: (text) => texts.push(text) })
    try {
      const carl = await watched.signUp()
      const count = async () => {
        texts.length = 0
        await ask(carl, 'reminders { nodes { title occurrences(first: 3) contact { displayName } } }')
        return texts.length
      }
      const contactId = await befriend(carl, 'Zoë')
      await remind({ dueAt: '2027-07-01T09:30', recurrence: 'FREQ=DAILY', contactId }, carl)
      await count()
      const one = await count()
      for (let index = 0; index < 5; index += 1) await remind({ dueAt: '2027-07-01T09:30', recurrence: 'FREQ=DAILY', contactId }, carl)
      expect(await count()).toBe(one)
    } finally {
      await watched.close()
    }
  })

  test.each([
    [{ dueAt: '2027-02-30T09:00' }, ['dueAt']],
    [{ dueAt: '2027-03-01T09:00Z' }, ['dueAt']],
    [{ dueAt: 'tomorrow' }, ['dueAt']],
    [{ dueAt: '2027-03-01' }, ['dueAt']],
    [{ dueAt: '2027-03-01T09:00', timeZone: 'Mars/Olympus' }, ['timeZone']],
    [{ dueAt: '2027-03-01T09:00', timeZone: '+01:00' }, ['timeZone']],
    [{ dueAt: '2027-03-01T09:00', recurrence: 'FREQ=HOURLY' }, ['recurrence']],
    [{ dueAt: '2027-03-01T09:00', recurrence: 'FREQ=DAILY;UNTIL=20260101' }, ['recurrence']],
    [{ dueAt: '2027-03-01T09:00', title: '  ' }, ['title']],
    [{ dueAt: '2027-03-01T09:00', title: 'x'.repeat(501), details: 'y'.repeat(20_001) }, ['title', 'details']],
  ])('%j is refused with the path of its field', async (input, expected) => {
    expect(await paths('reminderCreate', { input: { title: 'Ring', ...input } })).toEqual(expected)
  })
})

describe('completing', () => {
  test('a single one is done, for good', async () => {
    const { id } = await remind({ dueAt: '2027-03-01T08:30' })
    expect(await done(ada, 'reminderComplete', { id })).toMatchObject({ state: 'DONE', completedAt: '2027-03-01T08:00:00.000Z' })
    expect(await occurrences(id, 5)).toEqual([])
    clock.advance({ minutes: 1 })
    expect((await done(ada, 'reminderComplete', { id })).completedAt, 'once').toBe('2027-03-01T08:00:00.000Z')
  })

  test('a recurring one ahead of time moves on from its due time', async () => {
    const { id } = await remind({ dueAt: '2027-03-20T09:00', recurrence: 'FREQ=WEEKLY' })
    expect(await done(ada, 'reminderComplete', { id })).toMatchObject({ state: 'OPEN', dueLocal: '2027-03-27T09:00', dueAt: '2027-03-27T08:00:00.000Z' })
  })

  test('a recurring one long overdue moves on to what lies ahead of now', async () => {
    const { id } = await remind({ dueAt: '2027-01-04T09:00', recurrence: 'FREQ=DAILY' })
    expect(await done(ada, 'reminderComplete', { id })).toMatchObject({
      dueLocal: '2027-03-02T09:00',
      completedAt: clock.now().toString({ fractionalSecondDigits: 3 }),
    })
  })

  test('the last occurrence of a series ends it', async () => {
    const { id } = await remind({ dueAt: '2027-03-10T09:00', recurrence: 'FREQ=DAILY;COUNT=3' })
    expect(await done(ada, 'reminderComplete', { id })).toMatchObject({ state: 'OPEN', dueLocal: '2027-03-11T09:00' })
    expect(await done(ada, 'reminderComplete', { id })).toMatchObject({ state: 'OPEN', dueLocal: '2027-03-12T09:00' })
    expect(await done(ada, 'reminderComplete', { id })).toMatchObject({ state: 'DONE', dueLocal: '2027-03-12T09:00' })
  })

  test('all day, on its day before the send time, moves on to the next day', async () => {
    const { id } = await remind({ dueAt: '2027-03-01', allDay: true, recurrence: 'FREQ=DAILY', timeZone: 'America/New_York' })
    expect(await done(ada, 'reminderComplete', { id })).toMatchObject({ dueLocal: '2027-03-02T00:00' })
  })
})

describe('changing', () => {
  test('texts leave the series, its state and its time alone', async () => {
    const { id } = await remind({ dueAt: '2027-01-04T09:00', recurrence: 'FREQ=DAILY;COUNT=400', details: 'old' })
    const before = await done(ada, 'reminderComplete', { id })
    const after = await done(ada, 'reminderUpdate', { id, input: { title: 'Write', details: null } })
    expect(after).toMatchObject({ title: 'Write', details: null, dueLocal: before.dueLocal, completedAt: before.completedAt, recurrence: before.recurrence })
  })

  test('a whole form sent back with the time as it stands opens nothing again', async () => {
    const { id } = await remind({ dueAt: '2027-02-01T09:00' })
    await done(ada, 'reminderComplete', { id })
    const same = await done(ada, 'reminderUpdate', {
      id,
      input: { title: 'Renamed', details: 'more', dueAt: '2027-02-01T09:00', timeZone: 'Europe/Berlin', allDay: false, recurrence: null },
    })
    expect(same).toMatchObject({ state: 'DONE', title: 'Renamed', details: 'more' })
    clock.advance({ minutes: 1 })
    expect(
      (await done(ada, 'reminderUpdate', { id, input: { title: 'Renamed', details: 'more', dueAt: '2027-02-01T09:00' } })).updatedAt,
      'nothing changed',
    ).toBe(same.updatedAt)
    expect(await done(ada, 'reminderUpdate', { id, input: { dueAt: null, timeZone: 'Europe/Berlin', allDay: null } })).toMatchObject({ state: 'DONE' })
  })

  test('of when starts the series anew and opens a reminder that was done', async () => {
    const { id } = await remind({ dueAt: '2027-02-01T09:00', recurrence: 'FREQ=DAILY;COUNT=2' })
    await done(ada, 'reminderComplete', { id })
    expect(await done(ada, 'reminderUpdate', { id, input: { dueAt: '2027-05-01T10:00' } })).toMatchObject({
      state: 'OPEN',
      completedAt: null,
      dueAt: '2027-05-01T08:00:00.000Z',
      recurrence: 'FREQ=DAILY;COUNT=2',
    })
    expect(await occurrences(id, 10)).toHaveLength(2)
    expect(await done(ada, 'reminderUpdate', { id, input: { timeZone: 'Asia/Tokyo' } })).toMatchObject({
      dueAt: '2027-05-01T01:00:00.000Z',
      dueLocal: '2027-05-01T10:00',
    })
    expect(await done(ada, 'reminderUpdate', { id, input: { timeZone: null } })).toMatchObject({ timeZone: 'Europe/Berlin', dueAt: '2027-05-01T08:00:00.000Z' })
    expect(await done(ada, 'reminderUpdate', { id, input: { allDay: true, recurrence: null } })).toMatchObject({
      dueAt: '2027-05-01T07:00:00.000Z',
      recurrence: null,
    })
    expect(await occurrences(id, 10)).toHaveLength(1)
  })

  test('is refused with the path of its field', async () => {
    const { id } = await remind({ dueAt: '2027-05-01T09:00' })
    expect(await paths('reminderUpdate', { id, input: { dueAt: '2027-05-01T25:00' } })).toEqual(['dueAt'])
    expect(await paths('reminderUpdate', { id, input: { title: ' ' } })).toEqual(['title'])
    expect(await paths('reminderUpdate', { id, input: { recurrence: 'FREQ=DAILY;BYDAY=XX' } })).toEqual(['recurrence'])
    expect(await paths('reminderSnooze', { id, until: clock.now().toString() })).toEqual(['until'])
    await done(ada, 'reminderComplete', { id })
    expect(await paths('reminderSnooze', { id, until: clock.now().add({ hours: 1 }).toString() })).toEqual(['id'])
  })
})

test('snoozing puts a reminder off and leaves its due time; completing ends the snooze', async () => {
  const { id } = await remind({ dueAt: '2027-03-01T08:30', recurrence: 'FREQ=WEEKLY' })
  const until = clock.now().add({ hours: 3 }).toString({ fractionalSecondDigits: 3 })
  expect(await done(ada, 'reminderSnooze', { id, until })).toMatchObject({ state: 'SNOOZED', snoozedUntil: until, dueLocal: '2027-03-01T08:30' })
  expect(await done(ada, 'reminderComplete', { id })).toMatchObject({ state: 'OPEN', snoozedUntil: null, dueLocal: '2027-03-08T08:30' })
})

test('lists are soonest first, and filtered by state, time and contact', async () => {
  const carl = await kith.signUp({ timeZone: 'UTC' })
  const contactId = await befriend(carl, 'Yan')
  const late = await remind({ title: 'late', dueAt: '2027-06-03T09:00', contactId }, carl)
  const soon = await remind({ title: 'soon', dueAt: '2027-06-01T09:00' }, carl)
  const snoozed = await remind({ title: 'snoozed', dueAt: '2027-06-02T09:00' }, carl)
  await done(carl, 'reminderSnooze', { id: snoozed.id, until: '2027-07-01T00:00:00Z' })
  const over = await remind({ title: 'over', dueAt: '2027-02-01T09:00', contactId }, carl)
  await done(carl, 'reminderComplete', { id: over.id })
  const found = async (filter: object) =>
    (await ask(carl, 'reminders(filter: $filter) { nodes { title } }', { filter }, '$filter: ReminderFilter')).nodes.map(
      ({ title }: { title: string }) => title,
    )
  expect(await found({})).toEqual(['over', 'soon', 'snoozed', 'late'])
  expect(await found({ state: 'OPEN' })).toEqual(['soon', 'late'])
  expect(await found({ state: 'SNOOZED' })).toEqual(['snoozed'])
  expect(await found({ contactId })).toEqual(['over', 'late'])
  expect(await found({ contactId: 'nonsense' })).toEqual([])
  expect(await found({ dueAt: { gte: soon.dueAt, lt: late.dueAt } })).toEqual(['soon', 'snoozed'])
  expect(
    (await ask(carl, 'contact(id: $id) { reminders(first: 1) { nodes { title } totalCount pageInfo { hasNextPage } } }', { id: contactId })).reminders,
  ).toEqual({ nodes: [{ title: 'over' }], totalCount: 2, pageInfo: { hasNextPage: true } })
})

test('a deleted reminder is gone, and the mutation answers what it was', async () => {
  const { id } = await remind({ dueAt: '2027-05-01T09:00', details: 'all of it' })
  expect(await done(ada, 'reminderDelete', { id })).toMatchObject({ id, title: 'Ring', details: 'all of it' })
  expect(await ask(ada, 'node(id: $id) { id }', { id })).toBeNull()
  for (const [field, args] of [
    ['reminderDelete', { id }],
    ['reminderComplete', { id }],
    ['reminderUpdate', { id, input: {} }],
    ['reminderSnooze', { id, until: '2028-01-01T00:00:00Z' }],
  ] as const)
    expect(await mutate(ada, field, args)).toMatchObject({ __typename: 'NotFoundError' })
})

test('another’s reminders and contacts look absent', async () => {
  const contactId = await befriend(ada, 'Xi')
  const { id } = await remind({ dueAt: '2027-05-01T09:00', contactId })
  for (const [field, args] of [
    ['reminderCreate', { input: { contactId, title: 'x', dueAt: '2027-05-01T09:00' } }],
    ['reminderDelete', { id }],
    ['reminderComplete', { id }],
    ['reminderUpdate', { id, input: { title: 'mine' } }],
    ['reminderSnooze', { id, until: '2028-01-01T00:00:00Z' }],
  ] as const)
    expect(await mutate(bea, field, args)).toMatchObject({ __typename: 'NotFoundError' })
  expect(await ask(bea, 'node(id: $id) { id }', { id })).toBeNull()
  expect(await ask(bea, 'reminders { totalCount }')).toEqual({ totalCount: 0 })
})

test('titles and details are sealed in the database', async () => {
  await remind({ title: 'Chartreuse piano', details: 'behind the aquarium', dueAt: '2027-05-01T09:00' })
  expect((await everythingStored(kith)).toLowerCase()).not.toMatch(/chartreuse|aquarium/)
})
