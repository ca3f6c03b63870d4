import type { Clock } from '../../../src/core/clock.ts'
import { hashedName, hashedNumber } from '../random.ts'
import { composeHeaders } from './compose.ts'
import { createHistory, type History } from './history.ts'
import { createLabels, type Labels } from './labels.ts'
import { headerOf, type Mail, type Message } from './message.ts'

/** Messages named by their ids, one or many. */
export type Ids = string | readonly string[]

/** The mail of one account and what its owner, and others, can do to it. Every operation leaves the history that Gmail would leave. */
export interface Mailbox {
  readonly history: History
  readonly labels: Labels
  /** All messages, the newest first. */
  messages(): readonly Message[]
  message(id: string): Message | undefined
  /** The messages of a conversation, the oldest first. */
  thread(threadId: string): readonly Message[]
  /** A message arrives: INBOX, UNREAD. */
  deliver(mail: Mail): Message
  /** Many arrive. */
  deliverMany(mails: readonly Mail[]): Message[]
  /** The owner sends a message: SENT. One to themselves arrives as well, in the same message. */
  send(mail: Mail): Message
  /** Saves a draft, or saves one again, which gives its message a new id. */
  saveDraft(mail: Mail, draftId?: string): { draftId: string; message: Message }
  /** Sends a draft: its message goes and another, labelled SENT, comes. */
  sendDraft(draftId: string): Message
  /** A line of a chat: CHAT, and no INBOX. */
  chat(mail: Mail): Message
  label(ids: Ids, labelIds: readonly string[]): void
  unlabel(ids: Ids, labelIds: readonly string[]): void
  /** TRASH comes, INBOX goes. */
  trash(ids: Ids): void
  /** TRASH goes; INBOX stays away, as with the API. */
  untrash(ids: Ids): void
  /** SPAM comes, INBOX goes. */
  spam(ids: Ids): void
  /** SPAM goes, INBOX comes. */
  unspam(ids: Ids): void
  /** Deletes for good. */
  deleteMessages(ids: Ids): void
  /** Calls back after every change, with the labels the change concerns. */
  onChange(listener: (labelIds: readonly string[]) => void): void
}

/** Labels that come and go as a message is moved. */
interface Move {
  add?: readonly string[]
  remove?: readonly string[]
}

