import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Ctx } from '../../src/core/ctx.ts'
import { deleteContact } from '../../src/contacts/bin.ts'
import { updateContact } from '../../src/contacts/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { disconnect, readRuns, requestSync } from '../../src/google/service.ts'
import { savePeople, takeLabels } from '../../src/google/contacts/store.ts'
import { inTransaction } from '../../src/events/service.ts'
import { runSync } from '../../src/google/runSync.ts'
import { unowned } from '../support/ownership.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { addBook, connectedOwner, movableClock, syncContacts } from './support.ts'

const clock = movableClock()
let kith: WebApp
let accounts = 0

const seen = new Set<string>()

beforeAll(async () => {
  kith = await webApp({ clock, onQuery: (text) => seen.add(text.replaceAll(/\s+/g, ' ').trim()) })
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.reset()
  kith.google.ledger.clear()
  kith.google.faults.clear()
})

const list = '/v1/people/me/connections'

/** Someone whose address book has come in whole. */
async function someone(count = 3) {
  const email = `steps${(accounts += 1)}@example.test`
  addBook(kith, email, count)
  const owner = await connectedOwner(kith, email)
  const groups = await owner.ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId: owner.ownerId, resource: 'groups' } })
  const book = kith.google.world.account(email).addressBook
  const sync = async (options: { pageSize?: number } = {}) => {
    await owner.ctx.db.googleSyncState.updateMany({
      where: { ownerId: owner.ownerId, status: 'IDLE' },
      data: { nextRunAt: new Date(clock.now().epochMilliseconds) },
    })
    await syncContacts(owner.ctx, owner.stateId, options)
  }
  await runSync(owner.ctx, groups.id)
  await sync()
  kith.google.ledger.clear()
  return {
    ...owner,
    email,
    sync,
    syncGroups: async () => {
      await owner.ctx.db.googleSyncState.updateMany({
        where: { ownerId: owner.ownerId, resource: 'groups' },
        data: { nextRunAt: new Date(clock.now().epochMilliseconds) },
      })
      await runSync(owner.ctx, groups.id)
    },
    people: book.people().map(({ person }) => person.resourceName ?? ''),
    contact: (externalId: string) => contactOf(owner.ctx, owner.ownerId, externalId),
    state: () => owner.ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId: owner.ownerId, resource: 'contacts' } }),
  }
}

async function contactOf(ctx: Ctx, ownerId: string, externalId: string) {
  return ctx.db.contact.findFirst({
    where: { ownerId, sources: { some: { externalId, kind: 'GOOGLE' } } },
    include: { emails: true, sources: true, tags: { include: { tag: true } }, notes: true },
  })
}

