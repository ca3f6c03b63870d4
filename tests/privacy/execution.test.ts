import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { systemCtx } from '../../src/jobs/relay.ts'
import type { Executed, Execution } from '../../src/privacy/execution.ts'
import { grantRole, revokeRole } from '../../src/privacy/roles.ts'
import { downloaded } from '../../src/privacy/service.ts'
import { type Person, testApp } from '../support/app.ts'
import { befriend, done, rowIdOf } from '../support/crm.ts'
import { codeIn, it, type Kith, onRequest, ownRequests, statesOf, submit } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
let kith: Kith
let ada: Person
let parts: ((execution: Execution) => Promise<Executed>)[] | null
let mine: Kith['app']['executorsOf']

beforeAll(async () => {
  const app = await testApp({
    clock,
    onCreate: (made) => {
      mine = made.executorsOf
      Object.assign(made, {
        executorsOf: ((type) => parts?.map((part) => (_ctx: unknown, execution: Execution) => part(execution)) ?? mine(type)) as Kith['app']['executorsOf'],
      })
    },
  })
  kith = Object.assign(app, { clock })
})
afterAll(() => kith.close())
beforeEach(async () => {
  parts = null
  ada = await kith.signUp()
})

/** Calls a request back by the link in the last letter to an address. */
const recallByLetter = async (email: string) => {
  const token = /token=([\w.-]+)/.exec(kith.mails.findLast(({ to, text }) => to === email && text.includes('token='))?.text ?? '')?.[1]
  return it(await kith.graphql('mutation ($token: String!) { it: privacyRequestRecall(token: $token) { ... on PrivacyRequestReceipt { state } } }', { token }))
}

const state = async (who = ada) => (await ownRequests(kith, who))[0]

describe('[S-25] carrying out what was approved', () => {
  test('has every domain do its part, and then tells the person that it is done', async () => {
    const calls: string[] = []
    const called = (text: string, outcome: Executed) => async () => {
      calls.push(text)
      return outcome
    }
    parts = [(execution) => called(`one ${execution.type}`, 'DONE')(), (execution) => called(`two ${execution.subject.kind}`, null)()]
    await submit(kith, ada, { type: 'PORTABILITY' })
    await kith.runJobs()
    expect(calls).toEqual(['one PORTABILITY', 'two USER'])
    expect(statesOf(await state())).toEqual(['RECEIVED', 'ACKNOWLEDGED', 'IN_ASSESSMENT', 'APPROVED', 'EXECUTING', 'COMPLETED'])
    expect(kith.mails.findLast(({ to }) => to === ada.email)?.subject).toContain('is done')
  })

  test('that nobody has a part in is shown as failed, never as done', async () => {
    for (const none of [[], [async () => null]]) {
      parts = none
      const who = await kith.signUp()
      await submit(kith, who, { type: 'PORTABILITY' })
      await kith.runJobs()
      expect((await state(who)).state).toBe('EXECUTION_FAILED')
    }
  })

  test('is shown as failed when a step fails, is tried again later and later, and ends once', async () => {
    let failures = 3
    let calls = 0
    parts = [
      async ({ subject }) => {
        // What earlier tests left is done with.
        if (subject.kind !== 'USER' || subject.ownerId !== ada.ownerId) return 'DONE'
        calls += 1
        if (failures-- > 0) throw new Error('the disk is full')
        return 'DONE'
      },
    ]
    await submit(kith, ada, { type: 'PORTABILITY' })
    await kith.runJobs()
    expect([(await state()).state, calls]).toEqual(['EXECUTION_FAILED', 1])
    for (const [seconds, expected] of [
      [59, 1],
      [1, 2],
      [119, 2],
      [1, 3],
      [240, 4],
    ] as const) {
      clock.advance({ seconds })
      await kith.runJobs()
      expect(calls).toBe(expected)
    }
    const request = await state()
    expect(request.state).toBe('COMPLETED')
    expect(statesOf(request).filter((each) => each === 'COMPLETED')).toHaveLength(1)
    expect(JSON.stringify(request)).not.toContain('disk')
  })

  test('that a worker died in is taken up again, and ends once', async () => {
    let release: (value: Executed) => void = () => {}
    parts = [() => new Promise((resolve) => (release = resolve))]
    await submit(kith, ada, { type: 'PORTABILITY' })
    const dead = kith.runJobs().catch(() => undefined)
    await expect
      .poll(
        async () =>
          (await kith.app.database.pool.query(`SELECT 1 FROM privacy_requests WHERE state = 'EXECUTING' AND "subjectOwnerId" = $1`, [ada.ownerId])).rowCount,
      )
      .toBe(1)
    const first = release
    parts = [async () => 'DONE']
    clock.advance({ minutes: 15 })
    await kith.runJobs()
    expect((await state()).state).toBe('COMPLETED')
    first('DONE')
    await dead
    expect(statesOf(await state()).filter((each) => each === 'COMPLETED')).toHaveLength(1)
  })

  test('waits as long as the person wants, in which they can call it back', async () => {
    let calls = 0
    parts = [
      async () => {
        calls += 1
        return 'DONE'
      },
    ]
    await submit(kith, ada, { type: 'ERASURE', delayHours: 72 })
    clock.advance({ hours: 71, minutes: 59 })
    await kith.runJobs()
    expect(calls).toBe(0)
    // The account lets nobody in by now: its holder calls the request back by the link in the letter.
    expect(await recallByLetter(ada.email)).toMatchObject({ state: 'WITHDRAWN' })
    clock.advance({ hours: 1 })
    await kith.runJobs()
    expect(calls).toBe(0)
    const again = await kith.signUp()
    const { id } = await submit(kith, again, { type: 'ERASURE', delayHours: 72 })
    clock.advance({ hours: 72 })
    await kith.runJobs()
    const { state: reached } = await kith.app.database.prisma.privacyRequest.findFirstOrThrow({ where: { id: rowIdOf(id) } })
    expect([calls, reached]).toEqual([1, 'COMPLETED'])
    expect(await submit(kith, await kith.signUp(), { type: 'ERASURE', delayHours: 73 })).toMatchObject({ __typename: 'InvalidInputError' })
  })

  test('[S-19] that offers a download keeps it seven days, or until it was fetched', async () => {
    parts = [async () => 'DOWNLOAD', async () => 'DONE']
    await submit(kith, ada, { type: 'ACCESS' })
    const other = await kith.signUp()
    const fetched = await submit(kith, other, { type: 'PORTABILITY' })
    await kith.runJobs()
    expect([(await state()).state, (await state(other)).state]).toEqual(['AWAITING_DOWNLOAD', 'AWAITING_DOWNLOAD'])
    await downloaded(ada.ctx, rowIdOf(fetched.id))
    expect((await state(other)).state).toBe('COMPLETED')
    clock.advance({ hours: 7 * 24 - 1 })
    await kith.runJobs()
    expect((await state()).state).toBe('AWAITING_DOWNLOAD')
    clock.advance({ hours: 1 })
    await kith.runJobs()
    expect((await state()).state).toBe('COMPLETED')
  })
})

