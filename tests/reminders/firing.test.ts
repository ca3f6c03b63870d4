import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, befriend, done, passTime } from '../support/crm.ts'

const clock = fixedClock('2027-03-01T06:00:00Z')
let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  // The series of the tests before go on falling due; nobody waits for them.
  await kith.app.database.pool.query('DELETE FROM directory_due')
  kith.mails.length = 0
  ada = await kith.signUp({ timeZone: 'Europe/Berlin' })
})

/** What ada was told. */
const mails = () => kith.mails.filter(({ to }) => to === ada.email)
const forget = () => void (kith.mails.length = 0)
const remind = (input: object) => done(ada, 'reminderCreate', { input: { title: 'Ring', ...input } })
/** When ada was told something, until an instant. */
const pass = async (until: string) => (await passTime(kith, clock, ada, until)).map(({ at }) => at)
const inDays = (days: number) => clock.now().toZonedDateTimeISO('Europe/Berlin').toPlainDate().add({ days }).toString()
const utc = (day: string, hour: string) => `${day}T${hour}:00Z`

test('a due reminder is told once, with its title, its contact, its time and its details', async () => {
  const contactId = await befriend(ada, 'Zoë')
  const day = inDays(1)
  await remind({ title: 'Say thanks', details: 'For the *lamp*.\nTwice.', contactId, dueAt: `${day}T09:00` })
  expect(await pass(utc(day, '12:00'))).toEqual([utc(day, '08:00')])
  expect(mails()).toMatchObject([{ to: ada.email, subject: 'Say thanks (Zoë)' }])
  expect(mails()[0]?.text).toContain(`Say thanks\nWith: Zoë\nDue: ${day} 09:00 (Europe/Berlin)\n\nFor the *lamp*.\nTwice.\n`)
})

test('one left undone still fires its later occurrences, and stays due since the first', async () => {
  const day = inDays(1)
  const { id, dueAt } = await remind({ dueAt: `${day}T09:00`, recurrence: 'FREQ=DAILY' })
  expect(await pass(utc(inDays(4), '00:00'))).toEqual([1, 2, 3].map((_, index) => utc(Temporal.PlainDate.from(day).add({ days: index }).toString(), '08:00')))
  expect(await ask(ada, 'node(id: $id) { ... on Reminder { dueAt state } }', { id })).toEqual({ dueAt, state: 'OPEN' })
})

test('completing what has fired does not fire it again; the next occurrence does', async () => {
  const day = inDays(1)
  const { id } = await remind({ dueAt: `${day}T09:00`, recurrence: 'FREQ=WEEKLY' })
  await pass(utc(day, '09:00'))
  forget()
  await done(ada, 'reminderComplete', { id })
  expect(await pass(utc(inDays(8), '00:00'))).toEqual([utc(Temporal.PlainDate.from(day).add({ days: 7 }).toString(), '08:00')])
})

test('what is completed or deleted before its time is not told', async () => {
  const day = inDays(1)
  const one = await remind({ dueAt: `${day}T09:00` })
  const other = await remind({ dueAt: `${day}T09:00` })
  await kith.runJobs()
  await done(ada, 'reminderComplete', { id: one.id })
  await done(ada, 'reminderDelete', { id: other.id })
  expect(await pass(utc(inDays(2), '00:00'))).toEqual([])
})

test('a snoozed reminder fires when the snooze ends, whatever falls due before, and then as its rule says', async () => {
  const day = inDays(1)
  const { id } = await remind({ dueAt: `${day}T09:00`, recurrence: 'FREQ=DAILY' })
  await pass(utc(day, '08:00'))
  forget()
  const until = utc(inDays(2), '15:00')
  await done(ada, 'reminderSnooze', { id, until })
  expect(await pass(utc(inDays(4), '00:00'))).toEqual([until, utc(Temporal.PlainDate.from(day).add({ days: 3 }).toString(), '08:00')])
  expect(mails()[0]?.text).toContain(`Due: ${day} 09:00`)
  expect(await ask(ada, 'node(id: $id) { ... on Reminder { state snoozedUntil } }', { id })).toEqual({ state: 'OPEN', snoozedUntil: null })
})

