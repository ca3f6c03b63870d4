import type { ApiError } from '../errors.ts'
import type { FaultRule } from '../faults.ts'
import { mailDate } from './compose.ts'
import { gmailError, mailNotFound } from './errors.ts'
import { overQuota, tooManyAtOnce, type Quota } from './quota.ts'

/** Where Gmail's calls go, for `path` of a fault; they fit parts of batches as well. */
export const gmailPaths = {
  profile: /^\/gmail\/v1\/users\/[^/]+\/profile$/,
  list: /^\/gmail\/v1\/users\/[^/]+\/messages$/,
  get: /^\/gmail\/v1\/users\/[^/]+\/messages\/[^/]+$/,
  thread: /^\/gmail\/v1\/users\/[^/]+\/threads\/[^/]+$/,
  history: /^\/gmail\/v1\/users\/[^/]+\/history$/,
  labels: /^\/gmail\/v1\/users\/[^/]+\/labels$/,
  watch: /^\/gmail\/v1\/users\/[^/]+\/watch$/,
  batch: '/batch/gmail/v1',
  any: /^(\/gmail\/v1\/|\/batch)/,
} as const

/** A message is 404 the first `times` times it is asked for, though it is there. */
export function notFoundAtFirst(messageId: string, times: number): FaultRule {
  return { path: new RegExp(`^/gmail/v1/users/[^/]+/messages/${messageId}$`), times, ...answerOf(mailNotFound()) }
}

/** History is forgotten, however new the id. */
export function historyAlwaysGone(): FaultRule {
  return { path: gmailPaths.history, times: Infinity, ...answerOf(mailNotFound()) }
}

/** Too fast, with a hint in the message, as Gmail gives it. */
export function tooFast(refusal: Quota['refusal'], free: Temporal.Instant): FaultRule {
  return answerOf(overQuota(refusal, free))
}

/** Too fast, with a hint in Retry-After: seconds, or a date. */
export function tooFastRetryAfter(hint: number | Temporal.Instant): FaultRule {
  return { ...answerOf(tooManyAtOnce()), headers: { 'retry-after': typeof hint === 'number' ? String(hint) : mailDate(hint).replace('+0000', 'GMT') } }
}

/** Too many calls of one mailbox at once. */
export function tooMany(): FaultRule {
  return answerOf(tooManyAtOnce())
}

/** Gmail's own mishap. */
export function backendError(status: 500 | 502 | 503 | 504 = 503): FaultRule {
  return answerOf(gmailError(status, status === 500 ? 'INTERNAL' : 'UNAVAILABLE', 'backendError', 'Backend Error'))
}

/** The page a load balancer shows. */
export function htmlPage(status = 502): FaultRule {
  return {
    status,
    headers: { 'content-type': 'text/html; charset=UTF-8' },
    body: `<!DOCTYPE html><html><title>Error ${status} (Server Error)!!1</title><p>That’s an error.`,
  }
}

/** JSON that stops in the middle, under status 200. */
export function brokenJson(): FaultRule {
  return { status: 200, headers: { 'content-type': 'application/json; charset=UTF-8' }, body: '{"messages": [{"id": "19ca9450' }
}

/** Compressed, and without its end. */
export function truncatedGzip(bytes = 20): FaultRule {
  return { gzip: true, truncateBytes: bytes, truncateQuietly: true }
}

function answerOf(error: ApiError): FaultRule {
  return { status: error.httpStatus, body: error.body }
}
