import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { updateContact } from '../../src/contacts/service.ts'
import { inTransaction } from '../../src/events/service.ts'
import { readMessage } from '../../src/gmail/message.ts'
import { putMessages } from '../../src/gmail/mirror.ts'
import { settle } from '../../src/gmail/project.ts'
import { gmailSync } from '../../src/gmail/sync.ts'
import { rematchAddresses } from '../../src/google/rematch.ts'
import { claimRun, step } from '../../src/google/run.ts'
import { runSync } from '../../src/google/runSync.ts'
import { markDirty } from '../../src/google/schedule.ts'
import { readFeatures } from '../../src/google/service.ts'
import { logInteraction } from '../../src/interactions/service.ts'
import { movableClock } from '../google/support.ts'
import { type WebApp, webApp } from '../support/web.ts'
import { mailOwner, shownOf } from './support.ts'

const clock = movableClock()
let kith: WebApp

beforeAll(async () => {
  kith = await webApp({ clock })
})
afterAll(() => kith.close())
beforeEach(() => {
  kith.google.faults.clear()
  kith.google.ledger.clear()
})

test('mail with contacts becomes interactions, and mail with strangers does not', async () => {
  const owner = await mailOwner(kith)
  await owner.contact('Ada', 'ada@example.test')
  const got = owner.deliver({ from: 'Ada Example <Ada@Example.test>', subject: 'Hello' })
  const sent = owner.send({ to: 'ada@example.test', cc: 'someone@example.test', subject: 'Hi' })
  owner.deliver({ from: 'Stranger <stranger@example.test>', subject: 'Who am I' })
  await owner.sync()
  expect(await shownOf(owner.ctx)).toMatchObject([
    { externalId: got.id, threadId: got.threadId, direction: 'INBOUND', counted: true, with: ['!Ada'] },
    { externalId: sent.id, direction: 'OUTBOUND', counted: true, with: ['!Ada'] },
  ])
  const [, gmail] = await readFeatures(owner.ctx)
  expect(gmail).toMatchObject({ status: 'IDLE', phase: null, processed: 3, total: 3, errorCode: null })
  owner.deliver({ from: 'ada@example.test' })
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect((await readFeatures(owner.ctx))[1]).toMatchObject({ status: 'IDLE', processed: 1, total: 1 })
  const runs = await owner.ctx.db.googleSyncRun.findMany({ where: { ownerId: owner.ownerId }, orderBy: { endedAt: 'asc' } })
  expect(runs.map(({ mode, outcome, tally }) => [mode, outcome, tally])).toEqual([
    ['FULL', 'SUCCEEDED', { pages: 1, listed: 3, fetched: 3 }],
    ['INCREMENTAL', 'SUCCEEDED', { queued: 1, fetched: 1 }],
  ])
})

test('what a page of history came to is counted, though the run lets others go first right after it', async () => {
  const owner = await mailOwner(kith)
  await owner.contact('Ada', 'ada@example.test')
  await owner.sync()
  owner.deliver({ from: 'ada@example.test' })
  clock.advance({ minutes: 15 })
  const app = { ...owner.ctx.app, afterStep: () => clock.advance({ seconds: 21 }) }
  await runSync({ ...owner.ctx, app }, owner.stateId)
  expect((await readFeatures(owner.ctx))[1]).toMatchObject({ status: 'SYNCING', processed: 0, total: 1 })
  for (let turn = 0; turn < 5; turn += 1) await runSync({ ...owner.ctx, app }, owner.stateId)
  expect((await readFeatures(owner.ctx))[1]).toMatchObject({ status: 'IDLE', processed: 1, total: 1 })
  const runs = await owner.ctx.db.googleSyncRun.findMany({ where: { ownerId: owner.ownerId, mode: 'INCREMENTAL' } })
  expect(runs.map(({ tally }) => tally)).toEqual([{ queued: 1, fetched: 1 }])
})

