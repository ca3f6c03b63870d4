import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Person } from '../../dev/google/people/person.ts'
import { createNote } from '../../src/notes/service.ts'
import { testApp } from '../support/app.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { knownIds, mailOwner, stateOf } from '../gmail/support.ts'
import { addBook, connectedOwner, contactsScope, movableClock, syncContacts } from './support.ts'

// Rows of the fault matrix that concern the engine as a whole or the address book.
const clock = movableClock()
let kith: WebApp
let books = 0

beforeAll(async () => {
  kith = await webApp({ clock, simulator: { clock } })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.reset()
  Object.assign(kith.google.settings, { firstPagesPerMinute: null })
  kith.google.faults.clear()
  kith.google.ledger.clear()
})

/** An owner whose contacts are connected, with so many plain people. */
async function someone(count: number) {
  const email = `rows${(books += 1)}@example.test`
  addBook(kith, email, count)
  const owner = await connectedOwner(kith, email)
  const { ctx, ownerId, stateId } = owner
  return {
    ...owner,
    email,
    people: kith.google.world.account(email).addressBook.people().map(({ person }) => person.resourceName ?? ''), // prettier-ignore
    state: () => ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, id: stateId } }),
    sync: async (options: { full?: boolean; pageSize?: number } = {}) => {
      const { full, ...more } = options
      const due = { nextRunAt: new Date(clock.now().epochMilliseconds), ...(full ? { fullWanted: true } : {}) }
      await ctx.db.googleSyncState.updateMany({ where: { ownerId, id: stateId, status: 'IDLE' }, data: due })
      await syncContacts(ctx, stateId, more)
    },
    contact: (externalId: string) =>
      ctx.db.contact.findFirst({
        where: { ownerId, sources: { some: { externalId, kind: 'GOOGLE' } } },
        include: { emails: true, sources: true, notes: true },
      }),
  }
}

test(
  'row 12: ten minutes in which Google wants no more of one owner cost a handful of calls, hold nothing up, and nobody else',
  { timeout: 60_000 },
  async () => {
    const stormy = await mailOwner(kith)
    const calm = await mailOwner(kith)
    for (const owner of [stormy, calm]) owner.deliver({ from: 'a@example.test' })
    const storm = kith.google.faults.add({ path: /^\/(gmail|batch)/, account: stormy.email, times: Infinity, status: 429, body: { error: { code: 429 } } })
    const everySeconds = 10
    for (let seconds = 0; seconds < 600; seconds += everySeconds) {
      await stormy.sync()
      // It is let go of, not held until the storm is over.
      expect(await stateOf(stormy)).toMatchObject({ errorCode: 'RATE_LIMITED', leaseOwner: null, leaseUntil: null })
      if (seconds % 60 === 0) {
        await calm.ctx.db.googleSyncState.updateMany({ where: { ownerId: calm.ownerId }, data: { nextRunAt: new Date(clock.now().epochMilliseconds) } })
        await calm.sync()
        expect(await stateOf(calm)).toMatchObject({ status: 'IDLE', errorCode: null })
        calm.deliver({ from: `b${seconds}@example.test` })
      }
      clock.advance({ seconds: everySeconds })
    }
    // Waits double from a second to 64, of which half is left to chance.
    expect(storm.hits).toBeLessThanOrEqual(7 + Math.ceil(600 / 32))
    expect(await knownIds(calm.ctx)).toHaveLength(10)
    storm.remove()
    clock.advance({ minutes: 2 })
    await stormy.sync()
    expect(await stateOf(stormy)).toMatchObject({ status: 'IDLE', failures: 0 })
    expect(await knownIds(stormy.ctx)).toHaveLength(1)
  },
)

