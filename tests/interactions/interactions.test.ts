import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixedClock, toDate } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { refreshLastInteractions } from '../../src/interactions/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, atOnce, befriend, contactOf, done, everythingStored, mutate, rowIdOf } from '../support/crm.ts'

const clock = fixedClock('2027-03-10T12:00:00Z')
let kith: TestApp
let ada: Person
let bea: Person

beforeAll(async () => {
  kith = await testApp({ clock })
  ada = await kith.signUp()
  bea = await kith.signUp()
})
afterAll(() => kith.close())

const log = (contactIds: string[], occurredAt: string, more: object = {}) =>
  done(ada, 'interactionLog', { input: { kind: 'CALL', contactIds, occurredAt, ...more } })
const lasts = async (id: string) => {
  const { lastInteractionAt, lastInboundAt, lastOutboundAt } = await contactOf(ada, id)
  return [lastInteractionAt, lastInboundAt, lastOutboundAt].map((at: string | null) => at?.slice(0, 16) ?? null)
}

/** As a mail sync will write it. */
async function synced(contactId: string, occurredAt: string, { counted = true, direction = 'INBOUND' } = {}): Promise<void> {
  await inTransaction(ada.ctx, async (tx) => {
    const id = randomUUID()
    const at = toDate(clock.now())
    await tx.db.interaction.create({
      data: {
        ownerId: ada.ownerId,
        id,
        kind: 'EMAIL',
        direction,
        source: 'GMAIL',
        occurredAt: new Date(occurredAt),
        counted,
        createdAt: at,
        updatedAt: at,
        contacts: { create: { contactId: rowIdOf(contactId), occurredAt: new Date(occurredAt), direction, counted } },
      },
    })
    await refreshLastInteractions(tx, [rowIdOf(contactId)])
  })
}

test('what is logged by hand comes back whole, with who took part', async () => {
  const [zoe, yan] = [await befriend(ada, 'Zoë'), await befriend(ada, 'Yan')]
  const interaction = await log([zoe, yan], '2027-03-09T09:00:00Z', { kind: 'MEETING', endedAt: '2027-03-09T10:00:00Z', subject: ' Plans \n for May ' })
  expect(interaction).toMatchObject({
    kind: 'MEETING',
    direction: 'MUTUAL',
    source: 'MANUAL',
    occurredAt: '2027-03-09T09:00:00.000Z',
    endedAt: '2027-03-09T10:00:00.000Z',
    subject: 'Plans for May',
    participants: [
      { name: 'Zoë', address: null, role: 'ATTENDEE', contact: { id: zoe } },
      { name: 'Yan', address: null, role: 'ATTENDEE', contact: { id: yan } },
    ],
  })
  expect(interaction.contacts.map(({ id }: { id: string }) => id).toSorted()).toEqual([zoe, yan].toSorted())
  expect(await ask(ada, 'node(id: $id) { ... on Interaction { id subject } }', { id: interaction.id })).toEqual({
    id: interaction.id,
    subject: 'Plans for May',
  })
})

test('one reached out, unless it says otherwise or goes both ways by nature', async () => {
  const contactId = await befriend(ada, 'Xi')
  const directions: string[] = []
  for (const kind of ['EMAIL', 'MESSAGE', 'SOCIAL', 'CALL', 'MEETING', 'IN_PERSON', 'OTHER'])
    directions.push((await log([contactId], '2027-03-01T09:00:00Z', { kind })).direction)
  expect(directions).toEqual(['OUTBOUND', 'OUTBOUND', 'OUTBOUND', 'MUTUAL', 'MUTUAL', 'MUTUAL', 'MUTUAL'])
  expect((await log([contactId], '2027-03-01T09:00:00Z', { kind: 'CALL', direction: 'INBOUND' })).participants).toMatchObject([{ role: 'FROM' }])
  expect((await log([contactId], '2027-03-01T09:00:00Z', { kind: 'EMAIL' })).participants).toMatchObject([{ role: 'TO' }])
})

