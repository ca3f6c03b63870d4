import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { applyDraft } from '../../src/contacts/drafts.ts'
import { emptyDraft } from '../../src/contacts/draft.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { change, create, data, read, rowIdOf } from './support.ts'

const clock = fixedClock('2027-01-10T12:00:00Z')
let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock })
  ada = await kith.signUp()
})
afterAll(() => kith.close())

const count = async (statement: string, ...values: unknown[]): Promise<number> =>
  (await kith.app.database.pool.query(`SELECT count(*)::int AS n FROM ${statement}`, values)).rows[0].n
const bin = async () => (await data(ada, '{ contactsInBin { totalCount nodes { displayName deletedAt } } }')).contactsInBin
const note = async (contactId: string, body: string) =>
  data(ada, 'mutation ($input: NoteCreateInput!) { noteCreate(input: $input) { ... on Note { id } } }', { input: { contactId, body } })
const remind = async (contactId: string, title: string) =>
  data(ada, 'mutation ($input: ReminderCreateInput!) { reminderCreate(input: $input) { ... on Reminder { id } } }', {
    input: { contactId, title, dueAt: '2027-06-01T09:00' },
  })
const log = async (contactIds: string[]) =>
  data(ada, 'mutation ($input: InteractionLogInput!) { interactionLog(input: $input) { ... on Interaction { id } } }', {
    input: { contactIds, kind: 'CALL', occurredAt: '2027-01-09T12:00:00Z' },
  })
const hanging = async () => {
  const { notes, reminders, interactions, contacts } = await data(
    ada,
    '{ notes { totalCount } reminders { totalCount } interactions { totalCount } contacts(search: "lighthouse") { totalCount } }',
  )
  return [notes, reminders, interactions, contacts].map(({ totalCount }) => totalCount)
}
const events = async (id: string) =>
  (await kith.app.database.pool.query('SELECT type FROM events WHERE "ownerId" = $1 AND "entityId" = $2 ORDER BY seq', [ada.ownerId, rowIdOf(id)])).rows.map(
    ({ type }) => type,
  )

test('a deleted contact lies hidden in the bin with all that hangs on it, and comes back whole', async () => {
  const contact = await create(ada, { name: { given: 'Grace' }, about: 'From the lighthouse', tags: ['Bin'] })
  await note(contact.id, 'lighthouse keeper')
  await remind(contact.id, 'Call her')
  await log([contact.id])
  const before = await read(ada, contact.id)
  expect(await hanging()).toEqual([1, 1, 1, 1])
  const deleted = await change(ada, 'contactDelete', contact.id)
  expect(deleted).toMatchObject({ __typename: 'Contact', id: contact.id, deletedAt: '2027-01-10T12:00:00.000Z' })
  expect(await read(ada, contact.id)).toBeNull()
  expect((await data(ada, 'query ($id: ID!) { node(id: $id) { id } }', { id: contact.id })).node).toBeNull()
  expect(await hanging()).toEqual([0, 0, 0, 0])
  expect((await data(ada, '{ tags { name contactCount } }')).tags).toEqual([{ name: 'Bin', contactCount: 0 }])
  expect(await bin()).toEqual({ totalCount: 1, nodes: [{ displayName: 'Grace', deletedAt: '2027-01-10T12:00:00.000Z' }] })
  expect(await change(ada, 'contactDelete', contact.id)).toMatchObject({ __typename: 'NotFoundError' })
  expect(await change(ada, 'contactArchive', contact.id)).toMatchObject({ __typename: 'NotFoundError' })

  clock.advance({ days: 20 })
  await kith.runJobs()
  const { __typename, ...restored } = await change(ada, 'contactRestore', contact.id)
  expect(restored).toEqual(before)
  expect(await hanging()).toEqual([1, 1, 1, 1])
  expect(await bin()).toMatchObject({ totalCount: 0 })

  clock.advance({ days: 31 })
  await kith.runJobs()
  expect(await read(ada, contact.id)).toEqual(before)
  expect(await events(contact.id)).toEqual(['contact.created', 'contact.deleted', 'contact.restored'])
})

