import { invalidValue } from './errors.ts'
import { instantOf } from './event.ts'

/** The most events on one page (reference of events.list). */
export const maxEventsPerPage = 2500
const defaultEventsPerPage = 250

/** Reads `maxResults`; more than a page may hold is as much as it may. @throws ApiError 400 */
export function readMaxResults(query: URLSearchParams): number {
  const text = query.get('maxResults')
  if (text === null) return defaultEventsPerPage
  const count = Number(text)
  if (!Number.isInteger(count) || count < 1) throw invalidValue('Invalid value. Values must be within the range: [1, 2500]', 'maxResults', 'invalidParameter')
  return Math.min(count, maxEventsPerPage)
}

/** Reads a time in RFC 3339 with an offset, or null. @throws ApiError 400 */
export function readTime(query: URLSearchParams, name: string): Temporal.Instant | null {
  const text = query.get(name)
  if (text === null) return null
  if (!/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/i.test(text)) throw invalidValue('Bad Request', name, 'badRequest')
  return instantOf({ dateTime: text }, 'UTC')
}

/** Reads `maxAttendees`. @throws ApiError 400 */
export function readView(query: URLSearchParams): { maxAttendees: number } {
  const count = Number(query.get('maxAttendees') ?? Infinity)
  if (!(count >= 1)) throw invalidValue('Invalid value', 'maxAttendees', 'invalidParameter')
  return { maxAttendees: count }
}
