import type { gmail_v1 } from 'googleapis/build/src/apis/gmail/index.js'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { fixedClock } from '../../src/core/clock.ts'
import type { Mail } from '../../dev/google/gmail/message.ts'
import { startGoogleSimulator, type GoogleSimulator } from '../../dev/google/simulator.ts'
import { createWorld, type World } from '../../dev/google/world.ts'
import { gmailClient, refusal } from './clients.ts'

const ada = 'ada@example.test'
const readonlyScope = 'https://www.googleapis.com/auth/gmail.readonly'
const metadataScope = 'https://www.googleapis.com/auth/gmail.metadata'
let clock: ReturnType<typeof fixedClock>
let world: World
let simulator: GoogleSimulator
let mail: gmail_v1.Resource$Users
beforeEach(async () => {
  clock = fixedClock('2026-03-01T12:00:00Z')
  world = createWorld({ seed: 'gmail', clock })
  world.addAccount({ email: ada, givenName: 'Ada', familyName: 'Example' })
  world.addAccount({ email: 'grace@example.test', givenName: 'Grace', familyName: 'Example' })
  simulator = await startGoogleSimulator({ clock, world })
  mail = gmailClient(simulator, ada).users
})
afterEach(() => simulator.close())

const from = (name: string, more: Mail = {}): Mail => ({ from: `${name} <${name.toLowerCase()}@example.com>`, to: ada, subject: `From ${name}`, ...more })
const deliver = (name: string, more?: Mail) => world.deliverMail(ada, from(name, more))
const me = 'me'

async function listed(options: gmail_v1.Params$Resource$Users$Messages$List = {}) {
  const ids: string[] = []
  let pages = 0
  let pageToken: string | undefined
  do {
    const { data } = await mail.messages.list({ userId: me, ...options, ...(pageToken && { pageToken }) })
    ids.push(...(data.messages ?? []).map((message) => message.id ?? ''))
    pageToken = data.nextPageToken ?? undefined
    pages++
  } while (pageToken)
  return { ids, pages }
}

async function historyFrom(startHistoryId: string, options: gmail_v1.Params$Resource$Users$History$List = {}) {
  const records: gmail_v1.Schema$History[] = []
  const sizes: number[] = []
  let data: gmail_v1.Schema$ListHistoryResponse = {}
  do {
    const request: gmail_v1.Params$Resource$Users$History$List = { userId: me, startHistoryId, ...options }
    if (data.nextPageToken) request.pageToken = data.nextPageToken
    data = (await mail.history.list(request)).data
    records.push(...(data.history ?? []))
    sizes.push(data.history?.length ?? 0)
  } while (data.nextPageToken)
  return { records, sizes, historyId: data.historyId ?? '' }
}

const profileHistoryId = async () => (await mail.getProfile({ userId: me })).data.historyId ?? ''

describe('messages.list', () => {
  test('pages from the newest message on hold every message once', async () => {
    const sent = Array.from({ length: 12 }, (_, index) => deliver(`Person${index}`, { at: clock.now().subtract({ hours: (index * 5) % 12 }) }))
    const { ids, pages } = await listed({ maxResults: 5 })
    expect(pages).toBe(3)
    expect(ids).toEqual(sent.toSorted((one, other) => other.internalDate - one.internalDate).map((message) => message.id))
  })

  test('messages that arrive or go while pages are read neither repeat nor hide others', async () => {
    const all = Array.from({ length: 6 }, (_, index) => deliver(`Person${index}`, { at: clock.now().subtract({ hours: 10 - index }) }))
    const { data } = await mail.messages.list({ userId: me, maxResults: 2 })
    deliver('Late')
    world.deleteMail(ada, [all[5]!.id, all[2]!.id])
    const rest = await mail.messages.list({ userId: me, maxResults: 10, pageToken: data.nextPageToken ?? '' })
    expect(rest.data.messages?.map(({ id }) => id)).toEqual([all[3]!.id, all[1]!.id, all[0]!.id])
    expect(rest.data.nextPageToken).toBeUndefined()
  })

  test('spam and trash are left out unless asked for, drafts and chats are not', async () => {
    const [kept, spam, trash] = [deliver('Kept'), deliver('Spam'), deliver('Trash')]
    world.spamMail(ada, spam.id)
    world.trashMail(ada, trash.id)
    const { message: draft } = world.saveDraft(ada, { to: 'x@example.com' })
    const chat = world.chat(ada, from('Chatter'))
    expect((await listed()).ids.toSorted()).toEqual([kept.id, draft.id, chat.id].toSorted())
    expect((await listed({ includeSpamTrash: true })).ids).toHaveLength(5)
    expect((await listed({ labelIds: ['SPAM'] })).ids).toEqual([spam.id])
    expect((await listed({ labelIds: ['UNREAD', 'INBOX'] })).ids).toEqual([kept.id])
  })

  test('an empty mailbox has no list of messages at all', async () => {
    expect((await mail.messages.list({ userId: me })).data).toEqual({ resultSizeEstimate: 0 })
  })
})

