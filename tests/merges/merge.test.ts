import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { uploadAvatar } from '../../src/avatars/service.ts'
import { deleteContact } from '../../src/contacts/bin.ts'
import { applyDraft, fingerprintOf } from '../../src/contacts/drafts.ts'
import { type ContactDraft, emptyDraft } from '../../src/contacts/draft.ts'
import { createContact, updateContact } from '../../src/contacts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { setContactFollowUp } from '../../src/followUps/service.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { createNote, deleteNote } from '../../src/notes/service.ts'
import { createReminder } from '../../src/reminders/service.ts'
import { png } from '../avatars/pictures.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { rowsOf } from './support.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp
let ada: Person

beforeAll(async () => {
  kith = await testApp({ clock })
})
beforeEach(async () => {
  ada = await kith.signUp()
})
afterAll(() => kith.close())

const contactId = (id: string) => Buffer.from(`Contact:${id}`).toString('base64url')
const everything = `id displayName about starred tags externalReference lastInteractionAt avatarUrl name { given family nickname } emails { address label primary } phones { e164 primary }
  organizations { name } customFields { name value } relations { name kind contact { id displayName } } sources { kind externalId }
  notes { totalCount nodes { body } } reminders { totalCount nodes { title } } interactions { totalCount nodes { kind } } followUp { every dueAt }`

async function merge(who: Person, survivor: string, others: string[], dryRun = false) {
  const { data, errors } = await who.graphql(
    `mutation ($input: ContactMergeInput!) { contactMerge(input: $input) { __typename ... on ContactMerged { id mergedIds dryRun undoUntil contact { ${everything} } } ... on Error { code message } } }`,
    { input: { survivorId: contactId(survivor), mergedIds: others.map(contactId), dryRun } },
  )
  expect(errors).toBeUndefined()
  return data.contactMerge
}
async function undo(who: Person, id: string) {
  const { data, errors } = await who.graphql(
    `mutation ($id: ID!) { contactMergeUndo(id: $id) { __typename ... on ContactMergeUndone { contacts { ${everything} } } ... on Error { code } } }`,
    { id },
  )
  expect(errors).toBeUndefined()
  return data.contactMergeUndo
}
const read = async (who: Person, id: string) =>
  (await who.graphql(`query ($id: ID!) { contact(id: $id) { ${everything} } }`, { id: contactId(id) })).data.contact
const find = async (who: Person, search: string) =>
  (await who.graphql('query ($search: String!) { contacts(search: $search) { nodes { id } } }', { search })).data.contacts.nodes.map(
    (node: { id: string }) => node.id,
  )

async function imported(who: Person, externalId: string, draft: Partial<ContactDraft>, version = '1') {
  const vault = await kith.app.vault.of(who.ownerId)
  return inTransaction(who.ctx, (tx) =>
    applyDraft(tx, {
      contactId: null,
      draft: { ...emptyDraft(), ...draft },
      source: { kind: 'IMPORT', externalId, raw: '{}', fingerprint: fingerprintOf(vault, `${externalId} ${version}`) },
    }),
  )
}

/** Two contacts of one person, and a third who knows both. */
async function twice(who: Person) {
  const survivor = await createContact(who.ctx, {
    name: { given: 'Grace' },
    emails: [{ address: 'grace@example.test', label: 'home' }],
    phones: [{ number: '030 1234567' }],
    tags: ['Choir'],
    customFields: [{ name: 'Shoe', value: '38' }],
    about: 'Met in Lund.',
  })
  const other = await createContact(who.ctx, {
    name: { given: 'Grace', family: 'Hopperton', nickname: 'Gigi' },
    starred: true,
    emails: [
      { address: 'GRACE@example.test', label: 'other' },
      { address: 'gh@work.example', primary: true },
    ],
    phones: [{ number: '+49 30 1234567' }, { number: '0171 5556677' }],
    tags: ['choir', 'Work'],
    organizations: [{ name: 'Harbour Press' }],
    customFields: [
      { name: 'Shoe', value: '38' },
      { name: 'Hat', value: '57' },
    ],
    about: 'Plays the oboe.',
    externalReference: 'crm 7',
    relations: [
      { contactId: survivor, kind: 'same' },
      { name: 'Walter', kind: 'brother' },
    ],
  })
  const friend = await createContact(who.ctx, { name: { given: 'Friend' }, relations: [{ contactId: other, kind: 'colleague' }] })
  await createNote(who.ctx, { contactId: other, body: 'likes marzipan' })
  await createReminder(who.ctx, { contactId: other, title: 'Call back', dueAt: '2026-06-01T09:00' })
  await logInteraction(who.ctx, { kind: 'CALL', occurredAt: new Date('2026-05-01T10:00:00Z'), contactIds: [other, survivor] })
  await logInteraction(who.ctx, { kind: 'MEETING', occurredAt: new Date('2026-05-03T10:00:00Z'), contactIds: [other] })
  await setContactFollowUp(who.ctx, other, 'P2W')
  await uploadAvatar(who.ctx, other, png(2))
  return { survivor, other, friend }
}

