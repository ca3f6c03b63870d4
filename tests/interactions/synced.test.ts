import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { createContacts } from '../../src/contacts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { putInteractions, type SyncedInteraction, type SyncedParticipant } from '../../src/interactions/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

const clock = fixedClock('2027-03-10T12:00:00Z')
let kith: TestApp
let ada: Person

const who = (address: string, counts = true): SyncedParticipant => ({ role: 'FROM', address, normalized: address, canonical: address, name: 'Zed', counts })
const message: SyncedInteraction = {
  externalId: 'm1',
  threadId: 't1',
  kind: 'EMAIL',
  direction: 'INBOUND',
  occurredAt: new Date('2027-03-01T09:00:00Z'),
  endedAt: new Date('2027-03-01T09:05:00Z'),
  subject: 'Plans',
  location: 'Here',
  participants: [who('zed@example.com'), who('yan@example.com', false), who('stranger@example.com')],
}

beforeAll(async () => {
  kith = await testApp({ clock })
  ada = await kith.signUp()
  await createContacts(
    ada.ctx,
    ['zed@example.com', 'yan@example.com', 'xi@example.com'].map((address) => ({ name: { given: address }, emails: [{ address }] })),
    'REJECT_ALL',
  )
})
afterAll(() => kith.close())
// With nobody in it there is no interaction.
afterEach(() => put({ ...message, participants: [] }))

const put = (...items: SyncedInteraction[]) => inTransaction(ada.ctx, (tx) => putInteractions(tx, 'GMAIL', items))

/** All that is stored of what was synced, ids and times of writing among it. */
async function stored() {
  const { prisma } = kith.app.database
  const where = { ownerId: ada.ownerId }
  const vault = await kith.app.vault.of(ada.ownerId)
  const open = (row: { id: string; subject: Uint8Array | null; location: Uint8Array | null }) => ({
    subject: vault.openMaybe('Interaction.subject', row.id, row.subject),
    location: vault.openMaybe('Interaction.location', row.id, row.location),
  })
  return {
    interactions: (await prisma.interaction.findMany({ where })).map((row) => ({ ...row, ...open(row) })),
    participants: await prisma.interactionParticipant.findMany({ where, orderBy: { position: 'asc' } }),
    contacts: await prisma.interactionContact.findMany({ where, orderBy: { contactId: 'asc' } }),
    lasts: await prisma.contact.findMany({ where, select: { displayName: true, lastInteractionAt: true, lastInboundAt: true }, orderBy: { id: 'asc' } }),
  }
}

/** Without ids and times of writing: what a first writing comes to as well. */
async function content() {
  const { interactions, participants, contacts, lasts } = await stored()
  const own = new Set(['id', 'interactionId', 'createdAt', 'updatedAt'])
  const without = (row: object) => Object.fromEntries(Object.entries(row).filter(([name]) => !own.has(name)))
  return { interactions: interactions.map(without), participants: participants.map(without), contacts: contacts.map(without), lasts }
}

test('an interaction that is there as it is to be is not written again', async () => {
  await put(message)
  const before = await stored()
  expect(before.participants).toHaveLength(3)
  clock.advance({ minutes: 1 })
  await put(message)
  expect(await stored()).toEqual(before)
})

const changes: Partial<SyncedInteraction>[] = [
  { kind: 'MEETING' },
  { direction: 'OUTBOUND' },
  { threadId: null },
  { occurredAt: new Date('2027-03-02T09:00:00Z') },
  { endedAt: null },
  { subject: null },
  { subject: 'Other plans' },
  { location: 'There' },
  { participants: message.participants.map((each) => ({ ...each, counts: false })) },
  { participants: message.participants.map((each) => ({ ...each, counts: true })) },
  { participants: message.participants.map((each) => ({ ...each, name: null })) },
  { participants: message.participants.map((each) => ({ ...each, role: 'TO' })) },
  { participants: message.participants.map((each) => ({ ...each, address: each.address.toUpperCase() })) },
  { participants: message.participants.toReversed() },
  { participants: message.participants.slice(1) },
  { participants: [...message.participants, who('xi@example.com')] },
]

test.each(changes)('whatever is to be otherwise is written: %j', async (change) => {
  await put({ ...message, ...change, externalId: 'fresh' })
  const { interactions, ...rest } = await content()
  const fresh = { ...rest, interactions: interactions.map((row) => ({ ...row, externalId: 'm1' })) }
  await put({ ...message, externalId: 'fresh', participants: [] })
  await put(message)
  await put({ ...message, ...change })
  expect(await content()).toEqual(fresh)
})

test.each([
  ['a contact who is not among them any more', 'DELETE FROM interaction_contacts WHERE "ownerId" = $1 AND NOT counted'],
  ['a participant who is missing', 'DELETE FROM interaction_participants WHERE "ownerId" = $1 AND position = 1'],
  ['a contact of another time', `UPDATE interaction_contacts SET "occurredAt" = '2020-01-01' WHERE "ownerId" = $1`],
  ['an interaction that counts with nobody', 'UPDATE interactions SET counted = false WHERE "ownerId" = $1'],
  ['an interaction that is hidden while its contacts are not', `UPDATE interactions SET "hiddenAt" = '2020-01-01' WHERE "ownerId" = $1`],
])('what has come apart is put together: %s', async (_, statement) => {
  await put(message)
  const before = await content()
  await kith.app.database.pool.query(statement, [ada.ownerId])
  expect(await content()).not.toEqual(before)
  await put(message)
  expect(await content()).toEqual(before)
})