describe('messages.get', () => {
  test('metadata shows the headers asked for, in any case, in order and as often as they occur', async () => {
    const message = deliver('Person', {
      headers: [
        ['List-Id', '<a.example>'],
        ['X-Private', 'no'],
        ['Received', 'by one'],
        ['Received', 'by two'],
      ],
    })
    const { data } = await mail.messages.get({ userId: me, id: message.id, format: 'metadata', metadataHeaders: ['received', 'LIST-ID', 'From'] })
    expect(data).toMatchObject({ id: message.id, threadId: message.id, labelIds: ['UNREAD', 'INBOX'], internalDate: String(message.internalDate) })
    expect(data.payload?.headers).toEqual([
      { name: 'From', value: 'Person <person@example.com>' },
      { name: 'List-Id', value: '<a.example>' },
      { name: 'Received', value: 'by one' },
      { name: 'Received', value: 'by two' },
    ])
    expect(data.payload?.body).toBeUndefined()
  })

  test('fields keeps exactly what it names', async () => {
    const message = deliver('Person', { body: 'A secret.' })
    const fields = 'id,threadId,labelIds,internalDate,historyId,payload/headers'
    const { data } = await mail.messages.get({ userId: me, id: message.id, format: 'metadata', metadataHeaders: ['Subject'], fields })
    expect(data).toEqual({
      id: message.id,
      threadId: message.threadId,
      labelIds: ['UNREAD', 'INBOX'],
      internalDate: String(message.internalDate),
      historyId: String(message.historyId),
      payload: { headers: [{ name: 'Subject', value: 'From Person' }] },
    })
    const thread = await mail.threads.get({ userId: me, id: message.threadId, format: 'minimal', fields: 'id,messages(id,labelIds)' })
    expect(thread.data).toEqual({ id: message.threadId, messages: [{ id: message.id, labelIds: ['UNREAD', 'INBOX'] }] })
  })

  test('an unknown message is 404 notFound', async () => {
    const { status, data } = await refusal(mail.messages.get({ userId: me, id: '00000000000000aa', format: 'minimal' }))
    expect(status).toBe(404)
    expect(data.error).toMatchObject({ code: 404, status: 'NOT_FOUND', errors: [{ domain: 'global', reason: 'notFound' }] })
  })
})

describe('threads', () => {
  test('an answer joins the conversation of what it answers', async () => {
    const first = deliver('Person', { at: clock.now().subtract({ hours: 2 }) })
    const answer = world.sendMail(ada, { to: 'person@example.com', replyTo: first })
    const third = deliver('Person', { headers: [['In-Reply-To', answer.headers.find(([name]) => name === 'Message-ID')![1]]] })
    const other = deliver('Other')
    expect([answer.threadId, third.threadId]).toEqual([first.id, first.id])
    const { data } = await mail.threads.get({ userId: me, id: first.threadId, format: 'metadata' })
    expect(data.messages?.map(({ id }) => id)).toEqual([first.id, answer.id, third.id])
    const threads = await mail.threads.list({ userId: me })
    expect(threads.data.threads?.map(({ id }) => id).toSorted()).toEqual([first.id, other.id].toSorted())
  })
})

