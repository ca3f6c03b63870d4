/** A refusal as Google's APIs write it: google.rpc.Status in JSON, with an ErrorInfo where a program needs the reason. */
export class ApiError extends Error {
  readonly httpStatus: number
  readonly body: object
  readonly headers: Record<string, string>
  constructor(
    httpStatus: number,
    status: string,
    message: string,
    info?: { reason: string; metadata?: Record<string, string> },
    headers: Record<string, string> = {},
  ) {
    super(message)
    this.name = 'ApiError'
    this.httpStatus = httpStatus
    this.headers = headers
    const details = info && [
      { '@type': 'type.googleapis.com/google.rpc.ErrorInfo', reason: info.reason, domain: 'googleapis.com', ...(info.metadata && { metadata: info.metadata }) },
    ]
    this.body = { error: { code: httpStatus, message, status, ...(details && { details }) } }
  }
}

/** A refusal by the OAuth endpoints (RFC 6749, section 5.2). */
export class OAuthError extends Error {
  readonly httpStatus: number
  readonly body: { error: string; error_description: string }
  constructor(httpStatus: number, error: string, description: string) {
    super(description)
    this.name = 'OAuthError'
    this.httpStatus = httpStatus
    this.body = { error, error_description: description }
  }
}

/** 400 INVALID_ARGUMENT. */
export function invalidArgument(message: string): ApiError {
  return new ApiError(400, 'INVALID_ARGUMENT', message)
}

/** 404 NOT_FOUND. */
export function notFound(): ApiError {
  return new ApiError(404, 'NOT_FOUND', 'Requested entity was not found.')
}

/** 429 RESOURCE_EXHAUSTED, as the People API says it; spread into a fault: `faults.add({ path, ...quotaExceeded() })`. */
export function quotaExceeded(service = 'people.googleapis.com'): { status: number; body: object } {
  const error = new ApiError(429, 'RESOURCE_EXHAUSTED', "Quota exceeded for quota metric 'Critical read requests (Contact and Profile Reads)'.", {
    reason: 'RATE_LIMIT_EXCEEDED',
    metadata: { service, quota_limit: 'CriticalReadsPerMinutePerUser' },
  })
  return { status: error.httpStatus, body: error.body }
}
