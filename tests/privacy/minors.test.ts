import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import type { Execution, Executor } from '../../src/privacy/execution.ts'
import { grantRole } from '../../src/privacy/roles.ts'
import { type Person, testApp } from '../support/app.ts'
import { ask, befriend, contactOf, done, rowIdOf } from '../support/crm.ts'
import { it, type Kith, onRequest, signedInAgain } from './support.ts'

const clock = fixedClock('2026-06-07T10:00:00Z')
const executed: { at: string; execution: Execution }[] = []
let kith: Kith
let ada: Person
let olga: Person

beforeAll(async () => {
  const app = await testApp({
    clock,
    // Stands for the erasure, which others make.
    onCreate: (made) => {
      const erase: Executor = async (_ctx, execution) => {
        executed.push({ at: clock.now().toString(), execution })
        return 'DONE'
      }
      Object.assign(made, { executorsOf: () => [erase] })
    },
  })
  kith = Object.assign(app, { clock })
  olga = await kith.signUp()
  await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
})
afterAll(() => kith.close())
beforeEach(async () => {
  executed.length = 0
  ada = await kith.signUp()
  olga = await signedInAgain(kith, olga)
})

const report = async (who: Person, args: string) =>
  it(
    await kith.graphql(
      `mutation { it: minorReport(${args}) { __typename ... on PrivacyRequest { type state receivedAt dueAt } ... on Error { code } } }`,
      {},
      { headers: who.browser },
    ),
  )

test('[S-55] a contact that its owner reports is out of reach from that commit on, with all that hangs on it, and erased within a day', async () => {
  const id = await befriend(ada, 'Child', { emails: [{ address: 'kid@example.test' }] })
  await done(ada, 'noteCreate', { input: { contactId: id, body: 'school run' } })
  await done(ada, 'reminderCreate', { input: { contactId: id, title: 'Pick up', dueAt: '2026-06-09T09:00', timeZone: 'UTC' } })
  await done(ada, 'interactionLog', { input: { kind: 'CALL', contactIds: [id], occurredAt: '2026-06-06T10:00:00Z' } })
  await kith.runJobs()
  const lists = ['contacts', 'contacts(search: "Child")', 'notes', 'reminders', 'interactions']
  const nodesOf = async (list: string) => (await ask(ada, `${list} { nodes { id } }`)).nodes as object[]
  for (const list of lists) expect(await nodesOf(list), list).toHaveLength(1)
  expect(await report(ada, `contactId: "${id}"`)).toMatchObject({
    type: 'MINOR_ERASURE',
    state: 'APPROVED',
    receivedAt: '2026-06-07T10:00:00.000Z',
    dueAt: '2026-06-08T10:00:00.000Z',
  })
  expect(await contactOf(ada, id)).toBeNull()
  for (const list of [...lists, 'contactsInBin']) expect(await nodesOf(list), list).toEqual([])
  await kith.runJobs()
  expect(executed.map(({ at }) => at)).toEqual(['2026-06-07T10:00:00Z'])
  expect(executed[0]?.execution).toMatchObject({
    type: 'MINOR_ERASURE',
    subject: { kind: 'PERSON', places: [{ ownerId: ada.ownerId, contactId: rowIdOf(id) }] },
  })
})

test('[S-55] nobody reports what is somebody else’s, and only officers report accounts', async () => {
  const bea = await kith.signUp()
  const id = await befriend(bea, 'Theirs')
  expect(await report(ada, `contactId: "${id}"`)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await report(ada, `accountEmail: "${bea.email}"`)).toMatchObject({ code: 'NOT_FOUND' })
  expect(await report(ada, 'accountEmail: null')).toMatchObject({ code: 'INVALID_INPUT' })
  expect(await contactOf(bea, id)).not.toBeNull()
  expect((await kith.graphql('{ viewer { id } }', {}, { headers: bea.browser })).status).toBe(200)
})

test('[S-55] an account that an officer reports lets nobody in from that commit on, and is erased within a day; its holder is written nothing', async () => {
  expect(await report(olga, `accountEmail: "${ada.email}"`)).toMatchObject({ state: 'APPROVED' })
  expect((await kith.graphql('{ viewer { id } }', {}, { headers: ada.browser })).status).toBe(401)
  await kith.runJobs()
  expect(executed[0]?.execution.subject).toEqual({ kind: 'USER', ownerId: ada.ownerId })
  expect(kith.mails.filter(({ to }) => to === ada.email)).toEqual([])
})

test('[S-56] a guardian without an account waits for level 4; then the child is out of reach at once, and nothing of it is told to the guardian', async () => {
  const id = await befriend(ada, 'Little One', { emails: [{ address: 'little@example.test' }] })
  await kith.runJobs()
  const guardian = 'guardian@example.test'
  const filed = it(
    await kith.graphql(
      'mutation ($input: PrivacyRequestFileInput!) { it: privacyRequestFile(input: $input) { ... on PrivacyRequestReceipt { token state dueAt } } }',
      {
        input: { type: 'MINOR_ERASURE', requester: 'GUARDIAN', address: guardian, identifiers: ['Little@example.test'], regime: 'GDPR' },
      },
    ),
  )
  expect(filed).toMatchObject({ state: 'AWAITING_IDENTITY', dueAt: '2026-06-08T10:00:00.000Z' })
  await kith.runJobs()
  expect(await contactOf(ada, id)).not.toBeNull()
  const request = Buffer.from(`PrivacyRequest:${filed.token.split('.')[0]}`).toString('base64url')
  expect(await onRequest(kith, olga, 'privacyCaseProve', request, 'level: 4, method: "SIGNED_DECLARATION"')).toMatchObject({ state: 'APPROVED' })
  expect(await contactOf(ada, id)).toBeNull()
  await kith.runJobs()
  expect(executed[0]?.execution.subject).toMatchObject({ places: [{ contactId: rowIdOf(id) }] })
  const said = kith.mails
    .filter(({ to }) => to === guardian)
    .map(({ subject, text }) => subject + text)
    .join()
  for (const secret of ['Little', ada.email, ada.ownerId]) expect(said).not.toContain(secret)
})