test('what fell due while nothing ran is told once, late, and goes on as its rule says', async () => {
  const day = inDays(1)
  await remind({ title: 'daily', dueAt: `${day}T09:00`, recurrence: 'FREQ=DAILY' })
  await remind({ title: 'single', dueAt: `${day}T10:00` })
  await kith.runJobs()
  clock.advance({ hours: 14 * 24 })
  await kith.runJobs()
  expect(
    mails()
      .map(({ subject }) => subject)
      .toSorted(),
  ).toEqual(['daily', 'single'])
  forget()
  expect(await pass(utc(inDays(3), '00:00'))).toHaveLength(3)
})

test('the last occurrence of a series is the last to fire', async () => {
  const day = inDays(1)
  await remind({ dueAt: `${day}T09:00`, recurrence: 'FREQ=DAILY;COUNT=2' })
  expect(await pass(utc(inDays(6), '00:00'))).toHaveLength(2)
})

test('a daily series fires once a day over both clock changes, at the same wall time', async () => {
  for (const [start, end, expected] of [
    ['2027-03-26T12:00Z', '2027-03-30T00:00Z', ['2027-03-27T01:30:00Z', '2027-03-28T01:30:00Z', '2027-03-29T00:30:00Z']],
    ['2027-10-29T12:00Z', '2027-11-02T00:00Z', ['2027-10-30T00:30:00Z', '2027-10-31T00:30:00Z', '2027-11-01T01:30:00Z']],
  ] as const) {
    clock.set(start)
    ada = await kith.signUp({ timeZone: 'Europe/Berlin' })
    await remind({ dueAt: `${inDays(1)}T02:30`, recurrence: 'FREQ=DAILY' })
    expect(await pass(end)).toEqual(expected)
  }
})

test('an all-day reminder moves with the account’s send time', async () => {
  const day = inDays(2)
  const { id } = await remind({ dueAt: day, allDay: true })
  await kith.runJobs()
  await done(ada, 'accountUpdate', { input: { sendTime: '18:15' } })
  await kith.runJobs()
  const at = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: 'Europe/Berlin', plainTime: '18:15' }).toInstant()
  expect(Date.parse((await ask(ada, 'node(id: $id) { ... on Reminder { dueAt } }', { id })).dueAt)).toBe(at.epochMilliseconds)
  expect(await pass(utc(inDays(4), '00:00'))).toEqual([at.toString()])
})

test('where no zone was named an all-day reminder goes by the account’s, also after that has changed', async () => {
  const day = inDays(2)
  const follows = await remind({ title: 'follows', dueAt: day, allDay: true, recurrence: 'FREQ=WEEKLY' })
  const stays = await remind({ title: 'stays', dueAt: day, allDay: true, timeZone: 'Europe/Berlin' })
  const timed = await remind({ title: 'timed', dueAt: `${day}T09:00` })
  await done(ada, 'accountUpdate', { input: { timeZone: 'America/New_York' } })
  await kith.runJobs()
  const shown = (id: string) => ask(ada, 'node(id: $id) { ... on Reminder { dueAt dueLocal timeZone occurrences(first: 2) } }', { id })
  const newYork = Temporal.PlainDate.from(day).toZonedDateTime({ timeZone: 'America/New_York', plainTime: '09:00' })
  const text = (at: Temporal.ZonedDateTime) => at.toInstant().toString({ fractionalSecondDigits: 3 })
  expect(await shown(follows.id)).toEqual({
    dueAt: text(newYork),
    dueLocal: `${day}T00:00`,
    timeZone: 'America/New_York',
    occurrences: [text(newYork), text(newYork.add({ days: 7 }))],
  })
  expect(await shown(stays.id)).toMatchObject({ dueAt: stays.dueAt, timeZone: 'Europe/Berlin' })
  expect(await shown(timed.id)).toMatchObject({ dueAt: timed.dueAt, timeZone: 'Europe/Berlin' })
})

