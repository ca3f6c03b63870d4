import { GraphQLError } from 'graphql'
import { HTTPException } from 'hono/http-exception'
import type { App } from '../app.ts'
import { DomainError, type ErrorCode, InvalidInputError } from '../core/errors.ts'
import { tookTooLong } from '../db/errors.ts'
import { tooLong } from '../graphql/refusal.ts'
import { CredentialError } from './authenticate.ts'
import { noticePage } from './page.ts'
import { requestIdHeader } from './routeCtx.ts'
import { CrossSiteError } from './sameOrigin.ts'

const statusOf: Record<ErrorCode, number> = { INVALID_INPUT: 400, NOT_FOUND: 404, CONFLICT: 409, FORBIDDEN: 403 }

/** What a route answers when it fails: refusals as they are, anything else as our own fault with the id under which its cause is logged. */
export async function problem(app: App, request: Request, error: unknown): Promise<Response> {
  if (error instanceof CredentialError) return said(request, error.status, error.code, error.message, { 'www-authenticate': error.challenge })
  if (error instanceof CrossSiteError) return said(request, error.status, error.code, error.message)
  if (error instanceof InvalidInputError) return said(request, 400, error.code, error.message, {}, { issues: error.issues })
  if (error instanceof DomainError) return said(request, statusOf[error.code], error.code, error.message)
  if (error instanceof GraphQLError && error.extensions['code'] === 'RATE_LIMITED')
    return said(request, 429, 'RATE_LIMITED', error.message, error.extensions.http?.headers)
  if (error instanceof HTTPException && error.status < 500)
    return said(request, error.status, error.status === 413 ? 'PAYLOAD_TOO_LARGE' : 'BAD_REQUEST', titles[error.status] ?? 'This request cannot be read.')
  // Nobody is there any more to read it.
  if (hungUp(error)) return said(request, 400, 'BAD_REQUEST', 'The request did not come whole.')
  if (tookTooLong(error)) {
    app.log.warn({ err: error, requestId: request.headers.get(requestIdHeader) }, 'A request was given up: the database took too long.')
    return said(request, 503, 'TIMED_OUT', tooLong, { 'retry-after': '5' })
  }
  app.log.error({ err: error, requestId: request.headers.get(requestIdHeader) }, 'A request failed for a reason of our own.')
  return said(request, 500, 'INTERNAL', 'Something went wrong on our side.')
}

/** Whether a client went away while its request was read, as Node says it. */
function hungUp(error: unknown): boolean {
  return error instanceof Error && error.message === 'aborted' && 'code' in error && error.code === 'ECONNRESET'
}

/** For an address that nothing answers to. */
export function nothingHere(request: Request): Promise<Response> {
  return said(request, 404, 'NOT_FOUND', 'There is nothing at this address.')
}

/** A page for people, JSON for programs. */
async function said(
  request: Request,
  status: number,
  code: string,
  message: string,
  headers: Record<string, string> = {},
  more: object = {},
): Promise<Response> {
  const requestId = request.headers.get(requestIdHeader)
  if (!wantsHtml(request)) return Response.json({ code, message, ...more, requestId }, { status, headers })
  const answer = await noticePage({
    title: titles[status] ?? 'That cannot be done',
    text: status >= 500 ? `${message} Report it with the number ${requestId}.` : message,
    status,
  })
  for (const [name, value] of Object.entries(headers)) answer.headers.set(name, value)
  return answer
}

const titles: Record<number, string> = {
  401: 'Sign in first',
  403: 'Not from here',
  404: 'Nothing here',
  413: 'That is too large',
  429: 'Too much at once',
  500: 'Something went wrong',
  503: 'Not just now',
}

function wantsHtml(request: Request): boolean {
  return (request.headers.get('accept') ?? '').includes('text/html')
}
