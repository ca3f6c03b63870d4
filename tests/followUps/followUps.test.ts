import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock, toDate } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { refreshLastInteractions } from '../../src/interactions/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, atOnce, befriend, contactOf, done, mutate, rowIdOf } from '../support/crm.ts'

const clock = fixedClock('2027-03-10T12:00:00Z')
let kith: TestApp
let ada: Person
let bea: Person

beforeAll(async () => {
  kith = await testApp({ clock })
  bea = await kith.signUp()
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.set('2027-03-10T12:00:00Z')
  ada = await kith.signUp({ timeZone: 'Europe/Berlin' })
})

const follow = (id: string, every: string) => done(ada, 'contactFollowUpSet', { id, every })
const followTag = (tag: string, every: string) => done(ada, 'tagFollowUpSet', { tag, every })
const log = (id: string, occurredAt: string, more: object = {}) =>
  done(ada, 'interactionLog', { input: { kind: 'CALL', contactIds: [id], occurredAt, ...more } })
const followUp = async (id: string) => (await contactOf(ada, id)).followUp
/** The day, in Berlin, at whose start it is due. */
const dueDay = async (id: string) => {
  const held = await followUp(id)
  if (held === null) return null
  const due = Temporal.Instant.from(held.dueAt).toZonedDateTimeISO('Europe/Berlin')
  expect(due.equals(due.startOfDay())).toBe(true)
  return `${due.toPlainDate().toString()} ${held.every}${held.fromTag ? ` ${held.fromTag}` : ''}`
}

describe('which setting holds', () => {
  test('nothing is asked of a contact without a setting', async () => {
    expect(await followUp(await befriend(ada, 'Zoë', { tags: ['friends'] }))).toBeNull()
  })

  test('the contact’s own wins over its tags’, be it the longer', async () => {
    const id = await befriend(ada, 'Yan', { tags: ['friends'] })
    await followTag('friends', 'P1W')
    expect(await dueDay(id)).toBe('2027-03-17 P1W friends')
    expect((await follow(id, 'P3M')).followUp).toMatchObject({ every: 'P3M', fromTag: null, overdue: false, lastAlertAt: null })
    expect(await dueDay(id)).toBe('2027-06-10 P3M')
    expect((await done(ada, 'contactFollowUpClear', { id })).followUp).toMatchObject({ every: 'P1W', fromTag: 'friends' })
    await done(ada, 'tagFollowUpClear', { tag: 'friends' })
    expect(await followUp(id)).toBeNull()
  })

  test('of several tags the shortest, whatever is added, removed, set, cleared, renamed or deleted', async () => {
    const id = await befriend(ada, 'Xi', { tags: ['family'] })
    expect(await followTag('family', 'P6M')).toEqual({ __typename: 'TagFollowUp', tag: 'family', every: 'P6M', contactCount: 1 })
    await followTag('climbing', 'P1M')
    await followTag('work', 'P2W')
    expect(await dueDay(id)).toBe('2027-09-10 P6M family')
    await done(ada, 'contactUpdate', { id, input: { tags: ['family', 'climbing', 'work'] } })
    expect(await dueDay(id)).toBe('2027-03-24 P2W work')
    await done(ada, 'contactUpdate', { id, input: { tags: ['family', 'climbing'] } })
    expect(await dueDay(id)).toBe('2027-04-10 P1M climbing')
    await followTag('FAMILY', 'P1W')
    expect(await dueDay(id)).toBe('2027-03-17 P1W family')
    expect(await done(ada, 'tagFollowUpClear', { tag: 'Family' })).toEqual({ __typename: 'TagFollowUp', tag: 'family', every: null, contactCount: 1 })
    expect(await dueDay(id)).toBe('2027-04-10 P1M climbing')
    expect((await ada.graphql('mutation { tagRename(tag: "climbing", name: "boulder") { __typename } }')).errors).toBeUndefined()
    expect(await dueDay(id)).toBe('2027-04-10 P1M boulder')
    expect((await ada.graphql('mutation { tagDelete(tag: "boulder") { __typename } }')).errors).toBeUndefined()
    expect(await followUp(id)).toBeNull()
    await followTag('family', 'P1W')
    expect(await dueDay(id)).toBe('2027-03-17 P1W family')
    await done(ada, 'contactUpdate', { id, input: { tags: [] } })
    expect(await followUp(id)).toBeNull()
  })

  test('a contact that is made with a tag begins its period when it is made, not when the tag was set', async () => {
    await followTag('friends', 'P1W')
    clock.advance({ hours: 30 * 24 })
    expect(await dueDay(await befriend(ada, 'Wim', { tags: ['friends'] }))).toBe('2027-04-16 P1W friends')
  })

  test('a period is whole days, weeks, months or years, ten years at most', async () => {
    const id = await befriend(ada, 'Vera')
    for (const every of ['P10D', 'P2W', 'P1M2W', 'P6M', 'P10Y']) expect((await follow(id, every)).followUp.every).toBe(every)
    for (const every of ['', '2 weeks', 'P0D', 'PT1H', 'P11Y', 'P-1W', 'P1.5W', 'p1w'])
      for (const [field, args] of [
        ['contactFollowUpSet', { id, every }],
        ['tagFollowUpSet', { tag: 'friends', every }],
      ] as const)
        expect(await mutate(ada, field, args)).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['every'] }] })
    expect(await mutate(ada, 'tagFollowUpSet', { tag: ' ', every: 'P1W' })).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['tag'] }] })
    expect(await mutate(ada, 'tagFollowUpClear', { tag: 'nobody has it' })).toMatchObject({ __typename: 'NotFoundError' })
  })

  test('a tag that is set just as a contact gets it holds for that contact', async () => {
    const id = await befriend(ada, 'Racer')
    const other = await befriend(ada, 'Has it', { tags: ['race'] })
    // Both wait in the middle: one for a contact that has the tag, the other before it gives the tag to another.
    await atOnce(
      kith,
      { table: 'contacts', id: rowIdOf(other) },
      () => followTag('race', 'P1W'),
      () => done(ada, 'contactUpdate', { id, input: { tags: ['race'] } }),
    )
    expect(await dueDay(id)).toBe('2027-03-17 P1W race')
  })

  test('of two tags that are set at once the shortest holds', async () => {
    const id = await befriend(ada, 'Twice', { tags: ['one', 'two'] })
    await atOnce(
      kith,
      { table: 'contacts', id: rowIdOf(id) },
      () => followTag('one', 'P1W'),
      () => followTag('two', 'P1M'),
    )
    expect(await dueDay(id)).toBe('2027-03-17 P1W one')
  })
})