test('what happens to mail is followed: new, trashed and brought back, spam, drafts, chats, deleted', async () => {
  const owner = await mailOwner(kith)
  const { world } = kith.google
  await owner.contact('Ada', 'ada@example.test')
  const [kept, trashed, deleted] = [1, 2, 3].map((number) => owner.deliver({ from: 'ada@example.test', subject: `${number}` }))
  const spam = owner.deliver({ from: 'ada@example.test', subject: 'prize' })
  world.spamMail(owner.email, spam.id)
  const draft = world.saveDraft(owner.email, { to: 'ada@example.test', subject: 'unfinished' })
  world.chat(owner.email, { from: 'ada@example.test', to: owner.email })
  await owner.sync()
  const ids = async () => (await shownOf(owner.ctx)).map(({ externalId }) => externalId)
  expect(await ids()).toEqual([kept!.id, trashed!.id, deleted!.id].toSorted())

  world.trashMail(owner.email, trashed!.id)
  world.deleteMail(owner.email, deleted!.id)
  const sent = world.sendDraft(owner.email, draft.draftId)
  world.saveDraft(owner.email, { to: 'ada@example.test', subject: 'another' })
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await ids()).toEqual([kept!.id, sent.id].toSorted())

  world.untrashMail(owner.email, trashed!.id)
  world.unspamMail(owner.email, spam.id)
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await ids()).toEqual([kept!.id, sent.id, trashed!.id, spam.id].toSorted())
})

test('[F-09] of what is in the trash or deleted only the id is kept', async () => {
  const owner = await mailOwner(kith)
  const trashed = owner.deliver({ from: 'ada@example.test' })
  const deleted = owner.deliver({ from: 'bob@example.test' })
  await owner.sync()
  kith.google.world.trashMail(owner.email, trashed.id)
  kith.google.world.deleteMail(owner.email, deleted.id)
  clock.advance({ minutes: 15 })
  await owner.sync()
  expect(await owner.ctx.db.gmailAddress.count({ where: { ownerId: owner.ownerId } })).toBe(0)
  const left = await owner.ctx.db.gmailMessage.findMany({ where: { ownerId: owner.ownerId }, select: { id: true, state: true } })
  expect(left.toSorted((one, other) => (one.id < other.id ? -1 : 1))).toEqual(
    [
      { id: trashed.id, state: 'HIDDEN' },
      { id: deleted.id, state: 'GONE' },
    ].toSorted((one, other) => (one.id < other.id ? -1 : 1)),
  )

  clock.advance({ hours: 31 * 24 })
  await owner.sync()
  expect(await owner.ctx.db.gmailMessage.count({ where: { ownerId: owner.ownerId, state: 'GONE' } })).toBe(0)
})

test('a contact who is added later finds their past mail, and one who loses an address loses it', async () => {
  const owner = await mailOwner(kith)
  const got = owner.deliver({ from: 'Grace <grace@example.test>' })
  await owner.sync()
  expect(await shownOf(owner.ctx)).toEqual([])
  kith.google.ledger.clear()
  const id = await owner.contact('Grace', 'GRACE@example.test')
  await kith.runJobs({ mayFail: true })
  expect(await shownOf(owner.ctx)).toMatchObject([{ externalId: got.id, with: ['!Grace'] }])
  expect(kith.google.ledger.entries.filter(({ operation, account }) => account === owner.email && operation?.startsWith('gmail.messages'))).toEqual([])
  await updateContact(owner.ctx, id, { emails: [{ address: 'other@example.test' }] })
  await kith.runJobs({ mayFail: true })
  expect(await shownOf(owner.ctx)).toEqual([])
})

test('a contact who is added while a message of theirs is being written down finds it too', async () => {
  const owner = await mailOwner(kith)
  await owner.sync()
  clock.advance({ minutes: 15 })
  const run = (await claimRun(owner.ctx, owner.stateId))!
  const { promise: written, resolve: isWritten } = Promise.withResolvers<void>()
  const { promise: gate, resolve: open } = Promise.withResolvers<void>()
  const message = readMessage({
    id: 'm',
    threadId: 't',
    labelIds: [],
    internalDate: '1000',
    historyId: '1',
    payload: { headers: [{ name: 'From', value: 'late@example.test' }] },
  })
  const writing = step(owner.ctx, run, {}, async (tx) => {
    await settle(tx, { ids: await putMessages(tx, [message], { seenRun: 1, subjects: false }), sentIn: [], sentFrom: [] })
    isWritten()
    await gate
  })
  await written
  await owner.contact('Late', 'late@example.test')
  let isDone = false
  const matching = rematchAddresses(owner.ctx).then(() => void (isDone = true))
  const { pool } = kith.app.database
  await expect
    .poll(
      async () =>
        isDone ||
        (await pool.query("SELECT count(*)::int AS waiting FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'")).rows[0]
          .waiting > 0,
    )
    .toBe(true)
  open()
  await Promise.all([writing, matching])
  expect(await shownOf(owner.ctx)).toMatchObject([{ externalId: 'm', with: ['!Late'] }])
})