test('last contact follows from interactions, inbound and outbound apart, and from no edit', async () => {
  const contactId = await befriend(ada, 'Wim')
  expect(await lasts(contactId)).toEqual([null, null, null])
  await log([contactId], '2027-03-01T08:00:00Z', { kind: 'MESSAGE', direction: 'OUTBOUND' })
  await log([contactId], '2027-03-02T08:00:00Z', { kind: 'MESSAGE', direction: 'INBOUND' })
  expect(await lasts(contactId)).toEqual(['2027-03-02T08:00', '2027-03-02T08:00', '2027-03-01T08:00'])
  const meeting = await log([contactId], '2027-03-03T08:00:00Z', { kind: 'MEETING' })
  const after = ['2027-03-03T08:00', '2027-03-03T08:00', '2027-03-03T08:00']
  expect(await lasts(contactId)).toEqual(after)
  expect((await contactOf(ada, contactId)).lastInteraction).toEqual({ id: meeting.id })
  clock.advance({ minutes: 1 })
  await done(ada, 'contactUpdate', { id: contactId, input: { starred: true, tags: ['friends'] } })
  await done(ada, 'noteCreate', { input: { contactId, body: 'Just a note.' } })
  await done(ada, 'reminderCreate', { input: { contactId, title: 'Call', dueAt: '2027-04-01T09:00' } })
  await done(ada, 'contactArchive', { id: contactId })
  await done(ada, 'contactUnarchive', { id: contactId })
  expect(await lasts(contactId)).toEqual(after)
})

test('logging moves no contact up in the order of changes: it is no edit', async () => {
  const contactId = await befriend(ada, 'Vera')
  const { updatedAt } = await contactOf(ada, contactId)
  clock.advance({ minutes: 1 })
  await log([contactId], '2027-03-01T08:00:00Z')
  expect((await contactOf(ada, contactId)).updatedAt).toBe(updatedAt)
})

test('a backdated interaction never moves last contact back, and deleting one works it out anew', async () => {
  const contactId = await befriend(ada, 'Uma')
  const early = await log([contactId], '2027-02-01T08:00:00Z', { kind: 'MESSAGE' })
  const late = await log([contactId], '2027-03-05T08:00:00Z')
  await log([contactId], '2026-12-24T18:00:00Z', { kind: 'IN_PERSON' })
  expect(await lasts(contactId)).toEqual(['2027-03-05T08:00', '2027-03-05T08:00', '2027-03-05T08:00'])
  const gone = await done(ada, 'interactionDelete', { id: late.id })
  expect(gone).toMatchObject({ id: late.id, kind: 'CALL', contacts: [{ id: contactId }], participants: [{ name: 'Uma' }] })
  expect(await lasts(contactId)).toEqual(['2027-02-01T08:00', '2026-12-24T18:00', '2027-02-01T08:00'])
  expect((await contactOf(ada, contactId)).lastInteraction).toEqual({ id: early.id })
  expect(await mutate(ada, 'interactionDelete', { id: late.id })).toMatchObject({ __typename: 'NotFoundError' })
})

test('the future is refused; a clock that runs a little ahead logs the present', async () => {
  const contactId = await befriend(ada, 'Tove')
  const now = clock.now()
  const result = await mutate(ada, 'interactionLog', { input: { kind: 'CALL', contactIds: [contactId], occurredAt: now.add({ minutes: 6 }).toString() } })
  expect(result).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['occurredAt'] }] })
  expect(Date.parse((await log([contactId], now.add({ minutes: 2 }).toString())).occurredAt)).toBe(now.epochMilliseconds)
  expect(Date.parse((await contactOf(ada, contactId)).lastInteractionAt)).toBe(now.epochMilliseconds)
})

test('bulk mail, mail where somebody is a co-recipient, and events ahead do not count as contact', async () => {
  const contactId = await befriend(ada, 'Sam')
  await synced(contactId, '2027-03-01T08:00:00Z')
  await synced(contactId, '2027-03-08T08:00:00Z', { counted: false })
  await synced(contactId, '2027-03-20T08:00:00Z', { direction: 'MUTUAL' })
  expect(await lasts(contactId)).toEqual(['2027-03-01T08:00', '2027-03-01T08:00', null])
  const { lastInteraction, interactions } = await ask(ada, 'contact(id: $id) { lastInteraction { occurredAt } interactions { totalCount } }', { id: contactId })
  expect(lastInteraction.occurredAt).toBe('2027-03-01T08:00:00.000Z')
  expect(interactions.totalCount).toBe(3)
})

