import { afterAll, beforeAll, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, atOnce, befriend, done, everythingStored, mutate, rowIdOf } from '../support/crm.ts'

const clock = fixedClock('2027-03-01T10:00:00Z')
let kith: TestApp
let ada: Person
let bea: Person

beforeAll(async () => {
  kith = await testApp({ clock })
  ada = await kith.signUp()
  bea = await kith.signUp()
})
afterAll(() => kith.close())

const write = async (contactId: string, body: string, more: object = {}, who = ada) => done(who, 'noteCreate', { input: { contactId, body, ...more } })
const bodies = async (who: Person, id: string) =>
  (await ask(who, 'contact(id: $id) { notes { nodes { body } totalCount } }', { id })).notes.nodes.map((note: { body: string }) => note.body)

test('a note is Markdown, kept to the letter', async () => {
  const contactId = await befriend(ada, 'Zoë')
  // Line ends of three systems, two spaces that break a line, tabs, an accent written as two characters, characters outside the basic plane.
  const body = '# Z\u0065\u0301\r\n\tcode  \r* one\n\n<b>&amp; 👩‍👩‍👧 \u0007\n'
  const note = await write(contactId, body)
  expect(note).toMatchObject({ body, pinned: false, contact: { id: contactId }, createdAt: '2027-03-01T10:00:00.000Z' })
  expect((await ask(ada, 'node(id: $id) { ... on Note { body } }', { id: note.id })).body).toBe(body)
})

test('a note is changed in what the input names and nothing else', async () => {
  const note = await write(await befriend(ada, 'Yan'), 'first')
  clock.advance({ minutes: 1 })
  expect(await done(ada, 'noteUpdate', { id: note.id, input: { pinned: true } })).toMatchObject({
    body: 'first',
    pinned: true,
    updatedAt: '2027-03-01T10:01:00.000Z',
  })
  expect(await done(ada, 'noteUpdate', { id: note.id, input: { body: 'second' } })).toMatchObject({ body: 'second', pinned: true })
  clock.advance({ minutes: 1 })
  expect((await done(ada, 'noteUpdate', { id: note.id, input: { body: 'second', pinned: null } })).updatedAt, 'nothing changed').toBe(
    '2027-03-01T10:01:00.000Z',
  )
})

test('a deleted note is gone, and the mutation answers what it was', async () => {
  const note = await write(await befriend(ada, 'Xi'), 'short-lived')
  expect(await done(ada, 'noteDelete', { id: note.id })).toMatchObject({ id: note.id, body: 'short-lived' })
  expect(await ask(ada, 'node(id: $id) { id }', { id: note.id })).toBeNull()
  expect(await mutate(ada, 'noteDelete', { id: note.id })).toMatchObject({ __typename: 'NotFoundError' })
  expect(await ask(ada, 'notes(search: "lived") { totalCount }')).toEqual({ totalCount: 0 })
})

test('a contact’s notes come pinned ones first, then newest first', async () => {
  const contactId = await befriend(ada, 'Wim')
  for (const [body, pinned] of [
    ['a', true],
    ['b', false],
    ['c', true],
    ['d', false],
  ] as const) {
    clock.advance({ seconds: 1 })
    await write(contactId, body, { pinned })
  }
  expect(await bodies(ada, contactId)).toEqual(['c', 'a', 'd', 'b'])
})

test('an empty or endless note is refused with the path of its body', async () => {
  const contactId = await befriend(ada, 'Vera')
  for (const body of ['', ' \n\t ', 'x'.repeat(100_001)]) {
    expect(await mutate(ada, 'noteCreate', { input: { contactId, body } })).toMatchObject({ __typename: 'InvalidInputError', issues: [{ path: ['body'] }] })
  }
  expect(await mutate(ada, 'noteCreate', { input: { contactId, body: 'x'.repeat(100_000) } })).toMatchObject({ __typename: 'Note' })
})

test('the database holds a note’s words in no column', async () => {
  await write(await befriend(ada, 'Uma'), 'heliotrope marmalade at Fenchurch')
  const stored = (await everythingStored(kith)).toLowerCase()
  expect(stored).toContain('uma')
  for (const word of ['heliotrope', 'marmalade', 'fenchurch']) expect(stored).not.toContain(word)
})

test('notes are found by every one of the words, in any case and accent, and by their present words only', async () => {
  const contactId = await befriend(ada, 'Tove')
  const note = await write(contactId, 'Prefers **café crème** to tea.')
  await write(contactId, 'Tea at five.')
  const found = async (search: string) =>
    (await ask(ada, 'notes(search: $search) { nodes { body } }', { search }, '$search: String')).nodes.map((each: { body: string }) => each.body)
  expect(await found('CAFE creme')).toEqual(['Prefers **café crème** to tea.'])
  expect(await found('café five')).toEqual([])
  expect(await found('tea')).toHaveLength(2)
  await done(ada, 'noteUpdate', { id: note.id, input: { body: 'Prefers water.' } })
  expect(await found('café')).toEqual([])
  expect(await found('water')).toEqual(['Prefers water.'])
  expect(await bea.graphql('{ notes(search: "tea") { totalCount } }')).toMatchObject({ data: { notes: { totalCount: 0 } } })
})