describe('somebody without an account who asks what is held', () => {
  const asked = async (address: string): Promise<string> => {
    const { token } = it(
      await kith.graphql('mutation ($input: PrivacyRequestFileInput!) { it: privacyRequestFile(input: $input) { ... on PrivacyRequestReceipt { token } } }', {
        input: { type: 'ACCESS_CATEGORIES', regime: 'GDPR', address },
      }),
    )
    await kith.runJobs()
    await kith.graphql('mutation ($token: String!, $code: String!) { privacyRequestVerify(token: $token, code: $code) { __typename } }', {
      token,
      code: codeIn(kith, address),
    })
    const olga = await kith.signUp()
    await grantRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
    await onRequest(
      kith,
      olga,
      'privacyCaseDecide',
      Buffer.from(`PrivacyRequest:${token.split('.')[0]}`).toString('base64url'),
      'parts: [{ part: "everything", granted: true }]',
    )
    await revokeRole(systemCtx(kith.app, olga.ownerId, 'test'), olga.ownerId, 'privacy-officer')
    await kith.runJobs()
    return kith.mails.findLast(({ to, subject }) => to === address && subject === 'What is held about you')?.text ?? ''
  }

  test('[S-19] is told the kinds, purposes, grounds, sources and periods, from the declarations, and whose book it is in never', async () => {
    const id = await befriend(ada, 'Grace Secretname', { emails: [{ address: 'held@example.test' }], about: 'owes me money' })
    await done(ada, 'noteCreate', { input: { contactId: id, body: 'quiet note' } })
    await kith.runJobs()
    const said = await asked('held@example.test')
    for (const word of ['ContactEmail: user.contact', 'for CRM', 'on the basis of CONTRACT', 'kept ']) expect(said).toContain(word)
    for (const secret of ['Secretname', 'money', 'quiet', ada.email, ada.ownerId]) expect(said).not.toContain(secret)
  })

  test('and of whom nothing is held, is told so, once the address was proven', async () => {
    expect(await asked('nobody@example.test')).toContain('Nothing is held')
  })
})
