import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, befriend, done, passTime } from '../support/crm.ts'

// A Thursday.
const clock = fixedClock('2027-02-25T12:00:00Z')
let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  await kith.app.database.pool.query('DELETE FROM directory_due')
  clock.set('2027-02-25T12:00:00Z')
  ada = await kith.signUp({ timeZone: 'Europe/Berlin' })
})

const digests = async (until: string) => (await passTime(kith, clock, ada, until)).filter(({ subject }) => subject.startsWith('Your week'))
const times = async (until: string) => (await digests(until)).map(({ at }) => at)
const want = (weeklyDigest = true) => done(ada, 'accountUpdate', { input: { weeklyDigest } })
const born = (name: string, date: object, more: object = {}) => befriend(ada, name, { dates: [{ kind: 'BIRTHDAY', date, ...more }] })
/** Something for every digest. */
const overdue = () => done(ada, 'reminderCreate', { input: { title: 'Left undone', dueAt: '2027-01-01T09:00' } })

test('nobody gets a digest who has not asked for one, and who no longer wants it gets none', async () => {
  await overdue()
  expect(await ask(ada, 'viewer { weeklyDigest }')).toEqual({ weeklyDigest: false })
  expect(await times('2027-03-02T00:00:00Z')).toEqual([])
  await want()
  expect(await times('2027-03-09T00:00:00Z')).toEqual(['2027-03-08T08:00:00Z'])
  await want(false)
  expect(await times('2027-03-23T00:00:00Z')).toEqual([])
})

test('it goes out on Mondays at the send time, on the account’s clock', async () => {
  await overdue()
  await want()
  expect(await times('2027-03-31T00:00:00Z')).toEqual([
    '2027-03-01T08:00:00Z',
    '2027-03-08T08:00:00Z',
    '2027-03-15T08:00:00Z',
    '2027-03-22T08:00:00Z',
    '2027-03-29T07:00:00Z',
  ])
  await done(ada, 'accountUpdate', { input: { sendTime: '06:30', timeZone: 'Asia/Tokyo' } })
  expect(await times('2027-04-06T00:00:00Z')).toEqual(['2027-04-04T21:30:00Z'])
})

test('it tells of follow-ups due, reminders, birthdays and anniversaries of the week, each on its day', async () => {
  await want()
  clock.set('2027-02-26T12:00:00Z')
  const zoe = await befriend(ada, 'Zoë')
  await done(ada, 'contactFollowUpSet', { id: zoe, every: 'P1W' })
  await done(ada, 'contactFollowUpSet', { id: await befriend(ada, 'Not yet'), every: 'P2W' })
  await done(ada, 'reminderCreate', { input: { title: 'Return the book', contactId: zoe, dueAt: '2027-03-02T18:30', timeZone: 'America/New_York' } })
  await done(ada, 'reminderCreate', { input: { title: 'All day', dueAt: '2027-03-03', allDay: true, timeZone: 'Pacific/Auckland' } })
  await done(ada, 'reminderCreate', { input: { title: 'Left undone', dueAt: '2027-02-01T09:00' } })
  await done(ada, 'reminderCreate', { input: { title: 'Next week', dueAt: '2027-03-08T09:00' } })
  const snoozed = await done(ada, 'reminderCreate', { input: { title: 'Put off', dueAt: '2027-03-02T09:00' } })
  await done(ada, 'reminderSnooze', { id: snoozed.id, until: '2027-04-01T09:00:00Z' })
  const over = await done(ada, 'reminderCreate', { input: { title: 'Over', dueAt: '2027-03-02T09:00' } })
  await done(ada, 'reminderComplete', { id: over.id })
  await born('Monday', { year: 1990, month: 3, day: 1 })
  await born('Sunday', { month: 3, day: 7 })
  await born('Next Monday', { month: 3, day: 8 })
  await born('Yesterday', { month: 2, day: 28 })
  await born('Year only', { year: 1990 })
  await born('Month of a year', { year: 1990, month: 3 })
  await befriend(ada, 'Couple', {
    dates: [
      { kind: 'ANNIVERSARY', date: { year: 2017, month: 3, day: 5 } },
      { kind: 'OTHER', label: 'Moved in', date: { year: 2026, month: 3, day: 6 } },
    ],
  })
  const [mail, ...more] = await digests('2027-03-01T12:00:00Z')
  expect(more).toEqual([])
  expect(mail).toMatchObject({ subject: 'Your week from 2027-03-01', at: '2027-03-01T08:00:00Z' })
  expect(mail?.text).toBe(`Get in touch
- 2027-03-05  Zoë

Reminders
- 2027-02-01 09:00  Left undone
- 2027-03-03  All day
- 2027-03-03 00:30  Return the book (Zoë)

Birthdays and anniversaries
- 2027-03-01  Monday: birthday (37)
- 2027-03-05  Couple: anniversary (10)
- 2027-03-06  Couple: Moved in (1)
- 2027-03-07  Sunday: birthday

http://127.0.0.1:4000
`)
})