test('the note of an interaction becomes a note of each contact, to the letter', async () => {
  const contactIds = [await befriend(ada, 'Rolf'), await befriend(ada, 'Quin')]
  await log(contactIds, '2027-03-01T08:00:00Z', { note: '  * Moves house\r\n' })
  for (const id of contactIds) {
    expect((await ask(ada, 'contact(id: $id) { notes { nodes { body pinned } } }', { id })).notes.nodes).toEqual([
      { body: '  * Moves house\r\n', pinned: false },
    ])
  }
  await log(contactIds, '2027-03-01T08:00:00Z', { note: ' \n' })
  expect((await ask(ada, 'contact(id: $id) { notes { totalCount } }', { id: contactIds[0] })).notes.totalCount).toBe(1)
})

test('a token that may not write notes writes none by logging', async () => {
  const contactId = await befriend(ada, 'Pia')
  const token = await ada.token(['contacts:read', 'interactions:read', 'interactions:write'])
  const send = (note: string | null) =>
    ada.graphql(
      `mutation ($input: InteractionLogInput!) { interactionLog(input: $input) { __typename } }`,
      { input: { kind: 'CALL', contactIds: [contactId], occurredAt: '2027-03-01T08:00:00Z', note } },
      { token },
    )
  expect(await send('smuggled')).toMatchObject({ status: 403, errors: [{ extensions: { code: 'FORBIDDEN', missingScopes: ['notes:write'] } }] })
  expect(await send(null)).toMatchObject({ status: 200, data: { interactionLog: { __typename: 'Interaction' } } })
  expect((await ask(ada, 'contact(id: $id) { notes { totalCount } }', { id: contactId })).notes.totalCount).toBe(0)
})

test('what cannot be is refused with the path of its field, and leaves nothing behind', async () => {
  const contactId = await befriend(ada, 'Paula')
  const input = { kind: 'CALL', contactIds: [contactId], occurredAt: '2027-03-01T08:00:00Z' }
  const paths = async (change: object) =>
    (await mutate(ada, 'interactionLog', { input: { ...input, ...change } })).issues?.map(({ path }: { path: string[] }) => path.join('.'))
  expect(await paths({ contactIds: [] })).toEqual(['contactIds'])
  expect(await paths({ contactIds: Array.from({ length: 101 }, () => contactId) })).toEqual(['contactIds'])
  expect(await paths({ endedAt: '2027-03-01T07:59:59Z' })).toEqual(['endedAt'])
  expect(await paths({ subject: 'x'.repeat(1001) })).toEqual(['subject'])
  expect(await paths({ note: 'x'.repeat(100_001) })).toEqual(['note'])
  for (const absent of [await befriend(bea, 'Ole'), 'nonsense', Buffer.from(`Note:${randomUUID()}`).toString('base64url')]) {
    expect(await mutate(ada, 'interactionLog', { input: { ...input, contactIds: [contactId, absent] } })).toMatchObject({ __typename: 'NotFoundError' })
  }
  expect(await lasts(contactId)).toEqual([null, null, null])
})

test('one contact named twice is one', async () => {
  const contactId = await befriend(ada, 'Nils')
  expect(await log([contactId, contactId], '2027-03-01T08:00:00Z')).toMatchObject({ contacts: [{ id: contactId }], participants: [{ name: 'Nils' }] })
})

test('filters: by how, who, where from, when and with whom', async () => {
  const carl = await kith.signUp()
  const [mia, leo] = [await befriend(carl, 'Mia'), await befriend(carl, 'Leo')]
  const made = async (contactId: string, kind: string, occurredAt: string, direction?: string) =>
    (await done(carl, 'interactionLog', { input: { kind, contactIds: [contactId], occurredAt, direction } })).id
  const call = await made(mia, 'CALL', '2027-03-03T08:00:00Z')
  const mail = await made(mia, 'EMAIL', '2027-03-02T08:00:00Z')
  const visit = await made(leo, 'IN_PERSON', '2027-03-01T08:00:00Z', 'INBOUND')
  const found = async (filter: object) =>
    (await ask(carl, 'interactions(filter: $filter) { nodes { id } totalCount }', { filter }, '$filter: InteractionFilter')).nodes.map(
      ({ id }: { id: string }) => id,
    )
  expect(await found({})).toEqual([call, mail, visit])
  expect(await found({ kind: 'EMAIL' })).toEqual([mail])
  expect(await found({ direction: 'INBOUND' })).toEqual([visit])
  expect(await found({ source: 'MANUAL' })).toHaveLength(3)
  expect(await found({ source: 'GMAIL' })).toEqual([])
  expect(await found({ contactId: mia })).toEqual([call, mail])
  expect(await found({ contactId: 'nonsense' })).toEqual([])
  expect(await found({ occurredAt: { gte: '2027-03-02T08:00:00Z', lt: '2027-03-03T08:00:00Z' } })).toEqual([mail])
  expect(await found({ contactId: mia, kind: 'CALL', occurredAt: { gt: '2027-03-03T08:00:00Z' } })).toEqual([])
  const { nodes, totalCount } = await ask(carl, 'contact(id: $id) { interactions(first: 1) { nodes { id } totalCount } }', { id: mia }).then(
    ({ interactions }) => interactions,
  )
  expect({ nodes, totalCount }).toEqual({ nodes: [{ id: call }], totalCount: 2 })
})