test('row 15: of eight calls in two processes whose token Google refuses, one refreshes it and all go through', async () => {
  const { listGroups } = await import('../../src/google/contacts/people.ts')
  const { email, ctx } = await someone(1)
  await syncContacts(ctx, (await ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId: (ctx.actor as { ownerId: string }).ownerId } })).id)
  const other = await testApp({ databases: kith.databases, clock, config: { google: kith.app.config.google } })
  const otherCtx = { ...ctx, app: other.app, db: other.app.database.prisma }
  kith.google.tokens.expireAccessTokens(email)
  kith.google.ledger.clear()
  // Nobody is answered before all eight have asked with the old token.
  let asked = 0
  const all = Promise.withResolvers<void>()
  kith.google.faults.add({ path: '/v1/contactGroups', times: 8, before: () => void ((asked += 1) === 8 && all.resolve()) })
  kith.google.faults.add({ path: '/v1/contactGroups', times: 8, holdUntil: all.promise })
  const pages = await Promise.all(Array.from({ length: 8 }, (_, index) => listGroups(index % 2 ? ctx : otherCtx, { pageToken: null, syncToken: null })))
  expect(pages.map(({ nextSyncToken }) => nextSyncToken !== null)).toEqual(Array.from({ length: 8 }, () => true))
  const statuses = kith.google.ledger.entries.filter(({ path }) => path === '/v1/contactGroups').map(({ status }) => status)
  expect([statuses.filter((status) => status === 401).length, statuses.filter((status) => status === 200).length]).toEqual([8, 8])
  expect(kith.google.ledger.of('token.refresh_token')).toHaveLength(1)
  await other.close()
})

test('row 18: an answer to a refresh without a refresh token, or with an empty one, leaves the stored one; another one takes its place', async () => {
  const ada = await someone(1)
  await ada.sync()
  const grant = () => ada.ctx.db.googleGrant.findFirstOrThrow({ where: { ownerId: ada.ownerId } })
  const kept = Buffer.from((await grant()).refreshToken!)
  const refreshed = async (more: object): Promise<void> => {
    const { tokenGeneration } = await grant()
    clock.advance({ hours: 2 })
    const { accessToken } = kith.google.issueTokens({ account: ada.email, scopes: ['openid', contactsScope] })
    kith.google.faults.add({ path: '/token', status: 200, body: { access_token: accessToken, expires_in: 3599, token_type: 'Bearer', ...more } })
    await ada.sync()
    expect(await ada.state()).toMatchObject({ status: 'IDLE', errorCode: null })
    expect((await grant()).tokenGeneration).toBe(tokenGeneration + 1)
  }
  for (const more of [{}, { refresh_token: '' }, { refresh_token: null }]) {
    await refreshed(more)
    expect(Buffer.from((await grant()).refreshToken!)).toEqual(kept)
  }
  await refreshed({ refresh_token: 'another-one' })
  const { id, refreshToken } = await grant()
  expect((await kith.app.vault.of(ada.ownerId)).open('GoogleGrant.refreshToken', id, refreshToken!)).toBe('another-one')
})

test('row 23: the quota on first pages slows listings down, and lets none begin again and again', async () => {
  const ada = await someone(5)
  kith.google.settings.firstPagesPerMinute = 1
  await ada.sync({ pageSize: 2 })
  expect(await ada.state()).toMatchObject({ status: 'IDLE' })
  await ada.sync({ full: true, pageSize: 2 })
  const paused = await ada.state()
  expect(paused).toMatchObject({ status: 'PENDING', errorCode: 'RATE_LIMITED', failures: 1 })
  expect(paused.nextRunAt!.getTime() - clock.now().epochMilliseconds).toBeGreaterThan(55_000)
  kith.google.ledger.clear()
  for (let round = 0; round < 5; round += 1) await ada.sync({ pageSize: 2 })
  expect(kith.google.ledger.entries).toEqual([])
  clock.advance({ seconds: 65 })
  await ada.sync({ pageSize: 2 })
  expect(await ada.state()).toMatchObject({ status: 'IDLE', failures: 0, fullWanted: false })
})

