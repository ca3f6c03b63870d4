import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { createLog } from '../../src/log.ts'
import { fixedClock } from '../../src/core/clock.ts'
import type { Message } from '../../src/deliveries/mailer.ts'
import { type Person, type TestApp, testApp } from '../support/app.ts'
import { ask, befriend, done, everythingStored, mutate } from '../support/crm.ts'

const clock = fixedClock('2027-03-01T10:00:00Z')
const sent: Message[] = []
const logged: string[] = []
/** What the mail server does with the next messages; it takes all when there is nothing more to do. */
let refusals: unknown[] = []
let kith: TestApp

beforeAll(async () => {
  const log = createLog({ production: false, logLevel: 'trace' } as never)
  const write = (line: object): void => void logged.push(JSON.stringify(line))
  kith = await testApp({
    clock,
    log: new Proxy(log, {
      get: (target, key) => (['trace', 'debug', 'info', 'warn', 'error'].includes(String(key)) ? (...args: object[]) => write(args) : Reflect.get(target, key)),
    }),
    mail: {
      send: async (message) => {
        if (refusals.length > 0) throw refusals.shift()
        sent.push(message)
      },
    },
  })
})
afterAll(() => kith.close())
beforeEach(() => {
  refusals = []
  sent.length = 0
})

const remind = (who: Person, title: string, more: object = {}) =>
  done(who, 'reminderCreate', { input: { title, timeZone: 'UTC', dueAt: clock.now().toString().slice(0, 16), ...more } })
const history = async (who: Person) =>
  (await ask(who, 'deliveries { nodes { id kind state attempts lastError nextAttemptAt sentAt subject occurrenceAt createdAt } totalCount }')).nodes
const refused = (code = 'ECONNREFUSED') => Object.assign(new Error('connect to mx.example.test for zoe@example.test'), { code })

test('a message goes out once, to the account’s address, and its history says so', async () => {
  const ada = await kith.signUp()
  await remind(ada, 'Water the plants')
  await kith.runJobs()
  await kith.runJobs()
  expect(sent).toMatchObject([{ to: ada.email, subject: 'Water the plants' }])
  expect(await history(ada)).toMatchObject([
    {
      kind: 'REMINDER',
      state: 'SENT',
      attempts: 1,
      lastError: null,
      nextAttemptAt: null,
      sentAt: '2027-03-01T10:00:00.000Z',
      subject: 'Water the plants',
      occurrenceAt: '2027-03-01T10:00:00.000Z',
    },
  ])
})

test('a message that was not accepted is tried again, later and later', async () => {
  const ada = await kith.signUp()
  refusals = Array.from({ length: 4 }, () => refused())
  await remind(ada, 'Persist')
  const waits: number[] = []
  for (let tries = 1; tries <= 4; tries += 1) {
    await kith.runJobs()
    expect(await history(ada)).toMatchObject([{ state: 'PENDING', attempts: tries, lastError: 'ECONNREFUSED', sentAt: null }])
    const [{ nextAttemptAt }] = await history(ada)
    waits.push((Date.parse(nextAttemptAt) - clock.now().epochMilliseconds) / 60_000)
    clock.set(Temporal.Instant.fromEpochMilliseconds(Date.parse(nextAttemptAt) - 1))
    await kith.runJobs()
    expect((await history(ada))[0].attempts, 'not before its time').toBe(tries)
    clock.set(Temporal.Instant.fromEpochMilliseconds(Date.parse(nextAttemptAt)))
  }
  expect(waits).toEqual([1, 5, 15, 60])
  await kith.runJobs()
  expect(await history(ada)).toMatchObject([{ state: 'SENT', attempts: 5, lastError: null, nextAttemptAt: null }])
  expect(sent).toHaveLength(1)
})

