import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { sendAlerts } from '../../src/followUps/alerts.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, befriend, contactOf, done, passTime } from '../support/crm.ts'

const clock = fixedClock('2027-03-10T12:00:00Z')
let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  await kith.app.database.pool.query('DELETE FROM directory_due')
  clock.set('2027-03-10T12:00:00Z')
  ada = await kith.signUp({ timeZone: 'Europe/Berlin' })
})

const follow = (id: string, every: string) => done(ada, 'contactFollowUpSet', { id, every })
const pass = (until: string) => passTime(kith, clock, ada, until)
const passed = async (until: string) => (await pass(until)).map(({ at, subject }) => `${at} ${subject.replace('Time to get in touch with ', '')}`)

test('an alert goes out at the send time of the day it is due, leaves the due time and comes again a period later', async () => {
  const id = await befriend(ada, 'Zoë')
  await follow(id, 'P1W')
  expect(await passed('2027-04-05T00:00:00Z')).toEqual(['2027-03-17T08:00:00Z Zoë', '2027-03-24T08:00:00Z Zoë', '2027-03-31T07:00:00Z Zoë'])
  expect((await contactOf(ada, id)).followUp).toMatchObject({ dueAt: '2027-03-16T23:00:00.000Z', overdue: true, lastAlertAt: '2027-03-31T07:00:00.000Z' })
})

test('it says who, how long it has been, and what was last talked about', async () => {
  const [uma, sam, yan] = [await befriend(ada, 'Uma'), await befriend(ada, 'Sam'), await befriend(ada, 'Yan')]
  await done(ada, 'interactionLog', { input: { kind: 'MEETING', contactIds: [uma], occurredAt: '2027-02-01T10:00:00Z', subject: 'The lighthouse' } })
  await done(ada, 'interactionLog', { input: { kind: 'CALL', contactIds: [sam], occurredAt: '2027-03-09T22:30:00Z', note: '\n## Moves to **Oslo**\nin May' } })
  await done(ada, 'noteCreate', { input: { contactId: uma, body: '- Asked about the keeper' } })
  for (const id of [uma, sam, yan]) await follow(id, 'P1D')
  const [mail] = await pass('2027-03-11T12:00:00Z')
  expect(mail?.subject).toBe('Time to get in touch with 3 people')
  expect(mail?.text).toContain('- Uma: last in touch 38 days ago, at a meeting\n  Last talked about: The lighthouse — Asked about the keeper\n')
  expect(mail?.text).toContain('- Sam: last in touch 2 days ago, in a call\n  Last talked about: Moves to **Oslo**\n')
  expect(mail?.text).toContain('- Yan: no contact on record yet\n')
})

test('one mail a day carries all; who comes due after it waits for the next day’s', async () => {
  const [one, two, three] = [await befriend(ada, 'One'), await befriend(ada, 'Two'), await befriend(ada, 'Three')]
  await follow(one, 'P1W')
  await follow(two, 'P1W')
  clock.set('2027-03-17T08:00:00Z')
  expect((await pass('2027-03-17T09:00:00Z')).map(({ subject }) => subject)).toEqual(['Time to get in touch with 2 people'])
  // Long overdue at once: the first interaction is deleted, the setting is old.
  await kith.app.database.pool.query(
    `UPDATE contacts SET "followUpEvery" = 'P1D', "followUpSetAt" = '2027-01-01' WHERE "ownerId" = $1 AND "displayName" = 'Three'`,
    [ada.ownerId],
  )
  const { id } = await done(ada, 'interactionLog', { input: { kind: 'CALL', contactIds: [three], occurredAt: '2027-03-16T10:00:00Z' } })
  await done(ada, 'interactionDelete', { id })
  expect((await contactOf(ada, three)).followUp.overdue).toBe(true)
  expect(await passed('2027-03-18T12:00:00Z')).toEqual(['2027-03-18T08:00:00Z Three'])
})

test('logging a call, message, meeting or social contact completes the alert in one mutation, its note included', async () => {
  const id = await befriend(ada, 'Tove')
  await follow(id, 'P1W')
  for (const [index, kind] of ['CALL', 'MESSAGE', 'MEETING', 'SOCIAL', 'IN_PERSON'].entries()) {
    const due = Temporal.Instant.from((await contactOf(ada, id)).followUp.dueAt)
    expect(await pass(due.add({ hours: 12 }).toString())).toHaveLength(1)
    const { data, errors } = await ada.graphql(
      `mutation ($input: InteractionLogInput!) { interactionLog(input: $input) { ... on Interaction { contacts { followUp { overdue dueAt lastAlertAt } notes { totalCount } } } } }`,
      { input: { kind, contactIds: [id], occurredAt: clock.now().toString(), note: `Talk ${index}` } },
    )
    expect(errors).toBeUndefined()
    const [contact] = data.interactionLog.contacts
    expect(contact).toMatchObject({ followUp: { overdue: false }, notes: { totalCount: index + 1 } })
    expect(Date.parse(contact.followUp.dueAt) - clock.now().epochMilliseconds).toBeGreaterThan(6 * 24 * 3_600_000)
  }
})

