import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type ContactDraft, emptyDraft } from '../../src/contacts/draft.ts'
import { type Applied, applyDrafts, fingerprintOf } from '../../src/contacts/drafts.ts'
import { inTransaction } from '../../src/events/service.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { change, create, read, rowIdOf, update } from './support.ts'

let kith: TestApp
let ada: Person
let statements: string[] = []

beforeAll(async () => {
  kith = await testApp({ onQuery: (text) => statements.push(text) })
  ada = await kith.signUp()
})
afterAll(() => kith.close())

const globalId = (id: string | null) => Buffer.from(`Contact:${id}`).toString('base64url')
let sources = 0

/** A source that says something of a contact, again and again. */
function source(kind: 'GOOGLE' | 'IMPORT' = 'GOOGLE', who = ada) {
  sources += 1
  const externalId = `people/${sources}`
  return async (says: Partial<ContactDraft>, contactId: string | null = null): Promise<Applied> => {
    const raw = JSON.stringify(says)
    const vault = await kith.app.vault.of(who.ownerId)
    const [applied] = await inTransaction(who.ctx, (tx) =>
      applyDrafts(tx, [{ contactId, draft: { ...emptyDraft(), ...says }, source: { kind, externalId, raw, fingerprint: fingerprintOf(vault, raw) } }]),
    )
    if (!applied) throw new Error('no outcome')
    return applied
  }
}
const shown = async (applied: Applied, who = ada) => read(who, globalId(applied.contactId))
const addresses = async (applied: Applied) => (await shown(applied)).emails.map(({ address }: { address: string }) => address)
const events = async (contactId: string | null) =>
  (await kith.app.database.pool.query('SELECT type, changed FROM events WHERE "ownerId" = $1 AND "entityId" = $2 ORDER BY seq', [ada.ownerId, contactId])).rows

const full: Partial<ContactDraft> = {
  name: { given: 'Gus', family: 'Grün' },
  displayName: 'Gus Grün',
  about: 'Hello',
  starred: true,
  emails: [
    { address: 'gus@example.test', label: 'home' },
    { address: 'work@example.test', label: 'work', primary: true },
  ],
  phones: [{ number: '030 1234567' }],
  addresses: [{ street: 'Weg 1', city: 'Berlin', countryCode: 'DE' }],
  urls: [{ url: 'gus.example' }],
  organizations: [{ name: 'Acme', title: 'Chief' }],
  dates: [{ kind: 'BIRTHDAY', date: { month: 4, day: 1 } }],
  relations: [{ name: 'Max', kind: 'brother' }],
  customFields: [{ name: 'Shoe', value: '44' }],
  tags: ['Friends', 'friends'],
}

