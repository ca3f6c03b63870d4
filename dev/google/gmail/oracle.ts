import type { Header } from './message.ts'
import type { Mailbox } from './mailbox.ts'

/** The headers a client with gmail.metadata may keep: who, when, to what, and what tells lists and robots from people. */
export const knownHeaders: readonly string[] = [
  'From',
  'To',
  'Cc',
  'Bcc',
  'Reply-To',
  'Sender',
  'Subject',
  'Date',
  'Message-ID',
  'In-Reply-To',
  'References',
  'List-Id',
  'List-Unsubscribe',
  'Precedence',
  'Auto-Submitted',
]

/** A message as a correct synchronization knows it. */
export interface KnownMessage {
  id: string
  threadId: string
  /** In alphabetical order. */
  labelIds: string[]
  /** Milliseconds since 1970. */
  internalDate: number
  headers: Header[]
}

const outside = ['DRAFT', 'CHAT', 'TRASH', 'SPAM']
const known = new Set(knownHeaders.map((name) => name.toLowerCase()))

/** All that a synchronization must know of a mailbox, by id, and nothing it must not: no drafts, chats, trash or spam, no other header, no text. */
export function mailToKnow(mailbox: Mailbox): KnownMessage[] {
  return mailbox
    .messages()
    .filter((message) => !message.labelIds.some((label) => outside.includes(label)))
    .map(({ id, threadId, labelIds, internalDate, headers }) => ({
      id,
      threadId,
      labelIds: labelIds.toSorted(),
      internalDate,
      headers: headers.filter(([name]) => known.has(name.toLowerCase())),
    }))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
}
