import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { gmailPaths, historyAlwaysGone, notFoundAtFirst, tooMany } from '../../dev/google/gmail/faults.ts'
import { inTransaction } from '../../src/events/service.ts'
import { readMessage } from '../../src/gmail/message.ts'
import { buryMessages, putMessages } from '../../src/gmail/mirror.ts'
import { readFeatures } from '../../src/google/service.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { knownIds, type MailOwner, mailOwner, shownOf, stateOf } from './support.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  const { faults, ledger, settings } = kith.google
  faults.clear()
  ledger.clear()
  Object.assign(settings.gmail, { concurrentCalls: Infinity, emptyHistoryPages: 0 })
})

/** What Gmail has to show, by id. */
const there = (owner: MailOwner): string[] => kith.google.world.mailToKnow(owner.email).map(({ id }) => id)
const calls = (owner: MailOwner, operation: string) => kith.google.ledger.of(operation).filter(({ account }) => account === owner.email)
/** How often a message was asked for by itself, whatever the answer was. */
const askedFor = ({ id }: { id: string }): number => kith.google.ledger.entries.filter(({ path }) => path.endsWith(`/messages/${id}`)).length
const many = (count: number) => Array.from({ length: count }, (_, number) => ({ from: `p${number}@example.test`, to: 'x@example.test', subject: `${number}` }))

test('row 3: what arrives, and what is deleted, while all is listed, is there and is not', async () => {
  const owner = await mailOwner(kith)
  const { world, faults } = kith.google
  const [early, late] = [world.deliverMails(owner.email, many(300)), world.deliverMails(owner.email, many(300))]
  faults.add({
    path: gmailPaths.list,
    nth: 2,
    before: () => {
      owner.deliver({ from: 'between@example.test' })
      // One of a page that has been read, and one of a page that has not.
      world.deleteMail(owner.email, [late[299]!.id, early[0]!.id])
      world.trashMail(owner.email, late[298]!.id)
    },
  })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
  expect(await stateOf(owner)).toMatchObject({ status: 'IDLE' })
})

test('row 4: where history is forgotten all is compared, and nothing that is known is fetched again', async () => {
  const owner = await mailOwner(kith)
  const { world } = kith.google
  const before = world.deliverMails(owner.email, many(40))
  await owner.sync()
  const fresh = owner.deliver({ from: 'new@example.test' })
  world.deleteMail(owner.email, before[3]!.id)
  world.trashMail(owner.email, before[4]!.id)
  world.forgetMailHistory(owner.email)
  clock.advance({ hours: 2 })
  kith.google.ledger.clear()
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
  expect(calls(owner, 'gmail.messages.get').map(({ path }) => path.split('/').at(-1))).toEqual([fresh.id])
  expect(calls(owner, 'gmail.threads.get')).toEqual([])

  // What the listing has not seen lay in the trash, and comes back from there.
  world.untrashMail(owner.email, before[4]!.id)
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
})

test('what was kept when the mailbox was disconnected is compared when it is connected again', async () => {
  const owner = await mailOwner(kith)
  const { world } = kith.google
  const mails = world.deliverMails(owner.email, many(5))
  await owner.contact('Two', 'p2@example.test')
  await owner.sync()
  await owner.ctx.db.googleSyncState.delete({ where: { ownerId_id: { ownerId: owner.ownerId, id: owner.stateId } } })
  world.deleteMail(owner.email, mails[0]!.id)
  world.labelMail(owner.email, mails[2]!.id, ['CATEGORY_SOCIAL'])
  const fresh = owner.deliver({ from: 'new@example.test' })
  kith.google.ledger.clear()
  await owner.reconnect()
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
  expect(await shownOf(owner.ctx)).toMatchObject([{ externalId: mails[2]!.id, with: ['Two'], counted: false }])
  expect(kith.google.ledger.entries.filter(({ path }) => /\/messages\/./.test(path)).map(({ path }) => path.split('/').at(-1))).toEqual([fresh.id])
})

