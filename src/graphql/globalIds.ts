import { isId } from '../core/ids.ts'

/** An opaque Relay id: the type's name and the row's id, never the owner's. */
export function encodeId(typename: string, id: string): string {
  // What names of types and UUIDs are written with gives neither + nor /, so that this is base64url but for the padding, in half the time.
  const text = btoa(`${typename}:${id}`)
  const padding = text.endsWith('==') ? 2 : text.endsWith('=') ? 1 : 0
  return padding === 0 ? text : text.slice(0, -padding)
}

/** The type and row of an opaque id; null when it is malformed. Never throws. */
export function decodeId(globalId: string): { typename: string; id: string } | null {
  if (globalId.length > 200) return null
  const text = Buffer.from(globalId, 'base64url').toString('utf8')
  const colon = text.indexOf(':')
  const typename = text.slice(0, colon)
  const id = text.slice(colon + 1)
  return colon > 0 && isId(id) && encodeId(typename, id) === globalId ? { typename, id } : null
}

/** An id that no row has: what a malformed or mistyped id turns into, so that it looks like an absent one. */
const absent = '00000000-0000-0000-0000-000000000000'

/** The row id inside an opaque id of one type; for anything else an id that no row has, so that the caller answers "not found" alike. */
export function rowId(typename: string, globalId: string): string {
  const decoded = decodeId(globalId)
  return decoded?.typename === typename ? decoded.id : absent
}