test('after ten failures in a row a message is given up, and the account’s mail is paused until its owner resumes it', async () => {
  const ada = await kith.signUp()
  const bea = await kith.signUp()
  refusals = Array.from({ length: 10 }, () => refused('EAUTH'))
  await remind(ada, 'Hopeless')
  for (let tries = 0; tries < 15; tries += 1) {
    await kith.runJobs()
    clock.advance({ hours: 6 })
  }
  expect(refusals).toEqual([])
  expect(await history(ada)).toMatchObject([{ state: 'FAILED', attempts: 10, lastError: 'EAUTH', nextAttemptAt: null, subject: 'Hopeless' }])
  const { mailPausedAt } = await ask(ada, 'viewer { mailPausedAt }')
  expect(Date.parse(mailPausedAt)).toBeLessThan(clock.now().epochMilliseconds)

  await remind(ada, 'Waits')
  await remind(bea, 'Another’s')
  await kith.runJobs()
  clock.advance({ hours: 24 })
  await kith.runJobs()
  expect(
    sent.map(({ subject }) => subject),
    'others are not paused',
  ).toEqual(['Another’s'])
  expect((await history(ada))[0]).toMatchObject({ state: 'PENDING', attempts: 0, nextAttemptAt: null, subject: 'Waits' })

  expect(await mutate(ada, 'accountMailResume')).toMatchObject({ __typename: 'Account', mailPausedAt: null })
  expect(await mutate(ada, 'accountMailResume'), 'twice is once').toMatchObject({ mailPausedAt: null })
  await kith.runJobs()
  expect(sent.map(({ subject }) => subject)).toEqual(['Another’s', 'Waits'])
  expect((await history(ada)).map(({ state }: { state: string }) => state)).toEqual(['SENT', 'FAILED'])
})

test('a success in between begins the count of failures anew', async () => {
  const ada = await kith.signUp()
  for (let round = 0; round < 4; round += 1) {
    refusals = Array.from({ length: 4 }, () => refused())
    await remind(ada, `Round ${round}`)
    for (let tries = 0; tries < 5; tries += 1) {
      await kith.runJobs()
      clock.advance({ hours: 6 })
    }
  }
  expect(sent).toHaveLength(4)
  expect(await ask(ada, 'viewer { mailPausedAt }')).toEqual({ mailPausedAt: null })
})

test('many messages that meet one short outage are one failure: nobody’s mail is paused by it', async () => {
  const ada = await kith.signUp()
  for (let index = 0; index < 15; index += 1) await remind(ada, `Many ${index}`)
  refusals = [refused()]
  await kith.runJobs()
  expect(sent.length).toBe(0)
  expect((await history(ada)).map(({ attempts }: { attempts: number }) => attempts).toSorted()).toEqual([...Array.from({ length: 14 }, () => 0), 1])
  clock.advance({ minutes: 1 })
  await kith.runJobs()
  expect(new Set(sent.map(({ subject }) => subject)).size).toBe(15)
  expect(sent).toHaveLength(15)
})

test('what a mail server says is neither logged nor kept: only its code', async () => {
  const ada = await kith.signUp()
  refusals = [
    Object.assign(new Error('550 5.1.1 <zoe@example.test> no such mailbox, says Perkins'), {
      responseCode: 550,
      response: '550 Perkins',
      code: 'EENVELOPE',
      rejected: [ada.email],
    }),
    Object.assign(new Error('odd'), { code: 'mailbox of Perkins is full' }),
  ]
  logged.length = 0
  await remind(ada, 'Bounce')
  await kith.runJobs()
  expect(await history(ada)).toMatchObject([{ lastError: 'SMTP 550' }])
  clock.advance({ hours: 1 })
  await kith.runJobs()
  expect(await history(ada)).toMatchObject([{ lastError: 'UNKNOWN' }])
  expect(logged.filter((line) => line.includes('A message was not accepted'))).toHaveLength(2)
  for (const trace of [logged.join('\n'), await everythingStored(kith)]) expect(trace).not.toMatch(/Perkins|no such mailbox/)
})