describe('keeping contacts in step', () => {
  test('a run with nothing new is one request, and leaves no run to look up', async () => {
    const ada = await someone()
    const before = await readRuns(ada.ctx, 'CONTACTS', 50)
    await ada.sync()
    expect(kith.google.ledger.entries.map(({ operation, query }) => [operation, query['syncToken'] === undefined])).toEqual([
      ['people.connections.list', false],
    ])
    expect(await readRuns(ada.ctx, 'CONTACTS', 50)).toEqual(before)
    expect(await ada.state()).toMatchObject({ status: 'IDLE', errorCode: null })
  })

  test('what is added, changed and deleted at Google follows, page by page, and an edit made here stays', async () => {
    const ada = await someone(4)
    const [kept = '', renamed = '', edited = '', gone = ''] = ada.people
    const mine = await ada.contact(edited)
    await updateContact(ada.ctx, mine!.id, { name: { given: 'Mine', family: 'Own' } })
    await createNote(ada.ctx, { contactId: (await ada.contact(gone))!.id, body: 'Owes me a book.' })
    kith.google.world.editPerson(ada.email, renamed, { names: [{ givenName: 'Renamed', familyName: 'Example' }] })
    kith.google.world.editPerson(ada.email, edited, { names: [{ givenName: 'Theirs', familyName: 'Example' }], emailAddresses: [{ value: 'new@example.com' }] })
    kith.google.world.deletePerson(ada.email, gone)
    const added = kith.google.world.addPerson(ada.email, { names: [{ givenName: 'Added', familyName: 'Example' }] }).resourceName ?? ''
    await ada.sync()
    expect((await ada.contact(kept))?.displayName).toBe('Person0 Example')
    expect((await ada.contact(renamed))?.displayName).toBe('Renamed Example')
    expect(await ada.contact(edited)).toMatchObject({ displayName: 'Mine Own', emails: [{ address: 'new@example.com' }] })
    expect(await ada.contact(added)).toMatchObject({ displayName: 'Added Example' })
    // The contact stays with its note, and says that its source is gone.
    expect(await ada.contact(gone)).toMatchObject({
      displayName: 'Person3 Example',
      deletedAt: null,
      notes: [{}],
      sources: [{ goneAt: expect.any(Date), raw: null }],
    })
    const [run] = await readRuns(ada.ctx, 'CONTACTS', 1)
    expect(run).toMatchObject({ mode: 'INCREMENTAL', outcome: 'SUCCEEDED', tally: { listed: 4, created: 1, updated: 2, removed: 1 } })
  })

  test('row 24: a person whom Google calls by another name is the same contact, with all that hangs on it', async () => {
    const ada = await someone(2)
    const [first = ''] = ada.people
    const before = await ada.contact(first)
    await createNote(ada.ctx, { contactId: before!.id, body: 'Same person.' })
    const now = kith.google.world.rekeyPerson(ada.email, first)
    await ada.sync()
    expect(await ada.contact(now)).toMatchObject({ id: before!.id, notes: [{}], sources: [{ externalId: now, goneAt: null }] })
    expect(await ada.contact(first)).toBeNull()
    expect(await ada.ctx.db.contact.count({ where: { ownerId: ada.ownerId } })).toBe(2)
  })

  test('a person who comes back at Google is linked again', async () => {
    const ada = await someone(1)
    const [first = ''] = ada.people
    const before = await ada.contact(first)
    kith.google.faults.add({
      path: list,
      times: 1,
      body: { connections: [{ resourceName: first, metadata: { deleted: true } }], nextSyncToken: (await ada.state()).cursor },
    })
    await ada.sync()
    expect(await ada.contact(first)).toMatchObject({ sources: [{ goneAt: expect.any(Date) }] })
    await requestSync(ada.ctx, 'CONTACTS', true)
    await ada.sync()
    expect(await ada.contact(first)).toMatchObject({ id: before!.id, sources: [{ goneAt: null }] })
  })

  test('whom the user has deleted here does not come back', async () => {
    const ada = await someone(2)
    const [first = ''] = ada.people
    await deleteContact(ada.ctx, (await ada.contact(first))!.id)
    kith.google.world.editPerson(ada.email, first, { names: [{ givenName: 'Again', familyName: 'Example' }] })
    await ada.sync()
    expect(await ada.contact(first)).toMatchObject({ deletedAt: expect.any(Date), displayName: 'Person0 Example' })
  })

  test('row 22: an expired token costs one full listing, in which who is gone at Google is found gone', async () => {
    const ada = await someone(3)
    const [gone = ''] = ada.people
    kith.google.world.deletePerson(ada.email, gone)
    kith.google.faults.add({
      path: list,
      status: 400,
      body: { error: { code: 400, status: 'FAILED_PRECONDITION', message: 'Sync token is expired.', details: [{ reason: 'EXPIRED_SYNC_TOKEN' }] } },
    })
    clock.advance({ hours: 1 })
    await ada.sync()
    expect(kith.google.ledger.of('people.connections.list')).toHaveLength(1)
    expect(kith.google.ledger.entries.filter(({ path }) => path === list)).toHaveLength(2)
    expect(await ada.contact(gone)).toMatchObject({ sources: [{ goneAt: expect.any(Date) }] })
    expect(await ada.state()).toMatchObject({ status: 'IDLE' })
    // The token that came with it is good.
    kith.google.ledger.clear()
    await ada.sync()
    expect(kith.google.ledger.of('people.connections.list')).toHaveLength(1)
  })

  test('never lists everything twice within ten minutes, whatever Google says of the token', async () => {
    const ada = await someone(3)
    kith.google.faults.add({
      path: list,
      times: Infinity,
      query: { pageToken: null },
      status: 410,
      body: { error: { code: 410, status: 'GONE', message: 'gone' } },
    })
    await ada.sync()
    expect(kith.google.ledger.entries).toHaveLength(1)
    const { nextRunAt, lastFullAt } = await ada.state()
    expect(nextRunAt!.getTime() - lastFullAt!.getTime()).toBe(10 * 60_000)
  })

  test('everything is listed anew before Google forgets the token', async () => {
    const ada = await someone(3)
    clock.advance({ hours: 24 * 5 })
    await ada.sync()
    const full = (await ada.state()).lastFullAt
    clock.advance({ hours: 25 })
    await ada.sync()
    expect((await ada.state()).lastFullAt!.getTime()).toBeGreaterThan(full!.getTime())
  })

  test('row 26: a last page without a sync token fails the run, and the cursor stays', async () => {
    const ada = await someone(3)
    const { cursor } = await ada.state()
    kith.google.faults.add({ path: list, body: { connections: [] } })
    await ada.sync()
    expect(await ada.state()).toMatchObject({ cursor, errorCode: 'UNAVAILABLE', status: 'PENDING' })
  })

  test('row 28: an empty page in the middle is no end', async () => {
    const ada = await someone(3)
    const added = kith.google.world.addPerson(ada.email, { names: [{ givenName: 'After', familyName: 'Emptiness' }] }).resourceName ?? ''
    const { cursor } = await ada.state()
    const pages = [
      { nextPageToken: 'more' },
      { connections: [{ resourceName: added, names: [{ givenName: 'After', familyName: 'Emptiness' }] }], nextSyncToken: cursor },
    ]
    kith.google.faults.add({ path: list, query: { pageToken: null }, body: pages[0] })
    kith.google.faults.add({ path: list, query: { pageToken: 'more' }, body: pages[1] })
    await ada.sync()
    expect(await ada.contact(added)).toMatchObject({ displayName: 'After Emptiness' })
  })
})