test('a run that finds nothing new is one request', async () => {
  const owner = await mailOwner(kith)
  owner.deliver({ from: 'ada@example.test' })
  await owner.sync()
  clock.advance({ minutes: 15 })
  kith.google.ledger.clear()
  await owner.sync()
  expect(kith.google.ledger.entries.map(({ operation }) => operation)).toEqual(['gmail.history.list'])
})

test('[F-09] nothing but the headers that are needed is asked for, and never a search, a body or a snippet', async () => {
  const owner = await mailOwner(kith)
  for (const threadId of ['t1', 't1', 't2']) owner.deliver({ from: 'ada@example.test', subject: 'x', threadId })
  await owner.sync()
  clock.advance({ minutes: 15 })
  owner.deliver({ from: 'ada@example.test' })
  await owner.sync()
  const calls = kith.google.ledger.entries.filter(({ operation }) => operation?.startsWith('gmail.'))
  expect(new Set(calls.map(({ operation }) => operation))).toEqual(
    new Set(['gmail.getProfile', 'gmail.messages.list', 'gmail.history.list', 'gmail.batch', 'gmail.messages.get', 'gmail.threads.get']),
  )
  for (const { operation, query } of calls) {
    expect(query).not.toHaveProperty('q')
    if (operation !== 'gmail.messages.get' && operation !== 'gmail.threads.get') continue
    expect(query).toMatchObject({ format: 'metadata' })
    expect(query['fields']).not.toContain('snippet')
    expect(query['metadataHeaders']).not.toBe('Subject')
  }
})

test('a full sync on request fetches nothing that is known', async () => {
  const owner = await mailOwner(kith)
  for (let number = 0; number < 30; number += 1) owner.deliver({ from: `p${number}@example.test` })
  await owner.sync()
  await inTransaction(owner.ctx, (tx) => markDirty(tx, 'gmail', { full: true }).then(() => {}))
  kith.google.ledger.clear()
  await owner.sync()
  const operations = kith.google.ledger.entries.map(({ operation }) => operation)
  // All, and what is sorted out as bulk, of three kinds.
  expect(operations).toEqual(['gmail.getProfile', ...Array.from({ length: 4 }, () => 'gmail.messages.list'), 'gmail.history.list'])
})

test('[F-10] purging takes away all that came from Gmail and nothing else', async () => {
  const owner = await mailOwner(kith)
  const contactId = await owner.contact('Ada', 'ada@example.test')
  await logInteraction(owner.ctx, { kind: 'CALL', contactIds: [contactId], occurredAt: new Date('2026-01-01T10:00:00Z') })
  owner.deliver({ from: 'ada@example.test' })
  await owner.sync()
  await inTransaction(owner.ctx, (tx) => gmailSync().purge(tx))
  await kith.app.relay.drain(owner.ownerId)
  for (const table of ['gmail_messages', 'gmail_addresses', 'gmail_fetches', 'gmail_self_addresses', 'gmail_mailboxes', 'directory_mailboxes']) {
    const { rows } = await kith.app.database.pool.query(`SELECT count(*)::int AS count FROM ${table} WHERE "ownerId" = $1`, [owner.ownerId])
    expect([table, rows[0].count]).toEqual([table, 0])
  }
  const left = await owner.ctx.db.interaction.findMany({ where: { ownerId: owner.ownerId } })
  expect(left.map(({ source }) => source)).toEqual(['MANUAL'])
  const contact = await owner.ctx.db.contact.findFirstOrThrow({ where: { ownerId: owner.ownerId, id: contactId } })
  expect(contact.lastInteractionAt).toEqual(new Date('2026-01-01T10:00:00Z'))
})