test('a later send time does not tell twice of one day, an earlier one tells at once', async () => {
  const day = inDays(1)
  const { id } = await remind({ dueAt: day, allDay: true, recurrence: 'FREQ=DAILY' })
  expect(await pass(utc(day, '08:00'))).toEqual([utc(day, '08:00')])
  await done(ada, 'accountUpdate', { input: { sendTime: '12:00' } })
  expect(await pass(utc(day, '22:00'))).toEqual([])
  // A day later, an hour before the new time.
  expect(await pass(utc(inDays(1), '10:00'))).toEqual([])
  await done(ada, 'accountUpdate', { input: { sendTime: '08:00' } })
  const before = mails().length
  await kith.runJobs()
  expect(mails().length, 'today’s, at once').toBe(before + 1)
  await done(ada, 'reminderDelete', { id })
})

test('a send time that changes just as a reminder fires does not tell twice of that day', async () => {
  const day = inDays(1)
  await remind({ dueAt: day, allDay: true, recurrence: 'FREQ=DAILY' })
  await kith.runJobs()
  clock.set(utc(day, '08:00'))
  // Due and changed at once: the change's effect comes after the reminder has fired.
  await done(ada, 'accountUpdate', { input: { sendTime: '12:00' } })
  const { rows } = await kith.app.database.pool.query(`DELETE FROM outbox WHERE "ownerId" = $1 RETURNING *`, [ada.ownerId])
  await kith.runJobs()
  expect(mails()).toHaveLength(1)
  for (const { ownerId, id, kind, payload, createdAt } of rows)
    await kith.app.database.pool.query(`INSERT INTO outbox ("ownerId", id, kind, payload, "createdAt", "notBefore") VALUES ($1, $2, $3, $4, $5, $5)`, [
      ownerId,
      id,
      kind,
      payload,
      createdAt,
    ])
  expect(await pass(utc(day, '22:00'))).toEqual([])
})

test('reminders of a contact in the bin do not fire; once it is back, what fell due meanwhile is told', async () => {
  const contactId = await befriend(ada, 'Yan')
  const day = inDays(1)
  const { id } = await remind({ contactId, dueAt: `${day}T09:00` })
  await done(ada, 'contactDelete', { id: contactId })
  expect(await ask(ada, 'node(id: $id) { id }', { id })).toBeNull()
  expect((await ask(ada, 'reminders { totalCount }')).totalCount).toBe(0)
  expect(await pass(utc(inDays(2), '00:00'))).toEqual([])
  await done(ada, 'contactRestore', { id: contactId })
  await kith.runJobs()
  expect(mails()).toMatchObject([{ subject: 'Ring (Yan)' }])
})

test('a reminder whose contact is gone for good is gone too', async () => {
  const contactId = await befriend(ada, 'Xi')
  await remind({ contactId, dueAt: `${inDays(40)}T09:00` })
  await done(ada, 'contactDelete', { id: contactId })
  await kith.runJobs()
  clock.advance({ hours: 45 * 24 })
  await kith.runJobs()
  expect(mails()).toEqual([])
  const { rows } = await kith.app.database.pool.query(
    `SELECT (SELECT count(*)::int FROM reminders WHERE "ownerId" = $1) AS reminders, (SELECT count(*)::int FROM directory_due WHERE "ownerId" = $1 AND kind = 'reminder') AS due`,
    [ada.ownerId],
  )
  expect(rows).toEqual([{ reminders: 0, due: 0 }])
})

test('of a snooze and a firing at once nothing is lost: the reminder fires when the snooze ends', async () => {
  for (let round = 0; round < 4; round += 1) {
    const day = inDays(1)
    const { id } = await remind({ dueAt: `${day}T09:00`, recurrence: 'FREQ=DAILY' })
    await kith.runJobs()
    clock.set(utc(day, '08:00'))
    const until = utc(day, '10:00')
    await Promise.all([kith.runJobs(), done(ada, 'reminderSnooze', { id, until })])
    await kith.runJobs()
    const told = mails().length
    expect(await ask(ada, 'node(id: $id) { ... on Reminder { state } }', { id })).toEqual({ state: 'SNOOZED' })
    clock.set(until)
    await kith.runJobs()
    expect(mails().length).toBe(told + 1)
    await done(ada, 'reminderDelete', { id })
  }
})
