import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import type { Forgery } from '../../dev/google/gmail/push-token.ts'
import { purgeNotices } from '../../src/gmail/notices.ts'
import { stopWatching } from '../../src/gmail/watch.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { knownIds, type MailOwner, mailOwner, stateOf } from './support.ts'

const clock = movableClock()
const gmailPush = { topic: 'projects/kith/topics/gmail', audience: 'https://kith.test/google/gmail/push', account: 'push@kith.iam.gserviceaccount.com' }
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock, config: { gmailPush } })
})
afterAll(() => kith.close())
beforeEach(() => {
  const { faults, ledger, settings } = kith.google
  faults.clear()
  ledger.clear()
  Object.assign(settings.gmail, { watchedElsewhere: false })
  Object.assign(settings.gmail.push, {
    endpoint: `${kith.origin}/google/gmail/push`,
    audience: gmailPush.audience,
    serviceAccount: gmailPush.account,
    forgery: null,
    lose: false,
    copies: 1,
    reversed: false,
  })
})

/** An owner whose mailbox is watched. */
async function watched(): Promise<MailOwner> {
  const owner = await mailOwner(kith)
  await owner.sync()
  expect((await stateOf(owner)).status).toBe('IDLE')
  return owner
}
const isDue = async (owner: MailOwner): Promise<boolean> => (await stateOf(owner)).nextRunAt!.getTime() <= clock.now().epochMilliseconds
const statuses = async (): Promise<number[]> => (await kith.google.deliverPushes()).map(({ status }) => status)

test('a notice makes a run due at once, and syncs nothing by itself', async () => {
  const owner = await watched()
  owner.deliver({ from: 'a@example.test' })
  kith.google.ledger.clear()
  expect(await statuses()).toEqual([204])
  expect(kith.google.ledger.entries.filter(({ account }) => account === owner.email)).toEqual([])
  expect(await isDue(owner)).toBe(true)
  await owner.sync()
  expect(await knownIds(owner.ctx)).toHaveLength(1)
})

test.each<Forgery>(['key', 'unknown key', 'audience', 'email', 'unverified', 'issuer', 'expired', 'alg none', 'missing'])(
  'row 31: a notice whose token is not good (%s) is refused',
  async (forgery) => {
    const owner = await watched()
    kith.google.settings.gmail.push.forgery = forgery
    kith.google.pushes.publish({ emailAddress: owner.email, historyId: '1' })
    expect(await statuses()).toEqual([401])
    expect(await isDue(owner)).toBe(false)
    kith.google.settings.gmail.push.forgery = null
    clock.reset()
    for (const push of kith.google.pushes.pending) push.dueAt = Temporal.Instant.from('2020-01-01T00:00Z')
    expect(await statuses()).toEqual([204])
  },
)

test('row 31: a hundred of the same notice, out of order and with old history ids, are one run', async () => {
  const owner = await watched()
  const before = (await stateOf(owner)).cursor
  kith.google.settings.gmail.push.reversed = true
  for (const historyId of ['5', '3', '1']) kith.google.pushes.publish({ emailAddress: owner.email, historyId })
  expect(await statuses()).toEqual([204, 204, 204])
  kith.google.settings.gmail.push.copies = 100
  kith.google.pushes.publish({ emailAddress: owner.email, historyId: '2' })
  const answered = await statuses()
  expect(answered).toHaveLength(100)
  expect(new Set(answered)).toEqual(new Set([204]))
  kith.google.ledger.clear()
  await owner.sync()
  await owner.sync()
  expect(kith.google.ledger.of('gmail.history.list').filter(({ account }) => account === owner.email)).toHaveLength(1)
  expect(BigInt((await stateOf(owner)).cursor!)).toBeGreaterThanOrEqual(BigInt(before!))
  // Once that run is over they set off nothing more, however often they come.
  const again = kith.google.pushes.publish({ emailAddress: owner.email, historyId: '9', messageId: 'the same' })
  kith.google.settings.gmail.push.copies = 1
  expect(await statuses()).toEqual([204])
  await owner.sync()
  kith.google.pushes.publish({ emailAddress: owner.email, historyId: '9', messageId: again.messageId })
  await statuses()
  expect(await isDue(owner)).toBe(false)
  expect(await kith.app.database.prisma.gmailNotice.count({ where: { messageId: { startsWith: 'the same' } } })).toBe(1)
})

