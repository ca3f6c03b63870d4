import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { verifyChains } from '../../src/events/verify.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import { controllerId } from '../../src/privacy/controller.ts'
import { grantRole, listRoles, revokeRole } from '../../src/privacy/roles.ts'
import { isRestricted } from '../../src/privacy/service.ts'
import { type Person, testApp } from '../support/app.ts'
import { rowIdOf } from '../support/crm.ts'
import { codeIn, it, type Kith, onRequest, ownRequests, signedInAgain, statesOf, submit } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person
let olga: Person

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.set(clock.now().add({ hours: 24 }))
  ada = await kith.signUp()
  olga = await kith.signUp()
  await grant(olga)
})
// Each test has an officer of its own, so that nobody gets the warnings of all.
afterEach(() => revokeRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer'))

const grant = (who: Person) => grantRole(systemCtx(kith.app, who.ownerId, 'test'), who.ownerId, 'privacy-officer')
const queue = async (who: Person, args = ''): Promise<{ id: string }[]> =>
  it(await kith.graphql(`{ it: privacyRequestQueue(first: 100${args}) { totalCount nodes { id type state dueAt overdue } } }`, {}, { headers: who.browser }))
    .nodes
const readCase = async (who: Person, id: string) =>
  it(
    await kith.graphql(
      'query ($id: ID!) { it: privacyCase(id: $id) { details replyTo provenLevel requiredLevel matches request { id } } }',
      { id },
      { headers: who.browser },
    ),
  )
const decide = (who: Person, id: string, parts: object[]) =>
  onRequest(kith, who, 'privacyCaseDecide', id, 'parts: $parts', { parts }, '$parts: [PrivacyPartDecisionInput!]!')
const reasoned = (who: Person, field: string, id: string, reason: string) => onRequest(kith, who, field, id, 'reason: $reason', { reason }, '$reason: String!')
const refusal = {
  part: 'notes',
  granted: false,
  reason: 'RIGHTS_OF_OTHERS',
  explanation: 'They tell of somebody else.',
  complaint: 'The authority in Berlin.',
  remedy: 'The courts.',
}
const objection = (details: string) => submit(kith, ada, { type: 'OBJECTION', regime: 'GDPR', purpose: 'SECURITY', details })

describe('[S-28] without the role there is nothing to see or do', () => {
  const operations = [
    ['privacyCaseNote', 'reason: "because"'],
    ['privacyCaseExtend', 'reason: "because"'],
    ['privacyCaseReopen', 'reason: "because"'],
    ['privacyCaseLiftAnnounce', 'reason: "because"'],
    ['privacyCaseLift', ''],
    ['privacyCaseProve', 'level: 4, method: "SIGNED_DECLARATION"'],
    ['privacyCaseDecide', 'parts: [{ part: "everything", granted: true }]'],
  ] as const

  test.each(operations)('%s answers as if there were no such request, for one’s own and for a token of an officer’s too', async (field, args) => {
    const { id } = await objection('x')
    expect(await onRequest(kith, ada, field, id, args)).toMatchObject({ code: 'NOT_FOUND' })
    const byToken = await olga.graphql(`mutation ($id: ID!) { it: ${field}(id: $id${args && `, ${args}`}) { ... on Error { code } } }`, { id })
    expect(byToken.data.it).toMatchObject({ code: 'NOT_FOUND' })
    expect((await ownRequests(kith, ada))[0].state).toBe('IN_ASSESSMENT')
  })

  test('the queue is empty and a case is none; from the grant to the revocation they are there', async () => {
    const { id } = await objection('x')
    expect([await queue(ada), await readCase(ada, id)]).toEqual([[], null])
    expect((await queue(olga)).map((each) => each.id)).toContain(id)
    expect(await readCase(olga, id)).toMatchObject({ details: 'x', replyTo: ada.email, request: { id } })
    expect(await revokeRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')).toBe(true)
    expect([await queue(olga), await readCase(olga, id)]).toEqual([[], null])
    expect(await revokeRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')).toBe(false)
  })

  test('a role that there is not cannot be granted, and grants are listed and stand in the account’s log', async () => {
    await expect(grantRole(systemCtx(kith.app, ada.ownerId, 'test'), ada.ownerId, 'admin')).rejects.toThrow('no such role')
    expect(await listRoles(ada.ctx)).toContainEqual(expect.objectContaining({ role: 'privacy-officer', ownerId: olga.ownerId }) as object)
    const { rows } = await kith.app.database.pool.query('SELECT type FROM events WHERE "ownerId" = $1', [olga.ownerId])
    expect(rows.map(({ type }) => type)).toContain('account.roleGranted')
  })
})

describe('an officer', () => {
  test('[S-25] sees what is due first, and what is late', async () => {
    const late = await objection('late')
    clock.advance({ hours: 35 * 24 })
    olga = await signedInAgain(kith, olga)
    ada = await signedInAgain(kith, ada)
    const fresh = await objection('fresh')
    const ids = (await queue(olga)).map(({ id }) => id)
    expect(ids.indexOf(late.id)).toBeLessThan(ids.indexOf(fresh.id))
    expect((await queue(olga, ', overdueOnly: true')).map(({ id }) => id)).toContain(late.id)
    expect((await queue(olga, ', overdueOnly: true')).map(({ id }) => id)).not.toContain(fresh.id)
  })

  test.each([
    ['an explanation', { explanation: '' }],
    ['a reason', { reason: null }],
    ['where to complain', { complaint: ' ' }],
    ['what remedy there is', { remedy: undefined }],
    ['what a legal obligation rests on', { reason: 'LEGAL_OBLIGATION' }],
  ])('[S-18] [S-25] cannot refuse anything without %s: nothing is saved', async (_what, missing) => {
    const { id } = await objection('x')
    expect(await decide(olga, id, [{ ...refusal, ...missing }])).toMatchObject({ code: 'INVALID_INPUT' })
    const [request] = await ownRequests(kith, ada)
    expect([request.state, request.events.length]).toEqual(['IN_ASSESSMENT', 3])
  })

  test('[S-25] the database itself holds no refusal without its reasons', async () => {
    const { id } = await objection('x')
    await expect(kith.app.database.pool.query(`UPDATE privacy_requests SET state = 'DENIED' WHERE id = $1`, [rowIdOf(id)])).rejects.toThrow(
      'privacy_requests_denial',
    )
  })

  test('[S-25] refuses with reasons, which the person reads, and can take it up again for new facts', async () => {
    const { id } = await objection('x')
    // Of two letters of one instant either may go first.
    clock.advance({ seconds: 1 })
    expect(await decide(olga, id, [{ ...refusal, part: 'everything' }])).toMatchObject({
      state: 'DENIED',
      closedAt: clock.now().toString({ fractionalSecondDigits: 3 }),
    })
    await kith.runJobs()
    const letter = kith.mails.findLast(({ to }) => to === ada.email)?.text
    for (const said of ['They tell of somebody else.', 'The authority in Berlin.', 'The courts.']) expect(letter).toContain(said)
    const reopened = await reasoned(olga, 'privacyCaseReopen', id, 'A complaint was upheld.')
    expect(reopened).toMatchObject({ state: 'IN_ASSESSMENT', closedAt: null })
    expect(statesOf(reopened)).toEqual(['RECEIVED', 'ACKNOWLEDGED', 'IN_ASSESSMENT', 'DENIED', 'IN_ASSESSMENT'])
  })

  test('[S-25] grants a part and refuses the rest, each with its reasons', async () => {
    const { id } = await objection('x')
    expect(await decide(olga, id, [{ part: 'contacts', granted: true }, refusal])).toMatchObject({ state: 'PARTIALLY_APPROVED' })
    await kith.runJobs()
    expect(
      kith.mails
        .filter(({ to }) => to === ada.email)
        .map(({ text }) => text)
        .join(),
    ).toContain('Granted: contacts.')
  })

  test('[S-25] puts a part off to a day, on which the request is opened again by itself', async () => {
    const { id } = await objection('x')
    const day = clock.now().add({ hours: 40 * 24 })
    await decide(olga, id, [
      { part: 'contacts', granted: true },
      { ...refusal, reason: 'HOLD', citation: 'Matter 7', deferredUntil: day.toString() },
    ])
    await kith.runJobs()
    const stateOf = async () => (await readCase(olga, id)) && (await ownRequests(kith, ada))[0].state
    expect(await stateOf()).toBe('COMPLETED')
    clock.set(day.subtract({ seconds: 1 }))
    await kith.runJobs()
    ;[olga, ada] = [await signedInAgain(kith, olga), await signedInAgain(kith, ada)]
    expect(await stateOf()).toBe('COMPLETED')
    clock.set(day)
    await kith.runJobs()
    expect(await stateOf()).toBe('IN_ASSESSMENT')
    expect((await readCase(olga, id)).details).toBe('x')
  })

  test('[S-25] takes more time once, in time and with a reason, and the person is told both', async () => {
    const { id, dueAt } = await objection('x')
    expect(await reasoned(olga, 'privacyCaseExtend', id, '')).toMatchObject({ code: 'INVALID_INPUT' })
    const extended = await reasoned(olga, 'privacyCaseExtend', id, 'Many notes to weigh.')
    expect(Date.parse(extended.dueAt) - Date.parse(dueAt)).toBeGreaterThan(55 * 24 * 3600_000)
    await kith.runJobs()
    const letter = kith.mails.find(({ to, text }) => to === ada.email && text.includes('Many notes to weigh.'))?.text
    expect(letter).toBeDefined()
    expect(letter).toContain(
      Temporal.Instant.from(extended.dueAt).subtract({ milliseconds: 1 }).toLocaleString('en-GB', { dateStyle: 'long', timeZone: 'UTC' }),
    )
    expect(await reasoned(olga, 'privacyCaseExtend', id, 'Even more.')).toMatchObject({ code: 'CONFLICT' })
  })

  test('[S-25] cannot take more time once it is late', async () => {
    const { id } = await objection('x')
    clock.advance({ hours: 35 * 24 })
    expect(await reasoned(await signedInAgain(kith, olga), 'privacyCaseExtend', id, 'Too late.')).toMatchObject({ code: 'CONFLICT' })
  })

  test('[S-25] is told by mail a week before an answer is due, and each day that it is late, with no word of whose it is', async () => {
    const { id, dueAt } = await objection('topaz')
    const warnings = () => kith.mails.filter(({ to, text }) => to === olga.email && text.includes(rowIdOf(id)))
    clock.set(Temporal.Instant.from(dueAt).subtract({ hours: 7 * 24, seconds: 1 }))
    await kith.runJobs()
    expect(warnings()).toEqual([])
    clock.advance({ seconds: 1 })
    await kith.runJobs()
    expect(warnings().map(({ subject }) => subject)).toEqual([expect.stringMatching(/is due soon$/)])
    for (let day = 0; day < 3; day += 1) {
      clock.set(Temporal.Instant.from(dueAt).add({ hours: 24 * day }))
      await kith.runJobs()
    }
    expect(warnings().map(({ subject }) => subject.endsWith('late'))).toEqual([false, true, true, true])
    expect(
      warnings()
        .map(({ text }) => text)
        .join(),
    ).not.toMatch(new RegExp(`topaz|${ada.email}`))
  })

  test('[S-24] files what came by letter with the day it came, from which its dates run', async () => {
    const mutation =
      'mutation ($input: PrivacyIntakeInput!) { it: privacyIntakeRecord(input: $input) { ... on PrivacyRequest { state receivedAt dueAt } ... on Error { code } } }'
    const input = { type: 'ERASURE', regime: 'GDPR', address: 'letter@example.test', channel: 'POST', receivedAt: '2026-01-31T09:00:00Z', details: 'By post.' }
    expect(it(await kith.graphql(mutation, { input }, { headers: olga.browser }))).toEqual({
      state: 'AWAITING_IDENTITY',
      receivedAt: '2026-01-31T09:00:00.000Z',
      dueAt: '2026-03-03T00:00:00.000Z',
    })
    expect(it(await kith.graphql(mutation, { input: { ...input, receivedAt: clock.now().add({ hours: 1 }).toString() } }, { headers: olga.browser }))).toEqual({
      code: 'INVALID_INPUT',
    })
    expect(it(await kith.graphql(mutation, { input }, { headers: ada.browser }))).toEqual({ code: 'NOT_FOUND' })
  })

  test('[S-60] hears the complaint of somebody without an account in their words, and they are answered in writing', async () => {
    const address = 'complaint@example.test'
    const input = { type: 'COMPLAINT', address, regime: 'GDPR', details: 'Nobody has answered my letter.' }
    const file = 'mutation ($input: PrivacyRequestFileInput!) { it: privacyRequestFile(input: $input) { ... on PrivacyRequestReceipt { token } } }'
    const { token } = it(await kith.graphql(file, { input }))
    await kith.runJobs()
    const verify =
      'mutation ($token: String!, $code: String!) { it: privacyRequestVerify(token: $token, code: $code) { ... on PrivacyRequestReceipt { state } } }'
    expect(it(await kith.graphql(verify, { token, code: codeIn(kith, address) }))).toEqual({ state: 'IN_ASSESSMENT' })
    const id = Buffer.from(`PrivacyRequest:${token.split('.')[0]}`).toString('base64url')
    expect((await queue(olga)).map((each) => each.id)).toContain(id)
    expect(await readCase(olga, id)).toMatchObject({ details: input.details, replyTo: address })
    await decide(olga, id, [{ ...refusal, explanation: 'We have answered it on 1 June.' }])
    await kith.runJobs()
    expect(kith.mails.findLast(({ to }) => to === address)?.text).toContain('We have answered it on 1 June.')
  })

  test('[S-24] [S-56] proves an agent only with level 5, a guardian only with 4', async () => {
    for (const [requester, enough] of [
      ['AGENT', 5],
      ['GUARDIAN', 4],
    ] as const) {
      const filed = it(
        await kith.graphql(
          'mutation ($input: PrivacyRequestFileInput!) { it: privacyRequestFile(input: $input) { ... on PrivacyRequestReceipt { token state } } }',
          {
            input: { type: 'ERASURE', address: `${requester}@example.test`.toLowerCase(), requester },
          },
        ),
      )
      const id = Buffer.from(`PrivacyRequest:${filed.token.split('.')[0]}`).toString('base64url')
      const prove = (level: number) => onRequest(kith, olga, 'privacyCaseProve', id, 'level: $level, method: "SIGNED_DECLARATION"', { level }, '$level: Int!')
      expect((await prove(enough - 1)).state).toBe('AWAITING_IDENTITY')
      expect((await prove(enough)).state).toBe('IN_ASSESSMENT')
    }
  })

  test('[S-22] lifts a restriction only a week after its person was told', async () => {
    const { id } = await submit(kith, ada, { type: 'RESTRICTION' })
    await kith.runJobs()
    expect(await isRestricted(ada.ctx)).toBe(true)
    expect(await onRequest(kith, olga, 'privacyCaseLift', id)).toMatchObject({ code: 'INVALID_INPUT' })
    await reasoned(olga, 'privacyCaseLiftAnnounce', id, 'The dispute is settled.')
    await kith.runJobs()
    expect(kith.mails.findLast(({ to }) => to === ada.email)?.text).toContain('The dispute is settled.')
    clock.advance({ hours: 7 * 24 - 1 })
    expect(await onRequest(kith, olga, 'privacyCaseLift', id)).toMatchObject({ code: 'INVALID_INPUT' })
    clock.advance({ hours: 1 })
    expect(await onRequest(kith, olga, 'privacyCaseLift', id)).toMatchObject({ __typename: 'PrivacyRequest' })
    expect(await isRestricted(ada.ctx)).toBe(false)
  })

  test('[F-29] leaves each reading and each act in the controller’s chain, with who it was', async () => {
    const { id } = await objection('x')
    await readCase(olga, id)
    await reasoned(olga, 'privacyCaseNote', id, 'Looked at it.')
    const { rows } = await kith.app.database.pool.query('SELECT type, actor FROM events WHERE "ownerId" = $1 AND "entityId" = $2 ORDER BY seq', [
      controllerId,
      rowIdOf(id),
    ])
    const officer = `system:officer ${olga.accountId}`
    expect(rows.slice(3)).toEqual([
      { type: 'privacyRequest.read', actor: officer },
      { type: 'privacyRequest.note', actor: officer },
      { type: 'privacyRequest.actedOn', actor: officer },
    ])
    expect((await verifyChains(kith.app, controllerId)).faults).toEqual([])
  })
})