test('what is completed before its alert gets none', async () => {
  const id = await befriend(ada, 'Rolf')
  await follow(id, 'P1W')
  clock.set('2027-03-17T07:00:00Z')
  await done(ada, 'interactionLog', { input: { kind: 'CALL', contactIds: [id], occurredAt: '2027-03-17T07:00:00Z' } })
  expect(await passed('2027-03-24T12:00:00Z')).toEqual(['2027-03-24T08:00:00Z Rolf'])
})

test('archived contacts and those in the bin give no alert; once back, they do again', async () => {
  const [quin, paula] = [await befriend(ada, 'Quin'), await befriend(ada, 'Paula')]
  await follow(quin, 'P1W')
  await follow(paula, 'P1W')
  await done(ada, 'contactArchive', { id: quin })
  await done(ada, 'contactDelete', { id: paula })
  expect(await passed('2027-03-20T12:00:00Z')).toEqual([])
  await done(ada, 'contactUnarchive', { id: quin })
  expect(await passed('2027-03-20T13:00:00Z')).toEqual(['2027-03-20T12:00:00Z Quin'])
  await done(ada, 'contactRestore', { id: paula })
  expect(await passed('2027-03-21T12:00:00Z')).toEqual(['2027-03-21T08:00:00Z Paula'])
})

test('a changed send time or zone moves the alert, and never makes it two a day', async () => {
  const [nils, mia] = [await befriend(ada, 'Nils'), await befriend(ada, 'Mia')]
  await follow(nils, 'P1W')
  await done(ada, 'accountUpdate', { input: { sendTime: '18:30' } })
  expect(await passed('2027-03-17T18:00:00Z')).toEqual(['2027-03-17T17:30:00Z Nils'])
  await follow(mia, 'P1D')
  await kith.app.database.pool.query(`UPDATE contacts SET "followUpSetAt" = '2027-01-01' WHERE "ownerId" = $1 AND "displayName" = 'Mia'`, [ada.ownerId])
  // In New York it is the afternoon of the same day: overdue there, but the day's mail has gone out.
  await done(ada, 'accountUpdate', { input: { timeZone: 'America/New_York', sendTime: '13:30' } })
  expect(await passed('2027-03-18T20:00:00Z')).toEqual(['2027-03-18T17:30:00Z Mia'])
})

test('after two weeks in which nothing ran one mail carries all, at once', async () => {
  for (const name of ['One', 'Two', 'Three']) await follow(await befriend(ada, name), 'P3D')
  await kith.runJobs()
  clock.advance({ hours: 14 * 24 })
  expect(await passed('2027-03-25T00:00:00Z')).toEqual(['2027-03-24T12:00:00Z 3 people'])
  expect(await passed('2027-03-28T00:00:00Z')).toEqual(['2027-03-27T08:00:00Z 3 people'])
})

test('two workers at once send one mail', async () => {
  for (const name of ['One', 'Two']) await follow(await befriend(ada, name), 'P1W')
  await kith.runJobs()
  clock.set('2027-03-17T08:00:00Z')
  await Promise.all([1, 2, 3].map(() => sendAlerts(systemCtx(kith.app, ada.ownerId, 'test'))))
  expect((await ask(ada, 'deliveries { nodes { kind subject } }')).nodes).toEqual([{ kind: 'FOLLOW_UP_ALERT', subject: 'Time to get in touch with 2 people' }])
})

test('of very many the mail names the longest overdue and counts the rest; all have had their alert', async () => {
  const { rows } = await kith.app.database.pool.query<{ id: string }>(
    `INSERT INTO contacts ("ownerId", id, "displayName", "sortName", "followUpEvery", "followUpSetAt", "createdAt", "updatedAt")
     SELECT $1, gen_random_uuid(), 'P' || lpad(n::text, 3, '0'), 'p' || n, 'P1M', timestamptz '2026-01-01' + n * interval '1 day', now(), now() FROM generate_series(1, 205) AS n RETURNING id`,
    [ada.ownerId],
  )
  await done(ada, 'accountUpdate', { input: { sendTime: '08:00' } })
  const id = await befriend(ada, 'Hal')
  await done(ada, 'interactionLog', {
    input: {
      kind: 'CALL',
      contactIds: [id, ...rows.slice(0, 99).map((row) => Buffer.from(`Contact:${row.id}`).toString('base64url'))],
      occurredAt: '2025-01-01T00:00:00Z',
    },
  })
  for (let from = 99; from < 205; from += 100)
    await done(ada, 'interactionLog', {
      input: {
        kind: 'CALL',
        contactIds: rows.slice(from, from + 100).map((row) => Buffer.from(`Contact:${row.id}`).toString('base64url')),
        occurredAt: '2025-01-01T00:00:00Z',
      },
    })
  const mails = await pass('2027-03-11T12:00:00Z')
  expect(mails.map(({ subject }) => subject)).toEqual(['Time to get in touch with 205 people'])
  expect(mails[0]?.text).toContain('- P001:')
  expect(mails[0]?.text).toContain('- P200:')
  expect(mails[0]?.text).not.toContain('- P201:')
  expect(mails[0]?.text).toContain('… and 5 more')
})