test('row 5: where every cursor is forgotten, all is listed once an hour at most, and mail still comes in', async () => {
  const owner = await mailOwner(kith)
  owner.deliver({ from: 'a@example.test' })
  kith.google.faults.add(historyAlwaysGone())
  await owner.sync()
  kith.google.ledger.clear()
  owner.deliver({ from: 'b@example.test' })
  for (let minutes = 0; minutes < 180; minutes += 5) {
    clock.advance({ minutes: 5 })
    await owner.sync()
  }
  const lists = calls(owner, 'gmail.messages.list').filter(({ query }) => !query['labelIds']).length
  expect(lists).toBeGreaterThanOrEqual(1)
  expect(lists).toBeLessThanOrEqual(3)
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
  expect((await stateOf(owner)).loops).toBeGreaterThan(0)
})

test('row 6: a page of history without anything, but with a token, is not the last one', async () => {
  const owner = await mailOwner(kith)
  await owner.sync()
  owner.deliver({ from: 'a@example.test' })
  kith.google.settings.gmail.emptyHistoryPages = 2
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
})

test('row 7: what happens between the pages of history is neither lost nor there twice', async () => {
  const owner = await mailOwner(kith)
  const { world, faults } = kith.google
  await owner.sync()
  const arrived = world.deliverMails(owner.email, many(700))
  let firstPageEnds = 0n
  faults.add({
    path: gmailPaths.history,
    nth: 2,
    before: () => {
      firstPageEnds = world.account(owner.email).mailbox.history.lastId()
      owner.deliver({ from: 'between@example.test' })
      world.deleteMail(owner.email, [arrived[0]!.id, arrived[699]!.id])
    },
  })
  clock.advance({ minutes: 15 })
  await owner.sync()
  // Where history stood when the first page was read: of what came after it nothing can be missed.
  expect((await stateOf(owner)).cursor).toBe(String(firstPageEnds))
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
  const starts = calls(owner, 'gmail.history.list').map(({ query }) => query)
  const paged = starts.filter(({ pageToken }) => pageToken)
  // Of all pages of one list the start is the same.
  for (const { startHistoryId } of paged) expect(starts.some((query) => !query['pageToken'] && query['startHistoryId'] === startHistoryId)).toBe(true)
})