/** An empty mailbox. Message ids follow from seed, time and Message-ID, so that a mailbox filled again the same way has the same ids. */
export function createMailbox({ seed, owner, clock }: { seed: string; owner: string; clock: Clock }): Mailbox {
  const messages = new Map<string, Message>()
  const threads = new Map<string, Message[]>()
  const threadOfMessageId = new Map<string, string>()
  const lastIds = new Map<number, bigint>()
  const drafts = new Map<string, { message: Message; mail: Mail }>()
  const listeners: ((labelIds: readonly string[]) => void)[] = []
  const now = () => clock.now().epochMilliseconds
  // Beyond 2^53, where a client that reads the id as a number goes wrong, and later after a restart than before it.
  const history = createHistory(BigInt(now()) << 13n)
  const labels = createLabels()
  let made = 0
  let ordered: Message[] | undefined

  const freeId = (at: number, messageId: string) => {
    const hashed = hashedNumber(60, seed, 'message', messageId)
    const before = lastIds.get(at)
    // Of the same millisecond, the later one has the greater id.
    const id = before === undefined ? (BigInt(at) << 20n) | (hashed & 0x3ffffn) : before + 1n + (hashed & 0xfn)
    lastIds.set(at, id)
    return id.toString(16).padStart(16, '0')
  }
  const record = (message: Message, kind: 'added' | 'deleted' | 'labels', { add = [], remove = [] }: Move = {}) => {
    const { id: messageId, threadId, labelIds } = message
    message.historyId = history.append({ at: now(), kind, messageId, threadId, labelIds, labelsAdded: add, labelsRemoved: remove })
    for (const listener of listeners) listener([...labelIds, ...remove])
  }
  const add = (mail: Mail, labelIds: readonly string[], received: boolean): Message => {
    const at = mail.at ?? clock.now()
    const given = mail.headers && headerOf({ headers: mail.headers }, 'Message-ID')
    const messageId = given ?? `<${hashedName(24, seed, 'Message-ID', made++)}@mail.example.test>`
    const headers = composeHeaders(mail, { owner, at, messageId, received })
    const id = freeId(at.epochMilliseconds, messageId)
    const replied = headerOf({ headers }, 'In-Reply-To')
    const threadId = mail.threadId ?? mail.replyTo?.threadId ?? (replied && threadOfMessageId.get(replied)) ?? id
    const body = mail.body ?? ''
    const message: Message = {
      id,
      threadId,
      headers,
      internalDate: at.epochMilliseconds,
      sizeEstimate: mail.sizeEstimate ?? headers.reduce((bytes, [name, value]) => bytes + name.length + value.length + 4, body.length + 2),
      body,
      labelIds: [...new Set([...labelIds, ...(mail.labelIds ?? [])])],
      historyId: 0n,
    }
    messages.set(id, message)
    const members = threads.get(threadId)
    if (members) members.push(message)
    else threads.set(threadId, [message])
    threadOfMessageId.set(messageId, threadId)
    const newest = ordered?.at(-1)
    if (newest && compare(newest, message) < 0) ordered?.push(message)
    else ordered = undefined
    record(message, 'added')
    return message
  }
  const present = (id: string) => {
    const message = messages.get(id)
    if (!message) throw new RangeError(`the mailbox of ${owner} has no message ${id}`)
    return message
  }
  const move = (ids: Ids, { add: coming = [], remove: going = [] }: Move) => {
    for (const id of [ids].flat()) {
      const message = present(id)
      const come = coming.filter((label) => !message.labelIds.includes(label))
      const go = going.filter((label) => message.labelIds.includes(label))
      if (come.length + go.length === 0) continue
      message.labelIds = [...message.labelIds.filter((label) => !go.includes(label)), ...come]
      record(message, 'labels', { add: come, remove: go })
    }
  }
  const remove = (ids: Ids) => {
    for (const id of [ids].flat()) {
      const message = present(id)
      messages.delete(id)
      const rest = threads.get(message.threadId)?.filter((member) => member !== message) ?? []
      if (rest.length > 0) threads.set(message.threadId, rest)
      else threads.delete(message.threadId)
      for (const [draftId, draft] of drafts) if (draft.message === message) drafts.delete(draftId)
      record(message, 'deleted')
    }
    ordered = undefined
  }
  const oldestFirst = () => (ordered ??= [...messages.values()].sort(compare))
  const deliver = (mail: Mail) => add(mail, mail.archived ? ['UNREAD'] : ['UNREAD', 'INBOX'], true)
  const toSelf = (mail: Mail) => [mail.to ?? [], mail.cc ?? []].flat(2).some((address) => address.toLowerCase().includes(owner.toLowerCase()))
  const send = (mail: Mail) => add({ from: owner, ...mail }, toSelf(mail) ? ['UNREAD', 'SENT', 'INBOX'] : ['SENT'], false)
  const draftOf = (draftId: string) => {
    const draft = drafts.get(draftId)
    if (!draft) throw new RangeError(`the mailbox of ${owner} has no draft ${draftId}`)
    return draft
  }

  return {
    history,
    labels,
    messages: () => oldestFirst().toReversed(),
    message: (id) => messages.get(id),
    thread: (threadId) => threads.get(threadId)?.toSorted(compare) ?? [],
    deliver,
    deliverMany: (mails) => mails.map(deliver),
    send,
    saveDraft: (mail, draftId = `r${hashedNumber(60, seed, 'draft', made++)}`) => {
      const before = drafts.get(draftId)?.message
      if (before) remove(before.id)
      const message = add({ from: owner, ...(before && { threadId: before.threadId }), ...mail }, ['DRAFT'], false)
      drafts.set(draftId, { message, mail })
      return { draftId, message }
    },
    sendDraft: (draftId) => {
      const { message, mail } = draftOf(draftId)
      remove(message.id)
      const { at: _, ...same } = mail
      return send({ threadId: message.threadId, ...same })
    },
    chat: (mail) => add(mail, ['CHAT'], true),
    label: (ids, labelIds) => move(ids, { add: labelIds }),
    unlabel: (ids, labelIds) => move(ids, { remove: labelIds }),
    trash: (ids) => move(ids, { add: ['TRASH'], remove: ['INBOX'] }),
    untrash: (ids) => move(ids, { remove: ['TRASH'] }),
    spam: (ids) => move(ids, { add: ['SPAM'], remove: ['INBOX'] }),
    unspam: (ids) => move(ids, { add: ['INBOX'], remove: ['SPAM'] }),
    deleteMessages: remove,
    onChange: (listener) => void listeners.push(listener),
  }
}

function compare(one: Message, other: Message): number {
  return one.internalDate - other.internalDate || (one.id < other.id ? -1 : one.id > other.id ? 1 : 0)
}
