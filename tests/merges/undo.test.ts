import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { uploadAvatar } from '../../src/avatars/service.ts'
import { applyDrafts, fingerprintOf } from '../../src/contacts/drafts.ts'
import { createContact, updateContact } from '../../src/contacts/service.ts'
import { emptyDraft } from '../../src/contacts/draft.ts'
import { fixedClock } from '../../src/core/clock.ts'
import { inTransaction } from '../../src/events/service.ts'
import { setContactFollowUp, setTagFollowUp } from '../../src/followUps/service.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { mergeContacts, undoMerge } from '../../src/merges/service.ts'
import { createNote } from '../../src/notes/service.ts'
import { createReminder } from '../../src/reminders/service.ts'
import { png } from '../avatars/pictures.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { rowsOf } from './support.ts'

const clock = fixedClock('2026-05-04T10:00:00Z')
let kith: TestApp

beforeAll(async () => {
  kith = await testApp({ clock })
})
afterAll(() => kith.close())

const word = fc.constantFrom('Ada', 'Áda', 'Bo', 'Cleo', '山本', 'Dee Dee', "O'Neil")
const maybe = <T>(value: fc.Arbitrary<T>) => fc.option(value, { nil: undefined })
const few = <T>(value: fc.Arbitrary<T>) => fc.array(value, { maxLength: 3 })
const contact = fc.record({
  name: fc.record({ given: word, family: maybe(word), nickname: maybe(word), prefix: maybe(fc.constant('Dr')) }),
  displayName: maybe(word),
  about: maybe(word),
  starred: fc.boolean(),
  hasReference: fc.boolean(),
  emails: few(fc.constantFrom('a@example.test', 'A@example.test', 'b@example.test', 'c@mail.example').map((address) => ({ address }))),
  phones: few(fc.constantFrom('030 1234567', '+49 30 1234567', '0171 5556677').map((number) => ({ number }))),
  addresses: few(fc.record({ city: word, label: maybe(word) })),
  urls: few(word.map((label) => ({ url: 'https://a.example', label }))),
  organizations: few(fc.record({ name: word, title: maybe(word) })),
  dates: few(fc.record({ kind: fc.constantFrom('BIRTHDAY' as const, 'OTHER' as const), date: fc.record({ year: fc.integer({ min: 1950, max: 1952 }) }) })),
  customFields: few(fc.record({ name: word, value: word })),
  tags: fc.uniqueArray(fc.constantFrom('Choir', 'choir', 'Work', 'Family'), { maxLength: 3 }),
  imported: fc.boolean(),
  notes: few(word),
  reminders: few(word),
  interactions: fc.array(
    fc.record({
      at: fc.integer({ min: 1, max: 9 }),
      together: fc.boolean(),
      direction: fc.constantFrom('INBOUND' as const, 'OUTBOUND' as const, 'MUTUAL' as const),
    }),
    { maxLength: 3 },
  ),
  followUp: maybe(fc.constantFrom('P1W', 'P3M')),
  picture: maybe(fc.integer({ min: 1, max: 250 })),
  forgets: fc.boolean(),
  knows: fc.integer({ min: 0, max: 4 }),
})

/** Makes contacts with everything that can hang on one, pointing at each other; their ids. */
async function settle(who: Person, specimens: readonly (typeof contact extends fc.Arbitrary<infer T> ? T : never)[]): Promise<string[]> {
  const { ctx } = who
  const vault = await kith.app.vault.of(who.ownerId)
  const ids: string[] = []
  for (const [
    index,
    { imported, hasReference, forgets, notes: _n, reminders: _r, interactions: _i, followUp: _f, picture: _p, knows: _k, ...input },
  ] of specimens.entries()) {
    if (!imported) ids.push(await createContact(ctx, { ...input, ...(hasReference ? { externalReference: `ref ${index}` } : {}) }))
    else {
      const { starred: _s, dates: _d, ...draft } = input
      const [made] = await inTransaction(ctx, (tx) =>
        applyDrafts(tx, [
          {
            contactId: null,
            draft: { ...emptyDraft(), ...draft },
            source: { kind: 'IMPORT', externalId: `card ${index}`, raw: '{}', fingerprint: fingerprintOf(vault, String(index)) },
          },
        ]),
      )
      const id = made?.contactId ?? expect.fail('It was skipped.')
      if (forgets) await updateContact(ctx, id, { emails: [] })
      ids.push(id)
    }
  }
  for (const [index, { notes, reminders, interactions, followUp, picture, knows }] of specimens.entries()) {
    const id = ids[index] ?? ''
    const other = ids[knows % ids.length] ?? ''
    if (other !== id)
      await inTransaction(ctx, async (tx) => void (await updateContact(tx, id, { relations: [{ contactId: other, kind: 'friend' }, { name: 'Aunt' }] })))
    for (const body of notes) await createNote(ctx, { contactId: id, body })
    for (const title of reminders) await createReminder(ctx, { contactId: id, title, dueAt: '2026-06-01T09:00' })
    for (const { at, together, direction } of interactions)
      await logInteraction(ctx, {
        kind: 'CALL',
        direction,
        occurredAt: new Date(`2026-04-0${at}T10:00:00Z`),
        contactIds: [id, ...(together && other !== id ? [other] : [])],
        subject: 'Hello',
      })
    if (followUp) await setContactFollowUp(ctx, id, followUp)
    if (picture) await uploadAvatar(ctx, id, png(2, picture))
  }
  return ids
}

test('undoing a merge restores every row of every contact, and what pointed at it', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(contact, { minLength: 3, maxLength: 5 }), fc.integer({ min: 1, max: 2 }), async (specimens, count) => {
      const who = await kith.signUp()
      await setTagFollowUp(who.ctx, 'Choir', 'P2W')
      const ids = await settle(who, specimens)
      await kith.runJobs()
      const before = await rowsOf(kith, who)
      const [survivorId = '', ...others] = ids
      const merged = await mergeContacts(who.ctx, { survivorId, mergedIds: others.slice(0, count) })
      await kith.runJobs()
      const between = await rowsOf(kith, who)
      expect(between.filter((row) => row.startsWith('contacts '))).toHaveLength(ids.length - count)
      // Nothing is left that points at one who went.
      for (const row of between) for (const gone of merged.mergedIds) expect(row).not.toContain(gone)
      await undoMerge(who.ctx, merged.id ?? '')
      await kith.runJobs()
      expect(await rowsOf(kith, who)).toEqual(before)
    }),
    { numRuns: 6, endOnFailure: true },
  )
}, 240_000)

test('undoing merges of merges, the last first, restores everything', async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(contact, { minLength: 4, maxLength: 4 }), async (specimens) => {
      const who = await kith.signUp()
      const [a = '', b = '', c = '', d = ''] = await settle(who, specimens)
      const states = [await rowsOf(kith, who)]
      const merges: string[] = []
      for (const [survivorId, other] of [
        [a, b],
        [a, c],
        [d, a],
      ] as const) {
        clock.advance({ seconds: 1 })
        merges.push((await mergeContacts(who.ctx, { survivorId, mergedIds: [other] })).id ?? '')
        states.push(await rowsOf(kith, who))
      }
      await expect(undoMerge(who.ctx, merges[0] ?? '')).rejects.toThrow('no merge')
      for (const index of [2, 1, 0]) {
        await undoMerge(who.ctx, merges[index] ?? '')
        expect(await rowsOf(kith, who)).toEqual(states[index])
      }
    }),
    { numRuns: 3, endOnFailure: true },
  )
}, 240_000)