describe('when a follow-up is due', () => {
  test('a period after the day it was set or the last counted interaction, the later of the two', async () => {
    const id = await befriend(ada, 'Uma')
    await log(id, '2027-03-01T09:00:00Z')
    await follow(id, 'P1W')
    expect(await dueDay(id)).toBe('2027-03-17 P1W')
    clock.advance({ hours: 48 })
    await log(id, '2027-03-11T23:30:00Z')
    expect(await dueDay(id), 'in Berlin it was the 12th').toBe('2027-03-19 P1W')
  })

  test('a backdated interaction never moves it back, and deleting one works it out anew', async () => {
    const id = await befriend(ada, 'Tove')
    await follow(id, 'P1M')
    clock.advance({ hours: 10 * 24 })
    const latest = await log(id, '2027-03-20T10:00:00Z')
    await log(id, '2027-03-15T10:00:00Z')
    await log(id, '2026-01-01T10:00:00Z')
    expect(await dueDay(id)).toBe('2027-04-20 P1M')
    await done(ada, 'interactionDelete', { id: latest.id })
    expect(await dueDay(id)).toBe('2027-04-15 P1M')
  })

  test('mail both ways and meetings count; bulk mail, co-recipients and what lies ahead do not', async () => {
    const id = await befriend(ada, 'Sam')
    await follow(id, 'P1W')
    clock.advance({ hours: 5 * 24 })
    const contactId = rowIdOf(id)
    const sync = (
      occurredAt: string,
      { bulk = false, coRecipient = false, ...more } = {} as { bulk?: boolean; coRecipient?: boolean; direction?: string; source?: string },
    ) =>
      inTransaction(ada.ctx, async (tx) => {
        const { direction = 'INBOUND', source = 'GMAIL' } = more
        const at = toDate(clock.now())
        const when = new Date(occurredAt)
        const interaction = {
          ownerId: ada.ownerId,
          id: randomUUID(),
          kind: source === 'GMAIL' ? 'EMAIL' : 'MEETING',
          direction,
          source,
          occurredAt: when,
          counted: !bulk,
          createdAt: at,
          updatedAt: at,
        }
        await tx.db.interaction.create({
          data: { ...interaction, contacts: { create: { contactId, occurredAt: when, direction, counted: !bulk && !coRecipient } } },
        })
        await refreshLastInteractions(tx, [contactId])
      })
    await sync('2027-03-14T10:00:00Z', { bulk: true })
    await sync('2027-03-14T10:00:00Z', { coRecipient: true })
    await sync('2027-03-20T10:00:00Z', { direction: 'MUTUAL', source: 'CALENDAR' })
    expect(await dueDay(id)).toBe('2027-03-17 P1W')
    await sync('2027-03-11T10:00:00Z')
    expect(await dueDay(id)).toBe('2027-03-18 P1W')
    await sync('2027-03-12T10:00:00Z', { direction: 'OUTBOUND' })
    expect(await dueDay(id)).toBe('2027-03-19 P1W')
    await sync('2027-03-13T10:00:00Z', { direction: 'MUTUAL', source: 'CALENDAR' })
    expect(await dueDay(id)).toBe('2027-03-20 P1W')
  })

  test('on the account’s calendar, also after its zone has changed', async () => {
    clock.set('2027-03-10T23:30:00Z')
    const id = await befriend(ada, 'Rolf')
    await follow(id, 'P1W')
    expect((await followUp(id)).dueAt, 'set on the 11th in Berlin').toBe('2027-03-17T23:00:00.000Z')
    await done(ada, 'accountUpdate', { input: { timeZone: 'America/New_York' } })
    await kith.runJobs()
    expect((await followUp(id)).dueAt, 'and on the 10th in New York').toBe('2027-03-17T04:00:00.000Z')
  })

  test('it is overdue from the first moment of its day', async () => {
    const id = await befriend(ada, 'Quin')
    await follow(id, 'P1W')
    clock.set('2027-03-16T22:59:59.999Z')
    expect(await followUp(id)).toMatchObject({ overdue: false, dueAt: '2027-03-16T23:00:00.000Z' })
    clock.set('2027-03-16T23:00:00Z')
    expect(await followUp(id)).toMatchObject({ overdue: true })
  })

  test('edits, notes, reminders and archiving do not move it', async () => {
    const id = await befriend(ada, 'Paula')
    await follow(id, 'P1W')
    clock.advance({ hours: 48 })
    await done(ada, 'contactUpdate', { id, input: { starred: true, tags: ['x'] } })
    await done(ada, 'noteCreate', { input: { contactId: id, body: 'x' } })
    await done(ada, 'reminderCreate', { input: { contactId: id, title: 'x', dueAt: '2027-03-12T09:00' } })
    await done(ada, 'contactArchive', { id })
    await done(ada, 'contactUnarchive', { id })
    expect(await dueDay(id)).toBe('2027-03-17 P1W')
  })
})

