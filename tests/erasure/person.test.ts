import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { findPlaces, identifierHashes } from '../../src/directory/persons.ts'
import { erase } from '../../src/erasure/execute.ts'
import { verifyCertificate } from '../../src/erasure/service.ts'
import { importContacts } from '../../src/exchange/service.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { grantRole } from '../../src/privacy/roles.ts'
import { controllerId } from '../../src/privacy/service.ts'
import { jwkOf } from '../../src/vault/signing.ts'
import { type Person, testApp } from '../support/app.ts'
import { ask, befriend, contactOf, done, mutate, rowIdOf } from '../support/crm.ts'
import { codeIn, it, type Kith, onRequest } from '../privacy/support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person
let bob: Person
let request = 0

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 1 })
  ada = await kith.signUp()
  bob = await kith.signUp()
})

const query = async (text: string, values: unknown[] = []) => (await kith.app.database.pool.query(text, values)).rows
/** Carries out an approved request of whoever controls an address; answers its certificate's text. */
async function eraseWhoHas(address: string): Promise<string> {
  await kith.runJobs()
  const requestId = `01900000-0000-7000-8000-${String((request += 1)).padStart(12, '0')}`
  const hashes = await identifierHashes(kith.app, [{ kind: 'email', value: address }])
  const ctx = systemCtx(kith.app, controllerId, 'test')
  const subject = { kind: 'PERSON' as const, hashes, places: await findPlaces(ctx, hashes) }
  const details = { text: null, corrections: [], purpose: null, delayHours: 0, identifiers: [address] }
  expect(await erase(ctx, { requestId, type: 'ERASURE', regime: 'GDPR', subject, details: details as never, decision: [] })).toBe('DONE')
  const [found] = await query('SELECT jws FROM erasure_certificates WHERE "requestId" = $1', [requestId])
  return found.jws as string
}

/** Where a text stands, of all rows of all tables. */
async function where(text: string): Promise<string[]> {
  const tables = await query(`SELECT table_name AS name FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'`)
  const found: string[] = []
  for (const { name } of tables) if ((await query(`SELECT 1 FROM ${name} AS t WHERE t::text ILIKE $1 LIMIT 1`, [`%${text}%`])).length > 0) found.push(name)
  return found
}