describe('a grant of gmail.metadata', () => {
  test.each([[[metadataScope]], [[metadataScope, readonlyScope]]])('refuses searches and texts: %j', async (scopes) => {
    mail = gmailClient(simulator, ada, scopes).users
    const { id } = deliver('Person')
    const searched = await refusal(mail.messages.list({ userId: me, q: '' }))
    expect(searched.status).toBe(403)
    expect(searched.data.error).toMatchObject({ message: "Metadata scope does not support 'q' parameter", errors: [{ reason: 'forbidden' }] })
    expect((await refusal(mail.threads.list({ userId: me, q: 'x' }))).status).toBe(403)
    for (const format of ['full', 'raw', undefined]) {
      const refused = await refusal(mail.messages.get({ userId: me, id, ...(format && { format }) }))
      expect(refused.status).toBe(403)
      expect(refused.data.error).toMatchObject({
        message: `Metadata scope doesn't allow format ${(format ?? 'full').toUpperCase()}`,
        status: 'PERMISSION_DENIED',
      })
    }
    expect((await refusal(mail.settings.sendAs.list({ userId: me }))).status).toBe(scopes.includes(readonlyScope) ? 404 : 403)
  })

  test('readonly alone opens the text', async () => {
    mail = gmailClient(simulator, ada, [readonlyScope]).users
    const { id } = deliver('Person', { body: 'Tea at four?' })
    const { data } = await mail.messages.get({ userId: me, id })
    expect(Buffer.from(data.payload?.body?.data ?? '', 'base64url').toString()).toBe('Tea at four?')
    const raw = await mail.messages.get({ userId: me, id, format: 'raw' })
    expect(Buffer.from(raw.data.raw ?? '', 'base64url').toString()).toMatch(/Subject: From Person\r\n[^]*\r\n\r\nTea at four\?$/)
  })

  test('without a mail scope nothing is served, and nobody reads the mail of others', async () => {
    const other = gmailClient(simulator, ada, ['openid']).users
    const refused = await refusal(other.messages.list({ userId: me }))
    expect(refused.status).toBe(403)
    expect(refused.data.error).toMatchObject({ errors: [{ reason: 'insufficientPermissions' }], details: [{ reason: 'ACCESS_TOKEN_SCOPE_INSUFFICIENT' }] })
    expect((await mail.messages.list({ userId: ada })).status).toBe(200)
    expect((await refusal(mail.messages.list({ userId: 'grace@example.test' }))).status).toBe(403)
    simulator.tokens.expireAccessTokens(ada)
    const expired = await refusal(mail.getProfile({ userId: me }))
    expect(expired.data.error).toMatchObject({ code: 401, errors: [{ reason: 'authError' }] })
  })
})

describe('history.list', () => {
  test('tells of every kind of change, in order', async () => {
    const start = await profileHistoryId()
    const label = world.addMailLabel(ada, 'Choir')
    const message = deliver('Person')
    world.labelMail(ada, message.id, [label, 'STARRED'])
    world.unlabelMail(ada, message.id, ['UNREAD'])
    world.trashMail(ada, message.id)
    world.untrashMail(ada, message.id)
    world.spamMail(ada, message.id)
    world.unspamMail(ada, message.id)
    world.deleteMail(ada, message.id)
    const { records, historyId } = await historyFrom(start)
    const changes = records.map(({ messages, ...change }) => {
      expect(messages).toEqual([{ id: message.id, threadId: message.threadId }])
      return Object.entries(change as Record<string, { labelIds?: string[] }[]>)
        .filter(([kind]) => kind !== 'id')
        .map(([kind, [item]]) => [kind, ...(item?.labelIds ?? [])].join(' '))
    })
    expect(changes).toEqual([
      ['messagesAdded'],
      [`labelsAdded ${label} STARRED`],
      ['labelsRemoved UNREAD'],
      ['labelsAdded TRASH', 'labelsRemoved INBOX'],
      ['labelsRemoved TRASH'],
      ['labelsAdded SPAM'],
      ['labelsAdded INBOX', 'labelsRemoved SPAM'],
      ['messagesDeleted'],
    ])
    const ids = records.map(({ id }) => BigInt(id ?? 0))
    expect(ids).toEqual(ids.toSorted((one, other) => (one < other ? -1 : 1)))
    expect(BigInt(historyId)).toBe(ids.at(-1))
    expect((await historyFrom(historyId)).records).toEqual([])
  })

  test('ids are too large for a number, and grow', async () => {
    const before = BigInt(await profileHistoryId())
    const { id } = deliver('Person')
    const { data } = await mail.messages.get({ userId: me, id, format: 'minimal' })
    expect(BigInt(data.historyId ?? 0)).toBeGreaterThan(before)
    expect(before).toBeGreaterThan(BigInt(Number.MAX_SAFE_INTEGER))
  })

  test('saving a draft again replaces its message, sending it adds another in the same conversation', async () => {
    const first = world.saveDraft(ada, { to: 'person@example.com', subject: 'Plan' })
    const start = await profileHistoryId()
    const second = world.saveDraft(ada, { to: 'person@example.com', subject: 'A better plan' }, first.draftId)
    const sent = world.sendDraft(ada, first.draftId)
    const { records } = await historyFrom(start)
    expect(records.map(({ messagesAdded: [added] = [], messagesDeleted: [deleted] = [] }) => (added ?? deleted)?.message?.id)).toEqual([
      first.message.id,
      second.message.id,
      second.message.id,
      sent.id,
    ])
    expect(sent.labelIds).toEqual(['SENT'])
    expect(new Set([first.message, second.message, sent].map(({ threadId }) => threadId)).size).toBe(1)
    expect(new Set([first.message, second.message, sent].map(({ id }) => id)).size).toBe(3)
  })

  test('pages are bounded, repeat nothing and show what happens between them', async () => {
    const start = await profileHistoryId()
    for (let number = 0; number < 5; number++) deliver(`Person${number}`)
    simulator.faults.add({ path: /\/history$/, nth: 1, afterwards: () => deliver('Between') })
    const { records, sizes } = await historyFrom(start, { maxResults: 2 })
    expect(sizes).toEqual([2, 2, 2])
    expect(new Set(records.map(({ id }) => id)).size).toBe(6)
  })

  test('kinds and labels can be picked, and empty pages come before full ones when asked for', async () => {
    const start = await profileHistoryId()
    const message = deliver('Person')
    world.unlabelMail(ada, message.id, ['INBOX'])
    expect((await historyFrom(start, { historyTypes: ['labelRemoved'] })).records).toHaveLength(1)
    expect((await historyFrom(start, { labelId: 'INBOX' })).records).toHaveLength(1)
    simulator.settings.gmail.emptyHistoryPages = 2
    expect((await historyFrom(start, { maxResults: 1 })).sizes).toEqual([0, 0, 1, 0, 0, 1])
  })

  test('what is forgotten, by age or at once, is 404, and so is what has not happened', async () => {
    const start = await profileHistoryId()
    deliver('Person')
    const later = await profileHistoryId()
    clock.advance('P6D')
    mail = gmailClient(simulator, ada).users
    expect((await historyFrom(start)).records).toHaveLength(1)
    clock.advance('P2D')
    mail = gmailClient(simulator, ada).users
    const { status, data } = await refusal(mail.history.list({ userId: me, startHistoryId: start }))
    expect([status, data.error]).toMatchObject([404, { status: 'NOT_FOUND', errors: [{ reason: 'notFound' }] }])
    expect((await historyFrom(later)).records).toEqual([])
    world.forgetMailHistory(ada)
    expect((await refusal(mail.history.list({ userId: me, startHistoryId: later }))).status).toBe(404)
    const now = await profileHistoryId()
    expect((await historyFrom(now)).records).toEqual([])
    expect((await refusal(mail.history.list({ userId: me, startHistoryId: String(BigInt(now) + 1n) }))).status).toBe(404)
    expect((await refusal(mail.history.list({ userId: me, startHistoryId: 'yesterday' }))).status).toBe(400)
  })
})