test('row 8: a message that is not found yet is asked for again after seconds, and given up after minutes', async () => {
  const owner = await mailOwner(kith)
  await owner.sync()
  const [soon, never] = [owner.deliver({ from: 'a@example.test' }), owner.deliver({ from: 'b@example.test' })]
  kith.google.faults.add(notFoundAtFirst(soon.id, 2))
  kith.google.faults.add(notFoundAtFirst(never.id, Infinity))
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual([])
  const { nextRunAt } = await stateOf(owner)
  expect(nextRunAt!.getTime() - clock.now().epochMilliseconds).toBeLessThan(15_000)
  clock.advance({ seconds: 15 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual([])
  clock.advance({ seconds: 110 })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual([soon.id])
  for (let round = 0; round < 4; round += 1) {
    clock.advance({ minutes: 15 })
    await owner.sync()
  }
  expect(askedFor(never)).toBe(4)
  expect(await owner.ctx.db.gmailFetch.count({ where: { ownerId: owner.ownerId } })).toBe(0)
})

test('row 9: of a batch only the parts that failed are asked for again, and each answer belongs to its message', async () => {
  const owner = await mailOwner(kith)
  const { faults, world } = kith.google
  const mails = world.deliverMails(owner.email, many(25))
  const pathOf = (place: number): RegExp => new RegExp(`/messages/${mails[place]!.id}$`)
  faults.add({ ...tooMany(), path: pathOf(1), inBatch: true, times: 3 })
  faults.add({ ...notFoundAtFirst(mails[2]!.id, 1), inBatch: true })
  faults.add({ path: pathOf(3), inBatch: true, truncateBytes: 80 })
  faults.add({ path: gmailPaths.batch, times: Infinity, rewriteParts: (parts) => parts.toReversed() })
  for (let round = 0; round < 8; round += 1) {
    await owner.sync()
    clock.advance({ minutes: 2 })
  }
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
  expect(mails.map(askedFor)).toEqual(mails.map((_, place) => ({ 1: 4, 2: 2, 3: 2 })[place] ?? 1))
  const from = await owner.ctx.db.gmailAddress.findMany({ where: { ownerId: owner.ownerId, role: 'FROM' } })
  for (const { messageId, address } of from) expect(address).toBe(`p${mails.findIndex(({ id }) => id === messageId)}@example.test`)
})

test('row 10: a batch that Gmail finds too large is followed by small ones', async () => {
  const owner = await mailOwner(kith)
  kith.google.world.deliverMails(owner.email, many(60))
  kith.google.settings.gmail.concurrentCalls = 15
  for (let round = 0; round < 8; round += 1) {
    await owner.sync()
    clock.advance({ seconds: 70 })
  }
  expect(await knownIds(owner.ctx)).toEqual(there(owner))
  const parts = calls(owner, 'gmail.messages.get').map(({ part }) => part ?? 0)
  const sizes = parts.flatMap((part, at) => (at > 0 && part === 0 ? [parts[at - 1]! + 1] : []))
  expect(sizes[0]).toBe(25)
  expect(Math.max(...sizes.slice(1))).toBeLessThanOrEqual(10)
  expect(calls(owner, 'gmail.messages.get').filter(({ status }) => status === 429)).toHaveLength(10)
})

test('row 37: an answer that comes after its message was deleted brings nothing back', async () => {
  const owner = await mailOwner(kith)
  const { faults, world } = kith.google
  await owner.contact('Ada', 'ada@example.test')
  const doomed = owner.deliver({ from: 'ada@example.test' })
  const { promise: held, resolve: release } = Promise.withResolvers<void>()
  const { promise: asked, resolve: isAsked } = Promise.withResolvers<void>()
  faults.add({ path: gmailPaths.batch, holdUntil: held, afterwards: isAsked })
  const slow = owner.sync()
  await asked
  // The one that waits for the answer has lost its hold by now; another does the run.
  clock.advance({ minutes: 5 })
  world.deleteMail(owner.email, doomed.id)
  await owner.sync()
  expect(await stateOf(owner)).toMatchObject({ status: 'IDLE' })
  release()
  await slow
  expect(await knownIds(owner.ctx)).toEqual([])
  expect(await shownOf(owner.ctx)).toEqual([])
  const late = readMessage({ id: doomed.id, threadId: doomed.threadId, labelIds: ['INBOX'], internalDate: '1000', historyId: '99999999999999999999' })
  const put = await inTransaction(owner.ctx, async (tx) => {
    await buryMessages(tx, [doomed], 1)
    return putMessages(tx, [late], { seenRun: 1, subjects: false })
  })
  expect(put).toEqual([])
  expect(await knownIds(owner.ctx)).toEqual([])
})

test('row 35: mail that bears a time to come counts once that has passed', async () => {
  const owner = await mailOwner(kith)
  const contactId = await owner.contact('Ada', 'ada@example.test')
  const past = clock.now().subtract({ hours: 5 })
  const ahead = clock.now().add({ hours: 5 })
  owner.deliver({ from: 'ada@example.test', at: past })
  owner.deliver({ from: 'ada@example.test', at: ahead })
  const last = async () => (await owner.ctx.db.contact.findFirstOrThrow({ where: { ownerId: owner.ownerId, id: contactId } })).lastInteractionAt?.getTime()
  await owner.sync()
  expect(await shownOf(owner.ctx)).toHaveLength(2)
  expect(await last()).toBe(past.epochMilliseconds)
  clock.advance({ hours: 6 })
  await owner.sync()
  expect(await last()).toBe(ahead.epochMilliseconds)
})

test('row 28: a page of the list without messages, but with a token, is not the last one', async () => {
  const owner = await mailOwner(kith)
  const mails = kith.google.world.deliverMails(owner.email, many(3))
  const { accessToken } = kith.google.issueTokens({ account: owner.email, scopes: ['https://www.googleapis.com/auth/gmail.metadata'] })
  const first = await fetch(`${kith.google.origin}/gmail/v1/users/me/messages?maxResults=1`, { headers: { authorization: `Bearer ${accessToken}` } })
  const { nextPageToken } = (await first.json()) as { nextPageToken: string }
  kith.google.faults.add({ path: gmailPaths.list, body: { nextPageToken, resultSizeEstimate: 3 } })
  await owner.sync()
  expect(await knownIds(owner.ctx)).toEqual([mails[0]!.id, mails[1]!.id].toSorted())
  const [, gmail] = await readFeatures(owner.ctx)
  expect(gmail).toMatchObject({ status: 'IDLE' })
})