test('the list of all notes pages newest first, forwards and backwards alike', async () => {
  const carl = await kith.signUp()
  const contactId = await befriend(carl, 'Sam')
  // Three at one instant: the id decides.
  for (let index = 0; index < 7; index += 1) {
    if (index % 3 === 0) clock.advance({ seconds: 1 })
    await write(contactId, `note ${index}`, {}, carl)
  }
  const page = (args: string) => ask(carl, `notes(${args}) { nodes { body } totalCount pageInfo { endCursor startCursor hasNextPage hasPreviousPage } }`)
  const whole = (await page('first: 100')).nodes.map((note: { body: string }) => note.body)
  expect(whole[0]).toBe('note 6')
  expect(whole).toHaveLength(7)
  const forwards: string[] = []
  for (let after = ''; ;) {
    const { nodes, totalCount, pageInfo } = await page(`first: 2${after ? `, after: "${after}"` : ''}`)
    forwards.push(...nodes.map((note: { body: string }) => note.body))
    expect(totalCount).toBe(7)
    if (!pageInfo.hasNextPage) break
    after = pageInfo.endCursor
  }
  expect(forwards).toEqual(whole)
  const backwards: string[] = []
  for (let before = ''; ;) {
    const { nodes, pageInfo } = await page(`last: 3${before ? `, before: "${before}"` : ''}`)
    backwards.unshift(...nodes.map((note: { body: string }) => note.body))
    if (!pageInfo.hasPreviousPage) break
    before = pageInfo.startCursor
  }
  expect(backwards).toEqual(whole)
})

test('notes of a contact in the bin are hidden everywhere, and come back with it', async () => {
  const contactId = await befriend(ada, 'Rolf')
  const note = await write(contactId, 'quixotic plans')
  await done(ada, 'contactDelete', { id: contactId })
  const seen = async () => [
    await ask(ada, 'node(id: $id) { id }', { id: note.id }),
    (await ask(ada, 'notes(search: "quixotic") { nodes { id } }')).nodes,
    (await ask(ada, 'notes(first: 100) { nodes { id } }')).nodes.filter((each: { id: string }) => each.id === note.id),
  ]
  expect(await seen()).toEqual([null, [], []])
  expect(await mutate(ada, 'noteUpdate', { id: note.id, input: { body: 'x' } })).toMatchObject({ __typename: 'NotFoundError' })
  expect(await mutate(ada, 'noteCreate', { input: { contactId, body: 'x' } })).toMatchObject({ __typename: 'NotFoundError' })
  await done(ada, 'contactRestore', { id: contactId })
  expect(await seen()).toEqual([{ id: note.id }, [{ id: note.id }], [{ id: note.id }]])
})

test('a note that is written while its contact goes into the bin is not left visible', async () => {
  const contactId = await befriend(ada, 'Quin')
  const [, note] = await atOnce(
    kith,
    { table: 'contacts', id: rowIdOf(contactId) },
    () => mutate(ada, 'contactDelete', { id: contactId }),
    () => mutate(ada, 'noteCreate', { input: { contactId, body: 'late' } }),
  )
  if (note.__typename === 'Note') expect(await ask(ada, 'node(id: $id) { id }', { id: note.id })).toBeNull()
  else expect(note.__typename).toBe('NotFoundError')
})

test('of two changes at once one stands whole: the body, and the words it is found by', async () => {
  const note = await write(await befriend(ada, 'Paula'), 'begin')
  const changes = ['alpha', 'bravo', 'charlie'].map((body) => () => done(ada, 'noteUpdate', { id: note.id, input: { body } }))
  await atOnce(kith, { table: 'notes', id: rowIdOf(note.id) }, ...changes)
  const { body } = await ask(ada, 'node(id: $id) { ... on Note { body } }', { id: note.id })
  const found = await Promise.all(
    ['begin', 'alpha', 'bravo', 'charlie'].map(async (word) => ((await ask(ada, `notes(search: "${word}") { totalCount }`)).totalCount > 0 ? [word] : [])),
  )
  expect(found.flat()).toEqual([body])
})

test('another’s contacts and notes look absent', async () => {
  const contactId = await befriend(ada, 'Olga')
  const note = await write(contactId, 'private')
  for (const [field, args] of [
    ['noteCreate', { input: { contactId, body: 'hello' } }],
    ['noteUpdate', { id: note.id, input: { body: 'mine now' } }],
    ['noteDelete', { id: note.id }],
  ] as const) {
    expect(await mutate(bea, field, args)).toMatchObject({ __typename: 'NotFoundError' })
  }
  expect(await ask(bea, 'node(id: $id) { id }', { id: note.id })).toBeNull()
  expect((await ask(bea, 'notes { totalCount }')).totalCount).toBe(0)
  expect((await ask(ada, 'node(id: $id) { ... on Note { body } }', { id: note.id })).body).toBe('private')
})

test('every write leaves its event, which says what changed and not to what', async () => {
  const note = await write(await befriend(ada, 'Nils'), 'secret words', { pinned: true })
  await done(ada, 'noteUpdate', { id: note.id, input: { body: 'other words' } })
  await done(ada, 'noteDelete', { id: note.id })
  const { rows } = await kith.app.database.pool.query(
    `SELECT type, changed FROM events WHERE "ownerId" = $1 AND "entityType" = 'Note' ORDER BY seq DESC LIMIT 3`,
    [ada.ownerId],
  )
  expect(rows).toEqual([
    { type: 'note.deleted', changed: [] },
    { type: 'note.updated', changed: ['body'] },
    { type: 'note.created', changed: ['body', 'pinned'] },
  ])
})
