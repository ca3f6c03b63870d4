import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createContacts, updateContact } from '../../src/contacts/service.ts'
import { renameTag } from '../../src/contacts/tags.ts'
import { inTransaction } from '../../src/events/service.ts'
import { indexContacts } from '../../src/search/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'

let kith: TestApp
beforeAll(async () => {
  kith = await testApp()
})
afterAll(() => kith.close())

const word = fc.constantFrom('Ana', 'ána', 'Anabel', 'Bø', 'Ze\u05beev', 'Zeev', '山田', "O'Brien", 'Müller', 'MULLER', 'two words', '123')
const some = fc.uniqueArray(word, { maxLength: 3 })
const held = fc.record(
  {
    name: fc.record({ given: word, family: fc.option(word) }),
    displayName: fc.option(word),
    about: fc.option(some.map((list) => list.join(' '))),
    emails: fc.uniqueArray(fc.constantFrom('ana@work.example', 'Ana.Z@work.example', 'z@mail.example', 'bø@bücher.example').map((address) => ({ address }))),
    phones: fc.uniqueArray(fc.constantFrom('030 1234567', '+49 30 1234567', '1-800-FLOWERS').map((number) => ({ number }))),
    organizations: fc.uniqueArray(fc.record({ name: fc.option(word), title: word }), { maxLength: 2 }),
    relations: fc.uniqueArray(word.map((name) => ({ name }))),
    tags: some,
  },
  { requiredKeys: [] },
)
const edits = fc.array(fc.oneof(fc.record({ index: fc.nat(2), held }), fc.record({ tag: word, name: word })), { minLength: 1, maxLength: 8 })

/** What is kept of an account's words, in one order. */
async function kept({ ownerId }: Person) {
  const { pool } = kith.app.database
  const [terms, variants] = await Promise.all([
    pool.query(`SELECT "contactId", "entityId", kind, term FROM search_terms WHERE "ownerId" = $1 ORDER BY 1, 2, 3, 4`, [ownerId]),
    pool.query(`SELECT word, kind, variant FROM search_variants WHERE "ownerId" = $1 ORDER BY 1, 2, 3`, [ownerId]),
  ])
  return { terms: terms.rows, variants: variants.rows }
}

test('after any edits contacts are found by the terms that would be made anew, and by no others', async () => {
  await fc.assert(
    fc.asyncProperty(edits, async (list) => {
      const who = await kith.signUp({ region: 'DE' })
      const made = await createContacts(who.ctx, [{ name: { given: 'Ana' }, tags: ['Ze\u05beev', 'Bø'] }, { displayName: 'Zeev' }, { about: 'Ana', name: { family: 'Müller' } }], 'REJECT_ALL') // prettier-ignore
      const ids = made.map((each) => ('contactId' in each ? each.contactId : ''))
      for (const edit of list) {
        if ('held' in edit) await updateContact(who.ctx, ids[edit.index] ?? '', edit.held).catch(refused)
        else await renameTag(who.ctx, edit.tag, edit.name).catch(refused)
      }
      const edited = await kept(who)
      for (const table of ['search_terms', 'search_variants']) await kith.app.database.pool.query(`DELETE FROM ${table} WHERE "ownerId" = $1`, [who.ownerId])
      await inTransaction(who.ctx, (tx) => indexContacts(tx, ids, new Set(ids)))
      expect(edited).toEqual(await kept(who))
    }),
    { numRuns: 25 },
  )
}, 60_000)

/** What a rule refuses changes nothing. */
function refused(error: unknown): void {
  if (!(error instanceof Error) || !('code' in error) || !/^(INVALID_INPUT|NOT_FOUND|CONFLICT)$/.test(String(error.code))) throw error
}
