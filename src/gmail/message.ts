import { z } from 'zod'
import { type MailAddress, readAddresses } from './addresses.ts'
import { bulkLabels, isBulk } from './bulk.ts'
import { decodeWords } from './words.ts'

/** The headers that Google is asked for, and `subjectHeader` where the owner wants subjects; no other leaves Google. */
export const headerNames = ['From', 'To', 'Cc', 'Bcc', 'List-Id', 'List-Unsubscribe', 'Precedence', 'Auto-Submitted'] as const
/** What a message is about. */
export const subjectHeader = 'Subject'
/** What of a message Google is asked for: the snippet, which is text of the body, is not in it. */
export const messageFields = 'id,threadId,labelIds,internalDate,historyId,payload/headers'

/** Labels of what is no correspondence (yet), or not any more. */
export const hidingLabels: readonly string[] = ['TRASH', 'SPAM', 'DRAFT', 'CHAT']
/** The labels that are remembered. */
export const knownLabels: ReadonlySet<string> = new Set(['SENT', ...hidingLabels, ...bulkLabels])

/** A message as Gmail's API writes it, as far as it is asked for. */
export const GmailJson = z.object({
  id: z.string().min(1).max(100),
  threadId: z.string().min(1).max(100),
  labelIds: z.array(z.string()).default([]),
  internalDate: z.string().optional(),
  historyId: z.string().regex(/^\d{1,30}$/),
  payload: z.object({ headers: z.array(z.object({ name: z.string(), value: z.string().default('') })).default([]) }).optional(),
})
/** A message as Gmail's API writes it. */
export type GmailJson = z.output<typeof GmailJson>

const roles = { from: 'FROM', to: 'TO', cc: 'CC', bcc: 'BCC' } as const

/** Somebody a message is from or to. */
export interface Participant extends MailAddress {
  role: (typeof roles)[keyof typeof roles]
}

/** What is kept of a message. */
export interface Metadata {
  id: string
  threadId: string
  /** The change at Google that this is the state of: a number beyond what JavaScript counts to. */
  historyId: string
  labels: string[]
  hidden: boolean
  at: Date
  bulk: boolean
  subject: string | null
  participants: Participant[]
  /** How many addresses could not be read. */
  dropped: number
}

/** The last instant that is stored: what claims to come later never counts anyway. */
const latest = Date.UTC(9999, 11, 31)
/** The most that is kept of a subject, characters; encoded it is up to eight times as long. */
const longestSubject = 1000

/** Reads what is kept of a message. Of one that is hidden only the id is. */
export function readMessage({ id, threadId, labelIds, internalDate, historyId, payload }: GmailJson): Metadata {
  const labels = labelIds.filter((label) => knownLabels.has(label)).toSorted()
  const hidden = labels.some((label) => hidingLabels.includes(label))
  const at = new Date(Math.min(latest, Math.max(0, Number(internalDate ?? 0) || 0)))
  if (hidden) return { id, threadId, historyId, labels, hidden, at, bulk: false, subject: null, participants: [], dropped: 0 }
  const headers = new Map<string, string>()
  for (const { name, value } of payload?.headers ?? []) {
    const key = name.toLowerCase()
    const before = headers.get(key)
    // Some write one To for each recipient.
    headers.set(key, before !== undefined && key in roles ? `${before}, ${value}` : (before ?? value))
  }
  let dropped = 0
  const participants = Object.entries(roles).flatMap(([name, role]): Participant[] => {
    const read = readAddresses((headers.get(name) ?? '').replaceAll('\0', ''))
    dropped += read.dropped
    return read.addresses.map((address) => ({ ...address, role }))
  })
  const from = participants.filter(({ role }) => role === 'FROM')
  const recipients = new Set(participants.flatMap(({ role, normalized }) => (role === 'FROM' ? [] : [normalized]))).size
  const subject = decodeWords((headers.get('subject') ?? '').slice(0, 8 * longestSubject)).slice(0, longestSubject)
  return {
    id,
    threadId,
    historyId,
    labels,
    hidden,
    at,
    bulk: isBulk(headers, { from, recipients, sent: labels.includes('SENT') }),
    subject: subject || null,
    participants,
    dropped,
  }
}
