import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { deleteContact, restoreContact } from '../../src/contacts/bin.ts'
import { contactRestraint } from '../../src/contacts/restraint.ts'
import { toDate } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { mergeContacts, undoMerge } from '../../src/merges/service.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { addBook, connectedOwner, makeAllDue, movableClock, syncContacts } from './support.ts'

// What happens at Google to people whose contacts are not to be touched, in the bin or restricted, and what is made of it afterwards.
const clock = movableClock()
const list = '/v1/people/me/connections'
const batchGet = 'people.getBatchGet'
let kith: WebApp
let accounts = 0

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  kith.google.ledger.clear()
  kith.google.faults.clear()
})

/** Someone whose address book of some people has come in, and the contact of the first of them. */
async function someone(count = 2) {
  const email = `missed${(accounts += 1)}@example.test`
  addBook(kith, email, count)
  const owner = await connectedOwner(kith, email)
  const { ctx, ownerId, stateId } = owner
  await syncContacts(ctx, stateId)
  const person = kith.google.world.account(email).addressBook.people()[0]?.person.resourceName ?? ''
  const { contactId } = await ctx.db.contactSource.findFirstOrThrow({ where: { ownerId, externalId: person } })
  return {
    ...owner,
    email,
    person,
    contactId,
    contact: () => ctx.db.contact.findUniqueOrThrow({ where: { ownerId_id: { ownerId, id: contactId } }, include: { emails: true, sources: true } }),
    edit: (familyName: string, address: string) =>
      kith.google.world.editPerson(email, person, { names: [{ givenName: 'Changed', familyName }], emailAddresses: [{ value: address }] }),
    rekey: () => kith.google.world.rekeyPerson(email, person),
    leave: () => kith.google.world.deletePerson(email, person),
    sync: async () => {
      kith.google.ledger.clear()
      await makeAllDue(ctx)
      await syncContacts(ctx, stateId)
      return kith.google.ledger.entries.map(({ operation }) => operation)
    },
    restrict: (at: Date | null) => inTransaction(ctx, async (tx) => contactRestraint.restrict?.(tx, { kind: 'CONTACT', contactId }, at)),
  }
}

test('what changed at Google while a contact lay in the bin is not kept meanwhile, and is there once the contact is out of it, without a listing of everybody', async () => {
  const ada = await someone()
  await deleteContact(ada.ctx, ada.contactId)
  ada.edit('Meanwhile', 'meanwhile@example.com')
  await ada.sync()
  const { raw } = (await ada.contact()).sources[0]!
  expect(await ada.contact()).toMatchObject({ displayName: 'Person0 Example', emails: [{ address: 'person0@example.com' }] })
  // Nothing of whom the user has deleted is fetched again and again.
  expect(await ada.sync()).toEqual(['people.connections.list'])
  await restoreContact(ada.ctx, ada.contactId)
  expect(await ada.sync()).toEqual([batchGet, 'people.connections.list'])
  expect(await ada.contact()).toMatchObject({ displayName: 'Changed Meanwhile', emails: [{ address: 'meanwhile@example.com' }] })
  expect((await ada.contact()).sources[0]!.raw).not.toEqual(raw)
  expect(await ada.sync()).toEqual(['people.connections.list'])
})

test('restoring a contact of whom something was left out makes the sync due at once', async () => {
  const ada = await someone()
  const state = () => ada.ctx.db.googleSyncState.findFirstOrThrow({ where: { ownerId: ada.ownerId, resource: 'contacts' } })
  await deleteContact(ada.ctx, ada.contactId)
  ada.edit('Meanwhile', 'meanwhile@example.com')
  await ada.sync()
  await kith.app.relay.drain(ada.ownerId)
  expect((await state()).nextRunAt!.getTime()).toBeGreaterThan(toDate(clock.now()).getTime())
  await restoreContact(ada.ctx, ada.contactId)
  await kith.app.relay.drain(ada.ownerId)
  expect((await state()).nextRunAt!.getTime()).toBeLessThanOrEqual(toDate(clock.now()).getTime())
})

