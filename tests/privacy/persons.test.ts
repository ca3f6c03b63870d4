import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock, toDate } from '../../src/core/clock.ts'
import { newId } from '../../src/core/ids.ts'
import { findPlaces, identifierHashes, rebuildPersons, suppress } from '../../src/directory/persons.ts'
import { importContacts } from '../../src/exchange/service.ts'
import { masterKey } from '../../src/vault/master.ts'
import { openVault } from '../../src/vault/vault.ts'
import { rewrapDataKeys } from '../../src/vault/keys.ts'
import { type Person, testApp } from '../support/app.ts'
import { ask, befriend, done, everythingStored, mutate, rowIdOf } from '../support/crm.ts'
import type { Kith } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person
let bea: Person

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  ada = await kith.signUp()
  bea = await kith.signUp()
})

const placesOf = async (...values: string[]) =>
  (
    await findPlaces(
      ada.ctx,
      await identifierHashes(
        kith.app,
        values.map((value) => ({ kind: value.startsWith('+') ? 'phone' : 'email', value }) as const),
      ),
    )
  ).map(({ contactId }) => contactId)
let people = 0
const address = () => `person${(people += 1)}@example.test`
const suppressed = async (...values: string[]) =>
  suppress(
    ada.ctx,
    newId(clock),
    await identifierHashes(
      kith.app,
      values.map((value) => ({ kind: value.startsWith('+') ? 'phone' : 'email', value }) as const),
    ),
    toDate(clock.now()),
  )

describe('[F-45] somebody in address books is found by a keyed hash of their address or number', () => {
  test('in every address book, however it is written there, and not after it is taken out', async () => {
    const mail = address()
    const one = await befriend(ada, 'Grace', { emails: [{ address: mail.toUpperCase() }] })
    const other = await befriend(bea, 'G.', { emails: [{ address: mail }], phones: [{ number: '030 5550177' }] })
    await kith.runJobs()
    expect((await placesOf(mail)).toSorted()).toEqual([rowIdOf(one), rowIdOf(other)].toSorted())
    expect(await placesOf('+49305550177')).toEqual([rowIdOf(other)])
    await done(ada, 'contactUpdate', { id: one, input: { emails: [] } })
    await kith.runJobs()
    expect(await placesOf(mail)).toEqual([rowIdOf(other)])
  })

  test('also after a merge, its undoing, and an import', async () => {
    const [mail, imported] = [address(), address()]
    const survivor = await befriend(ada, 'Survivor')
    const merged = await befriend(ada, 'Merged', { emails: [{ address: mail }] })
    const merge = 'mutation ($input: ContactMergeInput!) { contactMerge(input: $input) { ... on ContactMerged { id } } }'
    const { id } = (await ada.graphql(merge, { input: { survivorId: survivor, mergedIds: [merged] } })).data.contactMerge
    await kith.runJobs()
    expect(await placesOf(mail)).toEqual([rowIdOf(survivor)])
    await ada.graphql('mutation ($id: ID!) { contactMergeUndo(id: $id) { __typename } }', { id })
    await kith.runJobs()
    expect(await placesOf(mail)).toEqual([rowIdOf(merged)])
    await importContacts(ada.ctx, { format: 'VCARD', content: `BEGIN:VCARD\nVERSION:4.0\nFN:I\nEMAIL:${imported}\nEND:VCARD\n` })
    await kith.runJobs()
    expect(await placesOf(imported)).toHaveLength(1)
  })

  test('not after the bin was emptied', async () => {
    const mail = address()
    const id = await befriend(ada, 'Gone', { emails: [{ address: mail }] })
    await done(ada, 'contactDelete', { id })
    await kith.runJobs()
    clock.advance({ hours: 31 * 24 })
    await kith.runJobs()
    expect(await placesOf(mail)).toEqual([])
  })

  test('after the directory was made anew, with what was missing and without what nothing stands behind', async () => {
    const mail = address()
    const id = await befriend(ada, 'Grace', { emails: [{ address: mail }] })
    await kith.runJobs()
    const { pool } = kith.app.database
    await pool.query('DELETE FROM directory_persons')
    await pool.query('INSERT INTO directory_persons VALUES ($1, $2, $3)', [Buffer.alloc(32, 7), ada.ownerId, newId(clock)])
    expect(await rebuildPersons(kith.app)).toBeGreaterThan(0)
    expect(await placesOf(mail)).toEqual([rowIdOf(id)])
    expect((await pool.query('SELECT 1 FROM directory_persons WHERE "addressHash" = $1', [Buffer.alloc(32, 7)])).rowCount).toBe(0)
  })

  test('the directory does not hold the address, and outlasts a change of the master key', async () => {
    const mail = address()
    await befriend(ada, 'Grace', { emails: [{ address: mail }] })
    await kith.runJobs()
    const before = await identifierHashes(kith.app, [{ kind: 'email', value: mail }])
    const stored = (await kith.app.database.pool.query('SELECT d::text AS row FROM directory_persons AS d')).rows.map(({ row }) => row as string)
    expect(stored.length).toBeGreaterThan(0)
    expect(stored.join()).not.toContain(mail)
    const [old] = kith.app.secrets.masterKeys
    const next = masterKey([new Uint8Array(32).map((_, index) => index * 7), old!])
    await rewrapDataKeys(kith.app.keys.pool, next)
    const rotated = openVault({ pool: kith.app.keys.pool, master: next, classOf: () => 'content', memory: kith.app })
    expect(await identifierHashes({ ...kith.app, vault: rotated }, [{ kind: 'email', value: mail }])).toEqual(before)
    await rewrapDataKeys(kith.app.keys.pool, masterKey([old!, new Uint8Array(32).map((_, index) => index * 7)]))
  })
})

