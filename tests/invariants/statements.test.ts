import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createContacts } from '../../src/contacts/service.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { createReminder } from '../../src/reminders/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { unowned } from '../support/ownership.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp & { clock: typeof clock }
let seen: string[] = []

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock, onQuery: (text) => seen.push(text) }), { clock })
}, 60_000)
afterAll(() => kith.close())

test('the test can tell whose rows a statement means', () => {
  for (const good of [
    'SELECT * FROM notes WHERE "ownerId" = $1',
    'SELECT n.* FROM notes AS n JOIN contacts AS c ON c."ownerId" = n."ownerId" AND c.id = n."contactId" WHERE n."ownerId" = $1',
    'SELECT "public"."notes"."id" FROM "public"."notes" WHERE ("public"."notes"."ownerId" = $1 AND 1=1)',
    'INSERT INTO notes ("ownerId", id) VALUES ($1, $2)',
    'SELECT id FROM directory_due',
  ])
    expect(unowned(good), good).toEqual([])
  for (const bad of [
    'SELECT * FROM notes WHERE id = $1',
    'SELECT "ownerId" FROM notes WHERE id = $1',
    'SELECT n.* FROM notes AS n JOIN contacts AS c ON c.id = n."contactId" WHERE n."ownerId" = $1',
    'UPDATE notes SET pinned = true WHERE id = $1',
    'DELETE FROM "public"."notes" WHERE "public"."notes"."id" = $1',
    'INSERT INTO notes (id) VALUES ($1)',
  ])
    expect(unowned(bad), bad).not.toEqual([])
})

describe('the number of statements', () => {
  let ada: Person
  const nested = [
    'about tags avatarUrl emails { address } phones { number } addresses { city } urls { url }',
    'organizations { name } dates { kind } relations { name contact { id } } customFields { name value } sources { kind } followUp { every }',
    'lastInteraction { id contacts { id } }',
    'notes(first: 3) { totalCount nodes { id body contact { id } } }',
    'reminders(first: 3) { totalCount nodes { id title contact { id } } }',
    'interactions(first: 2) { totalCount nodes { id subject contacts { id } participants { name } } }',
  ]

  beforeAll(async () => {
    ada = await kith.signUp()
    const made = await createContacts(
      ada.ctx,
      Array.from({ length: 50 }, (_, index) => ({
        name: { given: `Given ${index}` },
        about: 'About',
        emails: [{ address: `c${index}@example.test` }],
        phones: [{ number: '030 1234567' }],
        organizations: [{ name: 'Org' }],
        customFields: [{ name: 'a', value: 'b' }],
        relations: [{ name: 'R' }],
        tags: ['Tag'],
      })),
      'REJECT_ALL',
    )
    for (const each of made) {
      const contactId = 'contactId' in each ? each.contactId : ''
      for (const index of [1, 2, 3]) {
        await createNote(ada.ctx, { contactId, body: `Note ${index}` })
        await createReminder(ada.ctx, { contactId, title: `Reminder ${index}`, dueAt: '2026-06-01T09:00' })
      }
      await logInteraction(ada.ctx, { kind: 'CALL', contactIds: [contactId], occurredAt: new Date('2026-05-01T10:00:00Z') })
    }
  }, 120_000)

  async function countOf(
    query: string,
  ): Promise<{ count: number; statements: string[]; data: { contacts: { nodes: { notes: { nodes: unknown[] }; reminders: { nodes: unknown[] } }[] } } }> {
    // The first time reads credentials, keys and a lease of points, which stay at hand.
    await kith.graphql(query, {}, { headers: ada.browser })
    seen = []
    const { data, errors } = await kith.graphql(query, {}, { headers: ada.browser })
    expect(errors).toBeUndefined()
    return { count: seen.length, statements: seen.map((text) => text.replaceAll(/IN \((\$\d+,?)+\)/g, 'IN (…)').replaceAll(/LIMIT \d+/g, 'LIMIT …')), data }
  }

  test.each([...nested.map((fields) => [fields, 50] as const), [nested.join(' '), 15] as const])('does not grow with the rows: %s', async (fields, size) => {
    const few = await countOf(`{ contacts(first: 3) { totalCount nodes { ${fields} } } }`)
    const many = await countOf(`{ contacts(first: ${size}) { totalCount nodes { ${fields} } } }`)
    expect(many.data.contacts.nodes).toHaveLength(size)
    expect(many.statements.toSorted().join('\n')).toBe(few.statements.toSorted().join('\n'))
  })

  test('of a page of 50 contacts with 3 notes and 3 reminders each is 4 at most', async () => {
    const { count, statements, data } = await countOf(
      '{ contacts(first: 50) { nodes { id displayName notes(first: 3) { nodes { body } } reminders(first: 3) { nodes { title } } } } }',
    )
    expect(data.contacts.nodes).toHaveLength(50)
    for (const node of data.contacts.nodes) expect([node.notes.nodes, node.reminders.nodes].map((nodes) => nodes.length)).toEqual([3, 3])
    expect(count, statements.join('\n')).toBeLessThanOrEqual(4)
  })

  test('of nodes does not grow with their number', async () => {
    const { data } = await ada.graphql('{ contacts(first: 30) { nodes { id notes(first: 1) { nodes { id } } } } }')
    const ids = data.contacts.nodes.flatMap((node: { id: string; notes: { nodes: { id: string }[] } }) => [node.id, ...node.notes.nodes.map((note) => note.id)])
    const ask = (list: string[]) =>
      countOf(`{ nodes(ids: ${JSON.stringify(list)}) { id ... on Contact { displayName } ... on Note { body contact { displayName } } } }`)
    expect((await ask(ids)).count).toBe((await ask(ids.slice(0, 4))).count)
  })
})
