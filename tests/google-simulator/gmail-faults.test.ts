import type { gmail_v1 } from 'googleapis/build/src/apis/gmail/index.js'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import {
  backendError,
  brokenJson,
  gmailPaths,
  historyAlwaysGone,
  htmlPage,
  notFoundAtFirst,
  tooFast,
  tooFastRetryAfter,
  truncatedGzip,
} from '../../dev/google/gmail/faults.ts'
import type { Message } from '../../dev/google/gmail/message.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { gmailClient, refusal } from './clients.ts'

const ada = 'ada@example.test'
const grace = 'grace@example.test'
let clock: ReturnType<typeof fixedClock>
let world: World
let simulator: GoogleSimulator
let users: gmail_v1.Resource$Users
let messages: Message[]
beforeEach(async () => {
  clock = fixedClock('2026-03-01T12:00:00Z')
  world = createWorld({ seed: 'faults', clock })
  world.addAccount({ email: ada, givenName: 'Ada', familyName: 'Example' })
  world.addAccount({ email: grace, givenName: 'Grace', familyName: 'Example' })
  messages = world.deliverMails(
    ada,
    Array.from({ length: 5 }, (_, index) => ({ from: `person${index}@example.com`, subject: 'A subject '.repeat(20) })),
  )
  simulator = await startGoogleSimulator({ clock, world })
  users = gmailClient(simulator, ada).users
})
afterEach(() => simulator.close())

const get = ({ id }: Message = messages[0]!, of = users) => of.messages.get({ userId: 'me', id, format: 'metadata' })
const statuses = () => simulator.ledger.of('gmail.messages.get').map(({ status }) => status)

test('a message is 404 at first, then there', async () => {
  simulator.faults.add(notFoundAtFirst(messages[0]!.id, 2))
  expect([(await refusal(get())).status, (await refusal(get())).status]).toEqual([404, 404])
  expect((await get(messages[1])).status).toBe(200)
  expect((await get()).data.id).toBe(messages[0]!.id)
})

test('history is 404 even for the newest id', async () => {
  simulator.faults.add(historyAlwaysGone())
  for (let times = 0; times < 3; times++) {
    const { data } = await users.getProfile({ userId: 'me' })
    const { status, data: body } = await refusal(users.history.list({ userId: 'me', startHistoryId: data.historyId ?? '' }))
    expect([status, body.error]).toMatchObject([404, { errors: [{ reason: 'notFound' }] }])
  }
})

test('hints to wait come in seconds, as a date, and in the message', async () => {
  const until = clock.now().add({ minutes: 5 })
  simulator.faults.add({ path: gmailPaths.get, ...tooFastRetryAfter(7) })
  simulator.faults.add({ path: gmailPaths.get, ...tooFastRetryAfter(until) })
  simulator.faults.add({ path: gmailPaths.get, ...tooFast('userRateLimitExceeded 403', until) })
  expect((await refusal(get())).headers.get('retry-after')).toBe('7')
  expect((await refusal(get())).headers.get('retry-after')).toBe('Sun, 01 Mar 2026 12:05:00 GMT')
  const { status, data } = await refusal(get())
  expect([status, JSON.stringify(data)]).toEqual([403, expect.stringContaining('Retry after 2026-03-01T12:05:00.000Z')])
})

test('a storm strikes one account and spares the other', async () => {
  const { id } = world.deliverMail(grace, { from: 'person@example.com' })
  simulator.faults.add({ path: gmailPaths.any, account: ada, times: Infinity, ...tooFastRetryAfter(1) })
  for (let times = 0; times < 5; times++) expect((await refusal(get())).status).toBe(429)
  expect((await gmailClient(simulator, grace).users.messages.get({ userId: 'me', id, format: 'minimal' })).status).toBe(200)
})

test.each([500, 502, 503, 504] as const)('Gmail fails with %d', async (status) => {
  simulator.faults.add({ path: gmailPaths.get, ...backendError(status) })
  expect((await refusal(get())).status).toBe(status)
  expect((await get()).status).toBe(200)
})