describe('somebody without an account who wants to be in no address book', () => {
  test('[S-21] [F-45] goes from every owner’s book with all that hung on them, and stays out', async () => {
    const mail = 'grace.zeta@example.test'
    const inAdas = await befriend(ada, 'Grace Zetaname', { emails: [{ address: mail }], about: 'zetaabout' })
    const inBobs = await befriend(bob, 'G. Zetaname', { emails: [{ address: mail }] })
    const friend = await befriend(ada, 'Friend', { relations: [{ contactId: inAdas, kind: 'sister' }] })
    await done(ada, 'noteCreate', { input: { contactId: inAdas, body: 'zetanote' } })
    await done(ada, 'reminderCreate', { input: { contactId: inAdas, title: 'zetatitle', dueAt: '2026-06-01T12:30', timeZone: 'UTC' } })
    await done(ada, 'interactionLog', { input: { kind: 'CALL', contactIds: [inAdas, friend], occurredAt: '2026-05-01T10:00:00Z' } })
    clock.advance({ hours: 8 })
    await kith.runJobs()
    expect(await where('zeta')).not.toEqual([])

    await eraseWhoHas(mail)
    await kith.runJobs()
    expect(await where('zeta')).toEqual([])
    expect([await contactOf(ada, inAdas), await contactOf(bob, inBobs)]).toEqual([null, null])
    expect((await ask(ada, 'contacts(first: 50) { nodes { displayName } }')).nodes).toEqual([{ displayName: 'Friend' }])
    expect(await mutate(bob, 'contactCreate', { input: { displayName: 'Back', emails: [{ address: mail }] } })).toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('[F-45] is told of no owner by the certificate, which names nobody', async () => {
    const mail = 'henry@example.test'
    await befriend(ada, 'Henry', { emails: [{ address: mail }] })
    await befriend(bob, 'Henry', { emails: [{ address: mail }] })
    const text = await eraseWhoHas(mail)
    const body = verifyCertificate(text, (await kith.app.signing.publicKeys()).map(jwkOf))
    expect(body).toMatchObject({ scope: 'PERSON', check: { found: 0 } })
    for (const owner of [ada, bob]) expect(JSON.stringify(body)).not.toMatch(new RegExp([owner.ownerId, owner.accountId, owner.email].join('|')))
    expect(JSON.stringify(body)).not.toContain('henry')
  })

  test('[S-21] goes from who took part in what others did, too, where no contact stands for them', async () => {
    const friend = await befriend(ada, 'Friend', { emails: [{ address: 'friend@example.test' }] })
    const { id } = await done(ada, 'interactionLog', { input: { kind: 'MEETING', contactIds: [friend], occurredAt: '2026-05-01T10:00:00Z' } })
    await query(
      `INSERT INTO interaction_participants ("ownerId", id, "interactionId", position, role, address, canonical, name) VALUES ($1, gen_random_uuid(), $2, 7, 'TO', 'Iris@example.test', 'iris@example.test', 'Iris Omeganame')`,
      [ada.ownerId, rowIdOf(id)],
    )
    await eraseWhoHas('iris@example.test')
    expect(await where('omeganame')).toEqual([])
    expect(await query('SELECT 1 FROM interactions WHERE "ownerId" = $1', [ada.ownerId])).toHaveLength(1)
  })
})

/** Somebody who is an officer. */
async function officer(): Promise<Person> {
  const olga = await kith.signUp()
  await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
  return olga
}

describe('[S-55] a child', () => {
  const report = async (who: Person, args: string) =>
    it(await kith.graphql(`mutation { it: minorReport(${args}) { ... on PrivacyRequest { id state dueAt } } }`, {}, { headers: who.browser }))
  const requestOf = async ({ id }: { id: string }) => (await query('SELECT state, "closedAt", "dueAt" FROM privacy_requests WHERE id = $1', [rowIdOf(id)]))[0]

  test('whom an address book’s owner reports is erased within the day, with what was written of them', async () => {
    const id = await befriend(ada, 'Kidname', { emails: [{ address: 'kidname@example.test' }] })
    await done(ada, 'noteCreate', { input: { contactId: id, body: 'kidnamenote' } })
    await kith.runJobs()
    const rowsOf = (table: string, column: string) => query(`SELECT 1 FROM ${table} WHERE "ownerId" = $1 AND "${column}" = $2`, [ada.ownerId, rowIdOf(id)])
    expect([await rowsOf('contacts', 'id'), await rowsOf('notes', 'contactId')].map((found) => found.length)).toEqual([1, 1])
    const request = await report(ada, `contactId: "${id}"`)
    await kith.runJobs()
    expect([await rowsOf('contacts', 'id'), await rowsOf('notes', 'contactId')]).toEqual([[], []])
    expect(await where('kidname')).toEqual([])
    const { state, closedAt, dueAt } = await requestOf(request)
    expect(state).toBe('COMPLETED')
    expect(closedAt.getTime()).toBeLessThanOrEqual(dueAt.getTime())
  })

  test('whose account an officer reports is erased within the day', async () => {
    const request = await report(await officer(), `accountEmail: "${ada.email}"`)
    const accounts = () => query('SELECT 1 FROM accounts WHERE "ownerId" = $1', [ada.ownerId])
    expect(await accounts()).toHaveLength(1)
    await kith.runJobs()
    expect(await accounts()).toEqual([])
    expect((await requestOf(request)).state).toBe('COMPLETED')
    expect(await where(ada.email)).toEqual([])
  })
})

describe('[S-25] an erasure that an officer refuses', () => {
  const file = 'mutation ($input: PrivacyRequestFileInput!) { it: privacyRequestFile(input: $input) { ... on PrivacyRequestReceipt { token } } }'
  const verify =
    'mutation ($token: String!, $code: String!) { it: privacyRequestVerify(token: $token, code: $code) { ... on PrivacyRequestReceipt { state } } }'
  const refusal = {
    part: 'everything',
    granted: false,
    reason: 'RIGHTS_OF_OTHERS',
    explanation: 'It is a household’s own address book.',
    complaint: 'The authority in Berlin.',
    remedy: 'The courts.',
  }

  /** What somebody asks for who has proven that an address is theirs; answers the request's id. */
  const proven = async (type: string, address: string, state: string): Promise<string> => {
    const { token } = it(await kith.graphql(file, { input: { type, address, regime: 'GDPR' } }))
    await kith.runJobs()
    expect(it(await kith.graphql(verify, { token, code: codeIn(kith, address) }))).toEqual({ state })
    return Buffer.from(`PrivacyRequest:${token.split('.')[0]}`).toString('base64url')
  }
  const parts = '$parts: [PrivacyPartDecisionInput!]!'
  const refuse = (olga: Person, request: string) => onRequest(kith, olga, 'privacyCaseDecide', request, 'parts: $parts', { parts: [refusal] }, parts)
  const isStored = async (id: string): Promise<boolean> => {
    const [row] = await query('SELECT "restrictedAt" FROM contacts WHERE "ownerId" = $1 AND id = $2', [ada.ownerId, rowIdOf(id)])
    return row.restrictedAt !== null
  }

  test('lets the contact be found and synced again, and keeps nobody out', async () => {
    const olga = await officer()
    const address = 'refused@example.test'
    const id = await befriend(ada, 'Refused', { emails: [{ address }] })
    await kith.runJobs()
    const found = async () => (await ask(ada, 'contacts(search: "Refused") { nodes { id } }')).nodes.length
    const card = (name: string) => `BEGIN:VCARD\nVERSION:4.0\nUID:refused\nFN:${name}\nEMAIL:${address}\nEND:VCARD\n`
    const outcome = async (name: string) => (await importContacts(ada.ctx, { format: 'VCARD', content: card(name) })).rows[0]?.outcome
    expect(await outcome('Refused')).toBe('UPDATED')
    const request = await proven('ERASURE', address, 'IN_ASSESSMENT')
    expect([await found(), await outcome('Refused Meanwhile')]).toEqual([0, 'SKIPPED'])

    expect(await refuse(olga, request)).toMatchObject({ state: 'DENIED' })
    await kith.runJobs()
    expect(await isStored(id)).toBe(false)
    expect([await found(), await outcome('Refused Later')]).toEqual([1, 'UPDATED'])
    expect(await query('SELECT 1 FROM directory_suppressions WHERE "requestId" = $1', [rowIdOf(request)])).toEqual([])
    expect(await done(bob, 'contactCreate', { input: { displayName: 'Also', emails: [{ address }] } })).toMatchObject({ displayName: 'Also' })
  })

  test('leaves the contact only stored where its person has asked for that too, and stops it again when it is taken up again', async () => {
    const olga = await officer()
    const [asked, other] = ['asked@example.test', 'reopened@example.test']
    const [restricted, reopened] = [
      await befriend(ada, 'Asked', { emails: [{ address: asked }] }),
      await befriend(ada, 'Other', { emails: [{ address: other }] }),
    ]
    await kith.runJobs()
    await proven('RESTRICTION', asked, 'APPROVED')
    await kith.runJobs()
    await refuse(olga, await proven('ERASURE', asked, 'IN_ASSESSMENT'))
    expect(await isStored(restricted)).toBe(true)

    const request = await proven('ERASURE', other, 'IN_ASSESSMENT')
    await refuse(olga, request)
    expect(await isStored(reopened)).toBe(false)
    await onRequest(kith, olga, 'privacyCaseReopen', request, 'reason: "There are new facts."')
    expect(await isStored(reopened)).toBe(true)
  })
})
