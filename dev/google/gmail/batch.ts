import { randomUUID } from 'node:crypto'
import type { Context } from 'hono'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import type { SimulatorEnv } from '../simulation.ts'
import { mailArgument } from './errors.ts'

/** The most parts one batch may have (Gmail's batch guide). */
const maxParts = 100

/** One request within a batch. */
interface Part {
  contentId: string | undefined
  request: Request
}

/** Answers a batch: every part is a request of its own, with its own authorization, units, faults and place in the ledger. @throws ApiError 400 */
export async function answerBatch(
  c: Context<SimulatorEnv>,
  dispatch: (request: Request, env: SimulatorEnv['Bindings']) => Promise<Response>,
): Promise<Response> {
  c.set('operation', 'gmail.batch')
  const parts = readParts(c.req.header('content-type') ?? '', await c.req.text(), c.req.raw)
  if (parts.length > maxParts) throw mailArgument(`The batch request could not be processed: it holds ${parts.length} calls, the maximum is ${maxParts}.`)
  c.env.outgoing.setMaxListeners(maxParts * 2) // every part waits for its end
  const answers: string[] = []
  for (const [index, { contentId, request }] of parts.entries()) {
    const response = await dispatch(request, { ...c.env, part: index })
    if (response === RESPONSE_ALREADY_SENT) return response
    answers.push(await writePart(contentId, response))
  }
  const boundary = `batch_${randomUUID().replaceAll('-', '')}`
  const body = [...(c.get('rewriteParts')?.(answers) ?? answers).map((answer) => `--${boundary}\r\n${answer}\r\n`), `--${boundary}--\r\n`].join('')
  return new Response(body, { headers: { 'content-type': `multipart/mixed; boundary=${boundary}`, vary: 'Origin, X-Origin, Referer' } })
}

function readParts(contentType: string, text: string, outer: Request): Part[] {
  const boundary = /^multipart\/mixed\s*;(?:.*;)?\s*boundary=(?:"([^"]+)"|([^;\s]+))/i.exec(contentType)
  if (!boundary) throw mailArgument('Failed to parse batch request, error: no multipart boundary.')
  const pieces = `\r\n${text.replace(/\r?\n/g, '\r\n')}`.split(`\r\n--${boundary[1] ?? boundary[2]}`)
  const end = pieces.findIndex((piece) => piece.startsWith('--'))
  if (end < 2) throw mailArgument('Failed to parse batch request, error: no parts.')
  return pieces.slice(1, end).map((piece) => readPart(piece.replace(/^[ \t]*\r\n/, ''), outer))
}

function readPart(piece: string, outer: Request): Part {
  const [head, inner] = splitHead(piece)
  const outside = readHeaders(head)
  if (!/^application\/http\b/i.test(outside.get('content-type') ?? ''))
    throw mailArgument('Failed to parse batch request, error: a part is not application/http.')
  const [start = '', ...lines] = splitHead(inner)[0].split('\r\n')
  const [, method, target] = /^(GET|POST|PUT|PATCH|DELETE) (\S+)(?: HTTP\/1\.[01])?$/.exec(start) ?? []
  if (!method || !target) throw mailArgument('Failed to parse batch request, error: a part has no request line.')
  const headers = readHeaders(lines.join('\r\n'))
  const authorization = outer.headers.get('authorization')
  if (authorization && !headers.has('authorization')) headers.set('authorization', authorization)
  const body = splitHead(inner)[1]
  const url = new URL(target, outer.url)
  return {
    contentId: outside.get('content-id') ?? undefined,
    request: new Request(new URL(url.pathname + url.search, outer.url), { method, headers, ...(method !== 'GET' && body && { body }) }),
  }
}

/** The head of a message and what comes after its empty line. */
function splitHead(text: string): [head: string, body: string] {
  if (text.startsWith('\r\n')) return ['', text.slice(2)]
  const end = text.indexOf('\r\n\r\n')
  return end < 0 ? [text.trimEnd(), ''] : [text.slice(0, end), text.slice(end + 4)]
}

function readHeaders(text: string): Headers {
  const lines = text.split('\r\n').filter((line) => line.includes(':'))
  return new Headers(lines.map((line): [string, string] => [line.slice(0, line.indexOf(':')).trim(), line.slice(line.indexOf(':') + 1).trim()]))
}

async function writePart(contentId: string | undefined, response: Response): Promise<string> {
  const body = await response.text()
  const headers = [...response.headers].map(([name, value]) => `${name}: ${value}`)
  return [
    'Content-Type: application/http',
    ...(contentId ? [`Content-ID: ${contentId.replace(/^<?/, '<response-').replace(/>?$/, '>')}`] : []),
    '',
    `HTTP/1.1 ${response.status} ${reasons[response.status] ?? ''}`.trimEnd(),
    ...headers,
    '',
    body,
  ].join('\r\n')
}

const reasons: Record<number, string> = {
  200: 'OK',
  204: 'No Content',
  400: 'Bad Request',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'Not Found',
  429: 'Too Many Requests',
  500: 'Internal Server Error',
  503: 'Service Unavailable',
}
