import { expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import { demoWorld } from '../../dev/google/demo/world.ts'
import { headerOf, type Message } from '../../dev/google/gmail/message.ts'

const now = Temporal.Instant.from('2026-06-03T15:00:00Z')
const ada = 'ada@example.test'
const mailOf = (email: string, at: Temporal.Instant = now, seed = 'kith') =>
  demoWorld({ seed, clock: fixedClock(at) })
    .account(email)
    .mailbox.messages()
const world = demoWorld({ seed: 'kith', clock: fixedClock(now) })
const mail = world.account(ada).mailbox.messages()
const having = (label: string) => mail.filter(({ labelIds }) => labelIds.includes(label))
const received = mail.filter(({ labelIds }) => !['SENT', 'DRAFT', 'SPAM'].some((label) => labelIds.includes(label)))
const recipients = (message: Message) => ['To', 'Cc', 'Bcc'].flatMap((name) => headerOf(message, name)?.match(/[^\s<>,]+@[^\s<>,]+/g) ?? [])
const decoded = (text = '') => text.replace(/=\?UTF-8\?B\?([^?]*)\?=\s*/g, (_, word: string) => Buffer.from(word, 'base64').toString())

test('the same seed and time make the same mail, another seed other mail', () => {
  expect(mailOf(ada)).toEqual(mail)
  expect(mailOf(ada, now, 'other').map(({ id }) => id)).not.toEqual(mail.map(({ id }) => id))
})

test('a world made three days later has the messages of before, under the same ids and in the same conversations', () => {
  const later = new Map(mailOf(ada, now.add({ hours: 72 })).map((message) => [message.id, message]))
  expect(later.size).toBeGreaterThan(mail.length / 2)
  // The oldest week may have left; drafts are of the moment.
  const recent = mail.filter(({ internalDate, labelIds }) => internalDate > now.subtract({ hours: 24 * 60 }).epochMilliseconds && !labelIds.includes('DRAFT'))
  expect(recent.length).toBeGreaterThan(200)
  for (const { id, threadId, headers } of recent) expect(later.get(id)).toMatchObject({ threadId, headers })
})

test('Ada has hundreds of messages of the last weeks, Grace fewer, Alan and Uma few; none is from the future', () => {
  const counts = world.accounts.map(({ mailbox }) => mailbox.messages().length)
  expect(mail.length).toBeGreaterThan(350)
  expect(counts).toEqual(counts.toSorted((one, other) => other - one))
  for (const { internalDate } of mail) {
    expect(internalDate).toBeLessThanOrEqual(now.epochMilliseconds)
    expect(internalDate).toBeGreaterThan(now.subtract({ hours: 24 * 7 * 12 }).epochMilliseconds)
  }
})

test('people answer each other, and what they write last differs', () => {
  const threads = Map.groupBy(
    mail.filter(({ labelIds }) => labelIds.includes('CATEGORY_PERSONAL') || labelIds.includes('SENT')),
    ({ threadId }) => threadId,
  )
  const both = [...threads.values()].filter((members) => new Set(members.map(({ labelIds }) => labelIds.includes('SENT'))).size === 2)
  expect(both.length).toBeGreaterThan(30)
  const lastSent = both.filter(([newest]) => newest?.labelIds.includes('SENT'))
  expect(lastSent.length).toBeGreaterThan(5)
  expect(lastSent.length).toBeLessThan(both.length - 5)
  for (const members of both)
    for (const answer of members.slice(0, -1).filter((message) => headerOf(message, 'In-Reply-To')))
      expect(members.map((message) => headerOf(message, 'Message-ID'))).toContain(headerOf(answer, 'In-Reply-To'))
})

test('nothing is there twice, though some people are saved twice', () => {
  const ids = mail.map((message) => headerOf(message, 'Message-ID'))
  expect(new Set(ids).size).toBe(mail.length)
})

test('whoever writes is known: most personal mail comes from contacts', () => {
  const known = new Set(
    world
      .account(ada)
      .addressBook.people()
      .flatMap(({ person }) => person.emailAddresses?.map(({ value }) => value?.toLowerCase()) ?? []),
  )
  const senders = having('CATEGORY_PERSONAL').map(
    (message) =>
      headerOf(message, 'From')
        ?.match(/[^\s<>]+@[^\s<>]+/)?.[0]
        .toLowerCase() ?? '',
  )
  expect(senders.filter((sender) => known.has(sender)).length).toBeGreaterThan(senders.length * 0.8)
  expect(new Set(senders).size).toBeGreaterThan(25)
})

test('there is everything that tries a reader of headers', () => {
  const some = (matches: (message: Message) => boolean, of: readonly Message[] = mail) => of.filter(matches).length
  expect(some((message) => headerOf(message, 'List-Id') !== undefined && headerOf(message, 'List-Unsubscribe') !== undefined)).toBeGreaterThan(30)
  expect(some((message) => /no-?reply@/.test(headerOf(message, 'From') ?? '') && !headerOf(message, 'List-Id'))).toBeGreaterThan(0)
  expect(some((message) => headerOf(message, 'Auto-Submitted') !== undefined)).toBeGreaterThan(0)
  expect(some((message) => recipients(message).length > 20)).toBeGreaterThan(0)
  expect(some((message) => headerOf(message, 'Bcc') !== undefined, having('SENT'))).toBeGreaterThan(0)
  expect(some((message) => !headerOf(message, 'From')?.includes(ada), having('SENT'))).toBeGreaterThan(5)
  expect(some((message) => recipients(message).some((address) => address.startsWith('ada+')), received)).toBeGreaterThan(5)
  expect(some((message) => /\+(mail|choir|work)@/.test(headerOf(message, 'From') ?? ''), received)).toBeGreaterThan(0)
  expect(new Set(mail.flatMap((message) => headerOf(message, 'From')?.match(/\S+@(gmail|googlemail)\.com/g) ?? [])).size).toBe(2)
  expect(some((message) => headerOf(message, 'From') === ada && headerOf(message, 'To') === ada)).toBeGreaterThan(3)
  for (const label of ['DRAFT', 'SPAM', 'TRASH', 'UNREAD', 'STARRED', 'CATEGORY_PROMOTIONS', 'CATEGORY_SOCIAL', 'CATEGORY_FORUMS'])
    expect(having(label).length, label).toBeGreaterThan(0)
  const encoded = mail.flatMap((message) => headerOf(message, 'From') ?? []).filter((value) => value.includes('=?UTF-8?'))
  for (const script of ['Latin', 'Greek', 'Cyrillic', 'Han', 'Hangul'])
    expect(encoded.map(decoded).join('\n'), script).toMatch(new RegExp(`\\p{Script=${script}}`, 'u'))
})

test('every address is on a domain reserved for examples, or cannot exist', () => {
  const addresses = world.accounts
    .flatMap(({ mailbox }) => mailbox.messages())
    .flatMap(({ headers }) => headers.filter(([name]) => ['From', 'To', 'Cc', 'Bcc'].includes(name)))
    .flatMap(([, value]) => value.match(/[^\s<>,"]+@[^\s<>,"]+/g) ?? [])
  expect(addresses.length).toBeGreaterThan(1000)
  for (const address of addresses) {
    const [local = '', domain = ''] = address.toLowerCase().split('@')
    // A user name at Gmail has 30 letters at most.
    if (/^(gmail|googlemail)\.com$/.test(domain)) expect(local.replace(/\+.*|\./g, '').length).toBeGreaterThan(30)
    else expect(domain).toMatch(/(^|\.)(example|test|example\.(com|org|net))$/)
  }
})
