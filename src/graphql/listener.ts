import type { IncomingMessage, ServerResponse } from 'node:http'
import type { ExecutionResult } from 'graphql'
import type { App } from '../app.ts'
import { maxBodyBytes, paramsIn } from './httpRequest.ts'
import { answerRequest, type GraphqlServerOptions, partsOf, presented, type ServerContext, serverOf } from './server.ts'

/** Answers a request to /graphql that came to node:http. */
export type GraphqlListener = (request: IncomingMessage, response: ServerResponse, context: ServerContext & { requestId: string }) => Promise<void>

/**
 * The GraphQL endpoint for node:http. What programs send, JSON with a token, is read and answered without the objects of the fetch API, which cost as much
 * as running a small query; all else, and every answer that is no plain 200, is left to the server that knows the whole protocol.
 */
export function createGraphqlListener(app: App, options: GraphqlServerOptions = {}): GraphqlListener {
  const parts = partsOf(app, options)
  const server = serverOf(parts)
  return async (request, response, context) => {
    const mediaType = plainMediaType(request)
    if (mediaType === null) return server(request, response, context)
    const bytes = await bodyOf(request)
    if (bytes === null) return
    const answer = await answerTo(bytes)
    if (Symbol.asyncIterator in answer || answer.errors || answer.data == null) return server(request, response, { ...context, answer })
    const { extensions, ...result } = presented(app, answer, context.requestId)
    const { http, ...others } = extensions
    const body = JSON.stringify({ ...result, ...(Object.keys(others).length > 0 ? { extensions: others } : {}) })
    for (const [name, value] of Object.entries(http.headers)) response.setHeader(name, value)
    response.writeHead(200, { 'content-type': `${mediaType}; charset=utf-8`, 'content-length': Buffer.byteLength(body) }).end(body)

    async function answerTo(text: Uint8Array): Promise<ExecutionResult | AsyncIterable<ExecutionResult>> {
      try {
        return await answerRequest(parts, asRequest(request), paramsIn(text), context)
      } catch (error) {
        return { errors: [error as never] }
      }
    }
  }
}

const mediaTypes = new Set(['application/graphql-response+json', 'application/json'])

/** The media type in which a plain request is answered; null for a request that is not plain. */
function plainMediaType({ method, url, headers }: IncomingMessage): string | null {
  const { accept = '' } = headers
  const isPlain =
    method === 'POST' &&
    url === '/graphql' &&
    headers.authorization !== undefined &&
    headers['content-type'] === 'application/json' &&
    headers['content-encoding'] === undefined &&
    Number(headers['content-length'] ?? Infinity) <= maxBodyBytes &&
    mediaTypes.has(accept)
  return isPlain ? accept : null
}

/** The whole body, whose length is known; null when the client went away. */
function bodyOf(request: IncomingMessage): Promise<Uint8Array | null> {
  const { promise, resolve } = Promise.withResolvers<Uint8Array | null>()
  const chunks: Buffer[] = []
  request.on('data', (chunk: Buffer) => chunks.push(chunk))
  request.once('end', () => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks)))
  request.once('close', () => resolve(null))
  return promise
}

/** As much of a request as answering it looks at. */
function asRequest({ method, headers, url }: IncomingMessage): Request {
  const get = (name: string): string | null => {
    const value = headers[name.toLowerCase()]
    return value === undefined ? null : String(value)
  }
  return { method, url, headers: { get, has: (name: string) => get(name) !== null } } as unknown as Request
}
