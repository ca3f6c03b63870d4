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
      const answer = normalized(data)
      first ??= { name: server.name, answer }
      if (isEmpty(answer)) throw new Error(`${operation.key}: ${server.name} answers nothing: ${JSON.stringify(data).slice(0, 500)}`)
      if (!isDeepStrictEqual(answer, first.answer))
        throw new Error(`${operation.key}: ${server.name} and ${first.name} differ ${difference(answer, first.answer, '')} (variables ${JSON.stringify(sample.kith)})`)
    }
  }
}

/** An answer without what may differ: Relay ids are read, connections are lists, instants are written in one way, cursors go. */
export function normalized(value: unknown, key = ''): unknown {
  if (Array.isArray(value)) return value.map((each) => normalized(each, key))
  if (typeof value === 'string') return textOf(value, key)
  if (value === null || typeof value !== 'object') return value
  const entries = Object.entries(value).filter(([name]) => name !== 'endCursor' && name !== '__typename')
  const [only] = entries
  // PostGraphile reaches the names of tags by way of the table between.
  if (entries.length === 1 && only && (only[0] === 'nodes' || only[0] === 'tag' || (only[0] === 'name' && key === 'tags'))) return normalized(only[1], key)
  return Object.fromEntries(entries.map(([name, each]) => [name, normalized(each, name)]).toSorted(([left], [right]) => (String(left) < String(right) ? -1 : 1)))
}

function textOf(text: string, key: string): string {
  if (key === 'id') {
    const [, id] = /^[A-Za-z]+:([0-9a-f-]{36})$/.exec(Buffer.from(text, 'base64url').toString('utf8')) ?? []
    return id ?? text
  }
  return key.endsWith('At') ? new Date(text).toISOString() : text
}

/** Whether there is nothing in it but empty lists and nulls: an agreement about nothing. */
function isEmpty(value: unknown): boolean {
  if (Array.isArray(value)) return value.every(isEmpty)
  return value === null || value === undefined || (typeof value === 'object' && Object.values(value).every(isEmpty))
}

function difference(left: unknown, right: unknown, path: string): string {
  const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null
  if (isObject(left) && isObject(right))
    for (const key of new Set([...Object.keys(left), ...Object.keys(right)])) if (!isDeepStrictEqual(left[key], right[key])) return difference(left[key], right[key], `${path}.${key}`)
  return `at ${path || 'the root'}: ${JSON.stringify(left)?.slice(0, 400)} and ${JSON.stringify(right)?.slice(0, 400)}`
}
