import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { signIn } from '../../src/accounts/signIn.ts'
import { applyDraft, fingerprintOf } from '../../src/contacts/drafts.ts'
import { emptyDraft } from '../../src/contacts/draft.ts'
import { fixedClock, toDate } from '../../src/core/clock.ts'
import { planDelivery } from '../../src/deliveries/service.ts'
import { inTransaction } from '../../src/events/service.ts'
import { exportContacts } from '../../src/exchange/export.ts'
import { identifierHashes, findPlaces } from '../../src/directory/persons.ts'
import { controllerActor } from '../../src/privacy/controller.ts'
import type { RequestSubject } from '../../src/privacy/execution.ts'
import { quarantine, restrain } from '../../src/privacy/restriction.ts'
import { isRestricted } from '../../src/privacy/service.ts'
import { type Person, testApp } from '../support/app.ts'
import { ask, befriend, contactOf, done, mutate, rowIdOf } from '../support/crm.ts'
import { type Kith, submit } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.advance({ hours: 1 })
  ada = await kith.signUp()
})

const apply = (subject: RequestSubject, at: Date | null) => inTransaction({ ...ada.ctx, actor: controllerActor('test') }, (tx) => restrain(tx, subject, at))
/** A wall time in so many days. */
const inDays = (days: number) =>
  clock
    .now()
    .add({ hours: 24 * days })
    .toString()
    .slice(0, 16)
const person = async (address: string): Promise<RequestSubject> => {
  await kith.runJobs()
  const hashes = await identifierHashes(kith.app, [{ kind: 'email', value: address }])
  return { kind: 'PERSON', hashes, places: await findPlaces(ada.ctx, hashes) }
}
const mailsTo = (who: Person) => kith.mails.filter(({ to }) => to === who.email).map(({ subject }) => subject)

describe('an account whose data may only be stored', () => {
  test('[S-22] gets no reminder, alert or digest by mail, and all of it when it is lifted', async () => {
    const contact = await befriend(ada, 'Grace')
    await done(ada, 'accountUpdate', { input: { weeklyDigest: true } })
    await done(ada, 'reminderCreate', { input: { contactId: contact, title: 'Call Grace', dueAt: inDays(2), timeZone: 'UTC' } })
    await ada.graphql('mutation ($id: ID!) { contactFollowUpSet(id: $id, every: "P1D") { __typename } }', { id: contact })
    await kith.runJobs()
    await apply({ kind: 'USER', ownerId: ada.ownerId }, toDate(clock.now()))
    expect(await isRestricted(ada.ctx)).toBe(true)
    clock.advance({ hours: 10 * 24 })
    const run = await kith.runJobs()
    expect(run.done).toEqual(expect.arrayContaining(['reminder-fire', 'digest']))
    expect(mailsTo(ada)).toEqual([])

    await apply({ kind: 'USER', ownerId: ada.ownerId }, null)
    clock.advance({ minutes: 6 })
    await kith.runJobs()
    const subjects = mailsTo(ada).join(', ')
    expect(subjects).toContain('Call Grace')
    expect(subjects).toContain('get in touch')
    expect(subjects).toContain('Your week')
  })

  test('[S-22] gets not even what was planned before, until it is lifted', async () => {
    const planned = { kind: 'REMINDER', entityId: ada.accountId, occurrenceAt: toDate(clock.now()), subject: 'Planned before', text: 'x' } as const
    await inTransaction(ada.ctx, (tx) => planDelivery(tx, planned))
    await apply({ kind: 'USER', ownerId: ada.ownerId }, toDate(clock.now()))
    await kith.runJobs()
    expect(mailsTo(ada)).toEqual([])
    await apply({ kind: 'USER', ownerId: ada.ownerId }, null)
    clock.advance({ minutes: 6 })
    await kith.runJobs()
    expect(mailsTo(ada)).toEqual(['Planned before'])
  })

  test('[S-22] [F-03] is asked for in one step, and its holder still reads, changes settings and has every right', async () => {
    const request = await submit(kith, ada, { type: 'RESTRICTION' })
    expect(request.state).toBe('APPROVED')
    await kith.runJobs()
    expect(await isRestricted(ada.ctx)).toBe(true)
    expect(await done(ada, 'accountUpdate', { input: { sendTime: '07:00' } })).toMatchObject({ sendTime: '07:00' })
    expect((await submit(kith, ada, { type: 'COMPLAINT', details: 'x' })).state).toBe('IN_ASSESSMENT')
  })
})