describe('labels', () => {
  test('a label is a tag: given, renamed and deleted at Google, it follows for all who bear it', async () => {
    const ada = await someone(3)
    const [first = '', second = ''] = ada.people
    const group = kith.google.world.addGroup(ada.email, 'Rowing')
    for (const person of [first, second])
      kith.google.world.editPerson(ada.email, person, { memberships: [{ contactGroupMembership: { contactGroupResourceName: group } }] })
    await ada.sync()
    await ada.syncGroups()
    const tagsOf = async (person: string) => (await ada.contact(person))!.tags.map(({ tag }) => tag.name)
    expect([await tagsOf(first), await tagsOf(second)]).toEqual([['Rowing'], ['Rowing']])
    kith.google.world.renameGroup(ada.email, group, 'Boats')
    kith.google.ledger.clear()
    await ada.syncGroups()
    expect([await tagsOf(first), await tagsOf(second)]).toEqual([['Boats'], ['Boats']])
    expect(kith.google.ledger.entries.map(({ operation }) => operation)).toEqual(['contactGroups.list'])
    kith.google.world.deleteGroup(ada.email, group)
    await ada.syncGroups()
    expect([await tagsOf(first), await tagsOf(second)]).toEqual([[], []])
  })

  test('labels and those who bear them may come in at the same time, whoever of the two is done first', async () => {
    const email = `steps${(accounts += 1)}@example.test`
    addBook(kith, email, 2)
    const book = kith.google.world.account(email).addressBook
    const [first = '', second = ''] = book.people().map(({ person }) => person.resourceName ?? '')
    const rowing = kith.google.world.addGroup(email, 'Rowing')
    const memberships = [{ contactGroupMembership: { contactGroupResourceName: rowing } }]
    for (const person of [first, second]) kith.google.world.editPerson(email, person, { memberships })
    const { ctx, ownerId, stateId } = await connectedOwner(kith, email)
    const groups = await ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId, resource: 'groups' } })
    const tags = async () => (await ctx.db.contactTag.findMany({ where: { ownerId }, include: { tag: true } })).map(({ tag }) => tag.name).toSorted()
    /** Lets something run until it has ended or waits for a transaction that is open. */
    const meanwhile = async (running: Promise<void>): Promise<void> => {
      let ended = false
      void running.finally(() => (ended = true))
      const waits = `SELECT 1 FROM pg_locks WHERE NOT granted AND database = (SELECT oid FROM pg_database WHERE datname = current_database())`
      await expect.poll(async () => ended || (await kith.app.database.pool.query(waits)).rows.length > 0).toBe(true)
    }

    // The labels come in while a page of people is being written.
    let running: Promise<void> = Promise.resolve()
    const people = book.people().map(({ person }) => person)
    await inTransaction(ctx, async (tx) => {
      await savePeople(tx, people, 1)
      await meanwhile((running = runSync(ctx, groups.id)))
    })
    await running
    expect(await tags()).toEqual(['Rowing', 'Rowing'])

    // People come in while a label gets another name.
    await inTransaction(ctx, async (tx) => {
      await takeLabels(tx)
      await tx.db.googleGroup.updateMany({ where: { ownerId, resourceName: rowing }, data: { name: 'Boats' } })
      await meanwhile((running = syncContacts(ctx, stateId)))
    })
    await running
    expect(await tags()).toEqual(['Boats', 'Boats'])
  })

  test('a tag that the user gave stays when the label of that name goes', async () => {
    const ada = await someone(1)
    const [first = ''] = ada.people
    const group = kith.google.world.addGroup(ada.email, 'Rowing')
    await ada.syncGroups()
    await updateContact(ada.ctx, (await ada.contact(first))!.id, { tags: ['Rowing'] })
    kith.google.world.editPerson(ada.email, first, { memberships: [{ contactGroupMembership: { contactGroupResourceName: group } }] })
    await ada.sync()
    kith.google.world.deleteGroup(ada.email, group)
    await ada.syncGroups()
    expect((await ada.contact(first))!.tags.map(({ tag }) => tag.name)).toEqual(['Rowing'])
  })
})

