import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { verifyChains } from '../../src/events/verify.ts'
import { controllerId } from '../../src/privacy/controller.ts'
import { type Person, testApp } from '../support/app.ts'
import { everythingStored } from '../support/crm.ts'
import { type Kith, onRequest, ownRequests, signedInAgain, statesOf, submit } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock }), { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  clock.set('2026-06-01T10:00:00Z')
  ada = await kith.signUp()
})

describe('a request of an account’s holder', () => {
  test('[S-24] [S-25] is acknowledged at once, with what happens and by when, by mail too', async () => {
    const request = await submit(kith, ada, { type: 'OBJECTION', regime: 'GDPR', details: 'I do not want this.', purpose: 'SECURITY' })
    expect(request).toMatchObject({
      __typename: 'PrivacyRequest',
      state: 'IN_ASSESSMENT',
      receivedAt: '2026-06-01T10:00:00.000Z',
      dueAt: '2026-07-02T00:00:00.000Z',
      overdue: false,
    })
    expect(statesOf(request)).toEqual(['RECEIVED', 'ACKNOWLEDGED', 'IN_ASSESSMENT'])
    await kith.runJobs()
    const [mail] = kith.mails.filter(({ to }) => to === ada.email)
    expect(mail?.text).toContain('1 July 2026')
    expect(mail?.text).toMatch(/withdraw/)
  })

  test('[S-03] under no law in particular keeps the strictest dates', async () => {
    const request = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    expect(request).toMatchObject({ regime: 'VOLUNTARY', dueAt: '2026-07-02T00:00:00.000Z' })
  })

  test('[F-27] [S-24] waits for proof where the sign-in is older than ten minutes, and goes on when a new one confirms it', async () => {
    clock.advance({ minutes: 10, seconds: 1 })
    const request = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    expect(request.state).toBe('AWAITING_IDENTITY')
    expect(await onRequest(kith, ada, 'privacyRequestConfirm', request.id)).toMatchObject({ code: 'FORBIDDEN' })
    expect(await onRequest(kith, await signedInAgain(kith, ada), 'privacyRequestConfirm', request.id)).toMatchObject({ state: 'IN_ASSESSMENT' })
  })

  test('[S-24] sent with a token proves nothing', async () => {
    const { data } = await ada.graphql('mutation { privacyRequestSubmit(input: { type: OBJECTION, purpose: "SECURITY" }) { ... on PrivacyRequest { state } } }')
    expect(data.privacyRequestSubmit.state).toBe('AWAITING_IDENTITY')
  })

  test('[S-25] asked again while the first is open is a duplicate of it; for something else it is not', async () => {
    const first = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    const second = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    expect([second.id === first.id, second.state]).toEqual([false, 'DUPLICATE'])
    expect((await submit(kith, ada, { type: 'OBJECTION', purpose: 'ACCOUNTABILITY' })).state).toBe('IN_ASSESSMENT')
    await onRequest(kith, ada, 'privacyRequestWithdraw', first.id)
    expect((await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })).state).toBe('IN_ASSESSMENT')
  })

  test('[S-24] sent twice under one key is one request', async () => {
    const key = { 'idempotency-key': randomUUID() }
    const ids = [await submit(kith, ada, { type: 'COMPLAINT', details: 'x' }, key), await submit(kith, ada, { type: 'COMPLAINT', details: 'x' }, key)].map(
      ({ id }) => id,
    )
    expect(ids[0]).toBe(ids[1])
    expect(await ownRequests(kith, ada)).toHaveLength(1)
  })

  test('[S-24] can be withdrawn until it is carried out, and then is closed for good', async () => {
    const { id } = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    expect(await onRequest(kith, ada, 'privacyRequestWithdraw', id)).toMatchObject({ state: 'WITHDRAWN', closedAt: '2026-06-01T10:00:00.000Z' })
    expect(await onRequest(kith, ada, 'privacyRequestWithdraw', id)).toMatchObject({ state: 'WITHDRAWN' })
    const other = await submit(kith, ada, { type: 'RESTRICTION' })
    await kith.runJobs()
    expect(await onRequest(kith, ada, 'privacyRequestWithdraw', other.id)).toMatchObject({ code: 'CONFLICT' })
  })

  test('is seen, withdrawn and confirmed by its holder alone', async () => {
    const { id } = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    const bea = await kith.signUp()
    expect(await ownRequests(kith, bea)).toEqual([])
    const node = (await kith.graphql('query ($id: ID!) { node(id: $id) { id } }', { id }, { headers: bea.browser })).data.node
    expect(node).toBeNull()
    for (const field of ['privacyRequestWithdraw', 'privacyRequestConfirm']) expect(await onRequest(kith, bea, field, id)).toMatchObject({ code: 'NOT_FOUND' })
    expect((await ownRequests(kith, ada)).map((request) => request.id)).toEqual([id])
    expect((await kith.graphql('query ($id: ID!) { node(id: $id) { id } }', { id }, { headers: ada.browser })).data.node).toEqual({ id })
  })

  test('[S-25] is late once the last day is over, and not while it is closed', async () => {
    const open = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY' })
    const closed = await submit(kith, ada, { type: 'COMPLAINT', details: 'x' })
    await onRequest(kith, ada, 'privacyRequestWithdraw', closed.id)
    clock.set('2026-07-01T23:59:59Z')
    const overdue = async () => Object.fromEntries((await ownRequests(kith, await signedInAgain(kith, ada))).map((each) => [each.id, each.overdue]))
    expect(await overdue()).toEqual({ [open.id]: false, [closed.id]: false })
    clock.set('2026-07-02T00:00:00Z')
    expect(await overdue()).toEqual({ [open.id]: true, [closed.id]: false })
  })

  test('leaves what was written in no readable form, and its proof in two chains', async () => {
    const { id } = await submit(kith, ada, { type: 'OBJECTION', purpose: 'SECURITY', details: 'quartzite secret' })
    expect(await everythingStored(kith)).not.toContain('quartzite')
    const { rows } = await kith.app.database.pool.query('SELECT type FROM events WHERE "ownerId" = $1 AND "entityId" = $2 ORDER BY seq', [
      controllerId,
      rowIdOf(id),
    ])
    expect(rows.map(({ type }) => type)).toEqual(['privacyRequest.submit', 'privacyRequest.acknowledge', 'privacyRequest.verify'])
    expect((await verifyChains(kith.app)).faults).toEqual([])
  })
})

const rowIdOf = (id: string): string => Buffer.from(id, 'base64url').toString().split(':')[1] ?? ''
