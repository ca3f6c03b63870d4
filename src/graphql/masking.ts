import { type ExecutionResult, GraphQLError } from 'graphql'
import type { App } from '../app.ts'
import { tookTooLong } from '../db/errors.ts'
import { refusal, type RefusalCode, statusOf, tooLong } from './refusal.ts'

/** The request that an error belongs to, as far as telling and logging it needs. */
export interface ErrorContext {
  readonly app: Pick<App, 'log'>
  readonly requestId: string
}

const maxMessage = 500

/** What the client is told of an error: refusals as they are, anything else as INTERNAL with the request's id under which its cause is logged. */
export function maskError(error: unknown, at: ErrorContext): GraphQLError {
  const refused = refusalIn(error)
  if (refused) return refused
  const credential = credentialRefusal(error)
  if (credential) return credential
  if (tookTooLong(causeOf(error))) {
    at.app.log.warn({ err: causeOf(error), requestId: at.requestId, path: pathOf(error) }, 'A request was given up: the database took too long.')
    return presented(error, tooLong, { code: 'TIMED_OUT', http: { status: statusOf.TIMED_OUT } })
  }
  at.app.log.error({ err: causeOf(error), requestId: at.requestId, path: pathOf(error) }, 'A request failed for a reason of our own.')
  return presented(error, 'Something went wrong on our side.', { code: 'INTERNAL', http: { status: statusOf.INTERNAL } })
}

/** The whole answer as the client sees it: errors masked, and an HTTP status only where no data came along (GraphQL over HTTP: an answer with data is a 2xx). */
export function maskResult(result: ExecutionResult, at: ErrorContext): ExecutionResult {
  if (!result.errors?.length) return result
  const errors = result.errors.map((error) => maskError(error, at))
  return { ...result, errors: result.data == null ? errors : errors.map(withoutStatus) }
}

/** Names the request in an error, so that a report of it can be found in the log. */
export function withRequestId(error: GraphQLError, requestId: string): GraphQLError {
  return presented(error, error.message, { ...error.extensions, requestId })
}

function withoutStatus(error: GraphQLError): GraphQLError {
  const { http: _http, ...extensions } = error.extensions
  return presented(error, error.message, extensions)
}

/** A refusal thrown on purpose says its code; so does a fault of the document. A variable that is null where an argument may not be shows only when the operation runs. */
function refusalIn(error: unknown): GraphQLError | null {
  if (!(error instanceof GraphQLError)) return null
  const cause = causeOf(error)
  if (!(cause instanceof GraphQLError)) return null
  const code = cause.extensions?.['code'] ?? (cause.message.startsWith('Argument "') ? 'BAD_USER_INPUT' : null)
  if (typeof code !== 'string') return null
  const http = cause.extensions?.http ?? { status: statusOf[code as RefusalCode] ?? 400 }
  return presented(error, cause.message.slice(0, maxMessage), { ...cause.extensions, code, http })
}

/** A refused credential or a request from a foreign site says itself what it is. */
function credentialRefusal(error: unknown): GraphQLError | null {
  if (!(error instanceof Error) || !('code' in error) || !('status' in error)) return null
  const { code, status } = error
  if (typeof code !== 'string' || (status !== 401 && status !== 403)) return null
  const challenge = 'challenge' in error && typeof error.challenge === 'string' ? { 'www-authenticate': error.challenge } : {}
  return refusal(status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN', error.message, { headers: challenge })
}

function pathOf(error: unknown): string | undefined {
  return error instanceof GraphQLError ? error.path?.join('.') : undefined
}

function causeOf(error: unknown): unknown {
  let cause = error
  while (cause instanceof GraphQLError && cause.originalError) cause = cause.originalError
  return cause
}

function presented(error: unknown, message: string, extensions: Record<string, unknown>): GraphQLError {
  const { nodes, source, positions, path } = error instanceof GraphQLError ? error : {}
  return new GraphQLError(message, { nodes: nodes ?? null, source: source ?? null, positions: positions ?? null, path: path ?? null, extensions })
}
