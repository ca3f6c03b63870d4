import { randomUUID } from 'node:crypto'
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { controllerId } from '../../src/privacy/controller.ts'
import { followToken, requestOfToken } from '../../src/privacy/follow.ts'
import { isRestricted } from '../../src/privacy/service.ts'
import type { Answer, Person } from '../support/app.ts'
import { testApp } from '../support/app.ts'
import { befriend, contactOf, everythingStored } from '../support/crm.ts'
import { codeIn, it, type Kith } from './support.ts'

const clock = fixedClock('2026-06-01T10:00:00Z')
const statements: string[] = []
let kith: Kith
let ada: Person
let mail: string
let people = 0

beforeAll(async () => {
  kith = Object.assign(await testApp({ clock, onQuery: (text) => statements.push(text) }), { clock })
  ada = await kith.signUp()
})
afterAll(() => kith.close())
beforeEach(() => {
  clock.advance({ hours: 24 * 30 })
  mail = `open${(people += 1)}@example.test`
})

const receipt = '... on PrivacyRequestReceipt { token type state regime dueAt closedAt } ... on Error { code message }'
const send = (input: object): Promise<Answer> =>
  kith.graphql(`mutation ($input: PrivacyRequestFileInput!) { it: privacyRequestFile(input: $input) { __typename ${receipt} } }`, { input })
const file = async (input: object) => it(await send({ type: 'RESTRICTION', regime: 'GDPR', address: mail, ...input }))
const sendCode = (token: string, code: string): Promise<Answer> =>
  kith.graphql(`mutation ($token: String!, $code: String!) { it: privacyRequestVerify(token: $token, code: $code) { __typename ${receipt} } }`, { token, code })
const verify = async (token: string, code: string) => it(await sendCode(token, code))
const byToken = async (token: string) =>
  it(await kith.graphql('query ($token: String!) { it: privacyRequestByToken(token: $token) { token type state closedAt } }', { token }))
/** Files a request and proves the address. */
const proven = async (input: object = {}) => {
  const { token } = await file(input)
  await kith.runJobs()
  return verify(token, codeIn(kith, mail))
}
const stateOf = async (token: string): Promise<string> => (await byToken(token)).state