describe('a merge', () => {
  test('keeps the survivor’s values, takes what it lacks and all that hangs on the other', async () => {
    const { survivor, other, friend } = await twice(ada)
    const merged = await merge(ada, survivor, [other])
    expect(merged).toMatchObject({ __typename: 'ContactMerged', dryRun: false, mergedIds: [contactId(other)], undoUntil: '2026-06-03T10:00:00.000Z' })
    expect(merged.contact).toMatchObject({
      id: contactId(survivor),
      displayName: 'Grace',
      name: { given: 'Grace', family: null, nickname: 'Gigi' },
      about: 'Met in Lund.\n\nPlays the oboe.',
      starred: true,
      tags: ['Choir', 'Work'],
      externalReference: 'crm 7',
      lastInteractionAt: '2026-05-03T10:00:00.000Z',
      emails: [
        { address: 'grace@example.test', label: 'home', primary: true },
        { address: 'gh@work.example', primary: false },
      ],
      phones: [
        { e164: '+49301234567', primary: true },
        { e164: '+491715556677', primary: false },
      ],
      organizations: [{ name: 'Harbour Press' }],
      customFields: [
        { name: 'Shoe', value: '38' },
        { name: 'Hat', value: '57' },
      ],
      relations: [{ name: 'Walter', kind: 'brother', contact: null }],
      notes: { totalCount: 1, nodes: [{ body: 'likes marzipan' }] },
      reminders: { totalCount: 1, nodes: [{ title: 'Call back' }] },
      interactions: { totalCount: 2, nodes: [{ kind: 'MEETING' }, { kind: 'CALL' }] },
      followUp: { every: 'P2W', dueAt: '2026-05-17T22:00:00.000Z' },
    })
    expect(merged.contact.avatarUrl).toBeTruthy()
    expect(await read(ada, survivor)).toEqual(merged.contact)
    expect(await read(ada, other)).toBeNull()
    expect((await read(ada, friend)).relations).toEqual([
      { name: 'Grace Hopperton', kind: 'colleague', contact: { id: contactId(survivor), displayName: 'Grace' } },
    ])
    for (const word of ['gigi', 'harbour', 'oboe', 'marzipan', 'gh@work.example']) expect(await find(ada, word)).toEqual([contactId(survivor)])
  })

  test('gives the name to a survivor that has none, and what it is called follows', async () => {
    const survivor = await createContact(ada.ctx, { emails: [{ address: 'nameless@example.test' }] })
    const other = await createContact(ada.ctx, { name: { given: 'Nora', family: 'Named' } })
    const { contact } = await merge(ada, survivor, [other])
    expect(contact).toMatchObject({ displayName: 'Nora Named', name: { given: 'Nora', family: 'Named' } })
    const { data } = await ada.graphql('{ contacts(orderBy: [{ field: FAMILY_NAME }], filter: { displayName: { eq: "nora named" } }) { totalCount } }')
    expect(data.contacts.totalCount).toBe(1)
  })

  test('keeps knowing where each value comes from, so that an import changes what it brought and nothing else', async () => {
    const survivor = await createContact(ada.ctx, { emails: [{ address: 'mine@example.test' }] })
    const { contactId: other } = await imported(ada, 'card 1', { name: { given: 'Iris', family: 'Old' }, emails: [{ address: 'iris@example.test' }] })
    const { contact } = await merge(ada, survivor, [other ?? ''])
    expect(contact.sources).toContainEqual({ kind: 'IMPORT', externalId: 'card 1' })
    expect(await imported(ada, 'card 1', { name: { given: 'Iris', family: 'New' }, emails: [{ address: 'new@example.test' }] }, '2')).toMatchObject({
      outcome: 'UPDATED',
      contactId: survivor,
    })
    expect(await read(ada, survivor)).toMatchObject({ name: { family: 'New' }, emails: [{ address: 'mine@example.test' }, { address: 'new@example.test' }] })
  })

  test('as a dry run shows what would be, with all that hangs on it, and changes nothing', async () => {
    const { survivor, other } = await twice(ada)
    const before = await rowsOf(kith, ada)
    const events = async () =>
      (await kith.app.database.pool.query('SELECT count(*)::int AS count FROM events WHERE "ownerId" = $1 AND "entityType" = \'Contact\'', [ada.ownerId]))
        .rows[0].count
    const count = await events()
    const shown = await merge(ada, survivor, [other], true)
    expect(shown).toMatchObject({ __typename: 'ContactMerged', id: null, dryRun: true, undoUntil: null })
    expect(await rowsOf(kith, ada)).toEqual(before)
    expect(await events()).toBe(count)
    const done = await merge(ada, survivor, [other])
    expect(shown.contact).toEqual(done.contact)
  })

  test('as a dry run beside another mutation is refused, since it would be taken back with it', async () => {
    const { survivor, other } = await twice(ada)
    const input = { survivorId: contactId(survivor), mergedIds: [contactId(other)], dryRun: true }
    const { errors } = await ada.graphql(
      'mutation ($input: ContactMergeInput!) { a: contactMerge(input: $input) { __typename } b: contactMerge(input: $input) { __typename } }',
      { input },
    )
    expect(errors?.[0]?.extensions['code']).toBe('BAD_USER_INPUT')
  })

  test('takes in nobody who is absent, in the bin, another account’s or the survivor itself', async () => {
    const bea = await kith.signUp()
    const [mine, binned, foreign] = [
      await createContact(ada.ctx, { name: { given: 'A' } }),
      await createContact(ada.ctx, { name: { given: 'B' } }),
      await createContact(bea.ctx, { name: { given: 'C' } }),
    ]
    await deleteContact(ada.ctx, binned)
    const before = [await rowsOf(kith, ada), await rowsOf(kith, bea)]
    for (const [survivor, others, code] of [
      [mine, ['00000000-0000-4000-8000-000000000000'], 'NOT_FOUND'],
      [mine, [binned], 'NOT_FOUND'],
      [binned, [mine], 'NOT_FOUND'],
      [mine, [foreign], 'NOT_FOUND'],
      [foreign, [mine], 'NOT_FOUND'],
      [mine, [mine], 'INVALID_INPUT'],
      [mine, [], 'INVALID_INPUT'],
    ] as const)
      expect(await merge(ada, survivor, [...others])).toMatchObject({ code })
    expect([await rowsOf(kith, ada), await rowsOf(kith, bea)]).toEqual(before)
  })

  test('keeps what undoing it needs sealed', async () => {
    const { survivor, other } = await twice(ada)
    await merge(ada, survivor, [other])
    const { rows } = await kith.app.database.pool.query('SELECT undo FROM contact_merges WHERE "ownerId" = $1', [ada.ownerId])
    expect(rows[0].undo.toString('latin1')).not.toMatch(/Grace|Hopperton|contact_emails/)
  })
})

