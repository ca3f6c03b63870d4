import { afterAll, beforeAll, expect, test } from 'vitest'
import { type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())

test('a token that may not read notes cannot find out which words stand in them', async () => {
  const ada = await kith.signUp()
  const made = await ada.graphql('mutation { contactCreate(input: { displayName: "Grace Example", about: "plays the zither" }) { ... on Contact { id } } }')
  await ada.graphql('mutation ($id: ID!) { noteCreate(input: { contactId: $id, body: "allergic to hazelnuts" }) { __typename } }', {
    id: made.data.contactCreate.id,
  })
  const found = async (search: string, token: string): Promise<number> =>
    (await ada.graphql('query ($search: String!) { contacts(search: $search) { totalCount } }', { search }, { token })).data.contacts.totalCount
  const contactsOnly = await ada.token(['contacts:read'])
  expect(await found('hazelnuts', await ada.token(['contacts:read', 'notes:read']))).toBe(1)
  expect(await found('hazelnuts', contactsOnly)).toBe(0)
  expect(await found('zither', contactsOnly)).toBe(1)
})
