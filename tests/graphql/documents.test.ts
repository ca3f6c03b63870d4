import { afterAll, beforeAll, expect, test } from 'vitest'
import { ContactCreateDocument, ContactDetailDocument, ContactPageDocument, NoteCreateDocument, ViewerDocument } from '../generated/documents.ts'
import { type TestApp, testApp } from '../support/app.ts'
import { ask } from '../support/typed.ts'

let kith: TestApp
beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())

test('the typed documents run: a contact with a note is made, found and read', async () => {
  const ada = await kith.signUp({ name: 'Ada Example' })
  expect((await ask(ada, ViewerDocument, {})).viewer?.name).toBe('Ada Example')
  const { contactCreate } = await ask(ada, ContactCreateDocument, {
    input: { name: { given: 'Grace', family: 'Example' }, emails: [{ address: 'grace@example.com' }], tags: ['friends'] },
  })
  if (contactCreate.__typename !== 'Contact') throw new Error(contactCreate.message)
  const { noteCreate } = await ask(ada, NoteCreateDocument, { input: { contactId: contactCreate.id, body: 'Likes tea.' } })
  expect(noteCreate.__typename).toBe('Note')
  const { contact } = await ask(ada, ContactDetailDocument, { id: contactCreate.id })
  expect(contact).toMatchObject({ displayName: 'Grace Example', notes: { nodes: [{ body: 'Likes tea.' }] } })
  const { contacts } = await ask(ada, ContactPageDocument, { search: 'grace' })
  expect(contacts.nodes.map(({ id }) => id)).toEqual([contactCreate.id])
})
