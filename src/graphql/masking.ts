import { type ExecutionResult, GraphQLError } from 'graphql'
import type { App } from '../app.ts'
import { type RefusalCode, statusOf } from './refusal.ts'

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
  at.app.log.error({ err: causeOf(error), requestId: at.requestId, path: error instanceof GraphQLError ? error.path?.join('.') : undefined }, 'A request failed for a reason of our own.')
  return presented(error, 'Something went wrong on our side.', { code: 'INTERNAL', http: { status: statusOf.INTERNAL } })
}

/** The whole answer as the client sees it: errors masked, an HTTP status only where no data came along. */
export function maskResult(result: ExecutionResult, at: ErrorContext): ExecutionResult {
  if (!result.errors?.length) return result
  const errors = result.errors.map((error) => withRequestId(maskError(error, at), at.requestId, hasData(result)))
  return { ...result, errors }
}

/** Names the request in an error, so that a report of it can be found in the log. */
export function withRequestId(error: GraphQLError, requestId: string, asPartial = false): GraphQLError {
  const { http, ...extensions } = error.extensions
  return presented(error, error.message, { ...extensions, requestId, ...(http && !asPartial ? { http } : {}) })
}

function hasData(result: ExecutionResult): boolean {
  return result.data != null && Object.values(result.data).some((value) => value !== null)
}

/** GraphQL's own errors, and refusals thrown on purpose, have no foreign cause. */
function refusalIn(error: unknown): GraphQLError | null {
  if (!(error instanceof GraphQLError)) return null
  const cause = causeOf(error)
  if (!(cause instanceof GraphQLError)) return null
  const code = (cause.extensions['code'] as RefusalCode | undefined) ?? 'GRAPHQL_VALIDATION_FAILED'
  const http = cause.extensions.http ?? { status: statusOf[code] ?? 400 }
  return presented(error, cause.message.slice(0, maxMessage), { ...cause.extensions, code, http })
}

/** A refused credential or a request from a foreign site says itself what it is. */
function credentialRefusal(error: unknown): GraphQLError | null {
  if (!(error instanceof Error) || !('code' in error) || !('status' in error)) return null
  const { code, status } = error
  if (typeof code !== 'string' || (status !== 401 && status !== 403)) return null
  return new GraphQLError(error.message, { extensions: { code: status === 401 ? 'UNAUTHENTICATED' : 'FORBIDDEN', http: { status, headers: status === 401 ? { 'www-authenticate': 'Bearer' } : {} } } })
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
