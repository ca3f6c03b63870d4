import type { GraphQLParams, Plugin } from 'graphql-yoga'
import { refusal } from './refusal.ts'
import { parseStrictJson } from './strictJson.ts'

/** How much of a body is read. */
export const maxBodyBytes = 256 * 1024

/** Lets in what the API takes: POST with a JSON body, and GET with a credential that no foreign page can send. */
export function acceptRequests(): Plugin {
  return {
    onRequestParse: ({ request, url, setRequestParser }) => {
      if (request.method === 'POST') {
        requireJson(request)
        setRequestParser(readBody)
      } else if (request.method === 'GET') {
        if (!request.headers.has('authorization')) throw refusal('FORBIDDEN', 'A query by GET needs an Authorization header; send others by POST.')
        setRequestParser(() => readSearch(url.searchParams))
      } else {
        throw refusal('METHOD_NOT_ALLOWED', 'GraphQL is asked by POST, or by GET with an Authorization header.', { headers: { allow: 'GET, POST' } })
      }
    },
  }
}

function requireJson(request: Request): void {
  const [mediaType, ...parameters] = (request.headers.get('content-type') ?? '')
    .toLowerCase()
    .split(';')
    .map((part) => part.trim())
  const charset = parameters
    .find((parameter) => parameter.startsWith('charset='))
    ?.slice('charset='.length)
    .replaceAll('"', '')
  if (mediaType !== 'application/json' || (charset !== undefined && charset !== 'utf-8' && charset !== 'utf8')) {
    throw refusal('UNSUPPORTED_MEDIA_TYPE', 'The body is JSON in UTF-8, with Content-Type: application/json.')
  }
  const encoding = request.headers.get('content-encoding')
  if (encoding !== null && encoding.toLowerCase() !== 'identity') throw refusal('UNSUPPORTED_MEDIA_TYPE', 'A compressed body is not read.')
  if (Number(request.headers.get('content-length') ?? 0) > maxBodyBytes) throw tooLarge()
}

async function readBody(request: Request): Promise<GraphQLParams> {
  return paramsIn(await boundedBytes(request))
}

const utf8 = new TextDecoder('utf-8', { fatal: true })

/** What a body asks for. @throws BAD_REQUEST */
export function paramsIn(bytes: Uint8Array): GraphQLParams {
  let body: unknown
  try {
    body = parseStrictJson(utf8.decode(bytes))
  } catch (error) {
    throw refusal('BAD_REQUEST', error instanceof SyntaxError ? error.message : 'The body is not UTF-8.')
  }
  return paramsOf(body)
}

async function boundedBytes(request: Request): Promise<Uint8Array> {
  if (!request.body) return new Uint8Array()
  const reader = request.body.getReader()
  const chunks: Uint8Array[] = []
  let length = 0
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    length += value.byteLength
    if (length > maxBodyBytes) {
      // Not cancelled: that would cut the connection before the client has its answer.
      reader.releaseLock()
      throw tooLarge()
    }
    chunks.push(value)
  }
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)
}

function tooLarge(): Error {
  return refusal('PAYLOAD_TOO_LARGE', `A body holds at most ${maxBodyBytes / 1024} KB.`, { headers: { connection: 'close' } })
}

const names = ['query', 'variables', 'operationName', 'extensions']

function readSearch(search: URLSearchParams): GraphQLParams {
  const given: Record<string, unknown> = {}
  for (const [name, text] of search) {
    if (name in given) throw refusal('BAD_REQUEST', 'A parameter is given twice.')
    given[name] = name === 'variables' || name === 'extensions' ? jsonParameter(text) : text
  }
  return paramsOf(given)
}

function jsonParameter(text: string): unknown {
  try {
    return parseStrictJson(text)
  } catch {
    throw refusal('BAD_REQUEST', 'The parameters variables and extensions are JSON.')
  }
}

/** The request's four parameters, each of its type. */
function paramsOf(body: unknown): GraphQLParams {
  if (!isMap(body)) throw refusal('BAD_REQUEST', 'The body is one JSON object; several operations go into several requests.')
  if (Object.keys(body).some((name) => !names.includes(name) && body[name] !== null))
    throw refusal('BAD_REQUEST', `The body has no other keys than ${names.join(', ')}.`)
  const { query, variables, operationName, extensions } = body
  if (typeof query !== 'string') throw refusal('BAD_REQUEST', 'The key "query" holds the document, as a string.')
  if (operationName != null && typeof operationName !== 'string') throw refusal('BAD_REQUEST', 'The key "operationName" holds a string.')
  if (variables != null && !isMap(variables)) throw refusal('BAD_REQUEST', 'The key "variables" holds an object.')
  if (extensions != null && !isMap(extensions)) throw refusal('BAD_REQUEST', 'The key "extensions" holds an object.')
  return { query, ...(operationName != null ? { operationName } : {}), ...(variables != null ? { variables } : {}) }
}

function isMap(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
