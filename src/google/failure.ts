/** What a call to Google can end with, as far as it matters for what is done next (specification 1.7). */
export type FailureKind =
  /** Asked too often. */
  | 'rate'
  /** The day's quota is used up. */
  | 'daily'
  /** No answer, or one that cannot be read; the same call may succeed later. */
  | 'unavailable'
  /** The access token is not good (any more). */
  | 'unauthorized'
  /** The owner has not allowed this. */
  | 'scope'
  /** The API is switched off for this project or organisation. */
  | 'disabled'
  /** A sync token is too old. */
  | 'expired'
  /** There is no such thing (any more). */
  | 'missing'
  /** There is such a thing already. */
  | 'duplicate'
  /** The request was wrong. */
  | 'refused'
  /** This server's own credentials are not accepted. */
  | 'client'

/** A call to Google that failed. Its message is made here: what the library throws holds tokens, headers and addresses, and goes no further. */
export class GoogleFailure extends Error {
  override name = 'GoogleFailure'
  readonly kind: FailureKind
  /** How long Google asks to wait, seconds. */
  readonly retryAfterSeconds: number | null
  constructor(kind: FailureKind, said: string, retryAfterSeconds: number | null = null) {
    super(`Google: ${kind} (${said})`)
    this.kind = kind
    this.retryAfterSeconds = retryAfterSeconds
  }
}

/** The owner has taken back, or time has ended, what they had granted: nothing works until they connect again. */
export class GrantEnded extends Error {
  override name = 'GrantEnded'
  constructor() {
    super('The grant has ended.')
  }
}

interface Answer {
  status: number
  data: unknown
  headers: { get(name: string): string | null } | Record<string, unknown>
}

/** What a failed call to one of Google's APIs means. */
export function failureOf(error: unknown, now: Temporal.Instant): GoogleFailure {
  if (error instanceof GoogleFailure) return error
  const answer = (error as { response?: Answer }).response
  if (!answer) return new GoogleFailure('unavailable', 'no answer')
  const { status } = answer
  const { reasons, message } = saidBy(answer.data)
  const wait = retryAfter(headerOf(answer, 'retry-after'), message, now)
  const has = (...wanted: string[]): boolean => wanted.some((reason) => reasons.includes(reason))
  const said = [status, ...reasons].join(' ')
  if (status === 401) return new GoogleFailure('unauthorized', said)
  if (status === 403 && has('dailyLimitExceeded')) return new GoogleFailure('daily', said)
  if (status === 429 || has('rateLimitExceeded', 'userRateLimitExceeded', 'quotaExceeded', 'RATE_LIMIT_EXCEEDED', 'RESOURCE_EXHAUSTED'))
    return new GoogleFailure('rate', said, wait)
  if (has('insufficientPermissions', 'ACCESS_TOKEN_SCOPE_INSUFFICIENT')) return new GoogleFailure('scope', said)
  if (has('accessNotConfigured', 'SERVICE_DISABLED', 'domainPolicy')) return new GoogleFailure('disabled', said)
  if (status === 410 || has('EXPIRED_SYNC_TOKEN')) return new GoogleFailure('expired', said)
  // Gmail of an organisation that has none.
  if (has('failedPrecondition')) return new GoogleFailure('disabled', said)
  if (status === 404) return new GoogleFailure('missing', said)
  if (status === 409) return new GoogleFailure('duplicate', said)
  if (status === 408 || status >= 500) return new GoogleFailure('unavailable', said, wait)
  return new GoogleFailure('refused', said)
}

/** What a failed refresh means: GrantEnded for the owner, a GoogleFailure for anything that is not theirs to mend. */
export function refreshFailureOf(error: unknown): GoogleFailure | GrantEnded {
  const answer = (error as { response?: Answer }).response
  const code = (answer?.data as { error?: unknown } | undefined)?.error
  if (code === 'invalid_grant') return new GrantEnded()
  if (code === 'invalid_client' || code === 'unauthorized_client') return new GoogleFailure('client', code)
  if (!answer || answer.status >= 500 || answer.status === 429 || answer.status === 408)
    return new GoogleFailure('unavailable', `refresh ${answer?.status ?? 'without an answer'}`)
  return new GoogleFailure('client', `refresh ${answer.status}`)
}

/** The words of Google's error that programs go by: letters only, so that nothing else slips through. */
function saidBy(data: unknown): { reasons: string[]; message: string } {
  const error = (data as { error?: unknown } | null | undefined)?.error as
    | { message?: unknown; status?: unknown; errors?: unknown; details?: unknown }
    | undefined
  if (typeof error !== 'object' || error === null) return { reasons: [], message: '' }
  const listed = [error.errors, error.details].flatMap((list) => (Array.isArray(list) ? (list as { reason?: unknown }[]) : [])).map(({ reason }) => reason)
  const reasons = [error.status, ...listed].filter((reason) => typeof reason === 'string' && /^\w{3,60}$/.test(reason)) as string[]
  return { reasons: [...new Set(reasons)], message: typeof error.message === 'string' ? error.message : '' }
}

function headerOf({ headers }: Answer, name: string): string | null {
  if (typeof headers.get === 'function') return (headers as Headers).get(name)
  const value = (headers as Record<string, unknown>)[name]
  return typeof value === 'string' ? value : null
}

/** RFC 9110, 10.2.3: seconds or a date; Gmail writes an instant into the message instead. */
function retryAfter(header: string | null, message: string, now: Temporal.Instant): number | null {
  const seconds = /^\d{1,6}$/.exec(header?.trim() ?? '')?.[0]
  if (seconds !== undefined) return Number(seconds)
  const written = /Retry after (\S+Z)/i.exec(message)?.[1]
  const at = header === null ? (written === undefined ? NaN : Date.parse(written)) : Date.parse(header)
  return Number.isNaN(at) ? null : Math.max(0, Math.ceil((at - now.epochMilliseconds) / 1000))
}
