import { openToken, sealToken } from '../sealed-token.ts'
import type { Simulation } from '../simulation.ts'
import { readMaxResults, type Access } from './access.ts'
import { mailArgument, mailForbidden } from './errors.ts'
import type { Message } from './message.ts'

interface PageToken {
  sub: string
  /** Where the last page ended: the time and id of its last item. */
  at: number
  id: string
}

/** Gmail's estimate of how many there are stops here. */
const largestEstimate = 201

/** messages.list: ids of messages, the newest first. @throws ApiError */
export function listMessages(simulation: Simulation, access: Access, query: URLSearchParams): object {
  const matches = readFilter(access, query)
  const found = access.account.mailbox.messages().filter((message) => matches(message.labelIds))
  const { page, ...rest } = pageOf(simulation, access, query, found)
  return { ...(page.length > 0 && { messages: page.map(({ id, threadId }) => ({ id, threadId })) }), ...rest }
}

/** threads.list: conversations, the one with the newest message first; at least one message must match. @throws ApiError */
export function listThreads(simulation: Simulation, access: Access, query: URLSearchParams): object {
  const matches = readFilter(access, query)
  const newest = new Map<string, Message>()
  for (const message of access.account.mailbox.messages()) if (!newest.has(message.threadId) && matches(message.labelIds)) newest.set(message.threadId, message)
  const { page, ...rest } = pageOf(simulation, access, query, [...newest.values()])
  const threads = page.map(({ threadId, historyId, body }) => ({ id: threadId, snippet: body.slice(0, 200), historyId: String(historyId) }))
  return { ...(threads.length > 0 && { threads }), ...rest }
}

function readFilter({ metadataOnly }: Access, query: URLSearchParams): (labelIds: readonly string[]) => boolean {
  if (metadataOnly && query.has('q')) throw mailForbidden("Metadata scope does not support 'q' parameter")
  if (query.get('q')) throw mailArgument('The simulator does not search.')
  const wanted = query.getAll('labelIds')
  const everything = query.get('includeSpamTrash') === 'true'
  return (labelIds) =>
    wanted.every((label) => labelIds.includes(label)) && (everything || ['SPAM', 'TRASH'].every((label) => !labelIds.includes(label) || wanted.includes(label)))
}

/** One page of a list that is sorted from the newest on; what arrives meanwhile comes before the first page and is not seen. */
function pageOf({ seed }: Simulation, { account }: Access, query: URLSearchParams, sorted: readonly Message[]) {
  const size = readMaxResults(query)
  const text = query.get('pageToken')
  const token = text ? openToken<PageToken>(seed, 'gmail.page', text) : undefined
  if (text && token?.sub !== account.sub) throw mailArgument('Invalid pageToken')
  const rest = token ? sorted.filter(({ internalDate, id }) => internalDate < token.at || (internalDate === token.at && id < token.id)) : sorted
  const page = rest.slice(0, size)
  const last = page.at(-1)
  return {
    page,
    ...(rest.length > size &&
      last && { nextPageToken: sealToken(seed, 'gmail.page', { sub: account.sub, at: last.internalDate, id: last.id } satisfies PageToken) }),
    resultSizeEstimate: Math.min(sorted.length, largestEstimate),
  }
}