describe('somebody in an address book, without an account', () => {
  test('[F-45] [S-22] [S-24] proves their address by a code, and is restricted in every address book; whose they are is told to nobody', async () => {
    const bea = await kith.signUp({ name: 'Beatrix Owner' })
    const ids = [
      await befriend(ada, 'Gracie', { emails: [{ address: mail }] }),
      await befriend(bea, 'Mrs Hopper', { emails: [{ address: mail.toUpperCase() }] }),
    ]
    const filed = await file({})
    expect(filed).toMatchObject({ __typename: 'PrivacyRequestReceipt', state: 'AWAITING_IDENTITY' })
    await kith.runJobs()
    expect(await verify(filed.token, codeIn(kith, mail))).toMatchObject({ state: 'APPROVED' })
    await kith.runJobs()
    expect(await byToken(filed.token)).toMatchObject({ state: 'COMPLETED' })
    for (const [index, who] of [ada, bea].entries()) {
      const { rows } = await kith.app.database.pool.query('SELECT "restrictedAt" FROM contacts WHERE "ownerId" = $1 AND id = $2', [
        who.ownerId,
        Buffer.from(ids[index]!, 'base64url').toString().split(':')[1],
      ])
      expect(rows[0].restrictedAt).toEqual(new Date(clock.now().epochMilliseconds))
      expect(await isRestricted(who.ctx)).toBe(false)
      expect(await contactOf(who, ids[index]!)).not.toBeNull()
    }
    const said = kith.mails
      .filter(({ to }) => to === mail)
      .map(({ subject, text }) => subject + text)
      .join()
    for (const secret of [ada.email, bea.email, 'Beatrix', 'Gracie', 'Hopper', ada.ownerId, bea.ownerId]) expect(said).not.toContain(secret)
  })

  test('[S-24] is answered, sent and asked the same, in the same statements, whether or not anything is held', async () => {
    await befriend(ada, 'Known', { emails: [{ address: mail }] })
    await kith.runJobs()
    const seen: { answer: unknown; statements: string[]; mails: string[] }[] = []
    for (const address of [`unknown${people}@example.test`, mail, `unknown${people}b@example.test`]) {
      statements.length = 0
      const before = kith.mails.length
      const { data, status } = await send({ type: 'ERASURE', regime: 'GDPR', address })
      const filing = statements.splice(0)
      const wrong = await sendCode(data.it.token, '00000000')
      const trying = statements.splice(0)
      await kith.runJobs()
      seen.push({
        answer: [{ ...data.it, token: '' }, status, wrong.data, wrong.status],
        statements: [...filing, ...trying],
        mails: kith.mails.slice(before).map(({ subject, text }) => `${subject} ${text}`.replaceAll(/code is \d+|token=\S+|\(\w{8}\)/g, '')),
      })
    }
    // The first time some keys are read that stay at hand.
    expect(seen[1]).toEqual(seen[2])
    expect({ ...seen[0], statements: [] }).toEqual({ ...seen[2], statements: [] })
    expect(seen[1]!.mails).toHaveLength(2)
  })

  test('[S-24] gets one refusal, after the same statements, for a wrong code, a used one, one too late, and a token that is not ours', async () => {
    const { token } = await file({})
    const closed = (await file({ type: 'OPT_OUT_SALE_SHARING' })).token
    await kith.runJobs()
    const code = codeIn(kith, mail)
    const forged = `${randomUUID()}.${token.split('.')[1]}`
    const absent = followToken(kith.app, randomUUID())
    const tries: [string, string][] = [
      [token, '12345678'],
      [closed, code],
      [forged, code],
      [absent, code],
      ['', ''],
      [token, 'x'.repeat(300)],
    ]
    const seen = []
    // When points are leased for an address hangs on the clock and on how much it asks, not on what.
    const besidesPoints = () => statements.filter((text) => !text.includes('rate_limits'))
    for (const [given, digits] of tries) {
      statements.length = 0
      const { data, status } = await sendCode(given, digits)
      seen.push({ data, status, statements: besidesPoints() })
    }
    for (const each of seen) expect(each).toEqual(seen[0])
    clock.advance({ minutes: 15 })
    statements.length = 0
    const { data, status } = await sendCode(token, code)
    expect({ data, status, statements: besidesPoints() }).toEqual(seen[0])
    expect(seen[0]!.data.it).toMatchObject({ code: 'INVALID_INPUT' })
  })

  test('[S-24] [S-25] has three tries in all, whatever codes were sent, and then is refused with reasons, a complaint route and a remedy', async () => {
    const { token } = await file({})
    await kith.runJobs()
    const code = codeIn(kith, mail)
    for (let index = 0; index < 2; index += 1) await verify(token, '00000001')
    const again = it(await kith.graphql('mutation ($token: String!) { it: privacyRequestCodeSend(token: $token) { __typename } }', { token }))
    expect(again.__typename).toBe('PrivacyRequestCodeSent')
    await kith.runJobs()
    const second = codeIn(kith, mail)
    // An earlier code is no good once there is another.
    if (second !== code) expect(await verify(token, code)).toMatchObject({ code: 'INVALID_INPUT' })
    expect(await verify(token, second)).toMatchObject({ code: 'INVALID_INPUT' })
    clock.advance({ minutes: 15 })
    await kith.runJobs()
    expect(await stateOf(token)).toBe('DENIED')
    const letter = kith.mails.findLast(({ to }) => to === mail)?.text
    expect(letter).toMatch(/complain to the data protection authority/)
    expect(letter).toMatch(/go to court/)
  })

  test('[S-25] who never proves anything is refused after ten days, and not before', async () => {
    const { token } = await file({})
    await kith.runJobs()
    clock.advance({ hours: 10 * 24 - 1 })
    await kith.runJobs()
    expect(await stateOf(token)).toBe('AWAITING_IDENTITY')
    clock.advance({ hours: 1 })
    await kith.runJobs()
    expect(await stateOf(token)).toBe('DENIED')
  })

  test('[S-19] whose access under California’s law is not proven enough gets the categories instead', async () => {
    const held = await proven({ type: 'ACCESS', regime: 'CCPA' })
    expect(held).toMatchObject({ type: 'ACCESS', state: 'AWAITING_IDENTITY' })
    clock.advance({ hours: 10 * 24 })
    await kith.runJobs()
    expect(await byToken(held.token)).toMatchObject({ type: 'ACCESS_CATEGORIES', state: 'IN_ASSESSMENT' })
  })

  test('[S-24] learns only after proving it that they have asked before', async () => {
    const first = await proven({ type: 'ERASURE' })
    expect(first.state).toBe('IN_ASSESSMENT')
    const second = await file({ type: 'ERASURE' })
    expect(second.state).toBe('AWAITING_IDENTITY')
    await kith.runJobs()
    expect(await verify(second.token, codeIn(kith, mail))).toMatchObject({ state: 'DUPLICATE' })
    // Somebody else, who cannot prove the address, hinders nobody.
    const other = await proven({ type: 'ERASURE', details: 'Another.' })
    expect(other.state).toBe('IN_ASSESSMENT')
  })

  test('[S-24] an unproven request of a stranger never makes a duplicate of the real one', async () => {
    await file({ type: 'ERASURE' })
    expect(await proven({ type: 'ERASURE' })).toMatchObject({ state: 'IN_ASSESSMENT' })
  })

  test('[S-49] says no to sale and sharing without login or proof, and nothing is left to decide', async () => {
    expect(await file({ type: 'OPT_OUT_SALE_SHARING', regime: 'CCPA' })).toMatchObject({ state: 'APPROVED' })
  })

  test('[S-24] sends it twice under one key: one request; something else under that key is refused', async () => {
    const submissionKey = randomUUID()
    const [one, other] = [await file({ submissionKey }), await file({ submissionKey })]
    expect(one).toEqual(other)
    expect(await file({ submissionKey, details: 'else' })).toMatchObject({ code: 'CONFLICT' })
    await kith.runJobs()
    expect(kith.mails.filter(({ to }) => to === mail)).toHaveLength(2)
  })

  test('[S-24] withdraws it by its token, and nobody without it does', async () => {
    const { token } = await file({})
    const recall = async (given: string) =>
      it(await kith.graphql(`mutation ($token: String!) { it: privacyRequestRecall(token: $token) { ${receipt} } }`, { token: given }))
    const [requestId = ''] = token.split('.')
    for (const forged of [requestId, `${requestId}.`, `${requestId}.${'A'.repeat(43)}`, followToken(kith.app, randomUUID())]) {
      expect(await recall(forged)).toMatchObject({ code: 'NOT_FOUND' })
      expect(await byToken(forged)).toBeNull()
    }
    expect(await recall(token)).toMatchObject({ state: 'WITHDRAWN' })
  })

  test('leaves no address, code or word in readable form, and none of it at all 30 days after it is closed', async () => {
    const { token } = await file({ details: 'obsidian words', identifiers: ['+49 30 5550123'] })
    await kith.runJobs()
    const code = codeIn(kith, mail)
    const stored = await everythingStored(kith)
    for (const secret of [mail, 'obsidian', '5550123', code]) expect(stored).not.toContain(secret)
    await verify(token, code)
    await kith.runJobs()
    clock.advance({ hours: 30 * 24 })
    await kith.runJobs()
    const { rows } = await kith.app.database.pool.query(
      'SELECT "replyTo", details, decision IS NOT NULL AS decided FROM privacy_requests WHERE "ownerId" = $1 AND id = $2',
      [controllerId, requestOfToken(kith.app, token)],
    )
    expect(rows).toEqual([{ replyTo: null, details: null, decided: true }])
    const letters = await kith.app.database.pool.query('SELECT message FROM privacy_letters WHERE "requestId" = $1', [requestOfToken(kith.app, token)])
    expect(letters.rows.length).toBeGreaterThan(2)
    expect(letters.rows.every(({ message }) => message === null)).toBe(true)
  })

  test('[F-47] cannot be pestered with codes by others: five a day and address', async () => {
    for (let index = 0; index < 8; index += 1) await file({ details: String(index) })
    await kith.runJobs()
    expect(kith.mails.filter(({ to, subject }) => to === mail && subject === 'Your code')).toHaveLength(5)
  })
})

test('[F-47] what is filed without an account is limited by the address it comes from', async () => {
  const slow = await testApp({ clock, databases: kith.databases, config: { limits: { costCapacity: 1000, costRestorePerSecond: 1, anonymousPerMinute: 3 } } })
  try {
    const statuses = []
    for (let index = 0; index < 5; index += 1)
      statuses.push((await slow.graphql('mutation { privacyRequestFile(input: { type: ERASURE, address: "limit@example.test" }) { __typename } }')).status)
    expect(statuses).toEqual([200, 200, 200, 429, 429])
  } finally {
    await slow.close()
  }
})