describe('a source', () => {
  test('makes a contact, and said again changes nothing', async () => {
    const google = source()
    const made = await google(full)
    expect(made.outcome).toBe('CREATED')
    const contact = await shown(made)
    expect(contact).toMatchObject({
      displayName: 'Gus Grün',
      name: { given: 'Gus', family: 'Grün' },
      about: 'Hello',
      starred: true,
      emails: [
        { address: 'gus@example.test', primary: false },
        { address: 'work@example.test', primary: true },
      ],
      phones: [{ e164: '+49301234567' }],
      addresses: [{ formatted: 'Weg 1\nBerlin\nDE' }],
      tags: ['Friends'],
      customFields: [{ name: 'Shoe', value: '44' }],
      sources: [{ kind: 'GOOGLE', externalId: `people/${sources}` }],
    })
    expect(await google(full)).toEqual({ outcome: 'UNCHANGED', contactId: made.contactId })
    const { sources: _seen, ...rest } = contact
    expect(await shown(made)).toMatchObject(rest)
    expect(await events(made.contactId)).toHaveLength(1)
  })

  test('changes and takes back what it brought', async () => {
    const google = source()
    const made = await google(full)
    const before = await shown(made)
    const changed = await google({
      ...full,
      name: { given: 'August' },
      displayName: 'August',
      about: undefined,
      starred: undefined,
      emails: [{ address: 'new@example.test' }, { address: 'gus@example.test', label: 'private' }],
      phones: [],
      tags: ['Work'],
    })
    expect(changed).toEqual({ outcome: 'UPDATED', contactId: made.contactId })
    const after = await shown(made)
    expect(after).toMatchObject({
      displayName: 'August',
      name: { given: 'August', family: null },
      about: null,
      starred: false,
      emails: [
        { address: 'new@example.test', primary: true },
        { id: before.emails[0].id, address: 'gus@example.test', label: 'private', primary: false },
      ],
      phones: [],
      tags: ['Work'],
    })
    for (const list of ['addresses', 'urls', 'organizations', 'dates', 'relations', 'customFields']) expect(after[list], list).toEqual(before[list])
    expect((await events(made.contactId))[1]).toEqual({ type: 'contact.updated', changed: ['about', 'emails', 'name', 'phones', 'sources', 'starred', 'tags'] })
  })

  test('never overwrites, brings back or removes what the user edited, removed or wrote', async () => {
    const google = source()
    const made = await google(full)
    const contact = await shown(made)
    const [home, work] = contact.emails
    await update(ada, contact.id, {
      name: { given: 'Gustav' },
      about: null,
      starred: false,
      emails: [{ id: home.id, address: 'gustav@example.test', label: 'home' }, { address: 'mine@example.test' }],
      phones: [{ id: contact.phones[0].id, number: '030 1234567', label: 'mobile' }],
      tags: ['Mine'],
      customFields: [],
      relations: [{ id: contact.relations[0].id, name: 'Max', kind: 'cousin' }],
    })
    const edited = await shown(made)
    expect(edited.displayName).toBe('Gustav Grün')
    expect(await google({ ...full, urls: [], name: { given: 'G.', family: 'Gruen' } })).toMatchObject({ outcome: 'UPDATED' })
    const after = await shown(made)
    expect(after).toEqual({
      ...edited,
      name: { ...edited.name, family: 'Gruen' },
      displayName: 'Gustav Gruen',
      urls: [],
      updatedAt: after.updatedAt,
      sources: after.sources,
    })
    expect(await google({ name: { family: 'Gruen' } })).toMatchObject({ outcome: 'UPDATED' })
    const bare = await shown(made)
    expect(bare.emails).toEqual(edited.emails)
    expect(bare.phones).toEqual(edited.phones)
    expect(bare.relations).toEqual(edited.relations)
    expect(bare).toMatchObject({ name: { given: 'Gustav' }, tags: ['Mine'], addresses: [], organizations: [], customFields: [] })
    // What the user puts back by hand is the user's, and no removed value any more.
    await update(ada, contact.id, { emails: [{ address: work.address }] })
    await google({ name: { family: 'Gruen' }, emails: [{ address: work.address }, { address: home.address }] })
    expect(await addresses(made)).toEqual([work.address])
  })

  test('leaves what another source or the user holds as well', async () => {
    const [google, phone] = [source(), source('IMPORT')]
    const contact = await create(ada, { name: { given: 'Typed' }, emails: [{ address: 'typed@example.test' }] })
    const id = rowIdOf(contact.id)
    const of = (...list: string[]) => ({ name: { given: 'Other', family: 'Name' }, emails: list.map((address) => ({ address })) })
    const made = await google(of('typed@example.test', 'both@example.test', 'google@example.test'), id)
    expect(made).toEqual({ outcome: 'UPDATED', contactId: id })
    await phone(of('both@example.test', 'phone@example.test'), id)
    expect(await shown(made)).toMatchObject({ name: { given: 'Typed', family: 'Name' } })
    expect(await addresses(made)).toEqual(['typed@example.test', 'both@example.test', 'google@example.test', 'phone@example.test'])
    await google(of())
    expect(await addresses(made)).toEqual(['typed@example.test', 'both@example.test', 'phone@example.test'])
    await phone(of('phone@example.test'))
    expect(await addresses(made)).toEqual(['typed@example.test', 'phone@example.test'])
    expect((await shown(made)).sources.map(({ kind }: { kind: string }) => kind)).toEqual(['MANUAL', 'GOOGLE', 'IMPORT'])
  })

  test('keeps the user’s choice of a primary address', async () => {
    const google = source()
    const made = await google(full)
    const [home, work] = (await shown(made)).emails
    const flags = async () => (await shown(made)).emails.map(({ primary }: { primary: boolean }) => primary)
    await update(ada, globalId(made.contactId), {
      emails: [
        { id: home.id, address: home.address, label: home.label, primary: true },
        { id: work.id, address: work.address, label: work.label },
      ],
    })
    expect(await flags()).toEqual([true, false])
    await google({ ...full, urls: [] })
    expect(await flags()).toEqual([true, false])
  })
})

