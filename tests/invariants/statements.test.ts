import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { rootFields, operationOf } from '../support/operations.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { befriend, done } from '../support/crm.ts'

let kith: TestApp
let ada: Person
const seen: string[] = []

beforeAll(async () => {
  kith = await testApp({ onQuery: (text) => void seen.push(text) })
  ada = await kith.signUp()
  const first = await befriend(ada, 'Friend')
  for (let index = 0; index < 50; index += 1) {
    const contactId = await befriend(ada, `Contact ${index}`, {
      tags: ['all'],
      emails: [{ address: `contact${index}@example.test` }],
      phones: [{ number: `+49 30 55501${index + 10}` }],
      addresses: [{ city: 'Exampletown' }],
      urls: [{ url: 'https://example.test/' }],
      organizations: [{ name: 'Example' }],
      dates: [{ kind: 'BIRTHDAY', date: { month: 2, day: 3 } }],
      relations: [{ contactId: first, kind: 'friend' }],
      customFields: [{ name: 'Tea', value: 'green' }],
    })
    for (let each = 0; each < 3; each += 1) {
      await done(ada, 'noteCreate', { input: { contactId, body: `Note ${each}` } })
      await done(ada, 'reminderCreate', { input: { contactId, title: `Reminder ${each}`, dueAt: '2037-03-04T05:06', timeZone: 'UTC' } })
    }
    await done(ada, 'interactionLog', { input: { contactIds: [contactId], kind: 'CALL', direction: 'MUTUAL', occurredAt: '2025-03-04T05:06:00Z' } })
  }
  await kith.runJobs()
}, 180_000)
afterAll(() => kith.close())

/** What an answer says, and the statements that it took when the credential was known already. */
async function statementsOf(document: string, variables: Record<string, unknown>) {
  await ada.graphql(document, variables)
  seen.length = 0
  const { data, errors } = await ada.graphql(document, variables)
  expect(errors).toBeUndefined()
  return { data, statements: [...seen] }
}

describe('a page takes as many statements however long it is', () => {
  const root = rootFields.find(({ name }) => name === 'contacts')!
  const whole = operationOf(root, 1)

  test('with every nested list', async () => {
    for (const nested of ['notes', 'reminders', 'interactions', 'emails', 'relations', 'customFields', 'sources', 'followUp']) expect(whole).toMatch(`${nested}`)
    const small = await statementsOf(whole, { first: 5, filter: { tag: { eq: 'all' } } })
    // The most that an operation's points allow.
    const large = await statementsOf(whole, { first: 50, filter: { tag: { eq: 'all' } } })
    expect([small.data.it.nodes.length, large.data.it.nodes.length]).toEqual([5, 50])
    expect(large.data.it.nodes[49].notes.nodes).toHaveLength(2)
    expect(large.statements.length, large.statements.join('\n')).toBe(small.statements.length)
  })

  test('50 contacts with three notes and three reminders each: at most 4', async () => {
    const document =
      '{ contacts(first: 50, filter: { tag: { eq: "all" } }) { nodes { id displayName notes(first: 3) { nodes { id body } } reminders(first: 3) { nodes { id title } } } } }'
    const { data, statements } = await statementsOf(document, {})
    expect(data.contacts.nodes).toHaveLength(50)
    for (const { notes, reminders } of data.contacts.nodes) expect([notes.nodes.length, reminders.nodes.length]).toEqual([3, 3])
    expect(statements.length, statements.join('\n')).toBeLessThanOrEqual(4)
  })
})