test('an interaction is hidden while all its contacts lie in the bin; with one left it names that one only', async () => {
  const [kim, jo] = [await befriend(ada, 'Kim'), await befriend(ada, 'Jo')]
  const both = await log([kim, jo], '2027-03-01T08:00:00Z')
  const alone = await log([kim], '2027-03-02T08:00:00Z')
  const seen = (id: string) => ask(ada, 'node(id: $id) { ... on Interaction { contacts { id } participants { name contact { id } } } }', { id })
  await done(ada, 'contactDelete', { id: kim })
  expect(await seen(alone.id)).toBeNull()
  expect(await mutate(ada, 'interactionDelete', { id: alone.id })).toMatchObject({ __typename: 'NotFoundError' })
  expect(await seen(both.id)).toEqual({ contacts: [{ id: jo }], participants: [{ name: 'Jo', contact: { id: jo } }] })
  await done(ada, 'contactDelete', { id: jo })
  expect(await seen(both.id)).toBeNull()
  await done(ada, 'contactRestore', { id: kim })
  expect(await seen(alone.id)).toMatchObject({ contacts: [{ id: kim }] })
  expect(await seen(both.id)).toMatchObject({ contacts: [{ id: kim }] })
  expect(await lasts(kim)).toEqual(['2027-03-02T08:00', '2027-03-02T08:00', '2027-03-02T08:00'])
})

test('once a contact is gone for good, nothing of it is left in what it shared with others', async () => {
  const [ivo, hal] = [await befriend(ada, 'Ivo'), await befriend(ada, 'Hal')]
  const both = await log([ivo, hal], '2027-03-01T08:00:00Z')
  const alone = await log([ivo], '2027-03-02T08:00:00Z')
  await done(ada, 'contactDelete', { id: ivo })
  await kith.runJobs()
  clock.advance({ hours: 30 * 24 })
  await kith.runJobs()
  expect(await ask(ada, 'node(id: $id) { ... on Interaction { participants { name } } }', { id: both.id })).toEqual({ participants: [{ name: 'Hal' }] })
  const { rows } = await kith.app.database.pool.query(
    `SELECT (SELECT count(*)::int FROM interactions WHERE id = $1) AS alone, (SELECT count(*)::int FROM interaction_participants WHERE "interactionId" = $2) AS parts`,
    [rowIdOf(alone.id), rowIdOf(both.id)],
  )
  expect(rows).toEqual([{ alone: 0, parts: 1 }])
})

test('of many logged at once the latest is last contact', async () => {
  const contactId = await befriend(ada, 'Gus')
  const logs = [5, 3, 7, 1, 6, 2].map((day) => () => log([contactId], `2027-03-0${day}T08:00:00Z`, { kind: day % 2 ? 'MESSAGE' : 'CALL' }))
  await atOnce(kith, { table: 'contacts', id: rowIdOf(contactId) }, ...logs)
  expect(await lasts(contactId)).toEqual(['2027-03-07T08:00', '2027-03-06T08:00', '2027-03-07T08:00'])
})

test('subjects are sealed in the database', async () => {
  await log([await befriend(ada, 'Fay')], '2027-03-01T08:00:00Z', { subject: 'Periwinkle heist' })
  const stored = (await everythingStored(kith)).toLowerCase()
  expect(stored).toContain('fay')
  expect(stored).not.toContain('periwinkle')
})

test('another’s interactions look absent', async () => {
  const { id } = await log([await befriend(ada, 'Eve')], '2027-03-01T08:00:00Z')
  expect(await mutate(bea, 'interactionDelete', { id })).toMatchObject({ __typename: 'NotFoundError' })
  expect(await ask(bea, 'node(id: $id) { id }', { id })).toBeNull()
  expect((await ask(bea, 'interactions { totalCount }')).totalCount).toBe(0)
})