describe('undoing a merge', () => {
  test('brings every contact back as it was, and search and lists with it', async () => {
    const { survivor, other } = await twice(ada)
    const before = [await read(ada, survivor), await read(ada, other)]
    const { id } = await merge(ada, survivor, [other])
    expect(await undo(ada, id)).toEqual({ __typename: 'ContactMergeUndone', contacts: before })
    expect(await find(ada, 'marzipan')).toEqual([contactId(other)])
    expect(await find(ada, 'lund')).toEqual([contactId(survivor)])
  })

  test('leaves with the survivor what was added to it since, and does not bring back what was deleted', async () => {
    const { survivor, other } = await twice(ada)
    const { id } = await merge(ada, survivor, [other])
    clock.advance({ days: 29 })
    await createNote(ada.ctx, { contactId: survivor, body: 'a later note' })
    await createReminder(ada.ctx, { contactId: survivor, title: 'A later reminder', dueAt: '2027-06-01T09:00' })
    await logInteraction(ada.ctx, { kind: 'MESSAGE', occurredAt: new Date('2026-06-01T10:00:00Z'), contactIds: [survivor] })
    const { data } = await ada.graphql(`{ contact(id: "${contactId(survivor)}") { emails { id address } notes { nodes { id body } } } }`)
    await updateContact(ada.ctx, survivor, {
      emails: [
        ...data.contact.emails.map((email: { id: string; address: string }) => ({ address: email.address })),
        { address: 'later@example.test', primary: true },
      ],
      tags: ['Choir', 'Work', 'Later'],
    })
    const note = data.contact.notes.nodes.find((each: { body: string }) => each.body === 'likes marzipan')
    await deleteNote(ada.ctx, Buffer.from(note.id, 'base64url').toString().split(':')[1] ?? '')
    const { contacts } = await undo(ada, id)
    expect(contacts[0]).toMatchObject({
      tags: ['Choir', 'Later'],
      lastInteractionAt: '2026-06-01T10:00:00.000Z',
      notes: { nodes: [{ body: 'a later note' }] },
      reminders: { nodes: [{ title: 'A later reminder' }] },
      emails: [
        { address: 'grace@example.test', primary: true },
        { address: 'later@example.test', primary: false },
      ],
    })
    expect(contacts[1]).toMatchObject({
      notes: { nodes: [] },
      reminders: { nodes: [{ title: 'Call back' }] },
      interactions: { totalCount: 2 },
      tags: ['choir', 'Work'].map((tag) => (tag === 'choir' ? 'Choir' : tag)),
    })
  })

  test('is no longer possible twice, after 30 days, for another account, or once the survivor is in the bin', async () => {
    const bea = await kith.signUp()
    const first = await twice(ada)
    const { id } = await merge(ada, first.survivor, [first.other])
    expect(await undo(bea, id)).toMatchObject({ code: 'NOT_FOUND' })
    expect(await undo(ada, contactId(first.survivor))).toMatchObject({ code: 'NOT_FOUND' })
    expect(await undo(ada, id)).toMatchObject({ __typename: 'ContactMergeUndone' })
    expect(await undo(ada, id)).toMatchObject({ code: 'NOT_FOUND' })
    const again = await merge(ada, first.survivor, [first.other])
    await deleteContact(ada.ctx, first.survivor)
    expect(await undo(ada, again.id)).toMatchObject({ code: 'NOT_FOUND' })

    const second = await twice(bea)
    const late = await merge(bea, second.survivor, [second.other])
    await kith.runJobs()
    clock.advance({ days: 30 })
    expect(await undo(bea, late.id)).toMatchObject({ code: 'NOT_FOUND' })
    await kith.runJobs()
    const { rows } = await kith.app.database.pool.query('SELECT 1 FROM contact_merges WHERE "ownerId" = $1', [bea.ownerId])
    expect(rows).toEqual([])
  })

  test('does not take an external reference from the contact that has it now', async () => {
    const survivor = await createContact(ada.ctx, { name: { given: 'A' } })
    const other = await createContact(ada.ctx, { name: { given: 'B' }, externalReference: 'ref' })
    const { id } = await merge(ada, survivor, [other])
    await updateContact(ada.ctx, survivor, { externalReference: null })
    await createContact(ada.ctx, { name: { given: 'C' }, externalReference: 'ref' })
    expect((await undo(ada, id)).contacts).toMatchObject([{ externalReference: null }, { externalReference: null }])
  })
})