test('row 31: a notice for a mailbox that nobody has is acknowledged', async () => {
  kith.google.pushes.publish({ emailAddress: 'nobody@gmail.com', historyId: '1' })
  expect(await statuses()).toEqual([204])
})

test('row 31: a notice that cannot be taken in comes again', async () => {
  const owner = await watched()
  kith.google.pushes.publish({ emailAddress: owner.email, historyId: '1' })
  const { database } = kith.app
  Object.assign(kith.app, { database: { ...database, pool: { query: () => Promise.reject(new Error('The database is away.')) } } })
  try {
    expect(await statuses()).toEqual([503])
  } finally {
    Object.assign(kith.app, { database })
  }
  for (const push of kith.google.pushes.pending) push.dueAt = Temporal.Instant.from('2020-01-01T00:00Z')
  expect(await statuses()).toEqual([204])
  expect(await isDue(owner)).toBe(true)
})

test('a notice that is too large is not read', async () => {
  const answer = await fetch(`${kith.origin}/google/gmail/push`, { method: 'POST', body: 'x'.repeat(65 * 1024) })
  expect(answer.status).toBe(413)
})

test('a notice during a run is followed by another run', async () => {
  const owner = await watched()
  clock.advance({ minutes: 15 })
  kith.google.faults.add({
    path: /\/history$/,
    afterwards: async () => {
      owner.deliver({ from: 'late@example.test' })
      kith.google.pushes.publish({ emailAddress: owner.email, historyId: '1' })
      await statuses()
    },
  })
  await owner.sync()
  expect(await isDue(owner)).toBe(true)
  await owner.sync()
  expect(await knownIds(owner.ctx)).toHaveLength(1)
})

test('row 32: without any notice, mail comes in with the next poll, within a quarter of an hour', async () => {
  const owner = await watched()
  kith.google.settings.gmail.push.lose = true
  owner.deliver({ from: 'a@example.test' })
  expect(await statuses()).toEqual([])
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toHaveLength(1)
})

test('row 33: a watch is renewed each day, long before it ends', async () => {
  const owner = await watched()
  const account = kith.google.world.account(owner.email)
  expect(kith.google.pushes.isWatched(account)).toBe(true)
  kith.google.ledger.clear()
  for (let hours = 0; hours < 72; hours += 1) {
    clock.advance({ hours: 1 })
    await owner.sync()
  }
  const renewals = kith.google.ledger.of('gmail.watch').filter((entry) => entry.account === owner.email)
  expect(renewals.length).toBeGreaterThanOrEqual(2)
  expect(renewals.length).toBeLessThanOrEqual(3)
})

test('row 33: where another program of the project watches, that is stopped first', async () => {
  kith.google.settings.gmail.watchedElsewhere = true
  const owner = await watched()
  expect(kith.google.pushes.isWatched(kith.google.world.account(owner.email))).toBe(true)
  expect(kith.google.ledger.of('gmail.stop').filter(({ account }) => account === owner.email)).toHaveLength(1)
})

test('row 33: a watch that is refused holds up no mail, and is asked for again within hours', async () => {
  kith.google.faults.add({ path: /\/watch$/, times: 1, status: 500, body: '' })
  const owner = await watched()
  owner.deliver({ from: 'a@example.test' })
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toHaveLength(1)
  for (let hours = 0; hours < 3; hours += 1) {
    clock.advance({ hours: 1, minutes: 1 })
    await owner.sync()
  }
  expect(kith.google.pushes.isWatched(kith.google.world.account(owner.email))).toBe(true)
})

test('stopping tells Google to send no more', async () => {
  const owner = await watched()
  await stopWatching(owner.ctx)
  expect(kith.google.pushes.isWatched(kith.google.world.account(owner.email))).toBe(false)
})

test('notices are forgotten once they cannot come again', async () => {
  const owner = await watched()
  kith.google.pushes.publish({ emailAddress: owner.email, historyId: '1' })
  await statuses()
  const count = () => kith.app.database.prisma.gmailNotice.count()
  expect(await count()).toBeGreaterThan(0)
  await purgeNotices(kith.app)
  expect(await count()).toBeGreaterThan(0)
  clock.advance({ hours: 9 * 24 })
  await purgeNotices(kith.app)
  expect(await count()).toBe(0)
})