describe('row 24: at Google', () => {
  test('a person who is deleted leaves their contact here, with its notes and without a source', async () => {
    const ada = await someone(2)
    const [gone = ''] = ada.people
    await ada.sync()
    const before = await ada.contact(gone)
    await createNote(ada.ctx, { contactId: before!.id, body: 'Owes me a book.' })
    kith.google.world.deletePerson(ada.email, gone)
    await ada.sync()
    expect(await ada.contact(gone)).toMatchObject({ id: before!.id, deletedAt: null, notes: [{}], sources: [{ goneAt: expect.any(Date), raw: null }] })
  })

  test('a person who got another name and was then deleted is gone, though we knew them by the first', async () => {
    const ada = await someone(2)
    const [gone = ''] = ada.people
    await ada.sync()
    kith.google.world.deletePerson(ada.email, kith.google.world.rekeyPerson(ada.email, gone))
    await ada.sync()
    expect(await ada.contact(gone)).toMatchObject({ sources: [{ goneAt: expect.any(Date) }] })
    expect(await ada.ctx.db.googlePerson.count({ where: { ownerId: ada.ownerId } })).toBe(1)
  })

  test('two people who are joined are told of as one with the addresses of both, and one who is gone', async () => {
    const ada = await someone(3)
    const [kept = '', merged = ''] = ada.people
    await ada.sync()
    const before = await ada.contact(kept)
    kith.google.world.mergePeople(ada.email, kept, merged)
    await ada.sync()
    const after = await ada.contact(kept)
    expect(after).toMatchObject({ id: before!.id, sources: [{ goneAt: null }] })
    expect(after!.emails.map(({ address }) => address).toSorted()).toEqual(['person0@example.com', 'person1@example.com'])
    expect(await ada.contact(merged)).toMatchObject({ deletedAt: null, sources: [{ goneAt: expect.any(Date) }] })
    // What a full listing says is the same.
    const told = JSON.stringify(await Promise.all(ada.people.map(async (name) => (await ada.contact(name))?.emails.map(({ address }) => address))))
    await ada.sync({ full: true })
    expect(JSON.stringify(await Promise.all(ada.people.map(async (name) => (await ada.contact(name))?.emails.map(({ address }) => address))))).toBe(told)
  })
})

test(
  'row 25: five thousand and one people come in, those without a name, with a hundred addresses, with emoji and with NUL among them',
  { timeout: 120_000 },
  async () => {
    const ada = await someone(4996)
    const add = (person: Person): string => kith.google.world.addPerson(ada.email, person).resourceName ?? ''
    const nameless = add({ emailAddresses: [{ value: 'nameless@example.com' }] })
    const many = add({
      names: [{ givenName: 'Many' }],
      emailAddresses: Array.from({ length: 130 }, (_, index) => ({ value: `many${index}@example.com` })),
    })
    const emoji = add({ names: [{ givenName: '👩‍👩‍👧‍👦', familyName: 'Zażółć 🦊' }], emailAddresses: [{ value: 'emoji@example.com' }] })
    const zero = add({
      names: [{ givenName: 'Nu\u0000l', familyName: 'By\u0000te' }],
      biographies: [{ value: 'a\u0000b' }],
      emailAddresses: [{ value: 'nu\u0000l@example.com' }],
    })
    const empty = add({})
    await ada.sync()
    expect(await ada.state()).toMatchObject({ status: 'IDLE', errorCode: null, processed: 5001 })
    expect(await ada.ctx.db.contact.count({ where: { ownerId: ada.ownerId } })).toBe(5000)
    expect(await ada.contact(nameless)).toMatchObject({ displayName: 'nameless@example.com' })
    expect((await ada.contact(many))?.emails).toHaveLength(130)
    expect(await ada.contact(emoji)).toMatchObject({ displayName: '👩‍👩‍👧‍👦 Zażółć 🦊' })
    expect(await ada.contact(zero)).toMatchObject({ displayName: 'Nul Byte', emails: [{ address: 'nul@example.com' }] })
    // Someone without anything to be called by is counted as left out, and holds nobody up.
    expect(await ada.contact(empty)).toBeNull()
    expect((await ada.state()).tally).toMatchObject({ created: 5000, 'skipped.invalid': 1 })
  },
)