test('what changed at Google while a contact was restricted is there once it is restricted no more', async () => {
  const ada = await someone()
  await ada.restrict(toDate(clock.now()))
  ada.edit('Meanwhile', 'meanwhile@example.com')
  await ada.sync()
  expect(await ada.contact()).toMatchObject({ displayName: 'Person0 Example' })
  await ada.restrict(null)
  expect(await ada.sync()).toEqual([batchGet, 'people.connections.list'])
  expect(await ada.contact()).toMatchObject({ displayName: 'Changed Meanwhile', emails: [{ address: 'meanwhile@example.com' }] })
})

test('a person who got another name at Google, or was deleted there, while their contact lay in the bin is followed', async () => {
  const [ada, bob, cas] = [await someone(), await someone(), await someone()]
  for (const { ctx, contactId } of [ada, bob, cas]) await deleteContact(ctx, contactId)
  for (const { edit } of [ada, bob, cas]) edit('Meanwhile', 'meanwhile@example.com')
  for (const { sync } of [ada, bob, cas]) await sync()
  for (const { ctx, contactId } of [ada, bob, cas]) await restoreContact(ctx, contactId)
  // Before we hear of it in the list of changes.
  const now = ada.rekey()
  bob.leave()
  kith.google.faults.add({ path: list, status: 503, account: (await cas.ctx.db.account.findUniqueOrThrow({ where: { ownerId: cas.ownerId } })).email })
  for (const { sync } of [ada, bob, cas]) await sync()
  expect(await ada.contact()).toMatchObject({ displayName: 'Changed Meanwhile', sources: [{ externalId: now, goneAt: null }] })
  expect(await bob.contact()).toMatchObject({ displayName: 'Person0 Example', sources: [{ goneAt: expect.any(Date), raw: null }] })
  // What was fetched stays fetched when the list fails after it.
  expect(await cas.contact()).toMatchObject({ displayName: 'Changed Meanwhile' })
})

test('a person of whom Google says nothing at the moment is asked for again with the next run, and once a run', async () => {
  const ada = await someone()
  await deleteContact(ada.ctx, ada.contactId)
  ada.edit('Meanwhile', 'meanwhile@example.com')
  await ada.sync()
  await restoreContact(ada.ctx, ada.contactId)
  const silent = { responses: [{ requestedResourceName: ada.person, httpStatusCode: 503, status: { code: 14 } }] }
  kith.google.faults.add({ path: '/v1/people:batchGet', times: 1, body: silent })
  expect(await ada.sync()).toEqual([null, 'people.connections.list'])
  expect(await ada.contact()).toMatchObject({ displayName: 'Person0 Example' })
  await ada.sync()
  expect(await ada.contact()).toMatchObject({ displayName: 'Changed Meanwhile' })
})

test('a merge that is undone gives each person what Google says of them by now, not what it said before', async () => {
  const ada = await someone()
  const other = await ada.ctx.db.contact.findFirstOrThrow({ where: { ownerId: ada.ownerId, id: { not: ada.contactId } }, include: { sources: true } })
  const { id: mergeId } = await mergeContacts(ada.ctx, { survivorId: other.id, mergedIds: [ada.contactId] })
  ada.edit('Meanwhile', 'meanwhile@example.com')
  await ada.sync()
  const now = ada.rekey()
  await ada.sync()
  kith.google.world.deletePerson(ada.email, other.sources[0]!.externalId!)
  await ada.sync()
  await undoMerge(ada.ctx, mergeId!)
  await kith.app.relay.drain(ada.ownerId)
  expect(await ada.contact()).toMatchObject({
    displayName: 'Changed Meanwhile',
    emails: [{ address: 'meanwhile@example.com' }],
    sources: [{ externalId: now }],
  })
  expect(await ada.ctx.db.contactSource.findMany({ where: { ownerId: ada.ownerId, contactId: other.id } })).toMatchObject([
    { goneAt: expect.any(Date), raw: null },
  ])
  // And nobody comes twice when everybody is listed.
  await ada.ctx.db.googleSyncState.updateMany({ where: { ownerId: ada.ownerId }, data: { fullWanted: true } })
  await ada.sync()
  expect(await ada.ctx.db.contact.count({ where: { ownerId: ada.ownerId } })).toBe(2)
  expect(await ada.contact()).toMatchObject({ displayName: 'Changed Meanwhile' })
})