test('after 30 days nothing is left of it but a keyed hash of its source’s id, and no import brings it back', async () => {
  const draft = {
    ...emptyDraft(),
    name: { given: 'Henry', family: 'Purged' },
    emails: [{ address: 'henry@purged.example' }],
    customFields: [{ name: 'x', value: 'y' }],
    tags: ['Bin'],
  }
  const source = { kind: 'IMPORT' as const, externalId: 'urn:henry', raw: 'BEGIN:VCARD', fingerprint: new Uint8Array(32) }
  const applied = await inTransaction(ada.ctx, (tx) => applyDraft(tx, { contactId: null, draft, source }))
  expect(applied.outcome).toBe('CREATED')
  const contactId = applied.contactId!
  const id = Buffer.from(`Contact:${contactId}`).toString('base64url')
  const friend = await create(ada, { name: { given: 'Friend' }, relations: [{ contactId: id, kind: 'friend' }] })
  await note(id, 'secret')
  await remind(id, 'Write')
  await log([id])
  await log([id, friend.id])
  const key = `${ada.ownerId}/henry.png`
  await kith.app.blobs.put(key, 'picture')
  await kith.app.database.prisma.avatar.create({
    data: {
      ownerId: ada.ownerId,
      id: contactId,
      contactId,
      key,
      contentType: 'image/png',
      bytes: 7,
      sha256: new Uint8Array(32),
      source: 'IMPORT',
      createdAt: new Date(0),
    },
  })
  await change(ada, 'contactDelete', id)
  await kith.runJobs()
  const again = () => inTransaction(ada.ctx, (tx) => applyDraft(tx, { contactId: null, draft, source: { ...source, fingerprint: new Uint8Array(32).fill(1) } }))
  expect(await again()).toMatchObject({ outcome: 'SKIPPED', reason: 'IN_BIN', contactId })

  clock.advance({ hours: 30 * 24 - 1 })
  await kith.runJobs()
  expect(await bin()).toMatchObject({ totalCount: 1 })
  clock.advance({ hours: 1 })
  expect(await change(ada, 'contactRestore', id)).toMatchObject({ __typename: 'NotFoundError' })
  await kith.runJobs()
  expect(await bin()).toMatchObject({ totalCount: 0 })
  expect(await events(id)).toEqual(['contact.created', 'contact.deleted', 'contact.purged'])
  const tables = [
    'contact_emails',
    'contact_custom_fields',
    'contact_tags',
    'contact_sources',
    'notes',
    'reminders',
    'search_terms',
    'interaction_contacts',
    'avatars',
  ]
  for (const table of tables) expect(await count(`${table} WHERE "contactId" = $1`, contactId), table).toBe(0)
  expect(await count('contacts WHERE id = $1', contactId)).toBe(0)
  expect(await count('interactions WHERE "ownerId" = $1 AND id NOT IN (SELECT "interactionId" FROM interaction_contacts)', ada.ownerId)).toBe(0)
  expect(await count('directory_due WHERE "entityId" = $1', contactId)).toBe(0)
  expect(await kith.app.blobs.exists(key)).toBe(false)
  expect((await read(ada, friend.id)).relations).toMatchObject([{ name: 'Henry Purged', kind: 'friend', contact: null }])
  expect(await count('contact_relations WHERE "relatedContactId" = $1', contactId)).toBe(0)
  expect(await again()).toMatchObject({ outcome: 'SKIPPED', reason: 'DELETED', contactId: null })
  expect(await count('source_tombstones AS t WHERE t."ownerId" = $1', ada.ownerId)).toBe(1)
  expect(await count(`source_tombstones AS t WHERE t::text LIKE '%henry%'`)).toBe(0)
})

describe('archiving', () => {
  test('takes a contact out of the lists and back, and does nothing twice', async () => {
    const contact = await create(ada, { name: { given: 'Old' } })
    const archived = await change(ada, 'contactArchive', contact.id)
    expect(archived.archivedAt).not.toBeNull()
    clock.advance({ hours: 1 })
    expect(await change(ada, 'contactArchive', contact.id)).toEqual(archived)
    const listed = async () => (await data(ada, '{ contacts(filter: { displayName: { eq: "Old" } }) { totalCount } }')).contacts.totalCount
    expect(await listed()).toBe(0)
    expect((await read(ada, contact.id)).archivedAt).toBe(archived.archivedAt)
    expect((await change(ada, 'contactUnarchive', contact.id)).archivedAt).toBeNull()
    expect(await listed()).toBe(1)
    expect(await events(contact.id)).toEqual(['contact.created', 'contact.archived', 'contact.unarchived'])
  })
})
