import type { Access } from './access.ts'
import { mailArgument, mailForbidden } from './errors.ts'
import type { Message } from './message.ts'

/** How much of a message is shown. */
export interface Format {
  name: 'minimal' | 'metadata' | 'full' | 'raw'
  /** Of `metadata`: these headers only, in lower case; all when empty. */
  headers: ReadonlySet<string>
}

/** Reads `format` and `metadataHeaders`. @throws ApiError 400; 403 when gmail.metadata does not allow it */
export function readFormat(query: URLSearchParams, { metadataOnly }: Access): Format {
  const name = (query.get('format') ?? 'full').toLowerCase()
  if (name !== 'minimal' && name !== 'metadata' && name !== 'full' && name !== 'raw') throw mailArgument(`Invalid value at 'format', "${query.get('format')}"`)
  if (metadataOnly && (name === 'full' || name === 'raw')) throw mailForbidden(`Metadata scope doesn't allow format ${name.toUpperCase()}`)
  return { name, headers: new Set(query.getAll('metadataHeaders').map((header) => header.toLowerCase())) }
}

/** A message as messages.get and threads.get show it. */
export function showMessage(message: Message, format: Format): object {
  const { id, threadId, labelIds, sizeEstimate, historyId, internalDate, body } = message
  return {
    id,
    threadId,
    ...(labelIds.length > 0 && { labelIds }),
    snippet: body.replace(/\s+/g, ' ').slice(0, snippetLetters),
    ...payloadOf(message, format),
    sizeEstimate,
    historyId: String(historyId),
    internalDate: String(internalDate),
  }
}

const snippetLetters = 200

function payloadOf({ headers, body }: Message, format: Format): object {
  if (format.name === 'minimal') return {}
  if (format.name === 'raw') {
    const lines = headers.map(([name, value]) => `${name}: ${value}`)
    return { raw: Buffer.from([...lines, '', body].join('\r\n')).toString('base64url') }
  }
  const shown = format.name === 'full' || format.headers.size === 0 ? headers : headers.filter(([name]) => format.headers.has(name.toLowerCase()))
  return {
    payload: {
      partId: '',
      mimeType: 'text/plain',
      filename: '',
      headers: shown.map(([name, value]) => ({ name, value })),
      ...(format.name === 'full' && { body: { size: Buffer.byteLength(body), data: Buffer.from(body).toString('base64url') } }),
    },
  }
}