test("labels.list holds the system labels and the user's own", async () => {
  const id = world.addMailLabel(ada, 'Choir')
  const { data } = await mail.labels.list({ userId: me })
  expect(data.labels?.filter((label) => label.type === 'system').map((label) => label.id)).toContain('CATEGORY_PROMOTIONS')
  expect(data.labels?.find((label) => label.id === id)).toMatchObject({ name: 'Choir', type: 'user' })
})

test('the oracle knows every message outside drafts, chats, spam and trash, and only headers a client may keep', () => {
  const kept = deliver('Kept', {
    headers: [
      ['X-Spam-Score', '0'],
      ['list-id', '<a.example>'],
    ],
    body: 'A secret.',
  })
  const sent = world.sendMail(ada, { to: 'person@example.com' })
  world.spamMail(ada, deliver('Spam').id)
  world.trashMail(ada, deliver('Trash').id)
  world.saveDraft(ada, { to: 'person@example.com' })
  world.chat(ada, from('Chatter'))
  const known = world.mailToKnow(ada)
  expect(known.map(({ id }) => id)).toEqual([kept.id, sent.id].toSorted())
  const names = known.find(({ id }) => id === kept.id)?.headers.map(([name]) => name)
  expect(names).toEqual(['Date', 'From', 'To', 'Subject', 'Message-ID', 'list-id'])
})

test('twenty thousand messages arrive, are labelled and deleted within seconds', () => {
  const messages = world.deliverMails(
    ada,
    Array.from({ length: 20_000 }, (_, index) => from(`Person${index % 500}`, { at: clock.now().subtract({ minutes: index }) })),
  )
  const ids = messages.map(({ id }) => id)
  expect(new Set(ids).size).toBe(20_000)
  world.labelMail(ada, ids, ['STARRED'])
  world.deleteMail(ada, ids.slice(0, 10_000))
  expect(world.mailToKnow(ada)).toHaveLength(10_000)
})

test('the same deliveries give the same ids, in another process too', () => {
  const again = createWorld({ seed: 'gmail', clock: fixedClock('2026-04-01T00:00:00Z') })
  again.addAccount({ email: ada, givenName: 'Ada', familyName: 'Example' })
  const mails = [from('One', { at: clock.now() }), from('Two', { at: clock.now() })]
  expect(again.deliverMails(ada, mails).map(({ id }) => id)).toEqual(world.deliverMails(ada, mails).map(({ id }) => id))
})