test('a message’s text is sealed, and forgotten 30 days after it was sent, its history is not', async () => {
  const ada = await kith.signUp()
  await remind(ada, 'Vermilion umbrella', { details: 'in the hall' })
  await kith.runJobs()
  expect(await everythingStored(kith)).not.toMatch(/vermilion|in the hall/i)
  const stored = async () => (await kith.app.database.pool.query('SELECT message FROM deliveries WHERE "ownerId" = $1', [ada.ownerId])).rows
  clock.advance({ hours: 30 * 24 - 1 })
  await kith.runJobs()
  expect(await history(ada)).toMatchObject([{ state: 'SENT', subject: 'Vermilion umbrella' }])
  clock.advance({ hours: 1 })
  await kith.runJobs()
  expect(await history(ada)).toMatchObject([{ state: 'SENT', attempts: 1, subject: null }])
  expect(await stored()).toEqual([{ message: null }])
})

test('a message that waited for 30 days is given up and forgotten', async () => {
  const ada = await kith.signUp()
  await kith.app.database.pool.query('UPDATE accounts SET "mailPausedAt" = now() WHERE "ownerId" = $1', [ada.ownerId])
  await remind(ada, 'Too late')
  await kith.runJobs()
  clock.advance({ hours: 30 * 24 })
  await kith.runJobs()
  expect(await history(ada)).toMatchObject([{ state: 'FAILED', attempts: 0, lastError: 'EXPIRED', subject: null }])
  await done(ada, 'accountMailResume')
  await kith.runJobs()
  expect(sent).toEqual([])
})

test('one that waited through two weeks in which nothing ran goes out once', async () => {
  const ada = await kith.signUp()
  await remind(ada, 'Late but not lost', { recurrence: 'FREQ=DAILY' })
  clock.advance({ hours: 14 * 24 + 1 })
  await kith.runJobs()
  expect(sent).toHaveLength(1)
  clock.advance({ hours: 24 })
  await kith.runJobs()
  expect(sent).toHaveLength(2)
})

test('no name or title begins a header of its own', async () => {
  const ada = await kith.signUp()
  const name = 'Zoë\r\nBcc: eve@example.test\r\n\r\nhello'
  const contactId = await befriend(ada, 'Placeholder')
  // As an import could have left it.
  await kith.app.database.pool.query('UPDATE contacts SET "displayName" = $1 WHERE "ownerId" = $2', [name, ada.ownerId])
  await remind(ada, 'Title\r\nX-Header: yes\u2028more\u0007', { contactId })
  await kith.runJobs()
  const [message] = sent
  expect(message?.subject).toMatch(/^Title X-Header: yes/)
  // eslint-disable-next-line no-control-regex
  expect(message?.subject).not.toMatch(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]/)
})

test('the list of messages pages latest first and shows nobody else’s', async () => {
  const [ada, bea] = [await kith.signUp(), await kith.signUp()]
  for (const title of ['one', 'two', 'three']) {
    await remind(ada, title)
    await kith.runJobs()
    clock.advance({ minutes: 1 })
  }
  const { nodes, pageInfo, totalCount } = await ask(ada, 'deliveries(first: 2) { nodes { id subject } pageInfo { endCursor hasNextPage } totalCount }')
  expect({ subjects: nodes.map(({ subject }: { subject: string }) => subject), totalCount, more: pageInfo.hasNextPage }).toEqual({
    subjects: ['three', 'two'],
    totalCount: 3,
    more: true,
  })
  expect((await ask(ada, `deliveries(first: 2, after: "${pageInfo.endCursor}") { nodes { subject } }`)).nodes).toEqual([{ subject: 'one' }])
  expect(await ask(bea, 'deliveries { totalCount }')).toEqual({ totalCount: 0 })
  expect(await ask(bea, 'node(id: $id) { id }', { id: nodes[0].id })).toBeNull()
})
