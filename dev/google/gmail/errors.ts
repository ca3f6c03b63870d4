import { ApiError } from '../errors.ts'

/** A refusal as Gmail writes it: beside the status, a list of errors with the reason that programs look at. */
export function gmailError(
  httpStatus: number,
  status: string,
  reason: string,
  message: string,
  { headers = {}, domain = 'global', ...more }: { headers?: Record<string, string>; domain?: string; location?: string; locationType?: string } = {},
): ApiError {
  const error = new ApiError(httpStatus, status, message, undefined, headers)
  return Object.assign(error, { body: { error: { code: httpStatus, message, errors: [{ message, domain, reason, ...more }], status } } })
}

/** 404, for a message as for history that is forgotten. */
export function mailNotFound(): ApiError {
  return gmailError(404, 'NOT_FOUND', 'notFound', 'Requested entity was not found.')
}

/** 400 with Gmail's reason. */
export function mailArgument(message: string): ApiError {
  return gmailError(400, 'INVALID_ARGUMENT', 'invalidArgument', message)
}

/** 403: the grant does not allow this. */
export function mailForbidden(message: string): ApiError {
  return gmailError(403, 'PERMISSION_DENIED', 'forbidden', message)
}
