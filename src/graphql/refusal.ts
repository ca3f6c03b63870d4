import { GraphQLError } from 'graphql'

/** Codes of top-level errors: faults of the document or of the caller, and our own. Each has one HTTP status. */
export const statusOf = {
  BAD_REQUEST: 400,
  GRAPHQL_PARSE_FAILED: 400,
  GRAPHQL_VALIDATION_FAILED: 400,
  BAD_USER_INPUT: 400,
  COST_EXCEEDED: 400,
  UNAUTHENTICATED: 401,
  FORBIDDEN: 403,
  METHOD_NOT_ALLOWED: 405,
  NOT_ACCEPTABLE: 406,
  IDEMPOTENCY_KEY_IN_USE: 409,
  PAYLOAD_TOO_LARGE: 413,
  UNSUPPORTED_MEDIA_TYPE: 415,
  IDEMPOTENCY_KEY_REUSED: 422,
  RATE_LIMITED: 429,
  INTERNAL: 500,
  TIMED_OUT: 503,
} as const
/** One of the codes of top-level errors. */
export type RefusalCode = keyof typeof statusOf

/** What a caller is told whose request the database gave up. */
export const tooLong = 'This took too long and was given up. Ask for less at a time, or try again in a moment.'

/** A top-level error. `headers` go with the response, `extensions` with the error. */
export function refusal(
  code: RefusalCode,
  message: string,
  more: { extensions?: Record<string, unknown>; headers?: Record<string, string> } = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { ...more.extensions, code, http: { status: statusOf[code], headers: more.headers ?? {} } } })
}