test('a load balancer answers in HTML, with a failure or with 200', async () => {
  simulator.faults.add({ path: gmailPaths.get, ...htmlPage(502) })
  simulator.faults.add({ path: gmailPaths.get, ...htmlPage(200) })
  const refused = await refusal(get())
  expect([refused.status, refused.headers.get('content-type')]).toEqual([502, 'text/html; charset=UTF-8'])
  expect((await get()).data).toContain('<!DOCTYPE html>')
})

test('connections are cut, answers never come, compressed ones end early, JSON breaks off', async () => {
  const url = `${simulator.origin}/gmail/v1/users/me/messages/${messages[0]!.id}?format=metadata`
  const headers = { authorization: `Bearer ${simulator.issueTokens({ account: ada, scopes: ['https://www.googleapis.com/auth/gmail.metadata'] }).accessToken}` }
  simulator.faults.add({ path: gmailPaths.get, reset: true })
  simulator.faults.add({ path: gmailPaths.get, truncateBytes: 30 })
  simulator.faults.add({ path: gmailPaths.get, ...truncatedGzip() })
  simulator.faults.add({ path: gmailPaths.get, gzip: true })
  simulator.faults.add({ path: gmailPaths.get, ...brokenJson() })
  simulator.faults.add({ path: gmailPaths.get, hang: true })
  await expect(fetch(url, { headers })).rejects.toThrow('fetch failed')
  await expect(fetch(url, { headers }).then((response) => response.text())).rejects.toThrow('terminated')
  // fetch decodes what there is and says nothing of the missing end.
  await expect(fetch(url, { headers }).then((response) => response.json())).rejects.toThrow(SyntaxError)
  const compressed = await fetch(url, { headers })
  expect([compressed.headers.get('content-encoding'), ((await compressed.json()) as { id: string }).id]).toEqual(['gzip', messages[0]!.id])
  await expect(fetch(url, { headers }).then((response) => response.json())).rejects.toThrow(SyntaxError)
  await expect(fetch(url, { headers, signal: AbortSignal.timeout(200) })).rejects.toThrow('timeout')
  expect((await fetch(url, { headers })).status).toBe(200)
})

test('the world changes when the n-th request comes, before or after its answer is made, and other faults strike all the same', async () => {
  simulator.faults.add({ path: gmailPaths.list, nth: 2, before: () => world.deleteMail(ada, messages[0]!.id) })
  simulator.faults.add({ path: gmailPaths.list, nth: 3, afterwards: () => world.deliverMail(ada, { from: 'late@example.com' }) })
  simulator.faults.add({ path: gmailPaths.list, nth: 4, ...backendError() })
  const count = async () => (await users.messages.list({ userId: 'me' })).data.messages?.length
  expect([await count(), await count(), await count()]).toEqual([5, 4, 4])
  expect((await refusal(count())).status).toBe(503)
  expect(await count()).toBe(5)
  expect(simulator.ledger.of('gmail.messages.list').filter(({ faulty }) => faulty)).toEqual([])
  expect(simulator.ledger.entries.map(({ faulty }) => faulty)).toEqual([false, false, false, true, false])
})

test('an answer made before a deletion arrives after the history that tells of it', async () => {
  const { data: profile } = await users.getProfile({ userId: 'me' })
  const order: string[] = []
  const made = simulator.faults.answered({ path: gmailPaths.get })
  simulator.faults.add({ path: gmailPaths.get, holdUntil: simulator.faults.answered({ path: gmailPaths.history }) })
  const got = get().then(({ data }) => void order.push(`got ${data.labelIds?.join()}`))
  await made
  world.deleteMail(ada, messages[0]!.id)
  const { data } = await users.history.list({ userId: 'me', startHistoryId: profile.historyId ?? '' })
  order.unshift(`deleted ${data.history?.[0]?.messagesDeleted?.length}`)
  await got
  expect(order).toEqual(['deleted 1', 'got UNREAD,INBOX'])
  expect(statuses()).toEqual([200])
})
