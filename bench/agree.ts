import { isDeepStrictEqual } from 'node:util'
import type { Operation, Sample, ServerName } from './operations/operation.ts'
import { askOnce, messageOf } from './requests.ts'
import type { RunningServer } from './servers.ts'

/** Checks that all servers answer samples alike: the same ids and values in the same order. @throws Error naming the first difference */
export async function checkAgreement(servers: readonly RunningServer[], operation: Operation, samples: readonly Sample[]): Promise<void> {
  for (const sample of samples) {
    let first: { name: ServerName; answer: unknown } | undefined
    for (const server of servers) {
      const { data } = await askOnce(server.port, messageOf(server.name, operation, sample))
      const answer = operation.kind === 'write' ? withoutNew(normalized(data)) : normalized(data)
      first ??= { name: server.name, answer }
      if (isEmpty(answer)) throw new Error(`${operation.key}: ${server.name} answers nothing: ${JSON.stringify(data).slice(0, 500)}`)
      if (!isDeepStrictEqual(answer, first.answer))
        throw new Error(
          `${operation.key}: ${server.name} and ${first.name} differ ${difference(answer, first.answer, '')} (variables ${JSON.stringify(sample.kith)})`,
        )
    }
  }
}

/** Fields behind which some servers have what others have at once: lists, tables between, results of mutations. */
const wrappers = new Set(['nodes', 'tag', 'interaction', 'result', 'rows', 'contact', 'note'])

/** An answer without what may differ: Relay ids are read, connections are lists, instants are written in one way, cursors go. */
export function normalized(data: unknown): unknown {
  const entries = Object.entries((data ?? {}) as Record<string, unknown>)
  // Fifty aliases are a list.
  return entries.length > 1 ? entries.map(([, each]) => plain(each)) : plain(entries[0]?.[1])
}

function plain(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => plain(each, key))
  if (typeof value === 'string') return textOf(value, key)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([name]) => name !== 'endCursor' && name !== '__typename')
  const [only] = entries
  if (entries.length === 1 && only && (wrappers.has(only[0]) || (only[0] === 'name' && key === 'tags'))) return plain(only[1], key)
  const flat = entries.flatMap(([name, each]): [string, unknown][] =>
    isNested(name, each) ? Object.entries(each).map(([part, of]) => [name === 'name' ? `name_${part}` : part, of]) : [[name, each]],
  )
  return Object.fromEntries(flat.map(([name, each]) => [name, plain(each, name)]).toSorted(([left], [right]) => (String(left) < String(right) ? -1 : 1)))
}

/** Objects whose parts are columns of the row around them. */
function isNested(name: string, value: unknown): value is Record<string, unknown> {
  return (name === 'name' || name === 'date') && typeof value === 'object' && value !== null
}

function textOf(text: string, key: string): string {
  if (key === 'id') {
    const [, id] = /^[A-Za-z]+:([0-9a-f-]{36})$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? []
    return id ?? text
  }
  return key.endsWith('At') ? new Date(text).toISOString() : text
}

/** What a write answers, without the ids and instants that each server makes for itself. */
function withoutNew(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNew)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).flatMap(([name, each]) => (name === 'id' || name.endsWith('At') ? [] : [[name, withoutNew(each)]])))
}

/** Whether there is nothing in it but empty lists and nulls: an agreement about nothing. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isEmpty)
  return value === null || value === undefined || (typeof value === 'object' && Object.values(value).every(isEmpty))
}

function difference(left: unknown, right: unknown, path: string): string {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  if (isObject(left) && isObject(right))
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)]))
      if (!isDeepStrictEqual(left[key], right[key])) return difference(left[key], right[key], `${path}.${key}`)
  return `at ${path || 'the root'}: ${JSON.stringify(left)?.slice(0, 400)} and ${JSON.stringify(right)?.slice(0, 400)}`
}