test('whatever is asked of people, labels and pictures at Google says whose they are', async () => {
  const ada = await someone(2)
  const [first = '', second = ''] = ada.people
  const group = kith.google.world.addGroup(ada.email, 'Rowing')
  kith.google.world.editPerson(ada.email, first, {
    memberships: [{ contactGroupMembership: { contactGroupResourceName: group } }],
    photos: [{ url: '/photos/p1=s100' }],
  })
  await ada.syncGroups()
  await ada.sync()
  await kith.runJobs()
  kith.google.world.renameGroup(ada.email, group, 'Boats')
  kith.google.world.rekeyPerson(ada.email, first)
  kith.google.world.deletePerson(ada.email, second)
  await ada.syncGroups()
  await requestSync(ada.ctx, 'CONTACTS', true)
  await ada.sync()
  await disconnect(ada.ctx, null, 'PURGE')
  const ours = [...seen].filter((text) => /\bgoogle_(people|groups|avatar_fetches)\b/.test(text))
  for (const table of ['google_people', 'google_groups', 'google_avatar_fetches'])
    for (const verb of ['INSERT INTO', 'UPDATE|DO UPDATE', 'DELETE FROM', 'FROM'])
      expect(ours.filter((text) => text.includes(table) && new RegExp(verb).test(text)).length, `${verb} ${table}`).toBeGreaterThan(0)
  expect(ours.filter((text) => unowned(text).length > 0)).toEqual([])
})
