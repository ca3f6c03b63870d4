import { ApiError } from '../errors.ts'

/** A refusal as the Calendar API writes it: the reason stands in a list of errors. */
export function calendarError(
  httpStatus: number,
  reason: string,
  message: string,
  { domain = 'global', location, locationType = 'parameter' }: { domain?: string; location?: string; locationType?: string } = {},
): ApiError {
  const error = new ApiError(httpStatus, reason, message)
  const one = { domain, reason, message, ...(location !== undefined && { locationType, location }) }
  return Object.assign(error, { body: { error: { errors: [one], code: httpStatus, message } } })
}

/** 400 with the parameter or field that is at fault. */
export function invalidValue(message: string, location?: string, reason = 'invalid'): ApiError {
  return calendarError(400, reason, message, location === undefined ? {} : { location })
}

/** 404 as the Calendar API says it. */
export function eventNotFound(): ApiError {
  return calendarError(404, 'notFound', 'Not Found')
}

/** 410: the sync token knows too little, or is too old. */
export function fullSyncRequired(): ApiError {
  return calendarError(410, 'fullSyncRequired', 'Sync token is no longer valid, a full sync is required.', { domain: 'calendar', location: 'syncToken' })
}

/** 410: `updatedMin` lies before what is remembered of deleted events. */
export function updatedMinTooLongAgo(): ApiError {
  return calendarError(410, 'updatedMinTooLongAgo', 'The requested minimum modification time lies too far in the past.', {
    domain: 'calendar',
    location: 'updatedMin',
  })
}

/** 403 by quota, as the Calendar API says it; spread into a fault: `faults.add({ path, ...rateLimitExceeded() })`. */
export function rateLimitExceeded(): { status: number; body: object } {
  const error = calendarError(403, 'rateLimitExceeded', 'Rate Limit Exceeded', { domain: 'usageLimits' })
  return { status: error.httpStatus, body: error.body }
}

/** The refusals of access that all of Google's APIs share, with the list the Calendar API adds to them. */
export function withReasons<Result>(check: () => Result): Result {
  try {
    return check()
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    const shared = error.body as { error: object }
    const one =
      error.httpStatus === 401
        ? { message: 'Invalid Credentials', domain: 'global', reason: 'authError', location: 'Authorization', locationType: 'header' }
        : { message: 'Insufficient Permission', domain: 'global', reason: 'insufficientPermissions' }
    throw Object.assign(error, { body: { error: { ...shared.error, errors: [one] } } })
  }
}