test('29 February is told of every year: on the day in leap years, else on the 28th', async () => {
  for (const [from, until, expected] of [
    ['2027-02-18T12:00:00Z', '2027-02-23T00:00:00Z', '2027-02-28  Leap: birthday (27)'],
    ['2028-02-24T12:00:00Z', '2028-02-29T00:00:00Z', '2028-02-29  Leap: birthday (28)'],
  ] as const) {
    clock.set(from)
    ada = await kith.signUp({ timeZone: 'Europe/Berlin' })
    await born('Leap', { year: 2000, month: 2, day: 29 })
    await want()
    const mails = await digests(until)
    expect(mails.map(({ text }) => text)).toEqual([expect.stringContaining(`- ${expected}\n`)])
  }
})

test('no date is told of twice or missed from one week to the next', async () => {
  clock.set('2027-12-16T12:00:00Z')
  ada = await kith.signUp({ timeZone: 'Europe/Berlin' })
  await want()
  const days = Array.from({ length: 28 }, (_, index) => Temporal.PlainDate.from('2027-12-20').add({ days: index }))
  for (const { month, day } of days) await born(`Born ${month}-${day}`, { month, day })
  const told = (await digests('2028-01-11T00:00:00Z')).flatMap(({ text }) => [...text.matchAll(/- (\S+) {2}Born/g)].map(([, day]) => day))
  expect(told).toEqual(days.map(String))
})

test('who is in the bin or the archive is not told of', async () => {
  await want()
  const [binned, archived] = [await born('Binned', { month: 3, day: 2 }), await born('Archived', { month: 3, day: 2 })]
  for (const id of [binned, archived]) await done(ada, 'contactFollowUpSet', { id, every: 'P1D' })
  await done(ada, 'reminderCreate', { input: { title: 'Of one in the bin', contactId: binned, dueAt: '2027-03-02T09:00' } })
  await done(ada, 'contactDelete', { id: binned })
  await done(ada, 'contactArchive', { id: archived })
  expect(await digests('2027-03-02T00:00:00Z')).toEqual([])
})

test('a week that brings nothing brings no mail, and the next one is told of again', async () => {
  await want()
  await born('In two weeks', { month: 3, day: 10 })
  expect(await times('2027-03-16T00:00:00Z')).toEqual(['2027-03-08T08:00:00Z'])
})

test('after downtime there is one digest, of what is left of the week', async () => {
  await want()
  await born('Tuesday', { month: 3, day: 9 })
  await born('Saturday', { month: 3, day: 13 })
  await born('Monday after', { month: 3, day: 15 })
  await kith.runJobs()
  clock.set('2027-03-11T15:00:00Z')
  const mails = await digests('2027-03-12T00:00:00Z')
  expect(mails).toMatchObject([{ subject: 'Your week from 2027-03-11' }])
  expect(mails[0]?.text).toMatch(/Saturday/)
  expect(mails[0]?.text).not.toMatch(/Tuesday|Monday after/)
  expect((await digests('2027-03-16T00:00:00Z')).map(({ at, subject }) => `${at} ${subject}`)).toEqual(['2027-03-15T08:00:00Z Your week from 2027-03-15'])
})

test('a send time that is moved to later on Monday brings no second digest', async () => {
  await overdue()
  await want()
  expect(await times('2027-03-01T09:00:00Z')).toEqual(['2027-03-01T08:00:00Z'])
  await done(ada, 'accountUpdate', { input: { sendTime: '20:00' } })
  expect(await times('2027-03-09T00:00:00Z')).toEqual(['2027-03-08T19:00:00Z'])
})