describe('[F-45] an address whose holder wants to stand in no address book comes in nowhere', () => {
  test('by hand, alone or with others, with a refusal that names the field', async () => {
    const mail = address()
    await suppressed(mail, '+49305550188')
    expect(await mutate(ada, 'contactCreate', { input: { displayName: 'A', emails: [{ address: 'fine@example.test' }, { address: mail }] } })).toMatchObject({
      code: 'INVALID_INPUT',
      issues: [{ path: ['emails', '1', 'address'] }],
    })
    expect(await mutate(ada, 'contactCreate', { input: { displayName: 'A', phones: [{ number: '030/5550188' }] } })).toMatchObject({
      issues: [{ path: ['phones', '0', 'number'] }],
    })
    const { data } = await ada.graphql(
      'mutation ($inputs: [ContactCreateInput!]!) { contactsCreate(inputs: $inputs, onError: SKIP_INVALID) { ... on ContactsCreated { rows { contact { displayName } error { issues { path } } } } } }',
      { inputs: [{ displayName: 'A', emails: [{ address: mail }] }, { displayName: 'B' }] },
    )
    expect(data.contactsCreate.rows).toEqual([
      { contact: null, error: { issues: [{ path: ['emails', '0', 'address'] }] } },
      { contact: { displayName: 'B' }, error: null },
    ])
    const id = await befriend(ada, 'C')
    expect(await mutate(ada, 'contactUpdate', { id, input: { emails: [{ address: mail }] } })).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await everythingStored(kith)).not.toContain(mail)
  })

  test('by an import, which goes on with the others and says why', async () => {
    const mail = address()
    await suppressed(mail)
    const card = (name: string, email: string) => `BEGIN:VCARD\nVERSION:4.0\nUID:${name}\nFN:${name}\nEMAIL:${email}\nEND:VCARD\n`
    const imported = await importContacts(ada.ctx, { format: 'VCARD', content: card('Unwanted', mail) + card('Wanted', address()) })
    expect(imported).toMatchObject({
      created: 1,
      skipped: 1,
      rows: [{ outcome: 'SKIPPED', message: expect.stringContaining('asked not to be kept') as string }, { outcome: 'CREATED' }],
    })
    expect((await ask(ada, 'contacts { nodes { displayName } }')).nodes).toEqual([{ displayName: 'Wanted' }])
  })

  test('what was there before can still be edited', async () => {
    const mail = address()
    const id = await befriend(ada, 'Before', { emails: [{ address: mail }] })
    await suppressed(mail)
    expect(await done(ada, 'contactUpdate', { id, input: { displayName: 'After', emails: [{ address: mail, label: 'work' }] } })).toMatchObject({
      displayName: 'After',
    })
  })
})