describe('a person in an address book whose data may only be stored', () => {
  const write = async (): Promise<{ id: string; subject: RequestSubject }> => {
    const id = await befriend(ada, 'Grace Restricted', { emails: [{ address: 'grace@example.test' }] })
    await done(ada, 'noteCreate', { input: { contactId: id, body: 'likes zithers' } })
    return { id, subject: await person('grace@example.test') }
  }
  const found = async (search: string) => (await ask(ada, `contacts(search: ${JSON.stringify(search)}) { nodes { displayName } }`)).nodes.length
  const exported = async () => (await Array.fromAsync(exportContacts(ada.ctx, 'VCARD'))).join('')

  test('[S-22] is neither found, exported, merged nor edited, but is not gone, and all of that works again when it is lifted', async () => {
    const { id, subject } = await write()
    const other = await befriend(ada, 'Other')
    await apply(subject, toDate(clock.now()))
    expect([await found('Grace'), await found('zithers')]).toEqual([0, 0])
    expect((await ask(ada, 'notes(search: "zithers") { nodes { id } }')).nodes).toEqual([])
    expect(await exported()).not.toContain('Grace')
    expect(await mutate(ada, 'contactUpdate', { id, input: { displayName: 'X' } })).toMatchObject({ code: 'INVALID_INPUT' })
    const merge = 'mutation ($input: ContactMergeInput!) { contactMerge(input: $input) { ... on Error { code } } }'
    expect((await ada.graphql(merge, { input: { survivorId: other, mergedIds: [id] } })).data.contactMerge).toEqual({ code: 'INVALID_INPUT' })
    expect(await contactOf(ada, id)).toMatchObject({ displayName: 'Grace Restricted' })

    await apply(subject, null)
    expect([await found('Grace'), await found('zithers')]).toEqual([1, 1])
    expect(await exported()).toContain('Grace')
    expect(await done(ada, 'contactUpdate', { id, input: { displayName: 'X' } })).toMatchObject({ displayName: 'X' })
  })

  test('[S-22] comes in no reminder, alert or digest', async () => {
    const { id, subject } = await write()
    await done(ada, 'accountUpdate', { input: { weeklyDigest: true } })
    await done(ada, 'reminderCreate', { input: { contactId: id, title: 'Call', dueAt: inDays(4), timeZone: 'UTC' } })
    await done(ada, 'reminderCreate', { input: { title: 'Water the plants', dueAt: inDays(4), timeZone: 'UTC' } })
    const other = await befriend(ada, 'Olaf')
    for (const each of [id, other]) await ada.graphql('mutation ($id: ID!) { contactFollowUpSet(id: $id, every: "P1D") { __typename } }', { id: each })
    await kith.runJobs()
    await apply(subject, toDate(clock.now()))
    clock.advance({ hours: 10 * 24 })
    await kith.runJobs()
    const texts = kith.mails.filter(({ to }) => to === ada.email).map(({ subject: title, text }) => `${title} ${text}`)
    // Others' alerts and what is about nobody still go out.
    for (const said of ['Water the plants', 'get in touch with Olaf']) expect(texts.some((text) => text.includes(said))).toBe(true)
    expect(texts.join('\n')).not.toMatch(/Grace|Call/)
  })

  test('[S-22] is left alone by an import, which says so', async () => {
    const { id, subject } = await write()
    await apply(subject, toDate(clock.now()))
    const vault = await kith.app.vault.of(ada.ownerId)
    const draft = { ...emptyDraft(), displayName: 'Graceless', emails: [{ address: 'grace@example.test' }] }
    const source = { kind: 'IMPORT' as const, externalId: 'uid:1', raw: '{}', fingerprint: fingerprintOf(vault, 'x') }
    const applied = await inTransaction(ada.ctx, (tx) => applyDraft(tx, { contactId: rowIdOf(id), draft, source }))
    expect(applied).toMatchObject({ outcome: 'SKIPPED', reason: 'RESTRICTED' })
    expect(await contactOf(ada, id)).toMatchObject({ displayName: 'Grace Restricted' })
  })
})

describe('what is in quarantine', () => {
  test('[S-55] a contact is read nowhere and restored by nobody from the commit on', async () => {
    const id = await befriend(ada, 'Child', { emails: [{ address: 'child@example.test' }] })
    const subject = await person('child@example.test')
    await inTransaction({ ...ada.ctx, actor: controllerActor('test') }, (tx) => quarantine(tx, subject, toDate(clock.now())))
    expect(await contactOf(ada, id)).toBeNull()
    expect((await ask(ada, 'contacts { nodes { id } }')).nodes).toEqual([])
    expect((await ask(ada, 'contactsInBin { nodes { id } }')).nodes).toEqual([])
    expect(await ask(ada, 'node(id: $id) { id }', { id })).toBeNull()
    expect(await mutate(ada, 'contactRestore', { id })).toMatchObject({ code: 'NOT_FOUND' })
  })

  test('[S-55] an account lets nobody in, by session, token or a new sign-in', async () => {
    const token = await ada.token()
    await inTransaction({ ...ada.ctx, actor: controllerActor('test') }, (tx) => quarantine(tx, { kind: 'USER', ownerId: ada.ownerId }, toDate(clock.now())))
    const query = '{ viewer { id } }'
    expect((await kith.graphql(query, {}, { headers: ada.browser })).status).toBe(401)
    expect((await kith.graphql(query, {}, { token })).status).toBe(401)
    await expect(signIn(kith.app, { subject: `subject of ${ada.email}`, email: ada.email }, { userAgent: null })).rejects.toThrow('closed')
  })
})
