/** A header field as it stands in the message; a name may occur more than once. */
export type Header = readonly [name: string, value: string]

/** A message of a mailbox. Labels and history id are replaced, all else stays as it came. */
export interface Message {
  /** Sixteen hexadecimal digits. */
  readonly id: string
  readonly threadId: string
  readonly headers: readonly Header[]
  /** When it arrived or was sent, milliseconds since 1970. */
  readonly internalDate: number
  /** Bytes. */
  readonly sizeEstimate: number
  /** Its text, which a grant of gmail.metadata must never show. */
  readonly body: string
  labelIds: readonly string[]
  /** The last change to it. */
  historyId: bigint
}

/** A message to be delivered or sent. Addresses and texts are written into the headers as they are given. */
export interface Mail {
  /** `Name <address>`. The account itself when it sends. */
  from?: string
  to?: string | readonly string[]
  cc?: string | readonly string[]
  bcc?: string | readonly string[]
  subject?: string
  /** The message it answers, which also gives it its thread. */
  replyTo?: Message
  /** Further headers, in order. One with the name of a header made from the fields above takes its place. */
  headers?: readonly Header[]
  /** When it arrives or is sent. Default: now. */
  at?: Temporal.Instant
  /** Beside those its way gives it (INBOX and UNREAD, or SENT); a user's labels or categories. */
  labelIds?: readonly string[]
  /** Without INBOX, as a filter that archives leaves it. */
  archived?: boolean
  threadId?: string
  body?: string
  /** Bytes. Default: what headers and body come to. */
  sizeEstimate?: number
}

/** The first value of a header, by its name in any case. */
export function headerOf(message: { headers: readonly Header[] }, name: string): string | undefined {
  return message.headers.find(([other]) => other.toLowerCase() === name.toLowerCase())?.[1]
}
