import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { changeContact, createContact, updateContact } from '../../src/contacts/service.ts'
import { deleteTag, renameTag } from '../../src/contacts/tags.ts'
import type { Ctx } from '../../src/core/ctx.ts'
import { rows, sql } from '../../src/db/client.ts'
import { inTransaction } from '../../src/events/service.ts'
import { encodeId } from '../../src/graphql/globalIds.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
let ada: Person
beforeAll(async () => {
  kith = await testApp()
})
beforeEach(async () => {
  ada = await kith.signUp()
})
afterAll(() => kith.close())

async function termsOf(contactId: string): Promise<string[]> {
  const { rows: found } = await kith.app.database.pool.query<{ kind: string; term: string }>(
    'SELECT kind, term FROM search_terms WHERE "ownerId" = $1 AND "contactId" = $2',
    [ada.ownerId, contactId],
  )
  return found.map(({ kind, term }) => `${kind} ${term}`)
}

async function foundBy(search: string): Promise<string[]> {
  const { data } = await ada.graphql('query ($search: String!) { contacts(search: $search) { nodes { displayName } } }', { search })
  return data.contacts.nodes.map(({ displayName }: { displayName: string }) => displayName)
}

/** Does something in a transaction and, before that commits, something else that has to wait for it. */
async function meanwhile<First, Second>(first: (tx: Ctx) => Promise<First>, second: () => Promise<Second>): Promise<Second> {
  const [written, gate] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()]
  const holding = inTransaction(ada.ctx, async (tx) => {
    await first(tx)
    await rows(tx, sql`SELECT 1`)
    written.resolve()
    await gate.promise
  })
  await written.promise
  const waiting = second()
  await expect
    .poll(async () => {
      const { rows: waiters } = await kith.app.database.pool.query(
        `SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`,
      )
      return waiters.length
    })
    .toBeGreaterThan(0)
  gate.resolve()
  await holding
  return waiting
}

describe('a contact is found by what it is', () => {
  test('though a tag that it is given is renamed meanwhile', async () => {
    await createContact(ada.ctx, { displayName: 'Holder', tags: ['oldtag'] })
    const id = await createContact(ada.ctx, { displayName: 'Carla' })
    const saved = await meanwhile(
      (tx) => renameTag(tx, 'oldtag', 'newtag'),
      () => changeContact(ada.ctx, id, { tags: ['oldtag'] }),
    )
    const { data } = await ada.graphql('query ($id: ID!) { contact(id: $id) { tags } }', { id: encodeId('Contact', id) })
    expect(saved.lists.tags.map(({ value }) => value['name'])).toEqual(data.contact.tags)
    expect((await termsOf(id)).filter((term) => term.startsWith('tag '))).toEqual(data.contact.tags.map((tag: string) => `tag ${tag}`))
    await updateContact(ada.ctx, id, { tags: [] })
    expect((await termsOf(id)).filter((term) => term.startsWith('tag '))).toEqual([])
  })

  test('though a tag that it has is deleted while it is called otherwise', async () => {
    const id = await createContact(ada.ctx, { displayName: 'Anna', tags: ['gone'] })
    await meanwhile(
      (tx) => updateContact(tx, id, { displayName: 'Berta' }),
      () => deleteTag(ada.ctx, 'gone'),
    )
    expect([await foundBy('Berta'), await foundBy('Anna')]).toEqual([['Berta'], []])
  })

  test('with a slip, though whoever was called so before is called otherwise meanwhile, from its next change on at the latest', async () => {
    const first = await createContact(ada.ctx, { displayName: 'Zebulon' })
    let second = ''
    await inTransaction(ada.ctx, async (tx) => {
      second = await createContact(tx, { displayName: 'Prof Zebulon' })
      await rows(tx, sql`SELECT 1`)
      await updateContact(ada.ctx, first, { displayName: 'Walter' })
    })
    await updateContact(ada.ctx, second, { displayName: 'Dr Zebulon' })
    expect(await foundBy('Zebulom')).toEqual(['Dr Zebulon'])
  })
})

describe('each field of a mutation answers what is so by then', () => {
  test('of a contact that was changed and is then united with another', async () => {
    const [a, b] = [
      await createContact(ada.ctx, { displayName: 'Anna', emails: [{ address: 'a@mail.example' }], tags: ['x'] }),
      await createContact(ada.ctx, { displayName: 'Berta', emails: [{ address: 'b@mail.example' }], tags: ['y'] }),
    ].map((id) => encodeId('Contact', id))
    const { data } = await ada.graphql(
      `mutation ($a: ID!, $b: ID!) {
        contactUpdate(id: $a, input: { starred: true }) { ... on Contact { id } }
        contactMerge(input: { survivorId: $a, mergedIds: [$b] }) { ... on ContactMerged { contact { emails { address } tags } } }
      }`,
      { a, b },
    )
    expect(data.contactMerge.contact).toEqual({ emails: [{ address: 'a@mail.example' }, { address: 'b@mail.example' }], tags: ['x', 'y'] })
  })

  test('of a contact that is changed twice, and of its notes', async () => {
    const id = encodeId('Contact', await createContact(ada.ctx, { displayName: 'Anna' }))
    const { data } = await ada.graphql(
      `mutation ($id: ID!) {
        one: contactUpdate(id: $id, input: { about: "first" }) { ... on Contact { about } }
        two: contactUpdate(id: $id, input: { about: "second" }) { ... on Contact { about } }
        three: noteCreate(input: { contactId: $id, body: "one" }) { ... on Note { contact { notes { totalCount } } } }
        four: noteCreate(input: { contactId: $id, body: "two" }) { ... on Note { contact { notes { totalCount } } } }
      }`,
      { id },
    )
    expect(data).toEqual({
      one: { about: 'first' },
      two: { about: 'second' },
      three: { contact: { notes: { totalCount: 1 } } },
      four: { contact: { notes: { totalCount: 2 } } },
    })
  })
})
