import { randomUUID } from 'node:crypto'

/** One answer within a batch. */
export interface PartAnswer {
  status: number
  headers: Headers
  body: string
}

/** A batch of GET requests as Google reads it: each part is named by its place, by which its answer is found again. */
export function writeBatch(paths: readonly string[]): { contentType: string; body: string } {
  const boundary = `batch_${randomUUID()}`
  const parts = paths.map((path, index) => `--${boundary}\r\nContent-Type: application/http\r\nContent-ID: <part-${index}>\r\n\r\nGET ${path} HTTP/1.1\r\n\r\n`)
  return { contentType: `multipart/mixed; boundary=${boundary}`, body: `${parts.join('')}--${boundary}--\r\n` }
}

/** The answers in a batch's body, each at the place of its part. Where one is missing or cut short, there is none: its call may have been done or not. */
export function readBatch(contentType: string, body: string): Map<number, PartAnswer> {
  const answers = new Map<number, PartAnswer>()
  const boundary = /boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  if (!boundary) return answers
  const pieces = `\r\n${body}`.split(`\r\n--${boundary[1] ?? boundary[2]}`)
  // What stands before the first boundary is nothing, and what no boundary follows was cut short.
  for (const piece of pieces.slice(1, -1)) {
    const [head, inner] = splitHead(piece.replace(/^[ \t]*\r\n/, ''))
    const place = /^<?response-<?part-(\d+)>?$/.exec(readHeaders(head).get('content-id')?.trim() ?? '')?.[1]
    const [innerHead, content] = splitHead(inner)
    const [start = '', ...lines] = innerHead.split('\r\n')
    const status = /^HTTP\/\d(?:\.\d)? (\d{3})\b/.exec(start)?.[1]
    if (place !== undefined && status !== undefined)
      answers.set(Number(place), { status: Number(status), headers: readHeaders(lines.join('\r\n')), body: content })
  }
  return answers
}

/** The head of a message and what comes after its empty line. */
function splitHead(text: string): [head: string, body: string] {
  if (text.startsWith('\r\n')) return ['', text.slice(2)]
  const end = text.indexOf('\r\n\r\n')
  return end < 0 ? [text, ''] : [text.slice(0, end), text.slice(end + 4)]
}

function readHeaders(text: string): Headers {
  const headers = new Headers()
  for (const line of text.split('\r\n')) {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(0, colon)).trim()
    // What is no header's name would make the whole answer unreadable.
    if (/^[\w-]+$/.test(name))
      headers.append(
        name,
        line
          .slice(colon + 1)
          .trim()
          .replaceAll(/[^\x20-\x7e]/g, ''),
      )
  }
  return headers
}