test('who is due is a filter and an order of contacts, without those in the bin or the archive', async () => {
  const names = ['Never', 'Later', 'Soon', 'Overdue', 'Binned', 'Archived']
  const ids = new Map<string, string>()
  for (const name of names) ids.set(name, await befriend(ada, name))
  const idOf = (name: string) => ids.get(name) ?? ''
  for (const [name, every] of [
    ['Later', 'P3M'],
    ['Soon', 'P2W'],
    ['Overdue', 'P1D'],
    ['Binned', 'P1D'],
    ['Archived', 'P1D'],
  ] as const)
    await follow(idOf(name), every)
  await done(ada, 'contactDelete', { id: idOf('Binned') })
  await done(ada, 'contactArchive', { id: idOf('Archived') })
  clock.advance({ hours: 48 })
  const listed = async (filter: object | null, orderBy: object[]) =>
    (
      await ask(
        ada,
        'contacts(filter: $filter, orderBy: $orderBy) { nodes { displayName } }',
        { filter, orderBy },
        '$filter: ContactFilter, $orderBy: [ContactOrder!]',
      )
    ).nodes.map(({ displayName }: { displayName: string }) => displayName)
  expect(await listed(null, [{ field: 'FOLLOW_UP_DUE_AT' }])).toEqual(['Overdue', 'Soon', 'Later', 'Never'])
  expect(await listed(null, [{ field: 'FOLLOW_UP_DUE_AT', direction: 'DESC', nulls: 'FIRST' }])).toEqual(['Never', 'Later', 'Soon', 'Overdue'])
  expect(await listed({ followUpDueAt: { lte: clock.now().toString() } }, [])).toEqual(['Overdue'])
  expect(await listed({ followUpDueAt: { gt: clock.now().toString(), lt: '2027-04-01T00:00:00Z' } }, [])).toEqual(['Soon'])
  expect(await listed({ followUpDueAt: { isNull: true } }, [])).toEqual(['Never'])
})

test('another’s contacts and tags are out of reach', async () => {
  const id = await befriend(ada, 'Olga', { tags: ['friends'] })
  await follow(id, 'P1W')
  expect(await mutate(bea, 'contactFollowUpSet', { id, every: 'P1D' })).toMatchObject({ __typename: 'NotFoundError' })
  expect(await mutate(bea, 'contactFollowUpClear', { id })).toMatchObject({ __typename: 'NotFoundError' })
  expect(await done(bea, 'tagFollowUpSet', { tag: 'friends', every: 'P1D' })).toMatchObject({ contactCount: 0 })
  expect(await dueDay(id)).toBe('2027-03-17 P1W')
  await done(ada, 'contactDelete', { id })
  expect(await mutate(ada, 'contactFollowUpSet', { id, every: 'P1D' })).toMatchObject({ __typename: 'NotFoundError' })
})