describe('many drafts', () => {
  test('each have their outcome, in their order', async () => {
    const vault = await kith.app.vault.of(ada.ownerId)
    const draft = (given: string, externalId: string | null, contactId: string | null = null, says: Partial<ContactDraft> = {}) => ({
      contactId,
      draft: { ...emptyDraft(), name: { given }, ...says },
      source: { kind: 'IMPORT' as const, externalId, raw: given, fingerprint: fingerprintOf(vault, `${given} ${JSON.stringify(says)}`) },
    })
    const binned = await create(ada, { name: { given: 'Binned' } })
    await change(ada, 'contactDelete', binned.id)
    const applied = await inTransaction(ada.ctx, (tx) =>
      applyDrafts(tx, [
        draft('One', 'many/1'),
        draft('Two', null),
        draft('One again', 'many/1'),
        draft('', 'many/2'),
        draft('Nobody', 'many/3', '01234567-89ab-7def-8123-456789abcdef'),
        draft('In bin', 'many/4', rowIdOf(binned.id)),
        draft('x'.repeat(2001), 'many/5'),
        draft('One again', 'many/1'),
        draft('Two', null),
        draft('', null, null, { emails: [{ address: 'not an address' }] }),
      ]),
    )
    expect(applied.map((each) => (each.outcome === 'SKIPPED' ? each.reason : each.outcome))).toEqual([
      'CREATED',
      'CREATED',
      'UPDATED',
      'INVALID',
      'ABSENT',
      'IN_BIN',
      'INVALID',
      'UNCHANGED',
      'CREATED',
      'CREATED',
    ])
    expect(applied[2]?.contactId).toBe(applied[0]?.contactId)
    expect(applied[6]).toMatchObject({ issues: [{ path: ['name', 'given'] }] })
    expect((await shown(applied[0]!)).displayName).toBe('One again')
    expect((await shown(applied[9]!)).emails).toMatchObject([{ address: 'not an address' }])
  })

  test('that bring the same record at once make one contact', async () => {
    const google = source()
    const applied = await Promise.all(Array.from({ length: 4 }, () => google(full)))
    expect(new Set(applied.map(({ contactId }) => contactId)).size).toBe(1)
    expect(applied.filter(({ outcome }) => outcome === 'CREATED')).toHaveLength(1)
  })

  test('are as many statements as a few', async () => {
    const someone = await kith.signUp()
    const vault = await kith.app.vault.of(someone.ownerId)
    const run = async (count: number, round: string) => {
      statements = []
      await inTransaction(someone.ctx, (tx) =>
        applyDrafts(
          tx,
          Array.from({ length: count }, (_, n) => ({
            contactId: null,
            draft: { ...emptyDraft(), ...full, emails: [{ address: `${round}${n}@example.test` }], tags: ['Friends'] },
            source: { kind: 'IMPORT' as const, externalId: `${n}`, raw: round, fingerprint: fingerprintOf(vault, round) },
          })),
        ),
      )
      return statements.length
    }
    await run(1, 'first')
    await run(200, 'all')
    expect(await run(3, 'few')).toBe(await run(200, 'many'))
  })

  test('of two owners do not meet', async () => {
    const bea = await kith.signUp()
    const google = source()
    const made = await google(full)
    sources -= 1
    const other = await source('GOOGLE', bea)(full)
    expect(other.outcome).toBe('CREATED')
    expect(other.contactId).not.toBe(made.contactId)
    expect(await source('GOOGLE', bea)(full, made.contactId)).toMatchObject({ outcome: 'SKIPPED', reason: 'ABSENT' })
  })
})
